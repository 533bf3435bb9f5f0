"""What many articles stress, as a page with its plots, the plots as files, and the numbers."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..files import open_whole
from ..labels import BOILERPLATE, OTHER
from ..writing import write_rows
from . import plots
from .page import fill
from .palette import DARK, LIGHT, label_name, label_styles

__all__ = ["write_emphasis"]

METHODS = {"raw": "as counted", "adjusted": "adjusted", "em": "EM"}

SORT = """
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table");
    const i = [...head.parentNode.children].indexOf(head);
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = row => row.children[i].dataset.value ?? row.children[i].textContent.trim();
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => {
      const x = key(a), y = key(b);
      const order = isNaN(x) || isNaN(y) || x === "" || y === "" ? x.localeCompare(y) : x - y;
      return down ? -order : order;
    });
    body.append(...rows);
  });
}
"""
"""The one script of the page: a click on a column's name sorts its table."""


def write_emphasis(found: Mapping[str, Any], path: str | Path) -> list[Path]:
    """Write a report, its plots as PNG and SVG, and its numbers as CSV.

    Parameters
    ----------
    found : mapping
        What :func:`directive_clf.emphasis.measure_emphasis` returns.
    path : path-like
        Of the page; what stands beside it has its name with an ending.

    Returns
    -------
    list of Path
        What was written: the page, ``NAME.shares.csv``, and each plot twice.
    """
    path = Path(path)
    method = "adjusted" if "adjusted" in found["methods"] else "raw"
    told = [label for label in found["labels"] if label != BOILERPLATE]
    drawn = dict(_plots(found, told, method))
    styles = label_styles(found["labels"])
    digest = base64.b64encode(hashlib.sha256(SORT.encode()).digest()).decode()
    page = fill(
        "emphasis.html",
        {"label_name": label_name, "percent": _percent, "interval": _interval},
        found=found,
        labels=told,
        method=method,
        methods={name: METHODS[name] for name in found["methods"]},
        boilerplate=BOILERPLATE if BOILERPLATE in found["labels"] else None,
        other=OTHER,
        styles=styles,
        numbers={label: i for i, label in enumerate(styles)},
        plots={name: (plot.title, plot.svg()) for name, plot in drawn.items()},
        script=SORT,
        digest=digest,
        light=LIGHT,
        dark=DARK,
    )
    with open_whole(path) as out:
        out.write(page)
    written = [path, path.with_name(f"{path.stem}.shares.csv")]
    columns = ["part", "name", "month", "label", "paragraphs", "documents", "as_main_label"]
    columns += [f"{m}{end}" for m in found["methods"] for end in ("", "_low", "_high")]
    write_rows(_rows(found), written[1], ".csv", columns, {}, byte_order_mark=True)
    for name, plot in drawn.items():
        for suffix in (".svg", ".png"):
            written.append(plot.save(path.with_name(f"{path.stem}.{name}{suffix}")))
    return written


def _plots(
    found: Mapping[str, Any], labels: list[str], method: str
) -> Iterator[tuple[str, plots.Plot]]:
    months = [part for part in found["parts"]["month"] if part["name"][:1].isdigit()]
    if len(months) > 1:
        title = "Share of each label over months, with 95 % interval; dotted, as counted"
        yield "month", plots.shares_over_time(months, labels, method, title)
    for column, parts in found["parts"].items():
        if column == "month" or not parts:
            continue
        file = _file_name(column)
        title = f"Main labels by {column}"
        yield file, plots.mix_by_part(parts, found["labels"], title)
        series = {name: s for name, s in found["series"][column].items() if len(s) > 1}
        if series:
            title = f"Share of each label over months, by {column}"
            yield f"{file}-month", plots.shares_by_series(series, labels, method, title)


def _file_name(column: str) -> str:
    """Return what stands for a column in the name of a file: letters and digits alone."""
    return "".join(c if c.isalnum() else "_" for c in column)[:60]


def _rows(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the table of numbers: a row a part, month and label."""
    parts = [("all", "", "", found["whole"])]
    for column, measured in found["parts"].items():
        is_month = column == "month"
        parts += [(column, "" if is_month else p["name"], p["name"] if is_month else "", p)
                  for p in measured]  # fmt: skip
    for column, series in found["series"].items():
        parts += [(column, name, p["name"], p) for name, months in series.items() for p in months]
    for column, name, month, part in parts:
        for label, shares in part["shares"].items():
            row = {"part": column, "name": name, "month": month, "label": label}
            row |= {"paragraphs": part["paragraphs"], "documents": part["documents"]}
            row["as_main_label"] = part["main"][label]
            for method, figure in shares.items():
                for end, key in (("", "value"), ("_low", "low"), ("_high", "high")):
                    value = figure[key]
                    row[method + end] = None if value is None else round(value, 5)
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _percent(share: float | None) -> str:
    return "–" if share is None or share != share else f"{100 * share:.1f} %"


def _interval(figure: Mapping[str, float | None]) -> str:
    """Return the bounds of a figure for a reader."""
    low, high = figure["low"], figure["high"]
    return "" if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"
