"""``directive-clf data agreement``: how far annotators agree, and what they must decide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..agreement import agreement as measure
from ..agreement import disagreements, read_reading
from ..data import Paragraph, read_paragraphs
from ..evaluation import figure
from ..exceptions import DataError
from ..exchange import read_export, write_export
from ..labels import OTHER
from ..taxonomy import read_taxonomy
from .options import TAXONOMY

__all__ = ["agreement"]

_COLUMNS = {
    "observed": "same main label",
    "kappa": "Cohen's kappa",
    "fleiss": "Fleiss' kappa",
    "alpha": "alpha",
    "alpha_sets": "alpha, sets (MASI)",
}
CONFUSED = 8
"""Pairs of labels that are named."""


@click.command()
@click.argument("readings", nargs=-1, required=True, metavar="A B [C...]",
    type=click.Path(path_type=Path))  # fmt: skip
@click.option("--by", metavar="COLUMN", help="A row for each value of a column, and one for all.")
@click.option(
    "--queue", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Write there what they do not agree on, with each one's answer; data convert takes it.",
)  # fmt: skip
@click.option(
    "--resamples", default=200, show_default=True, type=click.IntRange(0),
    help="Of the bootstrap over paragraphs behind each interval.",
)  # fmt: skip
@TAXONOMY
def agreement(
    readings: tuple[Path, ...],
    by: str | None,
    queue: Path | None,
    resamples: int,
    taxonomy: Path | None,
) -> None:
    """Measure how far annotators agree, on the main label and on the set of labels.

    A, B, … are a file an annotator, or one export with all of them: labelled paragraphs, what an
    annotation tool exports, or lines id<TAB>labels. Paragraphs are the same by their id, which is
    made of the text where a file names none; what not all of them labelled is left out.

    \b
    Examples:
      directive-clf data agreement anna.jsonl bo.jsonl
      directive-clf data agreement export.json --queue decide.csv
    """  # noqa: D301
    labels = read_taxonomy(taxonomy).readable
    answers: dict[str, dict[str, tuple[str, ...]]] = {}
    known: dict[str, Paragraph] = {}
    for path in readings:
        for name, found in _read(path, labels).items():
            if name in answers:
                raise DataError(f"two annotators are called {name!r}; name a file otherwise", path)
            answers[name] = {i: one if isinstance(one, tuple) else one.labels for i, one in found}
            for i, one in found:
                if isinstance(one, Paragraph):
                    known.setdefault(i, one)
    rows = [] if queue is None else _queue(answers, known)
    parts = {"all": answers}
    if by is not None:
        values = sorted({str(p.get(by)) for p in known.values() if p.get(by) is not None})
        parts = {value: _part(answers, known, by, value) for value in values} | parts
    click.echo("| | paragraphs | " + " | ".join(_COLUMNS.values()) + " |")
    click.echo("| --- " * (len(_COLUMNS) + 2) + "|")
    for name, part in parts.items():
        found_in = measure(part, resamples=resamples)
        cells = [name, f"{found_in['n']:,}", *(figure(found_in[k]) for k in _COLUMNS)]
        click.echo("| " + " | ".join(cells) + " |")
    if len(answers) > 2:
        click.echo("\nCohen's kappa by pair (in the table their mean):")
        for pair in found_in["pairs"]:
            click.echo(f"  {' and '.join(pair['annotators'])}: {figure(pair['kappa'])}")
    confused = ", ".join(f"{a} and {b} ({n})" for a, b, n in found_in["confused"][:CONFUSED])
    click.echo(f"\nConfused: {confused or 'none'}")
    if queue is not None:
        write_export(rows, queue, labels=labels)
        click.echo(f"{queue}: {len(rows)} paragraphs to decide", err=True)


def _read(path: Path, labels: tuple[str, ...]) -> Mapping[str, list[tuple[str, Any]]]:
    """Return what each annotator of a file says, by paragraph: labels, with the text if known."""
    if path.is_dir():
        return {path.name: [(p.id, p) for p in read_paragraphs(path, labels=labels)]}
    if path.suffix.lower() == ".tsv" and not _has_header(path):
        return {path.stem: [*read_reading(path, labels).items()]}
    found = read_export(path, labels=labels).readings
    several = len(found) > 1
    return {
        (name if several or not path.stem else path.stem): [(p.id, p) for p in paragraphs]
        for name, paragraphs in found.items()
    }


def _has_header(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        return "text" in next(iter(lines), "").rstrip("\r\n").split("\t")


def _part(
    answers: Mapping[str, Mapping[str, tuple[str, ...]]],
    known: Mapping[str, Paragraph],
    by: str,
    value: str,
) -> dict[str, dict[str, tuple[str, ...]]]:
    kept = {i for i, p in known.items() if str(p.get(by)) == value}
    return {name: {i: a for i, a in found.items() if i in kept} for name, found in answers.items()}


def _queue(
    answers: Mapping[str, Mapping[str, tuple[str, ...]]], known: Mapping[str, Paragraph]
) -> list[Paragraph]:
    """Return the paragraphs to decide: with the labels of most, and a column for each answer."""
    rows = []
    for i in disagreements(answers):
        if i not in known:
            raise DataError(f"no file has the text of {i!r}; name one that does, for the queue")
        given = {name: found[i] for name, found in answers.items() if i in found}
        votes = [*given.values()]
        most = max(votes, key=lambda labels: (votes.count(labels), -votes.index(labels)))
        told = {f"answer_{name}": "|".join(labels or (OTHER,)) for name, labels in given.items()}
        p = known[i]
        rows.append(
            Paragraph(
                p.text, most, p.id, p.lang, p.register, p.document_id, p.order, p.date,
                {**p.extra, **told},
            )
        )  # fmt: skip
    return rows
