"""Scores to probabilities."""

import numpy as np
import pytest

from directive_clf.calibration import Calibration, sigmoid


def test_sigmoid_is_the_logistic_function():
    """sigmoid(x) is 1 / (1 + exp(-x))."""
    x = np.linspace(-30, 30, 61)
    np.testing.assert_allclose(sigmoid(x), 1 / (1 + np.exp(-x)), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("x", "p"), [(-1e300, 0.0), (1e300, 1.0)])
def test_sigmoid_saturates(x, p):
    """The ends are reached without overflow."""
    assert sigmoid(np.array([x]))[0] == p


def test_probabilities_follow_slope_and_offset():
    """Each label has its own curve; where slope times score is minus offset, it says one half."""
    curve = Calibration(np.array([2.0, 1.0]), np.array([-4.0, 1.0]))
    assert curve.probabilities(np.array([[2.0, -1.0]])).tolist() == [[0.5, 0.5]]
    assert (np.diff(curve.probabilities(np.arange(9.0)[:, None] * [1, 1]), axis=0) > 0).all()
