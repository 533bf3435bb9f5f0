"""Labelled paragraphs to a classifier: fit, calibrate and choose thresholds out of fold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from ..calibration import Calibration
from ..classifier import Classifier, choose_labels
from ..data import Paragraph
from ..exceptions import TrainingError
from ..gazetteer import Gazetteer
from ..labels import LABELS
from ..metrics import to_indicator
from ..text import tokenize
from .duplicates import groups_of
from .pipeline import Parameters, TermAnalyzer, count_terms, make_pipeline, to_model

__all__ = [
    "Fitted",
    "Parameters",
    "answer_held_out",
    "calibrate",
    "choose_thresholds",
    "fit",
    "fit_folds",
    "folds",
    "group_folds",
    "held_out_unknown",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST = 20
"""Paragraphs that a label needs. Of fewer, 12 folds leave one or none in most of them, and what
calibration and threshold stand on is chance: ``benchmarks/OWN_LABELS.md`` has what 5 to 160 give.
"""


@dataclass(frozen=True)
class Fitted:
    """A fitted classifier, and what is needed to judge it.

    Attributes
    ----------
    classifier : Classifier
    vectorizer : sklearn.feature_extraction.text.CountVectorizer
    pipeline : sklearn.pipeline.Pipeline
        The fitted way of scikit-learn, from texts to counts of terms and on to scores, which the
        classifier repeats.
    y_true : ndarray of bool, shape (n, n_labels)
    probabilities : ndarray of float, shape (n, n_labels)
        Out-of-fold, calibrated: what the model says of each paragraph when it was not trained on
        its kind of source.
    fold_kind : str
        What was kept together in a fold: ``"register"`` or ``"document"``, or both by corpus.
    scores : ndarray of float, shape (n, n_labels)
        Out-of-fold.
    parts : sequence of ndarray of int
        The rows held out of each fold.
    weights : ndarray of float, shape (n, n_labels), optional
        As they were given.
    """

    classifier: Classifier
    vectorizer: CountVectorizer
    pipeline: Pipeline
    y_true: Bools
    probabilities: Floats
    fold_kind: str
    scores: Floats
    parts: Sequence[NDArray[np.intp]]
    weights: Floats | None = None


def fit(
    paragraphs: Sequence[Paragraph],
    gazetteer: Gazetteer,
    *,
    version: str,
    parameters: Parameters = Parameters(),
    labels: tuple[str, ...] = LABELS,
    weights: Floats | None = None,
    corpora: Sequence[str] | None = None,
    n_jobs: int = -1,
    progress: bool = False,
) -> Fitted:
    """Fit a classifier.

    Calibration and thresholds come from out-of-fold scores. Folds leave whole registers (kinds of
    source) out where a corpus names enough of them, since that is how real text differs from
    training text; otherwise whole documents.

    Parameters
    ----------
    paragraphs : sequence of Paragraph
    gazetteer : Gazetteer
    version : str
        The name of the model.
    parameters : Parameters
    labels : tuple of str
    weights : ndarray of float, shape (n, n_labels), optional
        How often each paragraph counts for each label, in the fits, the calibration and the
        thresholds: a weight of 3 is worth three copies, 0 says nothing of the label. By default all
        count once. What a term is does not depend on them.
    corpora : sequence of str, optional
        What each paragraph belongs to; see :func:`folds`. By default all are one corpus.
    n_jobs : int
        Processes for the folds; the result does not depend on it.
    progress : bool
        Show a bar on stderr.

    Raises
    ------
    TrainingError
        If a label has too few paragraphs, or all of them would be held out at once.
    """
    y_true = to_indicator([p.labels for p in paragraphs], labels)
    _check_counts(paragraphs, labels)
    fold_kind, parts = folds(paragraphs, parameters.n_folds, corpora)
    _check_folds(y_true, parts, labels, fold_kind)
    vectorizer, counts = count_terms([p.text for p in paragraphs], TermAnalyzer(gazetteer))
    pipeline, scores = fit_folds(
        counts, y_true, parts, parameters, weights, n_jobs=n_jobs, progress=progress
    )
    model = to_model(vectorizer, pipeline, gazetteer)
    calibration = calibrate(scores, y_true, weights)
    probabilities = calibration.probabilities(scores)
    thresholds = choose_thresholds(probabilities, y_true, weights)
    classifier = Classifier(model, calibration, thresholds, labels, version)
    return Fitted(
        classifier, vectorizer, pipeline, y_true, probabilities, fold_kind, scores, parts, weights
    )


def fit_folds(
    counts: sp.csr_matrix,
    y_true: Bools,
    parts: Sequence[NDArray[np.intp]],
    parameters: Parameters,
    weights: Floats | None = None,
    *,
    n_jobs: int = -1,
    progress: bool = False,
) -> tuple[Pipeline, Floats]:
    """Fit on all rows, and once without each part.

    Parameters
    ----------
    counts : sparse matrix of shape (n, n_terms)
    y_true : ndarray of bool, shape (n, n_labels)
    parts : sequence of ndarray of int
        The rows held out of each fold; together all rows, each once.
    parameters : Parameters
    weights : ndarray of float, shape (n, n_labels), optional
        As in :func:`fit`.

    Returns
    -------
    pipeline : Pipeline
        Fitted on all rows.
    scores : ndarray of shape (n, n_labels)
        Of each row by the pipeline that did not see it.
    """
    everything = np.arange(counts.shape[0])
    tasks = [(np.setdiff1d(everything, held_out), held_out) for held_out in parts]
    tasks.append((everything, everything[:0]))
    results = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit_part)(make_pipeline(parameters), counts, y_true, weights, *task)
        for task in tasks
    )
    bar = tqdm(results, total=len(tasks), desc="fitting", unit="fold", disable=not progress)
    *held, pipeline = bar
    scores = np.zeros(y_true.shape)
    for held_out, part in zip(parts, held, strict=True):
        scores[held_out] = part
    return pipeline, scores


def answer_held_out(
    scores: Floats,
    y_true: Bools,
    parts: Sequence[NDArray[np.intp]],
    labels: tuple[str, ...],
    weights: Floats | None = None,
) -> tuple[Floats, list[tuple[str, ...]]]:
    """Turn out-of-fold scores into answers, with calibration and thresholds from other folds.

    (The models behind the scores of the other folds did see the fold; two numbers a label are all
    that could pass that way.)

    Parameters
    ----------
    scores, y_true, parts, weights
        As those of :func:`fit_folds`.
    labels : tuple of str

    Returns
    -------
    probabilities : ndarray of shape (n, n_labels)
    named : list of tuple of str
        The labels of each row, main label first.
    """
    everything = np.arange(len(scores))
    probabilities = np.zeros(scores.shape)
    named: list[tuple[str, ...]] = [()] * len(scores)
    for held_out in parts:
        others = np.setdiff1d(everything, held_out)
        theirs = None if weights is None else weights[others]
        calibration = calibrate(scores[others], y_true[others], theirs)
        thresholds = choose_thresholds(
            calibration.probabilities(scores[others]), y_true[others], theirs
        )
        probabilities[held_out] = calibration.probabilities(scores[held_out])
        chosen = choose_labels(probabilities[held_out], thresholds, labels)
        for i, one in zip(held_out.tolist(), chosen, strict=True):
            named[i] = one
    return probabilities, named


def folds(
    paragraphs: Sequence[Paragraph], n_folds: int, corpora: Sequence[str] | None = None
) -> tuple[str, list[NDArray[np.intp]]]:
    """Return what folds keep together, and the held-out row numbers of each fold.

    Parameters
    ----------
    paragraphs : sequence of Paragraph, length n
    n_folds : int
    corpora : sequence of str, length n, optional
        A corpus that names enough registers keeps each of them together, whatever other corpora
        do: one's own paragraphs, of one publisher, are parted by document, and the shipped ones by
        their kinds of source.

    Raises
    ------
    TrainingError
        If there is one group only.
    """
    names = [""] * len(paragraphs) if corpora is None else corpora
    kinds = []
    groups = [""] * len(paragraphs)
    for name in sorted(set(names)):
        rows = [i for i, other in enumerate(names) if other == name]
        kind, found = _groups([paragraphs[i] for i in rows], n_folds)
        kinds.append(kind)
        for i, group in zip(rows, found, strict=True):
            groups[i] = f"{name}\0{group}"
    return " or ".join(sorted(set(kinds))), group_folds(groups, n_folds)


def _groups(paragraphs: Sequence[Paragraph], n_folds: int) -> tuple[str, Sequence[Any]]:
    """Return what a corpus keeps together, and the group of each paragraph."""
    registers = Counter(p.register or "" for p in paragraphs)
    if len(registers) >= 2 * n_folds and registers.most_common(1)[0][1] < len(paragraphs) / 3:
        return "register", [p.register or "" for p in paragraphs]
    texts = [p.text for p in paragraphs]
    return "document", groups_of([p.group for p in paragraphs], texts).tolist()


def group_folds(groups: Sequence[Any] | NDArray[Any], n_folds: int) -> list[NDArray[np.intp]]:
    """Return the held-out row numbers of at most n folds that no group is split between.

    Raises
    ------
    TrainingError
        If there is one group only.
    """
    kinds = len(np.unique(groups))
    if kinds < 2:
        raise TrainingError("all paragraphs are of one document: a fold cannot leave it out")
    splitter = GroupKFold(n_splits=min(n_folds, kinds))
    return [part for _, part in splitter.split(groups, groups=groups)]


def held_out_unknown(
    texts: Sequence[str], parts: Sequence[NDArray[np.intp]], min_df: int
) -> Floats:
    """Return how strange each text is to a model that was fitted without its part.

    Parameters
    ----------
    texts : sequence of str, length n
    parts : sequence of ndarray of int
        As those of :func:`fit_folds`.
    min_df : int
        Texts that a token must stand in to be a term.

    Returns
    -------
    ndarray of shape (n,)
        The share of tokens that are no term, in [0, 1], as
        :meth:`directive_clf.model.LinearModel.scores_and_unknown` counts them.
    """
    tokens = [tokenize(text)[1:-1] for text in texts]
    everywhere = Counter(token for row in tokens for token in set(row))
    unknown = np.zeros(len(texts))
    for part in parts:
        here = Counter(token for i in part.tolist() for token in set(tokens[i]))
        for i in part.tolist():
            strange = sum(everywhere[token] - here[token] < min_df for token in tokens[i])
            unknown[i] = strange / max(len(tokens[i]), 1)
    return unknown


def calibrate(scores: Floats, y_true: Bools, weights: Floats | None = None) -> Calibration:
    """Fit a logistic curve a label to out-of-fold scores, all of shape ``(n, n_labels)``.

    An unpenalised fit of one slope and one offset to Platt's smoothed targets (1999): for the k
    cases that hold, ``(k + 1) / (k + 2)`` in place of 1, and likewise for the others, so that a
    label of a few cases is not made certain by scores that happen to part them.
    """
    columns = np.ones(y_true.shape) if weights is None else weights
    curves = []
    with threadpool_limits(1):
        for score, truth, weight in zip(scores.T, y_true.T, columns.T, strict=True):
            held = weight[truth].sum()
            target = np.where(truth, (held + 1) / (held + 2), 1 / (weight[~truth].sum() + 2))
            # A target between 0 and 1 is a case of each, weighted.
            curve = LogisticRegression(C=1e6)
            curve.fit(
                np.concatenate([score, score])[:, None],
                np.repeat([True, False], len(score)),
                np.concatenate([weight * target, weight * (1 - target)]),
            )
            curves.append(curve)
    return Calibration(
        np.array([curve.coef_[0, 0] for curve in curves]),
        np.array([curve.intercept_[0] for curve in curves]),
    )


def choose_thresholds(
    probabilities: Floats, y_true: Bools, weights: Floats | None = None
) -> Floats:
    """Return for each label the probability from which F1 is highest, shape ``(n_labels,)``.

    The threshold stands half-way between the last case taken and the first one left. All arrays
    have shape ``(n, n_labels)``.
    (Lipton, Elkan & Naryanaswamy, "Optimal thresholding of classifiers to maximize F1", 2014)
    """
    columns = np.ones(y_true.shape) if weights is None else weights
    chosen = []
    for p, truth, weight in zip(probabilities.T, y_true.T, columns.T, strict=True):
        order = np.argsort(-p, kind="stable")
        hits = np.cumsum(truth[order] * weight[order])
        f1 = 2 * hits / (np.cumsum(weight[order]) + hits[-1])
        best = int(f1.argmax())
        following = p[order[min(best + 1, len(p) - 1)]]
        chosen.append((p[order[best]] + following) / 2)
    return np.array(chosen)


def _fit_part(
    pipeline: Pipeline,
    counts: sp.csr_matrix,
    y_true: Bools,
    weights: Floats | None,
    train: NDArray[np.intp],
    held_out: NDArray[np.intp],
) -> Pipeline | Floats:
    """Fit on some rows; return the scores of the rows held out, or the pipeline if none are."""
    # The order in which threads add up would show in the last bits, and so in the artefact's.
    with threadpool_limits(1):
        told = None if weights is None else weights[train]
        pipeline.fit(counts[train], y_true[train], linear__weights=told)
    return pipeline.decision_function(counts[held_out]) if len(held_out) else pipeline


def _check_counts(paragraphs: Sequence[Paragraph], labels: tuple[str, ...]) -> None:
    found = Counter(label for p in paragraphs for label in p.labels)
    found["other"] = sum(not p.labels for p in paragraphs)
    few = [label for label in (*labels, "other") if found[label] < FEWEST]
    if few:
        listed = ", ".join(f"{label} ({found[label]})" for label in few)
        raise TrainingError(
            f"too few paragraphs for {listed}; each label, and other, needs {FEWEST}: label more,"
            " or drop the label with a taxonomy file"
        )


def _check_folds(
    y_true: Bools, parts: Sequence[NDArray[np.intp]], labels: tuple[str, ...], kind: str
) -> None:
    """Refuse a label that a fold would have to be fitted without."""
    total = y_true.sum(axis=0)
    for part in parts:
        lacking = [labels[j] for j in np.flatnonzero(y_true[part].sum(axis=0) == total)]
        if lacking:
            raise TrainingError(
                f"all paragraphs of {', '.join(lacking)} are of one {kind}, or are copies of one"
                " another: a fold cannot leave it out; label some of others"
            )
