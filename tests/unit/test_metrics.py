"""Figures, against scikit-learn's and against cases worked by hand."""

import numpy as np
import pytest
from sklearn import metrics as reference

from directive_clf import metrics

RNG = np.random.default_rng(0)
TRUE = RNG.choice(["a", "b", "c"], 300)
PRED = np.where(RNG.random(300) < 0.6, TRUE, RNG.choice(["a", "b", "c"], 300))


def test_f1_and_macro_f1():
    """F1 and macro-F1 are those of scikit-learn."""
    assert metrics.f1_score(TRUE == "a", PRED == "a") == pytest.approx(
        reference.f1_score(TRUE == "a", PRED == "a")
    )
    assert metrics.macro_f1(TRUE, PRED, ("a", "b", "c")) == pytest.approx(
        reference.f1_score(TRUE, PRED, average="macro")
    )


def test_a_class_in_neither_does_not_count():
    """A class that is neither true nor predicted has no F1 and leaves the mean alone."""
    assert np.isnan(metrics.f1_score(TRUE == "z", PRED == "z"))
    assert metrics.macro_f1(TRUE, PRED, ("a", "b", "c", "z")) == metrics.macro_f1(
        TRUE, PRED, ("a", "b", "c")
    )


def test_accuracy_and_brier():
    """Accuracy and the Brier score are those of scikit-learn."""
    p = RNG.random(300)
    assert metrics.accuracy(TRUE, PRED) == pytest.approx(reference.accuracy_score(TRUE, PRED))
    assert metrics.brier_score(TRUE == "a", p) == pytest.approx(
        reference.brier_score_loss(TRUE == "a", p)
    )


def test_calibration_error_by_hand():
    """Two bins: 0.2 said where half is true, 0.9 said where all is: (2 * 0.3 + 2 * 0.1) / 4."""
    truth = np.array([True, False, True, True])
    p = np.array([0.2, 0.2, 0.9, 0.9])
    assert metrics.expected_calibration_error(truth, p) == pytest.approx(0.2)
    assert metrics.expected_calibration_error(truth, truth.astype(float)) == 0


def test_resamples_draw_whole_groups():
    """A resample weighs all rows of a group the same, and draws as many groups as there are."""
    groups = ["x"] * 3 + ["y"] * 5 + ["z"] * 2
    drawn = np.concatenate(list(metrics.resampled(groups, resamples=250, at_once=100)))
    assert drawn.shape == (250, 10)
    for part in (slice(0, 3), slice(3, 8), slice(8, 10)):
        assert (drawn[:, part] == drawn[:, part][:, :1]).all()
    assert (drawn[:, [0, 3, 8]].sum(axis=1) == 3).all()
    assert len({tuple(row) for row in drawn[:, [0, 3, 8]]}) == 10  # every way to draw 3 of 3


P = np.round(RNG.random(300), 1)  # with ties
Y = RNG.random(300) < P
BOTH = np.stack([Y, ~Y], 1), np.stack([P > 0.5, P < 0.9], 1)
WEIGHTS = RNG.integers(0, 4, size=(7, 300)).astype(float)
FIGURES = {
    "precision": lambda w: metrics.precision(Y, P > 0.5, w),
    "recall": lambda w: metrics.recall(Y, P > 0.5, w),
    "f1": lambda w: metrics.f1_score(Y, P > 0.5, w),
    "macro_f1": lambda w: metrics.macro_f1(TRUE, PRED, ("a", "b", "c"), w),
    "micro_f1": lambda w: metrics.micro_f1(
        np.stack([Y, ~Y], 1), np.stack([P > 0.5, P < 0.9], 1), w
    ),
    "accuracy": lambda w: metrics.accuracy(TRUE, PRED, w),
    "brier": lambda w: metrics.brier_score(Y, P, w),
    "calibration": lambda w: metrics.expected_calibration_error(Y, P, w),
    "average_precision": lambda w: metrics.average_precision(Y, P, w),
    "risk": lambda w: metrics.risk_at_coverage(TRUE == PRED, np.arange(300.0), 0.7, w),
}


