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
from ..classifier import Classifier
from ..data import Paragraph
from ..exceptions import TrainingError
from ..gazetteer import Gazetteer
from ..labels import LABELS
from ..metrics import to_indicator
from ..text import tokenize
from .pipeline import Parameters, TermAnalyzer, count_terms, make_pipeline, to_model

__all__ = [
    "Fitted",
    "Parameters",
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
"""Paragraphs that a label needs: under it, some folds would hold next to none."""


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
        What was kept together in a fold: ``"register"`` or ``"document"``.
    """

    classifier: Classifier
    vectorizer: CountVectorizer
    pipeline: Pipeline
    y_true: Bools
    probabilities: Floats
    fold_kind: str


def fit(
    paragraphs: Sequence[Paragraph],
    gazetteer: Gazetteer,
    *,
    version: str,
    parameters: Parameters = Parameters(),
    labels: tuple[str, ...] = LABELS,
    n_jobs: int = -1,
    progress: bool = False,
) -> Fitted:
    """Fit a classifier.

    Calibration and thresholds come from out-of-fold scores. Folds leave whole registers (kinds of
    source) out where the data names enough of them, since that is how real text differs from
    training text; otherwise whole documents.

    Parameters
    ----------
    paragraphs : sequence of Paragraph
    gazetteer : Gazetteer
    version : str
        The name of the model.
    parameters : Parameters
    labels : tuple of str
    n_jobs : int
        Processes for the folds; the result does not depend on it.
    progress : bool
        Show a bar on stderr.

    Raises
    ------
    TrainingError
        If a label has too few paragraphs.
    """
    y_true = to_indicator([p.labels for p in paragraphs], labels)
    _check_counts(paragraphs, labels)
    fold_kind, parts = folds(paragraphs, parameters.n_folds)
    vectorizer, counts = count_terms([p.text for p in paragraphs], TermAnalyzer(gazetteer))
    pipeline, scores = fit_folds(
        counts, y_true, parts, parameters, n_jobs=n_jobs, progress=progress
    )
    model = to_model(vectorizer, pipeline, gazetteer)
    calibration = calibrate(scores, y_true)
    probabilities = calibration.probabilities(scores)
    thresholds = choose_thresholds(probabilities, y_true)
    classifier = Classifier(model, calibration, thresholds, labels, version)
    return Fitted(classifier, vectorizer, pipeline, y_true, probabilities, fold_kind)


def fit_folds(
    counts: sp.csr_matrix,
    y_true: Bools,
    parts: Sequence[NDArray[np.intp]],
    parameters: Parameters,
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
        delayed(_fit_part)(make_pipeline(parameters), counts, y_true, *task) for task in tasks
    )
    bar = tqdm(results, total=len(tasks), desc="fitting", unit="fold", disable=not progress)
    *held, pipeline = bar
    scores = np.zeros(y_true.shape)
    for held_out, part in zip(parts, held, strict=True):
        scores[held_out] = part
    return pipeline, scores


def folds(paragraphs: Sequence[Paragraph], n_folds: int) -> tuple[str, list[NDArray[np.intp]]]:
    """Return what folds keep together, and the held-out row numbers of each fold.

    Raises
    ------
    TrainingError
        If there is one group only.
    """
    registers = Counter(p.register or "" for p in paragraphs)
    named = len(registers) >= 2 * n_folds and registers.most_common(1)[0][1] < len(paragraphs) / 3
    groups = [(p.register or "") if named else p.group for p in paragraphs]
    return "register" if named else "document", group_folds(groups, n_folds)


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


def calibrate(scores: Floats, y_true: Bools) -> Calibration:
    """Fit a logistic curve a label to out-of-fold scores, both of shape ``(n, n_labels)``.

    An unpenalised fit of one slope and one offset (Platt 1999). His smoothed targets matter for
    few cases only; here every label has hundreds.
    """
    with threadpool_limits(1):
        curves = [
            LogisticRegression(C=1e6).fit(scores[:, [j]], y_true[:, j])
            for j in range(scores.shape[1])
        ]
    return Calibration(
        np.array([curve.coef_[0, 0] for curve in curves]),
        np.array([curve.intercept_[0] for curve in curves]),
    )


def choose_thresholds(probabilities: Floats, y_true: Bools) -> Floats:
    """Return for each label the probability from which F1 is highest, shape ``(n_labels,)``.

    The threshold stands half-way between the last case taken and the first one left.
    (Lipton, Elkan & Naryanaswamy, "Optimal thresholding of classifiers to maximize F1", 2014)
    """
    chosen = []
    for p, truth in zip(probabilities.T, y_true.T, strict=True):
        order = np.argsort(-p, kind="stable")
        hits = np.cumsum(truth[order])
        f1 = 2 * hits / (np.arange(1, len(p) + 1) + truth.sum())
        best = int(f1.argmax())
        following = p[order[min(best + 1, len(p) - 1)]]
        chosen.append((p[order[best]] + following) / 2)
    return np.array(chosen)


def _fit_part(
    pipeline: Pipeline,
    counts: sp.csr_matrix,
    y_true: Bools,
    train: NDArray[np.intp],
    held_out: NDArray[np.intp],
) -> Pipeline | Floats:
    """Fit on some rows; return the scores of the rows held out, or the pipeline if none are."""
    # The order in which threads add up would show in the last bits, and so in the artefact's.
    with threadpool_limits(1):
        pipeline.fit(counts[train], y_true[train])
    return pipeline.decision_function(counts[held_out]) if len(held_out) else pipeline


def _check_counts(paragraphs: Sequence[Paragraph], labels: tuple[str, ...]) -> None:
    found = Counter(label for p in paragraphs for label in p.labels)
    found["other"] = sum(not p.labels for p in paragraphs)
    few = [f"{label} ({found[label]})" for label in (*labels, "other") if found[label] < FEWEST]
    if few:
        raise TrainingError(
            f"too few paragraphs for {', '.join(few)}; each label, and other, needs {FEWEST}"
        )
