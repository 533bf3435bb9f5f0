"""How good predictions are: F1, Brier score, calibration error, bootstrap intervals.

Arrays of labels are boolean, shape ``(n, n_labels)``; arrays of main labels are strings, ``(n,)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "accuracy",
    "bootstrap_interval",
    "brier_score",
    "expected_calibration_error",
    "f1_score",
    "macro_f1",
    "mean_defined",
    "to_indicator",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def to_indicator(named: Sequence[Sequence[str]], labels: Sequence[str]) -> Bools:
    """Return which of `labels` each row of `named` names, shape ``(len(named), n_labels)``."""
    return np.array([[label in row for label in labels] for row in named], dtype=bool)


def f1_score(y_true: Bools, y_pred: Bools) -> float:
    """Return ``2 tp / (2 tp + fp + fn)`` in [0, 1]; NaN where neither array holds anything.

    Both have shape ``(n,)``. (van Rijsbergen, *Information Retrieval*, 1979)
    """
    positives = int(y_true.sum()) + int(y_pred.sum())
    return 2 * int((y_true & y_pred).sum()) / positives if positives else float("nan")


def macro_f1(y_true: NDArray[np.str_], y_pred: NDArray[np.str_], classes: Sequence[str]) -> float:
    """Return the mean F1 of the main label over the `classes` present in either array.

    `classes` names ``other`` too where it shall count; both arrays have shape ``(n,)``.
    """
    return mean_defined([f1_score(y_true == c, y_pred == c) for c in classes])


def mean_defined(values: Sequence[float]) -> float:
    """Return the mean of the values that are not NaN; NaN where all are."""
    defined = [value for value in values if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else float("nan")


def accuracy(y_true: NDArray[np.str_], y_pred: NDArray[np.str_]) -> float:
    """Return the share of equal main labels, in [0, 1]."""
    return float((y_true == y_pred).mean())


def brier_score(y_true: Bools, probabilities: Floats) -> float:
    """Return the mean squared difference of probability and truth, in [0, 1], 0 the best.

    (Brier, "Verification of forecasts expressed in terms of probability", 1950)
    """
    return float(((probabilities - y_true) ** 2).mean())


def expected_calibration_error(y_true: Bools, probabilities: Floats, bins: int = 10) -> float:
    """Return the mean gap between probability and frequency over equally wide bins, in [0, 1].

    Bins are weighted by their share of the cases. Both arrays have shape ``(n,)``.
    (Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities", 2015)
    """
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=probabilities - y_true, minlength=bins)
    return float(np.abs(gaps).sum() / len(probabilities))


def bootstrap_interval(
    statistic: Callable[[NDArray[np.intp]], float],
    groups: Sequence[str],
    *,
    resamples: int = 1000,
    random_state: int = 0,
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of a statistic, resampling whole groups.

    Parameters
    ----------
    statistic : callable
        Takes the row numbers of one resample, shape ``(n_resampled,)``, and returns a number.
    groups : sequence of str, length n
        The group of each row. Rows of one document are not independent: its paragraphs are drawn
        together.
    resamples, random_state : int
        How many resamples, and the seed.

    Returns
    -------
    low, high : float
        The 2.5 % and 97.5 % percentiles. (Efron & Tibshirani, *An Introduction to the
        Bootstrap*, 1993, ch. 13)
    """
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(place, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(place))[:-1])
    rng = np.random.default_rng(random_state)
    values = [
        statistic(
            np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        )
        for _ in range(resamples)
    ]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
