"""How good a model's answers are against labelled paragraphs, as plain figures with intervals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import metrics
from .calibration import certainty
from .classifier import Classifier
from .data import Paragraph
from .exceptions import DataError
from .labels import OTHER, main_label

__all__ = ["Answers", "answers_of", "confusions", "evaluate", "figure", "rounded", "signed"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.str_]

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of the paragraphs, the most certain first, whose error rate is told."""

LENGTHS = (60, 200, 500)
"""Characters at which paragraphs are parted by length: headings and links, a sentence or two, a
paragraph, a long one."""


@dataclass(frozen=True)
class Answers:
    """What a model says of labelled paragraphs.

    Attributes
    ----------
    paragraphs : sequence of Paragraph, length n
        With the true labels.
    predicted : sequence of tuple of str, length n
        Main label first.
    probabilities : ndarray of shape (n, n_labels)
        Calibrated, in [0, 1].
    labels : tuple of str
        The columns of `probabilities`.
    """

    paragraphs: Sequence[Paragraph]
    predicted: Sequence[tuple[str, ...]]
    probabilities: Floats
    labels: tuple[str, ...]

    def take(self, rows: NDArray[np.intp]) -> Answers:
        """Return the answers on some of the paragraphs."""
        chosen = rows.tolist()
        return Answers(
            [self.paragraphs[i] for i in chosen],
            [self.predicted[i] for i in chosen],
            self.probabilities[rows],
            self.labels,
        )

    def within(self, labels: tuple[str, ...], renamed: Mapping[str, str] = {}) -> Answers:
        """Return the answers as those of a model with other labels.

        Parameters
        ----------
        labels : tuple of str
            A label that these answers do not have was never given, with probability 0; what they
            have beyond `labels` is left out, of the truth too.
        renamed : mapping of str to str
            Labels of these answers to their names among `labels`.
        """
        kept = set(labels)

        def named(row: Sequence[str]) -> tuple[str, ...]:
            return tuple(one for one in (renamed.get(label, label) for label in row) if one in kept)

        place = {renamed.get(label, label): j for j, label in enumerate(self.labels)}
        probabilities = np.zeros((len(self.paragraphs), len(labels)))
        for j, label in enumerate(labels):
            if label in place:
                probabilities[:, j] = self.probabilities[:, place[label]]
        return Answers(
            [replace(p, labels=named(p.labels)) for p in self.paragraphs],
            [named(row) for row in self.predicted],
            probabilities,
            labels,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, and ``other``."""
        return (*self.labels, OTHER)

    @cached_property
    def main_true(self) -> Strings:
        """The main labels, ``other`` where there is none, shape ``(n,)``."""
        return np.array([main_label(p.labels) for p in self.paragraphs])

    @cached_property
    def main_pred(self) -> Strings:
        """The predicted main labels, shape ``(n,)``."""
        return np.array([main_label(named) for named in self.predicted])

    @cached_property
    def y_true(self) -> Bools:
        """Which labels hold, shape ``(n, n_labels)``."""
        return metrics.to_indicator([p.labels for p in self.paragraphs], self.labels)

    @cached_property
    def y_pred(self) -> Bools:
        """Which labels are predicted, shape ``(n, n_labels)``."""
        return metrics.to_indicator(self.predicted, self.labels)

    @cached_property
    def certainty(self) -> Floats:
        """How certain each answer is, in [0, 1], shape ``(n,)``; see ``calibration.certainty``."""
        place = {label: j for j, label in enumerate(self.labels)}
        return certainty(self.probabilities, [place.get(main, -1) for main in self.main_pred])

    @property
    def groups(self) -> list[str]:
        """The document of each paragraph, or the paragraph itself."""
        return [p.group for p in self.paragraphs]


def answers_of(classifier: Classifier, paragraphs: Sequence[Paragraph]) -> Answers:
    """Let a classifier answer labelled paragraphs."""
    predictions = classifier.classify_many(p.text for p in paragraphs)
    probabilities = np.array([[*p.probabilities.values()] for p in predictions])
    return Answers(
        paragraphs,
        [p.labels for p in predictions],
        np.nan_to_num(probabilities.reshape(len(paragraphs), len(classifier.labels))),
        classifier.labels,
    )


def evaluate(
    answers: Answers, *, by: Sequence[str] = ("lang",), resamples: int = 1000
) -> dict[str, Any]:
    """Measure answers, over all and in parts.

    Parameters
    ----------
    answers : Answers
        Of one paragraph or more.
    by : sequence of str
        Columns whose values part the paragraphs: a field of :class:`Paragraph`, a column of the
        file beyond those, or ``"length"``. Paragraphs without the column are left out of its parts;
        a column that none has gives no part.
    resamples : int
        Of the bootstrap behind each interval; 0 leaves intervals out.

    Returns
    -------
    dict
        ``"all"``: the figures over all paragraphs, and for each column of `by` a mapping of its
        values to theirs. A figure is ``{"value", "low", "high"}``, where the latter two bound the
        95 % percentile interval of a bootstrap that draws whole documents; None where undefined
        (a class is neither true nor predicted). Each part has

        - ``n`` and ``documents``, the counts of paragraphs and documents;
        - ``label_counts``: by label, how many paragraphs have it, are given it, and both;
        - ``accuracy`` and ``macro_f1`` of the main label over the labels and ``other``;
        - ``multilabel_macro_f1`` and ``multilabel_micro_f1`` over sets of labels;
        - ``average_precision``, ``brier_score``, ``expected_calibration_error``: means over the
          labels.

        ``"all"`` and the parts by language also have, by label, ``labels`` (the label anywhere
        in the set) and ``main`` (as main label, with ``other``), with ``support`` and
        ``precision``, ``recall``, ``f1_score`` each. ``"all"`` has ``risk`` (error rate at
        coverage), ``confusion`` (counts, true by predicted main label) and ``reliability`` (mean
        probability, frequency and cases of each bin, by label).
    """
    if "all" in by:
        raise DataError("a column named 'all' cannot part the figures, whose sum has that name")
    found: dict[str, Any] = {"all": _measure(answers, resamples, detailed=True)}
    found["all"]["risk"] = [
        {
            "coverage": coverage,
            **_with_interval(
                answers,
                lambda a, weights, coverage=coverage: metrics.risk_at_coverage(
                    a.main_true == a.main_pred, a.certainty, coverage, weights
                ),
                resamples,
            ),
        }
        for coverage in COVERAGES
    ]
    found["all"]["confusion"] = _confusion_matrix(answers)
    found["all"]["reliability"] = {
        label: metrics.reliability(answers.y_true[:, j], answers.probabilities[:, j])
        for j, label in enumerate(answers.labels)
    }
    for column in by:
        parts = _parts(answers.paragraphs, column)
        if parts:
            found[column] = {
                value: _measure(answers.take(rows), resamples, detailed=column == "lang")
                for value, rows in parts.items()
            }
    return dict(rounded(found))


def figure(found: Mapping[str, Any], digits: int = 3) -> str:
    """Return a figure for a reader: ``0.751 [0.698, 0.791]``; a dash where it is undefined."""
    if found["value"] is None:
        return "–"
    value = f"{found['value']:.{digits}f}"
    if found.get("low") is None:
        return value
    return f"{value} [{found['low']:.{digits}f}, {found['high']:.{digits}f}]"


def signed(found: Mapping[str, Any]) -> str:
    """Return a difference for a reader: ``+0.024 [+0.015, +0.032]``; a dash where undefined."""
    if found["value"] is None:
        return "–"
    value = f"{found['value']:+.3f}"
    return value if found["low"] is None else f"{value} [{found['low']:+.3f}, {found['high']:+.3f}]"


def confusions(answers: Answers) -> list[tuple[str, str, int]]:
    """Return ``(true, predicted, count)`` of the main labels that differ, the commonest first."""
    pairs = Counter(zip(answers.main_true.tolist(), answers.main_pred.tolist(), strict=True))
    wrong = [(*pair, n) for pair, n in pairs.items() if pair[0] != pair[1]]
    return sorted(wrong, key=lambda row: (-row[2], row[0], row[1]))


def rounded(value: Any) -> Any:
    """Round every number to four digits, which is what a reader can use; NaN becomes None."""
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def _measure(answers: Answers, resamples: int, *, detailed: bool) -> dict[str, Any]:
    point = _figures(answers, None, detailed)
    counts: dict[str, Any] = {"n": len(answers.paragraphs), "documents": len(set(answers.groups))}
    if counts["documents"] < 2:  # of one document, every resample is the same
        resamples = 0
    draws = [
        _figures(answers, weights, detailed)
        for weights in metrics.resampled(answers.groups, resamples=resamples)
    ]
    held, given = answers.y_true, answers.y_pred
    sums = np.stack([held.sum(axis=0), given.sum(axis=0), (held & given).sum(axis=0)], axis=1)
    counts["label_counts"] = dict(zip(answers.labels, sums.tolist()))
    found = {**counts, **_joined(point, draws)}
    if detailed:
        for kind, truth in (("labels", answers.y_true.T), ("main", None)):
            for j, name in enumerate(found[kind]):
                held = answers.main_true == name if truth is None else truth[j]
                found[kind][name] = {"support": int(held.sum()), **found[kind][name]}
    return found


def _figures(a: Answers, weights: metrics.Weights, detailed: bool) -> dict[str, Any]:
    """Return every figure for one weighing of the rows, or for ``(r,)`` of them at once."""
    names = np.array(a.classes)
    rates = (metrics.precision, metrics.recall, metrics.f1_score)
    held, given = a.main_true[:, None] == names, a.main_pred[:, None] == names
    main = {rate.__name__: rate(held, given, weights) for rate in rates}
    labels = {rate.__name__: rate(a.y_true, a.y_pred, weights) for rate in rates}
    columns = zip(a.y_true.T, a.probabilities.T, strict=True)
    labels["average_precision"] = np.stack(
        [metrics.average_precision(truth, p, weights) for truth, p in columns], axis=-1
    )
    for score in (metrics.brier_score, metrics.expected_calibration_error):
        labels[score.__name__] = score(a.y_true, a.probabilities, weights)
    found: dict[str, Any] = {
        "accuracy": metrics.accuracy(a.main_true, a.main_pred, weights),
        "macro_f1": metrics.mean_defined(main["f1_score"]),
        "multilabel_macro_f1": metrics.mean_defined(labels["f1_score"]),
        "multilabel_micro_f1": metrics.micro_f1(a.y_true, a.y_pred, weights),
    }
    for name in ("average_precision", "brier_score", "expected_calibration_error"):
        found[name] = metrics.mean_defined(labels[name])
    if detailed:
        found["labels"] = _by_name(a.labels, labels)
        found["main"] = _by_name(a.classes, main)
    return found


def _by_name(names: Sequence[str], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Turn arrays with names along their last axis into figures by name."""
    return {
        name: {kind: values[..., j] for kind, values in figures.items()}
        for j, name in enumerate(names)
    }


def _joined(point: Mapping[str, Any], draws: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put each value and its bootstrap values together into a figure."""
    found: dict[str, Any] = {}
    for name, value in point.items():
        below = [draw[name] for draw in draws]
        if isinstance(value, Mapping):
            found[name] = _joined(value, below)
        else:
            found[name] = {"value": float(value), "low": None, "high": None}
            if below:
                biased = name == "expected_calibration_error"
                centre = float(value) if biased else None
                low, high = metrics.interval(np.concatenate(below), centre)
                found[name] |= {"low": low, "high": high}
    return found


def _with_interval(answers: Answers, statistic: Any, resamples: int) -> dict[str, Any]:
    draws = [
        {"": statistic(answers, weights)}
        for weights in metrics.resampled(answers.groups, resamples=resamples)
    ]
    return dict(_joined({"": statistic(answers, None)}, draws)[""])


def _confusion_matrix(answers: Answers) -> dict[str, Any]:
    pairs = Counter(zip(answers.main_true.tolist(), answers.main_pred.tolist(), strict=True))
    counts = [[pairs[true, guess] for guess in answers.classes] for true in answers.classes]
    return {"classes": list(answers.classes), "counts": counts}


def _parts(paragraphs: Sequence[Paragraph], column: str) -> dict[str, NDArray[np.intp]]:
    """Return the row numbers of each value of a column, the values in order."""
    if column == "length":
        bins = [sum(len(p.text) >= least for least in LENGTHS) for p in paragraphs]
        names = [f"under {LENGTHS[0]}", *(f"from {least}" for least in LENGTHS)]
        found: list[Any] = [(False, b, names[b]) for b in bins]
    else:
        values = [p.get(column) for p in paragraphs]
        found = [None if value is None else _sortable(value) for value in values]
    rows: dict[tuple[Any, ...], list[int]] = {}
    for i, key in enumerate(found):
        if key is not None:
            rows.setdefault(key, []).append(i)
    return {key[-1]: np.array(rows[key]) for key in sorted(rows)}


def _sortable(value: Any) -> tuple[Any, ...]:
    """Return a key that orders numbers by size and before texts, with the value's name last."""
    is_number = isinstance(value, int | float)
    return (not is_number, value if is_number else 0, str(value))
