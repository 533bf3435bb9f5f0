import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from directive_clf.training.regression import FeatureBaggedRegression, log_count_ratio

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


def regress(**changes):
    return FeatureBaggedRegression(**({"n_parts": 1, "n_rounds": 1, "ratio_power": 0.0} | changes))


def test_a_weight_is_worth_as_many_copies():
    """Rows of weight 2 count as if each stood twice, in the ratio and in the fit."""
    weights = 1 + np.arange(200) % 2
    copies = np.repeat(np.arange(200), weights)
    np.testing.assert_allclose(
        log_count_ratio(X, Y, weights), log_count_ratio(X[copies], Y[copies]), rtol=1e-12
    )
    weighted = regress(ratio_power=0.5).fit(X, Y, sample_weight=weights)
    copied = regress(ratio_power=0.5).fit(X[copies], Y[copies])
    np.testing.assert_allclose(weighted.coef_, copied.coef_, atol=1e-3)


def test_in_one_part_and_unscaled_it_is_plain_logistic_regression():
    """One part of all features, and a power of 0, leave nothing to differ."""
    plain = LogisticRegression(C=5.0, max_iter=1000).fit(X, Y)
    found = regress(C=5.0).fit(X, Y)
    np.testing.assert_allclose(found.coef_, plain.coef_, rtol=1e-12)
    np.testing.assert_allclose(found.intercept_, plain.intercept_, rtol=1e-12)
    np.testing.assert_array_equal(found.predict(X), plain.predict(X))


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_the_scale_is_folded_into_the_coefficients(power):
    """Unscaled rows get the scores that scaled rows get from the regression on them."""
    scale = np.abs(log_count_ratio(X, Y)) ** power
    scaled = X @ sp.diags(scale)
    inner = LogisticRegression(C=2.0, max_iter=1000).fit(scaled, Y)
    found = regress(C=2.0, ratio_power=power).fit(X, Y)
    np.testing.assert_allclose(
        found.decision_function(X), inner.decision_function(scaled), rtol=1e-9
    )
    assert abs(found.coef_[0, 2]) < abs(inner.coef_[0, 2]), "what says nothing is held back"


def test_scores_are_the_mean_of_those_of_the_parts():
    """With a feature in each part, the mean of three regressions on one feature each."""
    found = regress(n_parts=3).fit(X, Y)
    alone = [LogisticRegression(max_iter=1000).fit(X[:, [j]], Y) for j in range(3)]
    scores = [one.decision_function(X[:, [j]]) for j, one in enumerate(alone)]
    np.testing.assert_allclose(found.decision_function(X), np.mean(scores, axis=0), rtol=1e-9)


def test_a_feature_beside_a_stronger_twin_learns_more_in_parts():
    """The weaker of two copies of a cue, shadowed in a fit on both, is not in fits on each."""
    weaker = X[:, [0]].multiply(RNG.random((200, 1)) < 0.6)
    both = sp.csr_matrix(sp.hstack([X[:, [0]], weaker]))
    whole = regress(C=10.0).fit(both, Y).coef_[0]
    parted = regress(C=10.0, n_parts=2).fit(both, Y).coef_[0]
    assert whole[1] / whole[0] < 0.5 * parted[1] / parted[0]


def test_the_seed_deals_the_parts():
    """The same seed gives the same bits; another deals otherwise."""
    one, again, other = (regress(n_parts=2, random_state=seed).fit(X, Y) for seed in (3, 3, 5))
    np.testing.assert_array_equal(one.coef_, again.coef_)
    assert (one.coef_ != other.coef_).any()
