"""How good a set of labels and probabilities is against labelled paragraphs, as plain figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import metrics
from .data import Paragraph
from .labels import OTHER, main_label

__all__ = ["confusions", "evaluate"]


def evaluate(
    paragraphs: Sequence[Paragraph],
    predicted: Sequence[tuple[str, ...]],
    probabilities: NDArray[np.float64],
    labels: tuple[str, ...],
    *,
    resamples: int = 1000,
) -> dict[str, dict[str, Any]]:
    """Compare predicted labels with those of labelled paragraphs.

    Parameters
    ----------
    paragraphs : sequence of Paragraph, length n
        With the true labels.
    predicted : sequence of tuple of str, length n
        Main label first.
    probabilities : ndarray of shape (n, n_labels)
    labels : tuple of str
    resamples : int
        For the interval; 0 leaves it out.

    Returns
    -------
    dict
        For ``"all"`` and each language: ``n``; ``accuracy`` and ``macro_f1`` of the main label over
        the labels and ``other``; ``macro_f1_interval``, its 95 % bootstrap interval over documents;
        ``multilabel_macro_f1``; ``f1`` of the main label by class; ``calibration_error`` and
        ``brier`` by label. None where a class is neither true nor predicted.
    """
    langs = np.array([p.lang for p in paragraphs])
    everything = np.arange(len(paragraphs))
    parts = {"all": everything}
    parts |= {lang: everything[langs == lang] for lang in sorted(set(langs.tolist()))}
    main_true = np.array([main_label(p.labels) for p in paragraphs])
    main_pred = np.array([main_label(named) for named in predicted])
    y_true = metrics.to_indicator([p.labels for p in paragraphs], labels)
    y_pred = metrics.to_indicator(predicted, labels)
    classes = (*labels, OTHER)
    figures = {}
    for name, rows in parts.items():
        truth, guess, p = main_true[rows], main_pred[rows], probabilities[rows]

        def macro(i: NDArray[np.intp], truth: Any = truth, guess: Any = guess) -> float:
            return metrics.macro_f1(truth[i], guess[i], classes)

        columns = list(enumerate(labels))
        multi = [metrics.f1_score(y_true[rows, j], y_pred[rows, j]) for j, _ in columns]
        figures[name] = {
            "n": len(rows),
            "accuracy": metrics.accuracy(truth, guess),
            "macro_f1": macro(np.arange(len(rows))),
            "macro_f1_interval": metrics.bootstrap_interval(
                macro, [paragraphs[i].group for i in rows.tolist()], resamples=resamples
            )
            if resamples
            else None,
            "multilabel_macro_f1": metrics.mean_defined(multi),
            "f1": {c: metrics.f1_score(truth == c, guess == c) for c in classes},
            "calibration_error": {
                label: metrics.expected_calibration_error(y_true[rows, j], p[:, j])
                for j, label in columns
            },
            "brier": {label: metrics.brier_score(y_true[rows, j], p[:, j]) for j, label in columns},
        }
    return {name: _rounded(part) for name, part in figures.items()}


def confusions(
    paragraphs: Sequence[Paragraph], predicted: Sequence[tuple[str, ...]]
) -> list[tuple[str, str, int]]:
    """Return ``(true, predicted, count)`` of the main labels that differ, the commonest first."""
    pairs = Counter(
        (main_label(p.labels), main_label(named))
        for p, named in zip(paragraphs, predicted, strict=True)
    )
    wrong = [(*pair, n) for pair, n in pairs.items() if pair[0] != pair[1]]
    return sorted(wrong, key=lambda row: (-row[2], row[0], row[1]))


def _rounded(value: Any) -> Any:
    """Round every number to four digits, which is what a reader can use; NaN becomes None."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value
