"""Does the champion do what the label guide says? Cases by kind, label and line of the guide.

``cases.jsonl`` holds three kinds (Ribeiro et al., "Beyond accuracy: behavioral testing of NLP
models with CheckList", 2020): *minimum functionality*, a text and its labels; *invariance*, two
texts that must get the same labels; *direction*, a change that must raise or lower a probability.
``floors.json`` pins the share that passes. A floor may be raised; lowering one needs a reason in
the commit.
"""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from directive_clf import LABELS
from directive_clf.labels import main_label

HERE = Path(__file__).parent
CASES = [
    json.loads(line) for line in (HERE / "cases.jsonl").read_text(encoding="utf-8").splitlines()
]
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))


def passes(case, classifier):
    found = classifier.classify(case["text"])
    if case["kind"] == "minimum_functionality":
        return found.main == main_label(case["expected"])
    variant = classifier.classify(case["variant"])
    if case["kind"] == "invariance":
        return found.labels == variant.labels
    rise = variant.probability(case["label"]) - found.probability(case["label"])
    return rise > 0 if case["expected"] == "up" else rise < 0


@pytest.fixture(scope="module")
def outcomes(classifier):
    """Each case with whether it passes."""
    return [(case, passes(case, classifier)) for case in CASES]


def failed(part):
    return [case["id"] for case, ok in part if not ok]


@pytest.mark.parametrize("group", sorted(FLOORS["by_kind"]))
def test_by_kind(outcomes, group):
    """Of each kind, plain and hard cases apart, at least the pinned share passes."""
    kind, _, hard = group.partition(", ")
    part = [
        (c, ok)
        for c, ok in outcomes
        if c["kind"] == kind and bool(c.get("hard")) == (hard == "hard")
    ]
    assert part
    assert sum(ok for _, ok in part) / len(part) >= FLOORS["by_kind"][group], failed(part)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_by_label(outcomes, label, lang):
    """For each label, in each language, at least the pinned share of all cases passes."""
    part = [(c, ok) for c, ok in outcomes if (c["label"], c["lang"]) == (label, lang)]
    assert len(part) > 15
    assert sum(ok for _, ok in part) / len(part) >= FLOORS["by_label"], failed(part)


def test_by_line_of_the_guide(outcomes):
    """Each line of the guide that has a plain case holds in at least one language."""
    lines = defaultdict(list)
    for case, ok in outcomes:
        if not case.get("hard"):
            lines[case["guide"]].append(ok)
    assert len(lines) > 60
    assert [line for line, oks in lines.items() if not any(oks)] == []


def test_cases_are_no_training_text(paragraphs):
    """No case stands in the training data: the model has not seen it."""
    from directive_clf.data import read_paragraphs

    known = {p.text for p in read_paragraphs(HERE.parents[1] / "training_data")}
    assert not known & {text for case in CASES for text in (case["text"], case.get("variant"))}
