"""Validation: nothing of a paragraph enters its own answer."""

from dataclasses import replace

import numpy as np
import pytest

import directive_clf as dc
from directive_clf.evaluation import evaluate
from directive_clf.training.duplicates import groups_of, near_duplicates
from directive_clf.training.validation import Bench, cross_validate, learning_curve, time_split

LONG = "The ministry told the grid to finish the northern line and to report on it every month"


def test_near_duplicates_are_found_in_both_languages():
    """A changed word in a long text is found; texts of the same subject are not."""
    texts = [
        LONG + " until June.",
        LONG + " until July.",
        "The ministry told the railway to begin the southern line and never to speak of it again.",
        "国资委要求中央企业加大研发投入力度，加快关键核心技术攻关，提升产业链韧性和安全水平，确保全年目标完成。",
        "国资委要求中央企业加大研发投入力度，加快关键核心技术攻关，提升产业链韧性和安全水平，确保任务目标完成。",
        "省国资委召开会议，部署下半年工作，强调安全生产责任，通报上半年考核结果，安排专项检查。",
    ]
    assert [(i, j) for i, j, _ in near_duplicates(texts)] == [(0, 1), (3, 4)]
    assert list(near_duplicates([])) == []


def test_likeness_is_exact():
    """The likeness is the Jaccard index of the runs, computed here by sets."""
    texts = [LONG, LONG + " until the end", LONG.replace("northern", "western")]

    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + 4]) for i in range(len(words) - 3)}

    for i, j, likeness in near_duplicates(texts):
        a, b = runs(texts[i]), runs(texts[j])
        assert likeness == pytest.approx(len(a & b) / len(a | b))


def test_groups_link_keys_and_likeness():
    """What shares a key with something that is like something else is one group with both."""
    groups = groups_of(["a", "a", "b", "c"], ["x y z", LONG + " so.", LONG + " yes.", "other text"])
    assert groups[0] == groups[1] == groups[2] != groups[3]


@pytest.fixture(scope="module")
def bench(paragraphs, gazetteer):
    return Bench.of(paragraphs, gazetteer)


def test_no_group_is_on_both_sides(bench):
    """Folds part all rows, and no document or near-duplicate is split."""
    rows = np.arange(len(bench.paragraphs))
    parts = bench.folds(rows, 5)
    assert sorted(np.concatenate(parts).tolist()) == rows.tolist()
    for part in parts:
        assert not set(bench.groups[part]) & set(bench.groups[np.setdiff1d(rows, part)])


def test_labels_by_chance_give_answers_by_chance(paragraphs, gazetteer):
    """With labels shuffled, cross-validation finds nothing: no label leaks into its answer."""
    rng = np.random.default_rng(0)
    some = paragraphs[::2]
    order = rng.permutation(len(some))
    shuffled = [replace(p, labels=some[i].labels) for p, i in zip(some, order, strict=True)]
    answers = cross_validate(Bench.of(shuffled, gazetteer), n_jobs=1)
    precision = evaluate(answers, resamples=0)["all"]["average_precision"]["value"]
    assert precision < 0.2


def test_copies_do_not_help(paragraphs, gazetteer):
    """Each paragraph twice, its copy slightly changed: no better than once, since copies stay
    together."""
    some = [p for p in paragraphs[::3] if len(p.text) > 60]
    twice = some + [replace(p, id=f"{p.id}-2", text=p.text + " 。", document_id=None) for p in some]
    once = [
        evaluate(cross_validate(Bench.of(part, gazetteer), n_jobs=1), resamples=0)["all"]
        for part in (some, twice)
    ]
    assert once[1]["macro_f1"]["value"] < once[0]["macro_f1"]["value"] + 0.06


def test_time_splits_by_document(bench):
    """What is tested on is dated later than all that is fitted on, but for its own document."""
    found = time_split(bench, n_jobs=1, resamples=20)
    dates = [p.date for p in bench.paragraphs if p.date]
    assert min(dates) < found["cut"] < max(dates)
    assert found["train"] > 3 * found["test"] > 0
    with pytest.raises(dc.TrainingError, match="0 paragraphs have the column 'year'"):
        time_split(bench, "year")


def test_a_curve_is_measured_on_rows_it_was_not_fitted_on(bench):
    """Rows named as test are not fitted on: with them as all but a few, sizes are of the few."""
    n = len(bench.paragraphs)
    found = learning_curve(bench, np.arange(n // 2), n_jobs=1, resamples=20)
    assert found["points"][-1]["paragraphs"] == n - n // 2
    assert all(p["paragraphs"] == 6 * p["per_label"] for p in found["points"][:-1])
