"""``directive-clf models diff --on``: what two versions answer otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import registry
from ..difference import difference, flat_rows
from ..labels import OTHER
from ..reading import Reading
from ..writing import SUFFIXES, check_suffix, write_table
from .options import check_output
from .printing import beginning

__all__ = ["show_difference"]

PAGE = ".html"


def show_difference(
    old: str,
    new: str,
    inputs: tuple[str, ...],
    output: Path | None,
    how: Reading,
    models: Path | None,
) -> None:
    """Print what changed, or write it as a table or a page."""
    suffix = ""
    if output is not None:
        check_output(output, [Path(one) for one in inputs])
        suffix = output.suffix.lower()
        if suffix != PAGE and suffix not in SUFFIXES:
            check_suffix(output)
    was, now = (registry.load(one, models=models) for one in (old, new))
    found = difference(was, now, inputs, how)
    click.echo(
        f"{found['before']} -> {found['after']}: {found['changed']} of {found['paragraphs']}"
        " paragraphs have other labels",
        err=output is not None,
    )
    if output is None:
        for row in found["changes"]:
            for line in _lines(row):
                click.echo(line)
    elif suffix == PAGE:
        from ..report import write_difference  # jinja2 and matplotlib take a second to import

        write_difference(found, output)
    else:
        kinds = dict.fromkeys(("true", "before", "after", "terms"), "s")
        kinds |= {"id": "s", "document_id": "s", "log_odds_before": "f", "log_odds_after": "f"}
        columns = ["id", "document_id", "text", "true", "before", "after", "label",
                   "log_odds_before", "log_odds_after", "terms"]  # fmt: skip
        write_table(flat_rows(found), output, columns, kinds)
    if found["failed"]:
        click.echo(f"{found['failed']} texts are blank or could not be read", err=True)


def _lines(row: dict[str, Any]) -> list[str]:
    """Return a change as two lines for a reader."""
    before, after = (" and ".join(row[name]) or OTHER for name in ("before", "after"))
    told = "" if row["true"] is None else f" (is {' and '.join(row['true']) or OTHER})"
    terms = ", ".join(f"{t['term']} {t['before']:+.2f} -> {t['after']:+.2f}" for t in row["terms"])
    return [
        f"{before} -> {after}{told}  {beginning(row['text'])}",
        f"    {row['label']}: {terms}",
    ]
