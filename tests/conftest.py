"""What all tests share: one loaded model, one small fitted one, and reproducible examples."""

from pathlib import Path

import pytest
from hypothesis import settings

import directive_clf as dc
from directive_clf.data import read_paragraphs
from directive_clf.gazetteer import read_gazetteer

ROOT = Path(__file__).parents[1]

# The same examples in the same run of the suite; no clock, and no memory of earlier runs.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def classifier():
    """The shipped champion."""
    return dc.load()


@pytest.fixture(scope="session")
def paragraphs():
    """A tenth of the shipped training data, spread evenly over it."""
    return read_paragraphs(ROOT / "training_data")[::10]


@pytest.fixture(scope="session")
def gazetteer():
    return read_gazetteer(*sorted((ROOT / "training_data" / "gazetteer").glob("*.tsv")))


@pytest.fixture(scope="session")
def fitted(paragraphs, gazetteer):
    """A model fitted on that tenth, in this process."""
    from directive_clf.training import fit

    return fit(paragraphs, gazetteer, version="small", n_jobs=1)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium."""
    from .browser import Browser

    found = Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()
