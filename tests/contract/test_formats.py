"""Every artefact format ever shipped is still read, or refused by name."""

import pytest

import directive_clf as dc
from directive_clf import _version, persistence

from ..conftest import ROOT

FORMATS = sorted((ROOT / "tests" / "artifacts").glob("format-*"))


@pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)
def test_an_old_format_is_read(folder):
    """A model folder of a format that was shipped loads, and gives its golden predictions."""
    assert dc.load(folder).classify("国资委").model == folder.name


def test_every_format_has_a_folder():
    """There is a folder for each format number up to the present one."""
    found = [persistence.read_manifest(folder)["format"] for folder in FORMATS]
    assert found == list(range(1, _version.ARTIFACT_FORMAT + 1))
