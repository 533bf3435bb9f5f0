"""A colour for each label, told apart by readers of any colour vision, and the ink to put on it.

The colours are those of Okabe & Ito, "Color universal design" (2008), without black; boilerplate
and ``other`` are greys, as they are no part of the story. A label is always named, too: no reader
needs the colour. Contrast is that of WCAG 2.2, where text needs 4.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..labels import BOILERPLATE, OTHER

__all__ = ["DARK", "LIGHT", "Style", "blend", "contrast", "label_name", "label_styles"]

OKABE_ITO = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9", "#f0e442")
GREY, PALE = "#4d4d4d", "#c4c4c4"
BLACK, WHITE = "#000000", "#ffffff"

LIGHT = {"paper": "#ffffff", "ink": "#1c1c1c", "soft": "#595959", "line": "#d9d9d9"}
DARK = {"paper": "#16181b", "ink": "#ececec", "soft": "#adb1b6", "line": "#3b3f45"}
"""What the page itself is drawn in, by the reader's preference."""

TINT = 0.10
"""How much of a label's colour is behind its paragraphs."""


class Style(NamedTuple):
    """The colour of a label, the ink for text on it, and whether it is striped.

    A label past the seventh has the colour of an earlier one, with stripes.
    """

    colour: str
    ink: str
    is_striped: bool = False


def label_styles(labels: Iterable[str]) -> dict[str, Style]:
    """Return a style for each label, in their order, and for ``other``."""
    found: dict[str, Style] = {}
    taken = 0
    for label in labels:
        if label == BOILERPLATE:
            found[label] = _style(GREY)
        elif label != OTHER:
            found[label] = _style(OKABE_ITO[taken % len(OKABE_ITO)], taken >= len(OKABE_ITO))
            taken += 1
    return found | {OTHER: _style(PALE)}


def label_name(label: str) -> str:
    """Return a label as it is shown: with spaces."""
    return label.replace("_", " ")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blend(colour: str, paper: str, share: float) -> str:
    """Return what `share` of a colour looks like on a paper."""
    mixed = [share * a + (1 - share) * b for a, b in zip(_channels(colour), _channels(paper))]
    return "#" + "".join(f"{round(255 * value):02x}" for value in mixed)


def _style(colour: str, is_striped: bool = False) -> Style:
    ink = max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))
    return Style(colour, ink, is_striped)


def _channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
