"""``directive-clf models diff``: what differs between two versions, and in what they answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .. import persistence, registry
from ..difference import difference, flat_rows
from ..evaluation import figure
from ..labels import OTHER
from ..reading import Reading
from ..writing import SUFFIXES, check_suffix, write_table
from .options import MODELS, check_output
from .printing import beginning

__all__ = ["diff"]

PAGE = ".html"


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--on", multiple=True, metavar="INPUT",
    help="Show what differs in their answers on these, labelled or not; may be repeated.",
)  # fmt: skip
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path),
    help="Write that as a table (.csv, .tsv, .jsonl, .parquet) or a page (.html).",
)  # fmt: skip
@click.option("--text", metavar="NAME", help="Column of INPUT that holds the text.")
@click.option("--split", is_flag=True, help="Split the texts of tables into paragraphs.")
@MODELS
def diff(
    old: str,
    new: str,
    on: tuple[str, ...],
    output: Path | None,
    text: str | None,
    split: bool,
    models: Path | None,
) -> None:
    """Show what differs between two versions: data, parameters, thresholds, figures, files.

    With --on: which paragraphs of INPUT, whatever `score` reads, have other labels, and which terms
    did it. Is one of them better? evaluate NEW --against OLD --gold FILE.

    \b
    Examples:
      directive-clf models diff directive-1 directive-2
      directive-clf models diff directive-1 champion --on articles/ -o changed.html
    """  # noqa: D301
    if on:
        _show(old, new, on, output, Reading(text=text, split=split), models)
        return
    if output is not None or text is not None or split:
        raise click.UsageError("-o, --text and --split go with --on INPUT")
    one, two = (_flat(persistence.read_manifest(registry.resolve(v, models))) for v in (old, new))
    for name in sorted(one | two):
        before, after = one.get(name), two.get(name)
        if before != after:
            click.echo(f"{name:56}  {_cell(before)} -> {_cell(after)}")


def _show(
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


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return nested values by their dotted names, a figure as one value."""
    if isinstance(value, dict) and "value" not in value:
        found: dict[str, Any] = {}
        for key, item in value.items():
            found |= _flat(item, f"{name}.{key}" if name else key)
        return found
    return {name: value}


def _cell(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, dict):
        return figure(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
