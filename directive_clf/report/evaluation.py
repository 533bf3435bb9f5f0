"""The report of an evaluation, from its figures alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..evaluation import figure, signed
from ..files import open_whole
from . import plots
from .page import fill

__all__ = ["FILTERS", "write_evaluation"]

OVERALL = {
    "macro_f1": "macro-F1, main label",
    "accuracy": "accuracy, main label",
    "multilabel_macro_f1": "macro-F1, all labels",
    "multilabel_micro_f1": "micro-F1, all labels",
    "average_precision": "average precision, mean over labels",
    "brier_score": "Brier score, mean over labels",
    "expected_calibration_error": "expected calibration error, mean over labels",
}

SMALLEST = 10
"""Paragraphs of a part that is shown by itself; the figures of smaller ones say nothing."""

CHANGES_SHOWN = 60


def write_evaluation(found: Mapping[str, Any], path: str | Path) -> None:
    """Write the report: one HTML file with plots inside, whole or not at all.

    Parameters
    ----------
    found : mapping
        What :func:`directive_clf.assessment.assess` returns, which is also ``metrics.json``.
    path : path-like
    """
    everything = found["figures"]["all"]
    page = fill(
        "evaluation.html",
        FILTERS,
        found=found,
        everything=everything,
        overall=OVERALL,
        classes=everything["confusion"]["classes"],
        parts={k: _shown(v) for k, v in found["figures"].items() if k != "all"},
        left_out={k: len(v) - len(_shown(v)) for k, v in found["figures"].items() if k != "all"},
        smallest=SMALLEST,
        changes_shown=CHANGES_SHOWN,
        reliability=plots.reliability(everything["reliability"]),
        risk=plots.risk(everything["risk"]),
        curve=plots.learning_curve(found["learning_curve"]["points"])
        if found.get("learning_curve")
        else "",
    )
    with open_whole(path) as out:
        out.write(page)


def _odds(value: float | None) -> str:
    """Return log odds for a reader; a dash of a model that does not have the label."""
    return "–" if value is None else f"{value:+.1f}"


def _shown(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that are large enough; by length and language in their own order."""
    return {name: part for name, part in parts.items() if part["n"] >= SMALLEST}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


FILTERS: Mapping[str, Callable[..., Any]] = {
    "figure": figure,
    "signed": signed,
    "share": _share,
    "odds": _odds,
}
"""What the pages of figures call values by."""
