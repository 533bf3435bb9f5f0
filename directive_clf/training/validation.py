"""Judging by data that was not fitted on: cross-validation, time splits, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GroupShuffleSplit
from tqdm import tqdm

from .. import metrics
from ..classifier import choose_labels
from ..data import Paragraph
from ..evaluation import Answers, evaluate, rounded
from ..exceptions import TrainingError
from ..gazetteer import Gazetteer
from ..labels import LABELS, OTHER, main_label
from .duplicates import groups_of
from .fitting import answer_held_out, calibrate, choose_thresholds, fit_folds, group_folds
from .pipeline import Parameters, TermAnalyzer, count_terms

__all__ = ["Bench", "cross_validate", "learning_curve", "time_split"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

SIZES = (8, 16, 32, 64, 128, 256, 512)
"""Paragraphs a label at which the learning curve is measured, beside all."""

DRAWS = 5
"""Samples drawn of each size: how much hangs on the draw shows in their spread."""

LATER = 0.2
"""The share of the dated documents that a time split tests on."""

INNER_FOLDS = 5


@dataclass(frozen=True)
class Bench:
    """Paragraphs with their terms counted once, for the many fits on parts of them.

    Attributes
    ----------
    paragraphs : sequence of Paragraph, length n
    counts : sparse matrix of shape (n, n_terms)
    y_true : ndarray of bool, shape (n, n_labels)
    groups : ndarray of int, shape (n,)
        Paragraphs of one document, and near-duplicates, are one group.
    labels : tuple of str
    parameters : Parameters
    vectorizer : sklearn.feature_extraction.text.CountVectorizer
        What the columns of `counts` are.
    weights : ndarray of float, shape (n, n_labels), optional
        How often each paragraph counts; see :func:`directive_clf.training.fit`.
    """

    paragraphs: Sequence[Paragraph]
    counts: sp.csr_matrix
    y_true: NDArray[np.bool_]
    groups: Rows
    labels: tuple[str, ...]
    parameters: Parameters
    vectorizer: CountVectorizer
    weights: Floats | None = None

    @classmethod
    def of(
        cls,
        paragraphs: Sequence[Paragraph],
        gazetteer: Gazetteer,
        *,
        labels: tuple[str, ...] = LABELS,
        parameters: Parameters = Parameters(),
        weights: Floats | None = None,
    ) -> Bench:
        """Count the terms of paragraphs and group them."""
        texts = [p.text for p in paragraphs]
        vectorizer, counts = count_terms(texts, TermAnalyzer(gazetteer))
        groups = groups_of([p.group for p in paragraphs], texts)
        y_true = metrics.to_indicator([p.labels for p in paragraphs], labels)
        return cls(paragraphs, counts, y_true, groups, labels, parameters, vectorizer, weights)

    def take(self, rows: Rows) -> Bench:
        """Return the bench of some of the paragraphs."""
        return replace(
            self,
            paragraphs=[self.paragraphs[i] for i in rows.tolist()],
            counts=self.counts[rows],
            y_true=self.y_true[rows],
            groups=self.groups[rows],
            weights=None if self.weights is None else self.weights[rows],
        )

    def folds(self, rows: Rows, n: int) -> list[Rows]:
        """Part rows into at most n folds that no group is split between."""
        return group_folds(self.groups[rows], n)

    def check_labels(self, rows: Rows) -> None:
        """Raise :class:`TrainingError` unless each label holds on some of the rows, not on all."""
        share = self.y_true[rows].mean(axis=0) if len(rows) else np.zeros(len(self.labels))
        lacking = [label for label, s in zip(self.labels, share) if not 0 < s < 1]
        if lacking:
            raise TrainingError(
                f"{len(rows)} paragraphs to fit on, with {', '.join(lacking)} on none or on all of"
                " them; name more with --data"
            )

    def answer(self, train: Rows, test: Rows, n_jobs: int = -1) -> Answers:
        """Fit on some rows, with calibration and thresholds from folds of them; answer others."""
        self.check_labels(train)
        y_true = self.y_true[train]
        weights = None if self.weights is None else self.weights[train]
        parts = self.folds(train, INNER_FOLDS)
        pipeline, scores = fit_folds(
            self.counts[train], y_true, parts, self.parameters, weights, n_jobs=n_jobs
        )
        calibration = calibrate(scores, y_true, weights)
        thresholds = choose_thresholds(calibration.probabilities(scores), y_true, weights)
        probabilities = calibration.probabilities(pipeline.decision_function(self.counts[test]))
        named = choose_labels(probabilities, thresholds, self.labels)
        chosen = [self.paragraphs[i] for i in test.tolist()]
        return Answers(chosen, named, probabilities, self.labels)


def cross_validate(bench: Bench, *, n_jobs: int = -1, progress: bool = False) -> Answers:
    """Answer each paragraph by a model that saw neither its document nor a near-duplicate.

    Calibration and thresholds for a fold come from the out-of-fold scores of the other folds.
    """
    bench.check_labels(np.arange(len(bench.paragraphs)))
    everything = np.arange(len(bench.paragraphs))
    parts = bench.folds(everything, bench.parameters.n_folds)
    _, scores = fit_folds(
        bench.counts, bench.y_true, parts, bench.parameters, bench.weights,
        n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    probabilities, named = answer_held_out(scores, bench.y_true, parts, bench.labels, bench.weights)
    return Answers(bench.paragraphs, named, probabilities, bench.labels)


def time_split(
    bench: Bench, column: str = "date", *, n_jobs: int = -1, resamples: int = 1000
) -> dict[str, Any]:
    """Fit on the earlier documents and test on the later ones, beside a split by chance.

    Parameters
    ----------
    bench : Bench
    column : str
        A column whose values sort by time, as ``YYYY-MM-DD`` does. Paragraphs without it are left
        out of both.
    n_jobs, resamples : int

    Returns
    -------
    dict
        ``column``, ``cut`` (the first date tested on), ``train`` and ``test`` (counts), ``later``
        and ``by_chance``: ``macro_f1`` and ``accuracy`` on the later fifth, and on a fifth of the
        documents drawn at random. Their difference is what time costs, and what the topics of the
        later years are like.

    Raises
    ------
    TrainingError
        If fewer than a hundred paragraphs have the column.
    """
    values = [p.get(column) for p in bench.paragraphs]
    dated = np.array([i for i, value in enumerate(values) if value is not None], dtype=np.intp)
    if len(dated) < 100:
        raise TrainingError(
            f"{len(dated)} paragraphs have the column {column!r}; a time split needs 100"
        )
    order = sorted(dated.tolist(), key=lambda i: str(values[i]))
    cut = str(values[order[int(len(order) * (1 - LATER))]])
    # A group is as late as its latest paragraph, so that no document stands on both sides.
    latest: dict[int, str] = {}
    for i in order:
        latest[int(bench.groups[i])] = str(values[i])
    later = np.array([latest[int(bench.groups[i])] >= cut for i in dated.tolist()])
    if later.all():
        raise TrainingError(
            f"no document is wholly before {cut}, by the column {column!r}; a time split needs"
            " documents of several dates"
        )
    splitter = GroupShuffleSplit(n_splits=1, test_size=float(later.mean()), random_state=0)
    train, test = next(splitter.split(dated, groups=bench.groups[dated]))
    found: dict[str, Any] = {"column": column, "cut": cut}
    found["train"], found["test"] = int((~later).sum()), int(later.sum())
    parts = {"later": (dated[~later], dated[later]), "by_chance": (dated[train], dated[test])}
    for name, (fitted_on, tested_on) in parts.items():
        answers = bench.answer(fitted_on, tested_on, n_jobs)
        figures = evaluate(answers, by=(), resamples=resamples)["all"]
        found[name] = {k: figures[k] for k in ("n", "documents", "macro_f1", "accuracy")}
    return found


def learning_curve(
    bench: Bench,
    test: Rows | None = None,
    *,
    n_jobs: int = -1,
    resamples: int = 1000,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure how accuracy grows with the number of paragraphs a label.

    Parameters
    ----------
    bench : Bench
    test : ndarray of int, optional
        The rows to measure on, such as those of a gold file; the others are fitted on. By default a
        fifth of the documents, drawn at random.
    n_jobs, resamples : int
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    dict
        ``points``: for each size ``per_label`` (None for all), ``paragraphs``, ``draws``, the
        macro-F1 of the main label over the draws as a figure, and ``spread``, the standard
        deviation over the draws. ``doubling``: the gain from doubling the text, the least-squares
        slope of macro-F1 on the binary logarithm of its size over the three largest, as a figure.
    """
    everything = np.arange(len(bench.paragraphs))
    if test is None:
        splitter = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=0)
        _, test = next(splitter.split(everything, groups=bench.groups))
    train = everything[~np.isin(bench.groups, bench.groups[test])]  # nor a near-duplicate
    mains = np.array([main_label(p.labels) for p in bench.paragraphs])
    rng = np.random.default_rng(0)
    points: list[tuple[int | None, int, list[Answers]]] = []
    classes = (*bench.labels, OTHER)
    fewest = min(int((mains[train] == c).sum()) for c in classes)
    sizes = [size for size in SIZES if 2 * size <= fewest]
    tasks: list[int | None] = [size for size in sizes for _ in range(DRAWS)] + [None]
    for size in tqdm(tasks, desc="learning curve", unit="fit", disable=not progress):
        rows = train
        if size is not None:
            drawn = [rng.choice(train[mains[train] == c], size, replace=False) for c in classes]
            rows = np.sort(np.concatenate(drawn))
        answers = bench.answer(rows, test, n_jobs)
        if points and points[-1][0] == size:
            points[-1][2].append(answers)
        else:
            points.append((size, len(rows), [answers]))
    return _curve(points, resamples)


