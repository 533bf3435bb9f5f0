"""Text of a paginated document: what stands between two pages, and sentences that it tears.

Page numbers and running heads come out of a PDF among the lines of the text. Where they stand in
the midst of a sentence, they are taken out of it; anywhere else they are left, as lines like any.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Place", "find_seams"]

LONGEST_HEAD = 80
"""Characters of a running head: what is longer, or as full as the lines of the text, is text that
comes twice."""

NEAR = 2
"""Lines between a running head and the end of its page, or its number."""

_PAGE_NUMBER = re.compile(
    r"[-–—·|\s]*(?:(?:page|p\.)\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?[-–—·|\s]*"
    r"|[-–—·\s]*第\s*\d{1,4}\s*页(?:\s*[,，/]?\s*共\s*\d{1,4}\s*页)?[-–—·\s]*"
    r"|[ivxl]{1,7}",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


class Place(NamedTuple):
    """A line as its neighbours see it.

    Attributes
    ----------
    body : str
        Without its margins.
    is_torn : bool
        Whether a sentence may go on behind it: it is as full as its neighbours, and not closed.
    goes_on : bool
        Whether a sentence may go on in it.
    is_page_end : bool
        Whether a page ends with it or with the blank lines behind it, as a form feed tells.
    """

    body: str
    is_torn: bool
    goes_on: bool
    is_page_end: bool


def find_seams(lines: Sequence[Place]) -> list[tuple[int, int]]:
    """Return the runs of page furniture that stand inside a sentence.

    Parameters
    ----------
    lines : sequence of Place
        Those with a letter or a digit, in order.

    Returns
    -------
    list of tuple of int
        ``(first, last)``, each the numbers of lines that are furniture, in order.
    """
    furniture = _furniture(lines)
    seams = []
    first = None
    for i, is_furniture in enumerate([*furniture, False]):
        if is_furniture:
            first = i if first is None else first
        elif first is not None:
            if first and i < len(lines) and lines[first - 1].is_torn and lines[i].goes_on:
                seams.append((first, i - 1))
            first = None
    return seams


def _furniture(lines: Sequence[Place]) -> list[bool]:
    """Tell which lines are page numbers, or heads that come again at the ends of pages."""
    numbers = [_PAGE_NUMBER.fullmatch(line.body) is not None for line in lines]
    is_edge = [False] * len(lines)
    for i, line in enumerate(lines):
        if numbers[i] or line.is_page_end:
            after = i + 1 + NEAR
            for j in range(max(i + 1 - NEAR, 0) - numbers[i], min(after, len(lines))):
                is_edge[max(j, 0)] = True
    keys = [
        _DIGITS.sub("0", line.body).casefold()
        if edge and not line.is_torn and len(line.body) <= LONGEST_HEAD
        else ""
        for line, edge in zip(lines, is_edge)
    ]
    counts = Counter(keys)
    return [number or (key != "" and counts[key] > 1) for number, key in zip(numbers, keys)]
