"""Plots as SVG text: they go into a page, take its fonts, and print at any size."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["learning_curve", "reliability", "risk"]

INK, GRID, MARK, BAND = "#222222", "#dddddd", "#0b5fa5", "#0b5fa533"

_STYLE = {
    "font.family": "sans-serif",
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "directive_clf",  # the same figures give the same file
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
}


def reliability(bins: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Draw, for each label, the frequency of truth over the probability given."""
    n = len(bins)
    columns = min(3, n)
    rows = -(-n // columns)
    figure, axes = _figure(rows, columns, (2.4 * columns, 2.5 * rows))
    for axis, (label, points) in zip(axes, bins.items()):
        most = max(cases for _, _, cases in points)
        axis.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
        axis.plot([p for p, _, _ in points], [f for _, f, _ in points], color=MARK, linewidth=1)
        sizes = [8 + 60 * cases / most for _, _, cases in points]
        axis.scatter([p for p, _, _ in points], [f for _, f, _ in points], s=sizes, color=MARK)
        axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), title=label)
        axis.set(xlabel="probability", ylabel="frequency")
        axis.title.set_fontsize(8)
    for axis in axes[n:]:
        axis.set_visible(False)
    return _svg(figure, "Reliability by label: frequency of truth over probability given")


def risk(points: Sequence[Mapping[str, Any]]) -> str:
    """Draw the error rate over the share of paragraphs answered, the most certain first."""
    figure, (axis,) = _figure(1, 1, (4.6, 2.8))
    x = [point["coverage"] for point in points]
    _banded(axis, x, points)
    axis.set(xlabel="share answered, most certain first", ylabel="error rate", ylim=(0, None))
    return _svg(figure, "Error rate over the share of paragraphs answered")


def learning_curve(points: Sequence[Mapping[str, Any]]) -> str:
    """Draw macro-F1 over the number of paragraphs fitted on, on a logarithmic axis."""
    figure, (axis,) = _figure(1, 1, (4.6, 2.8))
    x = [point["paragraphs"] for point in points]
    _banded(axis, x, [point["macro_f1"] for point in points])
    axis.set_xscale("log", base=2)
    axis.set_xticks(x, [f"{n:,}" for n in x], rotation=45)
    axis.set(xlabel="paragraphs fitted on", ylabel="macro-F1")
    return _svg(figure, "Macro-F1 over the number of paragraphs fitted on")


def _banded(axis: Any, x: Sequence[float], figures: Sequence[Mapping[str, Any]]) -> None:
    """Draw figures as a line, with their intervals as a band where they have any."""
    axis.plot(x, [f["value"] for f in figures], color=MARK, marker="o", markersize=4)
    if all(f.get("low") is not None for f in figures):
        low, high = [f["low"] for f in figures], [f["high"] for f in figures]
        axis.fill_between(x, low, high, color=BAND, linewidth=0)


def _figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, list[Any]]:
    import matplotlib
    from matplotlib.figure import Figure  # not pyplot, which keeps a list of all figures

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def _svg(figure: Any, title: str) -> str:
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]  # without the XML declaration, which a page cannot hold
    return text.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
