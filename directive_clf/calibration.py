"""Scores to probabilities: one logistic curve a label; and how certain an answer is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Calibration", "certainty", "sigmoid"]

Floats = NDArray[np.float64]


def sigmoid(x: Floats) -> Floats:
    """Return ``1 / (1 + exp(-x))``, without overflow at either end."""
    # The hyperbolic tangent saturates where exp would overflow; the two are the same function.
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=np.float64))))


class Calibration(NamedTuple):
    """Logistic calibration (Platt, "Probabilistic outputs for support vector machines", 1999).

    ``slope`` and ``offset`` have shape ``(n_labels,)``; the probability of a label is
    ``sigmoid(slope * score + offset)``. They are fitted on out-of-fold scores, in
    ``directive_clf.training``.
    """

    slope: Floats
    offset: Floats

    def probabilities(self, scores: Floats) -> Floats:
        """Turn scores of shape ``(n, n_labels)`` into probabilities in [0, 1] of that shape."""
        return sigmoid(scores * self.slope + self.offset)


def certainty(probabilities: Floats, main: Sequence[int]) -> Floats:
    """Return how certain answers are, in [0, 1], shape ``(n,)``.

    That of a label is its probability; that of ``other``, that no label holds, as if they held
    independently: the product of ``1 - p``.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_labels)
    main : sequence of int
        The column of each main label; -1 for ``other``.
    """
    places = np.asarray(main, dtype=np.int64)
    rows = np.arange(len(places))
    none_holds = np.prod(1 - probabilities, axis=1)
    return np.asarray(np.where(places < 0, none_holds, probabilities[rows, places]))
