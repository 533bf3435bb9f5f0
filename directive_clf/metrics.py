"""How good predictions are: F1, average precision, calibration, risk against coverage.

Arrays of main labels are strings, shape ``(n,)``. Arrays of labels are boolean, ``(n,)`` for one
label or ``(n, k)`` for k of them, and give one figure or k. Every figure takes ``weights``: None,
or how often each row counts, ``(n,)`` or ``(r, n)``, where the figures of r weighings come at once,
``(r,)`` or ``(r, k)``. What :func:`resampled` yields are such weights, so that a figure and its
bootstrap are the same few lines.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from math import exp, lgamma, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "accuracy",
    "average_precision",
    "brier_score",
    "expected_calibration_error",
    "f1_score",
    "interval",
    "macro_f1",
    "mcnemar",
    "mean_defined",
    "micro_f1",
    "precision",
    "recall",
    "reliability",
    "resampled",
    "risk_at_coverage",
    "to_indicator",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Strings = NDArray[np.str_]
Weights = Floats | None

BINS = 10
"""Bins of equal width for calibration error, as in most of its literature."""


def to_indicator(named: Sequence[Sequence[str]], labels: Sequence[str]) -> Bools:
    """Return which of `labels` each row of `named` names, shape ``(len(named), n_labels)``."""
    found = [[label in row for label in labels] for row in named]
    return np.array(found, dtype=bool).reshape(len(named), len(labels))


def precision(y_true: Bools, y_pred: Bools, weights: Weights = None) -> Any:
    """Return ``tp / (tp + fp)`` in [0, 1]; NaN where nothing is predicted."""
    return _ratio(_total(y_true & y_pred, weights), _total(y_pred, weights))


def recall(y_true: Bools, y_pred: Bools, weights: Weights = None) -> Any:
    """Return ``tp / (tp + fn)`` in [0, 1]; NaN where nothing is true."""
    return _ratio(_total(y_true & y_pred, weights), _total(y_true, weights))


def f1_score(y_true: Bools, y_pred: Bools, weights: Weights = None) -> Any:
    """Return ``2 tp / (2 tp + fp + fn)`` in [0, 1]; NaN where neither array holds anything.

    (van Rijsbergen, *Information Retrieval*, 1979)
    """
    positives = _total(y_true, weights) + _total(y_pred, weights)
    return _ratio(2 * _total(y_true & y_pred, weights), positives)


def micro_f1(y_true: Bools, y_pred: Bools, weights: Weights = None) -> Any:
    """Return the F1 of all cells of two arrays of shape ``(n, k)`` taken together: one figure."""
    hits = _total((y_true & y_pred).sum(axis=1), weights)
    positives = _total(y_true.sum(axis=1) + y_pred.sum(axis=1), weights)
    return _ratio(2 * hits, positives)


def macro_f1(y_true: Strings, y_pred: Strings, classes: Sequence[str], weights: Any = None) -> Any:
    """Return the mean F1 of the main label over the `classes` present in either array.

    `classes` names ``other`` too where it shall count.
    """
    names = np.asarray(classes)
    return mean_defined(f1_score(y_true[:, None] == names, y_pred[:, None] == names, weights))


def mean_defined(values: Any) -> Any:
    """Return the mean over the last axis of the values that are not NaN; NaN where all are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy warns of an empty mean
        return _plain(np.nanmean(np.asarray(values, dtype=np.float64), axis=-1))


def accuracy(y_true: Strings, y_pred: Strings, weights: Weights = None) -> Any:
    """Return the share of equal main labels, in [0, 1]."""
    return _mean(np.asarray(y_true == y_pred), weights)


def average_precision(y_true: Bools, scores: Floats, weights: Weights = None) -> Any:
    """Return the mean precision over the recall gained, from the highest score down, in [0, 1].

    Of one label: both arrays have shape ``(n,)``. Equal scores are taken together. NaN where
    nothing is true.
    (Manning, Raghavan & Schütze, *Introduction to Information Retrieval*, 2008, ch. 8)
    """
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=np.nan))  # the last of each equal run
    rows = np.ones(len(scores)) if weights is None else weights
    ordered = rows[..., order]
    hits = np.cumsum(ordered * y_true[order], axis=-1)[..., last]
    taken = np.cumsum(ordered, axis=-1)[..., last]
    gained = np.diff(hits, axis=-1, prepend=0)
    found = np.where(taken > 0, hits / np.maximum(taken, 1e-12), 0.0)
    return _ratio((gained * found).sum(axis=-1), hits[..., -1])


def brier_score(y_true: Bools, probabilities: Floats, weights: Weights = None) -> Any:
    """Return the mean squared difference of probability and truth, in [0, 1], 0 the best.

    (Brier, "Verification of forecasts expressed in terms of probability", 1950)
    """
    return _mean((probabilities - y_true) ** 2, weights)


