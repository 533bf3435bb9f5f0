"""Corrected shares: they are what their formulas say, and undo a shift of labels."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directive_clf import DataError, prevalence
from directive_clf.evaluation import Answers, evaluate
from directive_clf.prevalence import Confusion, adjusted_count, em_share, estimate

SHARE = st.floats(0.01, 0.99)


def world(n, share, rng, prior=0.3, apart=2.0):
    """Truth and calibrated probabilities: scores of two normal laws, by Bayes' rule at `prior`."""
    truth = rng.random(n) < share
    scores = rng.normal(np.where(truth, apart / 2, -apart / 2))
    odds = prior / (1 - prior) * np.exp(apart * scores)
    return truth, odds / (1 + odds)


def confusion_of(truth, predicted, labels=("a",), kinds=1):
    """What is known of errors, counted on these paragraphs, dealt to kinds of source in turn."""
    n, counts = [], []
    for k in range(kinds):
        t, p = truth[k::kinds], predicted[k::kinds]
        n.append(len(t))
        counts.append(np.stack([t.sum(0), p.sum(0), (t & p).sum(0)], axis=-1))
    return Confusion(labels, np.array(n, float), np.array(counts, float))


@given(SHARE, st.floats(0.5, 1), st.floats(0, 0.4))
def test_adjusted_count_inverts_the_errors(share, true_rate, false_rate):
    """The share that is given when a label has some share, with known rates, gives that share."""
    given_share = share * true_rate + (1 - share) * false_rate
    assert adjusted_count(given_share, true_rate, false_rate) == pytest.approx(share)


def test_adjusted_count_stays_a_share():
    """What no share could give is cut to 0 or 1; rates that do not differ tell nothing."""
    assert adjusted_count(0.05, 0.9, 0.1) == 0
    assert adjusted_count(0.95, 0.9, 0.1) == 1
    assert np.isnan(adjusted_count(0.5, 0.4, 0.4))


def test_em_has_its_closed_form():
    """Of two probabilities the likelihood has its maximum where its slope is naught."""
    p, weights, prior = np.array([0.9, 0.2]), np.array([[30.0, 70.0]]), 0.5
    # At prior 1/2 the density ratios are p and 1 - p, so the likelihood is
    # prod((1-p) + s (2p - 1)), whose slope is the sum of w (2p - 1) / ((1-p) + s (2p - 1)).
    a, b = 0.8, -0.6
    share = (30 * a * 0.8 + 70 * b * 0.1) / -(100 * a * b)
    assert em_share(p, weights, prior) == pytest.approx([share], abs=1e-5)


@given(SHARE)
def test_em_leaves_what_agrees(prior):
    """Probabilities whose mean is the prior already are left as they are."""
    p = np.array([prior * 0.5, min(prior * 1.5, 1.0)])
    p[1] = 2 * prior - p[0] if 2 * prior - p[0] <= 1 else p[1]
    weights = np.ones((1, 2))
    if p.mean() == pytest.approx(prior):
        assert em_share(p, weights, prior) == pytest.approx([prior], abs=1e-3)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_both_undo_a_shift_of_labels(share):
    """Where only the share has moved, both find it, and counting does not."""
    rng = np.random.default_rng(0)
    known, p = world(40_000, 0.3, rng)
    confusion = confusion_of(known[:, None], p[:, None] >= 0.35)
    truth, p = world(20_000, share, rng)
    found = estimate(p[:, None] >= 0.35, p[:, None], np.arange(20_000), confusion, resamples=0)["a"]
    errors = {method: abs(found[method]["value"] - truth.mean()) for method in prevalence.METHODS}
    assert errors["adjusted"] < 0.012
    assert errors["em"] < 0.012
    assert errors["raw"] > 0.012 + max(errors["adjusted"], errors["em"])


@pytest.mark.parametrize("method", ["adjusted", "em"])
def test_intervals_hold_the_share_as_often_as_they_say(method):
    """Under label shift 95 % intervals hold the true share in some 95 of 100 samples."""
    rng = np.random.default_rng(1)
    known, p = world(4_000, 0.3, rng)
    confusion = confusion_of(known[:, None], p[:, None] >= 0.35)
    held = 0
    for i in range(100):
        _, p = world(400, 0.1, rng)
        found = estimate(p[:, None] >= 0.35, p[:, None], np.arange(400), confusion,
                         resamples=200, random_state=i)["a"][method]  # fmt: skip
        held += found["low"] <= 0.1 <= found["high"]
    assert 88 <= held <= 100