def _curve(
    points: Sequence[tuple[int | None, int, Sequence[Answers]]], resamples: int
) -> dict[str, Any]:
    def f1(answers: Answers, weights: metrics.Weights) -> Any:
        return metrics.macro_f1(answers.main_true, answers.main_pred, answers.classes, weights)

    groups = points[0][2][0].groups
    values = [[f1(answers, None) for answers in draws] for _, _, draws in points]
    # One resample of documents for all sizes: what a document is like falls out of the slope.
    drawn = np.concatenate(
        [
            np.stack(
                [np.mean([f1(a, weights) for a in draws], axis=0) for _, _, draws in points], axis=1
            )
            for weights in metrics.resampled(groups, resamples=resamples)
        ]
    )
    means = np.array([np.mean(v) for v in values])
    found = []
    for j, (size, n, draws) in enumerate(points):
        low, high = metrics.interval(drawn[:, j])
        figure = {"value": float(means[j]), "low": low, "high": high}
        spread = float(np.std(values[j])) if len(draws) > 1 else None
        point: dict[str, Any] = {"per_label": size, "paragraphs": n, "draws": len(draws)}
        found.append(point | {"macro_f1": figure, "spread": spread})
    last = slice(-3, None)
    logs = np.log2([n for _, n, _ in points])[last]
    low, high = metrics.interval(np.atleast_1d(_slope(logs, drawn[:, last])))
    doubling = {"value": float(_slope(logs, means[last])), "low": low, "high": high}
    return dict(rounded({"points": found, "doubling": doubling}))


def _slope(x: Floats, y: Floats) -> Any:
    """Return the least-squares slope of y, shape ``(k,)`` or ``(r, k)``, on x, shape ``(k,)``."""
    centred = x - x.mean()
    return y @ centred / (centred @ centred) if len(x) > 1 else np.full(y.shape[:-1], np.nan)
