"""Plots as SVG text: they go into a page, take its fonts, and print at any size."""

from __future__ import annotations

import html
import io
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .palette import label_name, label_styles

__all__ = [
    "Plot",
    "learning_curve",
    "mix_by_part",
    "reliability",
    "risk",
    "shares_by_series",
    "shares_over_time",
]

INK, GRID, MARK, BAND = "#222222", "#dddddd", "#0b5fa5", "#0b5fa533"

_STYLE = {
    "font.family": [
        "DejaVu Sans",
        "PingFang SC",
        "Microsoft YaHei",
        "Noto Sans CJK SC",
        "Noto Sans CJK JP",
    ],
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "directive_clf",  # the same figures give the same file
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
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


class Plot:
    """A figure that goes into a page, and beside it."""

    def __init__(self, figure: Any, title: str) -> None:
        self._figure = figure
        self.title = title

    def svg(self) -> str:
        """Return it as markup for a page."""
        return _svg(self._figure, self.title)

    def save(self, path: Path) -> Path:
        """Write it as ``.svg`` or ``.png``; return the path."""
        with path.open("wb") as out:
            _save(self._figure, out, path.suffix[1:])
        return path


def shares_over_time(
    months: Sequence[Mapping[str, Any]], labels: Sequence[str], method: str, title: str
) -> Plot:
    """Draw the share of each label over months, a panel a label, with its interval and the count.

    Parameters
    ----------
    months : sequence of mapping
        As :func:`directive_clf.emphasis.measure_emphasis` measures them.
    labels : sequence of str
    method : str
        Whose shares are drawn; the plain count is a dotted line beside them.
    title : str
    """
    figure, axes = _panels(len(labels))
    styles = label_styles(labels)
    for axis, label in zip(axes, labels):
        x = _time_axis(axis, months, label_name(label))
        shares = [month["shares"][label] for month in months]
        colour = styles[label].colour
        axis.plot(x, [s[method]["value"] for s in shares], color=colour, marker="o", markersize=3)
        if all(s[method]["low"] is not None for s in shares):
            bounds = ([s[method][end] for s in shares] for end in ("low", "high"))
            axis.fill_between(x, *bounds, color=colour, alpha=0.2, linewidth=0)
        if method != "raw":
            counted = [s["raw"]["value"] for s in shares]
            axis.plot(x, counted, color=INK, linewidth=0.8, linestyle=":")
        axis.set_ylim(bottom=0)
    return Plot(figure, title)


def shares_by_series(
    series: Mapping[str, Sequence[Mapping[str, Any]]],
    labels: Sequence[str],
    method: str,
    title: str,
) -> Plot:
    """Draw the shares of all labels over the months of each series, a panel a series."""
    figure, axes = _panels(len(series))
    styles = label_styles(labels)
    for axis, (name, months) in zip(axes, series.items()):
        x = _time_axis(axis, months, name if len(name) <= 40 else name[:39] + "…")
        for i, label in enumerate(labels):
            axis.plot(
                x, [month["shares"][label][method]["value"] for month in months],
                color=styles[label].colour, marker="osD^v"[i % 5], markersize=3.5, linewidth=1.2,
                label=label_name(label),
            )  # fmt: skip
        axis.set_ylim(bottom=0)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return Plot(figure, title)


def _panels(n: int) -> tuple[Any, list[Any]]:
    """Return a figure of so many panels, two side by side, and those panels."""
    columns = min(2, n)
    rows = -(-n // columns)
    figure, axes = _figure(rows, columns, (4.4 * columns, 2.3 * rows + 0.4))
    for axis in axes[n:]:
        axis.set_visible(False)
    return figure, axes[:n]


def _time_axis(axis: Any, months: Sequence[Mapping[str, Any]], title: str) -> list[int]:
    """Name some of the months below a panel; return where each stands, gaps and all."""
    places = [int(m["name"][:4]) * 12 + int(m["name"][5:]) - 1 for m in months]
    step = max(1, -(-len(places) // 6))
    axis.set_xticks(places[::step], [m["name"] for m in months][::step])
    axis.set_title(title, fontsize=9)
    return places


def mix_by_part(
    parts: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str, most: int = 15
) -> Plot:
    """Draw the main labels of the largest parts, as a bar each."""
    shown = [*parts[:most]][::-1]
    figure, (axis,) = _figure(1, 1, (7.2, 0.32 * len(shown) + 1.3))
    left = [0.0] * len(shown)
    for label, style in label_styles(labels).items():
        widths = [part["main"][label] / max(part["paragraphs"], 1) for part in shown]
        axis.barh(range(len(shown)), widths, left=left, color=style.colour, edgecolor="white",
                  linewidth=0.6, label=label_name(label))  # fmt: skip
        left = [a + b for a, b in zip(left, widths)]
    names = [part["name"] for part in shown]
    axis.set_yticks(range(len(shown)), [n if len(n) <= 32 else n[:31] + "…" for n in names])
    axis.set(xlim=(0, 1), xlabel="share of paragraphs by main label")
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return Plot(figure, title)


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
    buffer = io.BytesIO()
    _save(figure, buffer, "svg")
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :]  # without the XML declaration, which a page cannot hold
    return text.replace("<svg ", f'<svg role="img" aria-label="{html.escape(title)}" ', 1)


def _save(figure: Any, out: Any, kind: str) -> None:
    import logging

    import matplotlib

    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # Names of sources may be in a script of which this machine has no font; a page's has.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        logger = logging.getLogger("matplotlib.font_manager")
        level = logger.level
        logger.setLevel(logging.ERROR)  # it tells of each font of the list that is not there
        try:
            figure.savefig(out, format=kind, metadata=metadata, dpi=110)
        finally:
            logger.setLevel(level)
