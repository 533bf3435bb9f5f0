"""What a paragraph was found to be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .exceptions import UnknownLabelError
from .labels import OTHER

__all__ = ["DAMAGED", "EMPTY", "TRUNCATED", "Prediction"]

EMPTY = "empty"
"""Flag: the text was empty or blank; there is no answer, which is not ``other``."""

TRUNCATED = "truncated"
"""Flag: the text was longer than the classifier reads; only its beginning was used."""

DAMAGED = "damaged"
"""Flag: the text was read from a file and holds U+FFFD or NUL: some of it was not UTF-8 and is
lost."""


@dataclass(frozen=True)
class Prediction:
    """The labels of one paragraph.

    Attributes
    ----------
    labels : tuple of str
        The labels that hold, the main one first; ``()`` when none does.
    probabilities : mapping of str to float
        The calibrated probability of each label, in [0, 1], in the order of the model's labels.
        Several labels can hold, so they do not sum to 1. All are NaN when there is no answer.
    flags : tuple of str
        What the reader should know: ``"empty"``, ``"truncated"``, ``"damaged"``.
    model : str
        The version of the model that answered.
    """

    labels: tuple[str, ...]
    probabilities: Mapping[str, float] = field(hash=False)
    flags: tuple[str, ...] = ()
    model: str = ""

    @property
    def main(self) -> str | None:
        """The main label; ``"other"`` when no label holds; None when there is no answer."""
        if EMPTY in self.flags:
            return None
        return self.labels[0] if self.labels else OTHER

    def probability(self, label: str) -> float:
        """Return the calibrated probability of `label`, in [0, 1]; NaN when there is no answer.

        Raises
        ------
        UnknownLabelError
            If the model does not have this label. ``other`` is not one: it is what is left when no
            label holds.
        """
        try:
            return self.probabilities[label]
        except KeyError:
            known = ", ".join(self.probabilities)
            raise UnknownLabelError(f"the model has no label {label!r}; it has {known}") from None

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain values that JSON can hold; NaN becomes None."""
        return {
            "main": self.main,
            "labels": list(self.labels),
            "probabilities": {
                label: None if math.isnan(p) else round(p, 6)
                for label, p in self.probabilities.items()
            },
            "flags": list(self.flags),
            "model": self.model,
        }
