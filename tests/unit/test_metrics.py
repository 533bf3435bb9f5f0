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


def test_bootstrap_draws_whole_groups():
    """A resample holds each group as often as it was drawn, all its rows together."""
    groups = ["x"] * 3 + ["y"] * 5 + ["z"] * 2
    seen = []

    def statistic(rows):
        counts = np.bincount(rows, minlength=10)
        seen.append(
            all(len(set(counts[part])) == 1 for part in (range(3), range(3, 8), range(8, 10)))
        )
        return float(len(rows))

    metrics.bootstrap_interval(statistic, groups, resamples=50)
    assert all(seen)
    assert len(seen) == 50


def test_bootstrap_interval_holds_the_value():
    """The interval holds the value on all rows, and the same seed gives the same interval."""
    right = TRUE == PRED

    def once():
        return metrics.bootstrap_interval(
            lambda rows: float(right[rows].mean()), [*map(str, range(300))]
        )

    low, high = once()
    assert low < right.mean() < high
    assert (low, high) == once()
