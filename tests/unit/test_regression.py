import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from directive_clf.training.regression import RatioRegression, log_count_ratio

RNG = np.random.default_rng(7)
Y = RNG.random(200) < 0.3
# The first feature goes with the label, the second against it, the third with neither.
X = sp.csr_matrix(
    np.column_stack(
        [
            np.where(Y, RNG.random(200) < 0.8, RNG.random(200) < 0.1),
            np.where(Y, RNG.random(200) < 0.1, RNG.random(200) < 0.8),
            np.arange(200) % 2,
        ]
    ).astype(float)
    * 0.3
)


def test_the_ratio_is_that_of_smoothed_shares():
    """Four rows by hand: what counts is how many rows have a feature, not how much of it."""
    rows = sp.csr_matrix([[5.0, 0.0], [1.0, 2.0], [0.0, 3.0], [0.0, 1.0]])
    true = np.array([2 + 1, 1 + 1]) / 5
    false = np.array([0 + 1, 2 + 1]) / 4
    found = log_count_ratio(rows, np.array([1, 1, 0, 0]))
    np.testing.assert_allclose(found, np.log(true / false), rtol=1e-15)


def test_a_weight_is_worth_as_many_copies():
    """Rows of weight 2 count as if each stood twice, in the ratio and in the fit."""
    weights = 1 + np.arange(200) % 2
    copies = np.repeat(np.arange(200), weights)
    np.testing.assert_allclose(
        log_count_ratio(X, Y, weights), log_count_ratio(X[copies], Y[copies]), rtol=1e-12
    )
    model = RatioRegression(C=5.0, tol=1e-9, max_iter=1000)
    weighted = clone(model).fit(X, Y, sample_weight=weights)
    copied = clone(model).fit(X[copies], Y[copies])
    np.testing.assert_allclose(weighted.coef_, copied.coef_, atol=1e-5)


def test_without_the_ratio_it_is_plain_logistic_regression():
    """A power of 0 scales by one."""
    plain = LogisticRegression(C=5.0, max_iter=1000).fit(X, Y)
    found = RatioRegression(C=5.0, max_iter=1000, ratio_power=0.0).fit(X, Y)
    np.testing.assert_allclose(found.coef_, plain.coef_, rtol=1e-12)


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_the_scale_is_folded_into_the_coefficients(power):
    """Unscaled rows get the scores that scaled rows get from the regression on them."""
    scale = np.abs(log_count_ratio(X, Y)) ** power
    scaled = X @ sp.diags(scale)
    inner = LogisticRegression(C=2.0, max_iter=1000).fit(scaled, Y)
    found = RatioRegression(C=2.0, max_iter=1000, ratio_power=power).fit(X, Y)
    np.testing.assert_allclose(
        found.decision_function(X), inner.decision_function(scaled), rtol=1e-9
    )
    assert abs(found.coef_[0, 2]) < abs(inner.coef_[0, 2]), "what says nothing is held back"