def expected_calibration_error(
    y_true: Bools, probabilities: Floats, weights: Weights = None, *, bins: int = BINS
) -> Any:
    """Return the mean gap between probability and frequency over equally wide bins, in [0, 1].

    Bins are weighted by their share of the cases.
    (Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities", 2015)
    """
    place = _bins(probabilities, bins)
    gaps = probabilities - y_true
    return sum(np.abs(_mean(np.where(place == b, gaps, 0.0), weights)) for b in np.unique(place))


def reliability(
    y_true: Bools, probabilities: Floats, *, bins: int = BINS
) -> list[tuple[float, float, int]]:
    """Return ``(mean probability, frequency of truth, cases)`` of each bin that holds a case."""
    place = _bins(probabilities, bins)
    return [
        (float(probabilities[place == b].mean()), float(y_true[place == b].mean()), int(n))
        for b, n in zip(*np.unique(place, return_counts=True), strict=True)
    ]


def risk_at_coverage(
    correct: Bools, certainty: Floats, coverage: float, weights: Weights = None
) -> Any:
    """Return the error rate among the most certain answers, a share `coverage` of all.

    (El-Yaniv & Wiener, "On the foundations of noise-free selective classification", 2010)
    """
    order = np.argsort(-certainty, kind="stable")
    rows = (np.ones(len(order)) if weights is None else weights)[..., order]
    upto = np.cumsum(rows, axis=-1)
    # The row at which the share is reached counts in part, so that the risk moves smoothly.
    taken = np.clip(coverage * upto[..., -1:] - (upto - rows), 0.0, rows)
    return _ratio((taken * ~correct[order]).sum(axis=-1), taken.sum(axis=-1))


def mcnemar(first: Bools, second: Bools) -> float:
    """Return the exact two-sided p-value that two models are right equally often.

    Only rows that one has right and the other wrong tell; under the hypothesis they fall either way
    like a fair coin. (McNemar, "Note on the sampling error of the difference between correlated
    proportions", 1947; exact form)

    Parameters
    ----------
    first, second : ndarray of bool, shape (n,)
        Where each model is right.
    """
    wins, losses = int((first & ~second).sum()), int((second & ~first).sum())
    n, few = wins + losses, min(wins, losses)
    # Binomial coefficients in logarithms: as numbers they grow to thousands of digits.
    tail = sum(
        exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2)) for k in range(few + 1)
    )
    return min(1.0, 2 * tail)


def resampled(
    groups: Sequence[Any] | NDArray[Any],
    *,
    resamples: int = 1000,
    random_state: int = 0,
    at_once: int = 100,
) -> Iterator[Floats]:
    """Yield bootstrap resamples as weights of rows, shape ``(at most at_once, n)``.

    Parameters
    ----------
    groups : sequence of length n
        The group of each row. Rows of one document are not independent: its paragraphs are drawn
        together. (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 8)
    resamples, random_state, at_once : int
        How many resamples, the seed, and how many in an array.
    """
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    n_groups = int(place.max()) + 1
    rng = np.random.default_rng(random_state)
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn = rng.integers(n_groups, size=(rows, n_groups)) + n_groups * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n_groups).reshape(rows, n_groups)
        yield times.astype(np.float64)[:, place]


def interval(values: Floats, centre: float | None = None) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap values; NaN ones do not count.

    (Efron & Tibshirani 1993, ch. 13)

    Parameters
    ----------
    values : ndarray of shape (r,)
    centre : float, optional
        Move the interval so that the mean of the values is this. A calibration error is never
        negative, and resampling adds to it; its bare percentiles would often lie above its value.
    """
    if np.isnan(values).all():
        return float("nan"), float("nan")
    low, high = np.nanpercentile(values, [2.5, 97.5])
    if centre is not None:
        shift = centre - float(np.nanmean(values))
        low, high = max(low + shift, 0.0), high + shift
    return float(low), float(high)


def _bins(probabilities: Floats, bins: int) -> NDArray[np.intp]:
    return np.minimum((probabilities * bins).astype(np.intp), bins - 1)


def _total(values: NDArray[Any], weights: Weights) -> Any:
    values = values.astype(np.float64)
    return values.sum(axis=0) if weights is None else weights @ values


def _mean(values: NDArray[Any], weights: Weights) -> Any:
    total = _total(values, weights)
    rows = float(len(values)) if weights is None else weights.sum(axis=-1)
    return _plain(total / np.reshape(rows, np.shape(rows) + (1,) * (total.ndim - np.ndim(rows))))


def _ratio(part: Any, whole: Any) -> Any:
    """Divide; NaN where the divisor is zero."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return _plain(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan))


def _plain(value: NDArray[np.float64]) -> Any:
    return float(value) if np.ndim(value) == 0 else value
