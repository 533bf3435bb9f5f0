"""Logistic regression for text that differs from what it was fitted on.

In written text a few plain words give a label away, and a regression that has them asks little of
all others. Two old remedies make it ask: terms are scaled by what their bare counts say, and it is
fitted on parts of the terms, so that each must do without the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state

__all__ = ["FeatureBaggedRegression", "log_count_ratio"]


def log_count_ratio(
    X: sp.csr_matrix,  # noqa: N803
    y: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> NDArray[np.float64]:
    """Return how much likelier each feature is in rows that are true than in the others, in logs.

    The log of ``(p / sum(p)) / (q / sum(q))``, where p and q count the rows, true and not, that
    have the feature, and one more of each.

    Parameters
    ----------
    X : sparse matrix of shape (n, n_features)
        What is not zero is had.
    y : ndarray of shape (n,)
        True or false.
    sample_weight : ndarray of shape (n,), optional
        How often each row counts.

    Returns
    -------
    ndarray of shape (n_features,)
        Zero where the feature says nothing.
    """
    weights = np.ones(X.shape[0]) if sample_weight is None else np.asarray(sample_weight, float)
    had = sp.csr_matrix((np.ones(len(X.data)), X.indices, X.indptr), shape=X.shape)
    true = had.T @ (weights * (y != 0)) + 1
    false = had.T @ (weights * (y == 0)) + 1
    return np.asarray(np.log(true / true.sum()) - np.log(false / false.sum()))


class FeatureBaggedRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The mean of logistic regressions, each on a part of the features, scaled by their counts.

    The features are dealt at random into `n_parts` equal parts, `n_rounds` times over, and each
    part gets a regression of its own. Where one strong word stands in most rows of a label, a
    regression on all features learns little of the others; here those parts that lack it must.
    (Sutton, Sindelar & McCallum, "Reducing weight undertraining in structured discriminative
    learning", 2006)

    The L2 penalty takes all features to be alike before it has seen them. So they are scaled by a
    power of their log-count ratio, which lets one weigh more the further its bare counts set the
    label apart, and holds back those, most of all n-grams, that stand as often on either side.
    (Wang & Manning, "Baselines and bigrams: simple, good sentiment and topic classification",
    2012, scale by the ratio itself.)

    A mean of linear scores is a linear score, and the scales are folded into ``coef_``: the result
    is as linear as any.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty of each regression.
    n_parts : int
        Into how many parts the features are dealt, 1 or more.
    n_rounds : int
        How often, 1 or more.
    ratio_power : float
        The exponent of the scaling, 0 or more; 0 is none.
    random_state : int
        Deals the parts.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features)
    intercept_ : ndarray of shape (1,)
    """

    def __init__(
        self,
        *,
        C: float = 1.0,  # noqa: N803
        n_parts: int = 2,
        n_rounds: int = 2,
        ratio_power: float = 0.5,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.n_parts = n_parts
        self.n_rounds = n_rounds
        self.ratio_power = ratio_power
        self.random_state = random_state

    def fit(
        self,
        X: sp.csr_matrix,  # noqa: N803
        y: NDArray[Any],
        sample_weight: NDArray[Any] | None = None,
    ) -> FeatureBaggedRegression:
        """Fit on rows of shape ``(n, n_features)`` and truths of shape ``(n,)``."""
        self.classes_ = np.unique(y)
        scale = np.abs(log_count_ratio(X, y, sample_weight)) ** self.ratio_power
        scaled = (X @ sp.diags(scale)).tocsc()
        coef = np.zeros(X.shape[1])
        intercepts = []
        random = check_random_state(self.random_state)
        for _ in range(self.n_rounds):
            dealt = random.permutation(X.shape[1]) % self.n_parts
            for part in range(self.n_parts):
                columns = np.flatnonzero(dealt == part)
                one = LogisticRegression(C=self.C, max_iter=1000, tol=1e-4)
                one.fit(scaled[:, columns].tocsr(), y, sample_weight)
                coef[columns] += one.coef_[0]
                intercepts.append(one.intercept_[0])
        self.coef_ = (scale * coef / len(intercepts))[None, :]
        self.intercept_ = np.array([np.mean(intercepts)])
        return self

    def decision_function(self, X: sp.csr_matrix) -> NDArray[np.float64]:  # noqa: N803
        """Return the scores of rows, shape ``(n,)``."""
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict(self, X: sp.csr_matrix) -> NDArray[Any]:  # noqa: N803
        """Return the likelier class of rows, shape ``(n,)``."""
        return np.asarray(self.classes_[(self.decision_function(X) > 0).astype(int)])