def test_bins_lose_nothing_that_counts():
    """The interval of EM, worked out on bins, is that of the paragraphs themselves."""
    rng = np.random.default_rng(2)
    truth, p = world(500, 0.2, rng)
    confusion = confusion_of(truth[:, None], p[:, None] >= 0.35)
    found = estimate(p[:, None] >= 0.35, p[:, None], np.arange(500), confusion, resamples=100)
    weights = np.concatenate(
        [*prevalence.metrics.resampled(np.arange(500), resamples=100, random_state=0)]
    )
    exact = em_share(p, weights, float(confusion.prior[0]))
    want = np.percentile(exact, [2.5, 97.5])
    assert [found["a"]["em"]["low"], found["a"]["em"]["high"]] == pytest.approx(want, abs=2e-3)


def test_documents_are_drawn_whole():
    """Ten copies of each paragraph in one document tell no more than one."""
    rng = np.random.default_rng(3)
    truth, p = world(300, 0.3, rng)
    confusion = confusion_of(truth[:, None], p[:, None] >= 0.35)
    widths = []
    for times in (1, 10):
        q = np.repeat(p, times)[:, None]
        found = estimate(q >= 0.35, q, np.repeat(np.arange(300), times), confusion)["a"]["raw"]
        widths.append(found["high"] - found["low"])
    assert widths[0] == pytest.approx(widths[1], rel=0.15)


def test_boilerplate_is_put_aside():
    """Shares of the other labels are of what is not boilerplate; its own is of all."""
    predicted = np.array([[1, 0], [0, 1], [0, 1], [0, 0]], dtype=bool)
    found = estimate(predicted, predicted * 0.9, list("abcd"), None, leaving_out=1, resamples=0)
    assert found["0"]["raw"]["value"] == pytest.approx(1 / 2)
    assert found["1"]["raw"]["value"] == pytest.approx(1 / 2)
    everything = np.ones((3, 2), dtype=bool)
    found = estimate(everything, everything * 0.9, list("abc"), None, leaving_out=1)
    assert np.isnan(found["0"]["raw"]["value"])


def test_kinds_of_source_make_intervals_wider():
    """Where kinds of source err unlike each other, one kind is less sure than many."""
    rng = np.random.default_rng(4)
    n = np.full(20, 500.0)
    hits, false = rng.uniform(40, 95, 20), rng.uniform(2, 60, 20)
    counts = np.stack([np.full(20, 100.0), hits + false, hits], axis=1)[:, None]
    confusion = Confusion(("a",), n, counts)
    p = np.clip(rng.random((400, 1)), 0.01, 0.99)
    widths = [
        (f := estimate(p > 0.8, p, np.arange(400), confusion, kinds=k)["a"]["adjusted"])["high"]
        - f["low"]
        for k in (1, 20)
    ]
    assert widths[0] > 1.3 * widths[1]


def test_one_document_has_no_interval():
    """Of one document every resample is the same: no interval is given."""
    p = np.array([[0.9], [0.2]])
    truth = np.array([[True], [False]])
    found = estimate(p > 0.5, p, ["d", "d"], confusion_of(truth, p > 0.5))
    assert all(f["low"] is None and f["high"] is None for f in found["a"].values())


def test_errors_come_from_figures(classifier, paragraphs):
    """An evaluation's figures hold the counts, by kind; those of old ones are worked out."""
    rows = paragraphs[::4]
    p = classifier.predict_proba([r.text for r in rows])
    answers = Answers(rows, [q.labels for q in classifier.classify_many(r.text for r in rows)],
                      p, classifier.labels)  # fmt: skip
    figures = evaluate(answers, by=("register",), resamples=0)
    known = Confusion.of(figures, classifier.labels)
    assert len(known.n) == len(figures["register"])
    held, given_, hits = (known.counts[..., k].sum(axis=0) for k in range(3))
    assert held.tolist() == answers.y_true.sum(axis=0).tolist()
    assert given_.tolist() == answers.y_pred.sum(axis=0).tolist()
    assert hits.tolist() == (answers.y_true & answers.y_pred).sum(axis=0).tolist()
    old = json.loads(json.dumps(figures))
    for part in (old["all"], *old["register"].values()):
        del part["label_counts"]
    worked_out = Confusion.of(old, classifier.labels)
    assert len(worked_out.n) == 1
    assert worked_out.counts[0] == pytest.approx(np.stack([held, given_, hits], axis=1), abs=0.1)


def test_what_is_not_known_is_told(tmp_path):
    """A label without figures, and a file that is no evaluation, are refused with the remedy."""
    figures = {"all": {"n": 10, "labels": {"a": {"support": 0}}}}
    with pytest.raises(DataError, match=r"not known for a, b; measure it .* --confusion"):
        Confusion.of(figures, ("a", "b"))
    (tmp_path / "m.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(DataError, match=r"m\.json: expected the metrics\.json"):
        prevalence.read_confusion(tmp_path / "m.json", ("a",))