@pytest.mark.parametrize("name", FIGURES)
def test_weights_are_repetitions(name):
    """A figure under weights is that of the rows repeated so often, each resample by itself."""
    figure = FIGURES[name]
    at_once = figure(WEIGHTS)
    assert at_once.shape == (7,)
    assert at_once == pytest.approx([figure(row) for row in WEIGHTS])
    assert figure(np.ones(300)) == pytest.approx(figure(None))
    rows = np.repeat(np.arange(300), WEIGHTS[0].astype(int))
    if name == "average_precision":
        assert at_once[0] == pytest.approx(metrics.average_precision(Y[rows], P[rows]))
    elif name == "brier":
        assert at_once[0] == pytest.approx(metrics.brier_score(Y[rows], P[rows]))
    elif name == "macro_f1":
        assert at_once[0] == pytest.approx(
            metrics.macro_f1(TRUE[rows], PRED[rows], ("a", "b", "c"))
        )
    elif name == "risk":
        right = (TRUE == PRED)[rows]
        assert at_once[0] == pytest.approx(metrics.risk_at_coverage(right, rows * 1.0, 0.7))


def test_rates_and_average_precision():
    """Precision, recall and average precision are those of scikit-learn."""
    assert metrics.precision(Y, P > 0.5) == pytest.approx(reference.precision_score(Y, P > 0.5))
    assert metrics.recall(Y, P > 0.5) == pytest.approx(reference.recall_score(Y, P > 0.5))
    assert metrics.average_precision(Y, P) == pytest.approx(reference.average_precision_score(Y, P))
    both = np.stack([Y, P > 0.8], 1), np.stack([P > 0.5, Y], 1)
    assert metrics.micro_f1(*both) == pytest.approx(reference.f1_score(*both, average="micro"))
    assert metrics.f1_score(*both) == pytest.approx(reference.f1_score(*both, average=None))
    assert np.isnan(metrics.average_precision(np.zeros(5, bool), np.arange(5.0)))


def test_risk_by_hand():
    """Of four answers the surest is wrong: 1 in 4 of all, 1 in 2 of the surer half."""
    right, sure = np.array([False, True, True, True]), np.array([0.9, 0.8, 0.7, 0.6])
    found = [metrics.risk_at_coverage(right, sure, share) for share in (1, 0.75, 0.5, 0.25)]
    assert found == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1])


def test_mcnemar_by_hand():
    """Nine rows tell, one against eight: twice (1 + 9) of 512 ways; none tells: no difference."""
    first = np.array([True] * 8 + [False] * 1 + [True] * 20)
    second = np.array([False] * 8 + [True] * 1 + [True] * 20)
    assert metrics.mcnemar(first, second) == pytest.approx(2 * 10 / 512)
    assert metrics.mcnemar(second, first) == metrics.mcnemar(first, second)
    assert metrics.mcnemar(first, first) == 1


def test_mcnemar_is_scipys_sign_test():
    """The exact test is the two-sided binomial test of the rows that tell."""
    from scipy.stats import binomtest

    a, b = RNG.random(90) < 0.7, RNG.random(90) < 0.5
    wins, losses = int((a & ~b).sum()), int((b & ~a).sum())
    assert metrics.mcnemar(a, b) == pytest.approx(binomtest(wins, wins + losses).pvalue)


def test_the_interval_covers():
    """The 95 % interval of a mean holds the true one in about 95 of 100 samples."""
    covered = 0
    for seed in range(200):
        sample = np.random.default_rng(seed).random(80) < 0.3
        values = [
            metrics.accuracy(sample, np.ones(80, bool), weights)
            for weights in metrics.resampled([*map(str, range(80))], resamples=200)
        ]
        low, high = metrics.interval(np.concatenate(values))
        covered += low <= 0.3 <= high
    assert 0.88 <= covered / 200 <= 0.99
