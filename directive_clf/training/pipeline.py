"""The scikit-learn pipeline, and its hand-over to the light inference path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline

from .. import features, text
from ..exceptions import TrainingError
from ..gazetteer import Gazetteer
from ..model import LinearModel
from .regression import FeatureBaggedRegression

__all__ = [
    "OneVsRest",
    "Parameters",
    "TermAnalyzer",
    "TermWeighting",
    "make_pipeline",
    "to_model",
]


@dataclass(frozen=True)
class Parameters:
    """What a fit can be told.

    Each default stands within noise of the best that was tried, by leave-kinds-out
    cross-validation on the shipped training data; ``scripts/ablation.py`` prints the table.

    Attributes
    ----------
    C : float
        Inverse strength of the L2 penalty. Tried: 3, 5, 10, 20.
    n_parts, n_rounds : int
        Into how many parts the terms are dealt for the regressions, and how often. Tried: 1, 2, 3,
        4 and 6 parts, 1 to 6 rounds.
    ratio_power : float
        The exponent of the scaling by log-count ratios. Tried: 0, 0.25, 0.35, 0.5, 0.65, 1, 1.5.
    min_df : int
        The fewest paragraphs that a term must stand in. Tried: 2, 3, 4, 5.
    power : float
        The exponent of the length divisor. Tried: 0.25, 0.5, 0.75.
    n_folds : int
        Folds of cross-validation, two or more.
    random_state : int
        The seed: it deals the terms into parts.
    """

    C: float = 10.0
    n_parts: int = 2
    n_rounds: int = 2
    ratio_power: float = 0.5
    min_df: int = 4
    power: float = 0.5
    n_folds: int = 12
    random_state: int = 0


class TermAnalyzer:
    """Callable for :class:`CountVectorizer`: a text to its terms, as inference sees them."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def __call__(self, one: str) -> list[str]:
        """Return the terms of a text."""
        return features.terms(text.tokenize(one), self.gazetteer)


class TermWeighting(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Drop rare terms, weigh the others, and divide each row by a power of its sum.

    The weight of a term is its smoothed inverse document frequency,
    ``log((1 + n) / (1 + df)) + 1`` as in
    :class:`sklearn.feature_extraction.text.TfidfTransformer`.

    Parameters
    ----------
    min_df : int
        The fewest paragraphs that a term must stand in.
    power : float
        The exponent of the divisor, in [0, 1].

    Attributes
    ----------
    kept_ : ndarray of int
        The columns that stay.
    weights_ : ndarray of shape (n_kept,)
        Their weights, rounded to what single precision holds, as the artefact stores them.
    """

    def __init__(self, min_df: int, power: float) -> None:
        self.min_df = min_df
        self.power = power

    def fit(self, X: sp.csr_matrix, y: Any = None) -> TermWeighting:  # noqa: N803
        """Learn document frequencies from counts of shape ``(n_texts, n_terms)``."""
        df = np.bincount(X.indices, minlength=X.shape[1])
        self.kept_ = np.flatnonzero(df >= self.min_df)
        if not len(self.kept_):
            raise TrainingError(f"no term stands in {self.min_df} paragraphs; give more text")
        idf = np.log((1 + X.shape[0]) / (1 + df[self.kept_])) + 1
        self.weights_ = idf.astype(np.float32).astype(np.float64)
        return self

    def transform(self, X: sp.csr_matrix) -> sp.csr_matrix:  # noqa: N803
        """Weigh counts; the result has shape ``(n_texts, n_kept)``."""
        weighted = X[:, self.kept_] @ sp.diags(self.weights_)
        sums = np.asarray(weighted.sum(axis=1)).ravel()
        divisors = np.where(sums > 0, sums, 1.0) ** self.power
        return (sp.diags(1 / divisors) @ weighted).tocsr()


class _Constant:
    """What is fitted where all rows are alike: the same score for any text."""

    def fit(self, X: Any, y: Any) -> _Constant:  # noqa: N803
        """Take the log odds of the truth, smoothed."""
        self.coef_ = np.zeros((1, X.shape[1]))
        self.intercept_ = np.array([np.log((y.sum() + 0.5) / ((~y).sum() + 0.5))])
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return the score of each row."""
        return np.full(X.shape[0], self.intercept_[0])


class OneVsRest(BaseEstimator):  # type: ignore[misc]
    """One estimator a label, each against the rest, with weights of rows that differ by label.

    :class:`sklearn.multiclass.OneVsRestClassifier` gives every label the same weights; here a row
    can say nothing of a label that its writer did not know.

    Parameters
    ----------
    estimator : classifier
        What is fitted for each label.

    Attributes
    ----------
    estimators_ : list of classifier
        In the order of the labels.
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any, weights: Any = None) -> OneVsRest:  # noqa: N803
        """Fit on rows; `y` and `weights` have shape ``(n, n_labels)``."""
        columns = [None] * y.shape[1] if weights is None else weights.T
        self.estimators_ = []
        for truth, column in zip(y.T, columns, strict=True):
            told = truth if column is None else truth[column > 0]
            if told.all() or not told.any():  # a part of few paragraphs can be without a label
                one = _Constant().fit(X, told)
            else:
                one = clone(self.estimator).fit(X, truth, sample_weight=column)
            self.estimators_.append(one)
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return the scores of rows, shape ``(n, n_labels)``."""
        scores: list[NDArray[np.float64]] = [one.decision_function(X) for one in self.estimators_]
        return np.stack(scores, axis=1)


def make_pipeline(parameters: Parameters) -> Pipeline:
    """Return the unfitted pipeline from counts of terms to one-vs-rest logistic regression.

    The classes are left unbalanced: half of real text is ``other``, and weights that pretend
    otherwise cost accuracy there.
    """
    one = FeatureBaggedRegression(
        C=parameters.C,
        n_parts=parameters.n_parts,
        n_rounds=parameters.n_rounds,
        ratio_power=parameters.ratio_power,
        random_state=parameters.random_state,
    )
    weighting = TermWeighting(parameters.min_df, parameters.power)
    return Pipeline([("weighting", weighting), ("linear", OneVsRest(one))])


def count_terms(
    texts: Sequence[str], analyzer: Callable[[str], list[str]]
) -> tuple[CountVectorizer, sp.csr_matrix]:
    """Count the terms of texts once, for all the fits on parts of them."""
    vectorizer = CountVectorizer(analyzer=analyzer, dtype=np.int32)
    return vectorizer, vectorizer.fit_transform(texts).tocsr()


def to_model(vectorizer: CountVectorizer, pipeline: Pipeline, gazetteer: Gazetteer) -> LinearModel:
    """Hand a fitted pipeline over to inference, in single precision.

    The pipeline's own coefficients are rounded in place, so that what is calibrated and tested
    afterwards is what is stored.
    """
    weighting, linear = pipeline["weighting"], pipeline["linear"]
    for estimator in linear.estimators_:
        estimator.coef_ = estimator.coef_.astype(np.float32).astype(np.float64)
    coef = np.vstack([estimator.coef_[0] for estimator in linear.estimators_]).T
    return LinearModel(
        vectorizer.get_feature_names_out()[weighting.kept_].tolist(),
        weighting.weights_.astype(np.float32),
        coef.astype(np.float32),
        np.array([estimator.intercept_[0] for estimator in linear.estimators_]),
        weighting.power,
        gazetteer,
    )
