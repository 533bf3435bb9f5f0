"""Does the champion do what the label guide says? Cases by kind, label and line of the guide.

The cases stand in ``training_data/behaviour`` and travel with each model; ``floors.json`` pins the
share that passes. A floor may be raised; lowering one needs a reason in the commit.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from directive_clf import LABELS
from directive_clf.behaviour import read_cases, run_cases, shares
from directive_clf.data import read_paragraphs

from ..conftest import ROOT

CASES = read_cases(ROOT / "training_data" / "behaviour" / "cases.jsonl")
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outcomes(classifier):
    """Each case with whether it passes."""
    return list(zip(CASES, run_cases(classifier, CASES), strict=True))


def failed(part):
    return [case.id for case, ok in part if not ok]


@pytest.mark.parametrize("group", sorted(FLOORS["by_kind"]))
def test_by_kind(outcomes, group):
    """Of each kind, plain and hard cases apart, at least the pinned share passes."""
    hits, n = shares(CASES, [ok for _, ok in outcomes])[group]
    assert hits / n >= FLOORS["by_kind"][group], failed(
        [(c, ok) for c, ok in outcomes if c.group == group]
    )


def test_every_group_has_a_floor():
    """No kind of case is left without a floor."""
    assert set(FLOORS["by_kind"]) == set(shares(CASES, [True] * len(CASES)))


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_by_label(outcomes, label, lang):
    """For each label, in each language, at least the pinned share of all cases passes."""
    part = [(c, ok) for c, ok in outcomes if (c.label, c.lang) == (label, lang)]
    assert len(part) > 15
    assert sum(ok for _, ok in part) / len(part) >= FLOORS["by_label"], failed(part)


def test_by_line_of_the_guide(outcomes):
    """Each line of the guide that has a plain case holds in at least one language."""
    lines = defaultdict(list)
    for case, ok in outcomes:
        if not case.hard:
            lines[case.guide].append(ok)
    assert len(lines) > 60
    assert [line for line, oks in lines.items() if not any(oks)] == []


def test_cases_are_no_training_text():
    """No case stands in the training data: the model has not seen it."""
    known = {p.text for p in read_paragraphs(ROOT / "training_data")}
    assert not known & {text for case in CASES for text in (case.text, case.variant)}
