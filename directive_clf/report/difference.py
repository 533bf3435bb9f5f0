"""The page of what changed between two models, from its rows alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..files import open_whole
from .evaluation import FILTERS
from .page import fill

__all__ = ["write_difference"]

SHOWN = 2000
"""Paragraphs on a page; with more a browser is slow, and a table serves better."""


def write_difference(found: Mapping[str, Any], path: str | Path) -> None:
    """Write the page: one HTML file, whole or not at all.

    Parameters
    ----------
    found : mapping
        What :func:`directive_clf.difference.difference` returns.
    path : path-like
    """
    page = fill("difference.html", FILTERS, found=found, changes=found["changes"][:SHOWN])
    with open_whole(path) as out:
        out.write(page)
