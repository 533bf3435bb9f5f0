"""An explanation to marks: which words of a paragraph spoke for its labels, or against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ..classifier import Explanation

__all__ = ["Reason", "find_reasons", "iter_segments"]

MOST = 6
"""Terms of a label that are shown: behind them each adds little."""


class Reason(NamedTuple):
    """What a term did to the score of a label; ``spans`` are its places in the paragraph."""

    label: str
    term: str
    score: float
    spans: tuple[tuple[int, int], ...]

    @property
    def is_for(self) -> bool:
        """Whether the term speaks for the label."""
        return self.score > 0


def find_reasons(explanation: Explanation, labels: Sequence[str], most: int = MOST) -> list[Reason]:
    """Return the terms that moved the scores of labels most, label by label, the strongest first.

    Terms that stand nowhere in the text (its bounds) are among them, without a span.
    """
    return [
        Reason(label, term.name, term.scores[label], tuple((a, b) for a, b in term.spans if a < b))
        for label in labels
        for term in explanation.top(label, most)
        if term.scores[label]
    ]


def iter_segments(text: str, reasons: Sequence[Reason]) -> Iterator[tuple[str, Reason | None]]:
    """Cut a text where its marks begin and end; the pieces together are the text.

    Where terms overlap, the one that did most is marked.
    """
    owner: list[int | None] = [None] * len(text)
    for i in sorted(range(len(reasons)), key=lambda i: abs(reasons[i].score)):
        for start, end in reasons[i].spans:
            owner[start:end] = [i] * (min(end, len(text)) - start)
    start = 0
    for place, run in groupby(owner):
        end = start + sum(1 for _ in run)
        yield text[start:end], None if place is None else reasons[place]
        start = end
