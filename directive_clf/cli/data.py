"""``directive-clf data``: labelled paragraphs, from somebody's table to a training set."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..annotation import Suggestion
from ..data import read_paragraphs, write_paragraphs
from ..exchange import FORMATS, read_export, write_export
from ..taxonomy import read_taxonomy
from .choice import audit, suggest
from .options import TAXONOMY, check_output
from .readings import agreement

__all__ = ["data"]

FILE = click.Path(path_type=Path)
FILES = click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILES...")
OUT = click.option(
    "-o", "--output", required=True, metavar="OUT", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write.",
)  # fmt: skip


@click.group()
def data() -> None:
    """Check, merge, split and convert labelled paragraphs; compare annotators; find what to label.

    FILES are .jsonl, .csv, .tsv and .parquet with `text` and `labels`, and folders of them.

    \b
    Examples:
      directive-clf data check mine.csv --gold gold.jsonl
      directive-clf data convert export.json -o mine.jsonl
      directive-clf data split mine.jsonl --out parts --test 0.2
      directive-clf data agreement anna.jsonl bo.jsonl --queue decide.jsonl
      directive-clf data suggest articles/ -n 50 --to doccano -o next.jsonl
    """  # noqa: D301


@data.command()
@FILES
@click.option(
    "--gold", multiple=True, metavar="PATH", type=FILE,
    help="What a model shall be measured on: nothing of it may be in FILES; may be repeated.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the statistics as JSON.")
@TAXONOMY
def check(
    files: tuple[Path, ...], gold: tuple[Path, ...], as_json: bool, taxonomy: Path | None
) -> None:
    """Look for faults in FILES: a line each, with its place and what to do; then what they hold.

    A copy, or nearly one, within a file is a note. Between files named train, calibration, test
    (dev, valid, …), values of a column `split`, and the gold set it is a fault.

    \b
    Exit status: 0 no fault; 1 a fault, or more.
    """  # noqa: D301
    from .. import curation  # scikit-learn takes a second to import

    found = curation.check(*files, gold=gold, labels=read_taxonomy(taxonomy).readable)
    for finding in found.findings:
        click.echo(finding, err=True)
    if as_json:
        click.echo(json.dumps(found.statistics, ensure_ascii=False, indent=1))
    else:
        for line in _statistics(found.statistics):
            click.echo(line)
    n = sum(finding.is_fault for finding in found.findings)
    click.echo(f"{n} fault{'s' * (n != 1)}, {len(found.findings) - n} to look at", err=True)
    if n:
        sys.exit(1)


@data.command()
@FILES
@OUT
@click.option(
    "--prefer", type=click.Choice(("first", "last")),
    help="Whose labels count where files contradict each other. [default: that is an error]",
)  # fmt: skip
@TAXONOMY
def merge(files: tuple[Path, ...], output: Path, prefer: str | None, taxonomy: Path | None) -> None:
    """Write FILES as one: each text once, each id once."""
    from .. import curation

    check_output(output, [])
    labels = read_taxonomy(taxonomy).readable
    found = curation.merge(*files, labels=labels, prefer=prefer)
    write_export(found, output, labels=labels)
    click.echo(f"{output}: {len(found)} paragraphs", err=True)


@data.command()
@FILES
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for train.jsonl, test.jsonl and, where asked for, calibration.jsonl.",
)  # fmt: skip
@click.option(
    "--test", default=0.2, show_default=True, type=click.FloatRange(0, 1), metavar="SHARE",
    help="Share of the test part.",
)  # fmt: skip
@click.option(
    "--calibration", default=0.0, show_default=True, type=click.FloatRange(0, 1), metavar="SHARE",
    help="Share of a part beside.",
)  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Another seed, another split.")
@TAXONOMY
def split(
    files: tuple[Path, ...],
    out: Path,
    test: float,
    calibration: float,
    seed: int,
    taxonomy: Path | None,
) -> None:
    """Part FILES into training and test, with documents and near-copies kept together.

    Each part has its share of every main label in every language, as nearly as that allows.
    """
    from .. import curation

    shares = {"train": 1 - test - calibration, "calibration": calibration, "test": test}
    wanted = {name: share for name, share in shares.items() if share or name == "train"}
    labels = read_taxonomy(taxonomy).readable
    parts = curation.split(read_paragraphs(*files, labels=labels), wanted, random_state=seed)
    out.mkdir(parents=True, exist_ok=True)
    for name, paragraphs in parts.items():
        write_paragraphs(paragraphs, out / f"{name}.jsonl")
        click.echo(f"{out / name}.jsonl: {len(paragraphs)} paragraphs", err=True)


@data.command()
@click.argument("file", type=FILE)
@OUT
@click.option("--from", "from_", type=click.Choice(FORMATS), help="Format of FILE. [guessed]")
@click.option("--to", type=click.Choice(FORMATS), help="Format of OUT. [default: by its ending]")
@click.option("--annotator", metavar="NAME", help="Take the answers of this one.")
@click.option(
    "--by-annotator", is_flag=True, help="Write a file each: OUT with the name before its ending."
)
@click.option(
    "--empty-is-other", is_flag=True, help="Take an answer without a choice for other, not none."
)
@click.option(
    "--to-review", is_flag=True,
    help="Write the labels as suggestions, which an annotator looks over.",
)  # fmt: skip
@TAXONOMY
def convert(
    file: Path,
    output: Path,
    from_: str | None,
    to: str | None,
    annotator: str | None,
    by_annotator: bool,
    empty_is_other: bool,
    to_review: bool,
    taxonomy: Path | None,
) -> None:
    """Turn FILE into another format: a table, or what an annotation tool reads and writes.

    \b
    jsonl, csv, tsv, parquet   text, labels and whatever else is known
    label-studio               tasks to import; exports as JSON and JSON-MIN
    doccano                    JSONL of text classification with several labels
    argilla                    records as JSON (version 2; 1 is read)
    prodigy                    JSONL of the choice interface
    """  # noqa: D301
    label_set = read_taxonomy(taxonomy)
    check_output(output, [file])
    found = read_export(file, from_, labels=label_set.readable, empty_is_other=empty_is_other)
    if by_annotator:
        readings = {
            output.with_name(f"{output.stem}.{_file_name(name)}{output.suffix}"): paragraphs
            for name, paragraphs in found.readings.items()
        }
    else:
        readings = {output: found.of(annotator)}
    for path, paragraphs in readings.items():
        suggestions = None
        if to_review:
            suggestions = [Suggestion(p.labels, 1.0, file.stem) for p in paragraphs]
        write_export(paragraphs, path, to, labels=label_set.labels, suggestions=suggestions)
        click.echo(f"{path}: {len(paragraphs)} paragraphs", err=True)
    for reason, n in sorted(found.left_out.items()):
        click.echo(f"left out: {n}, {reason}", err=True)


for command in (agreement, audit, suggest):
    data.add_command(command)


def _file_name(annotator: str) -> str:
    return "".join(c if c.isalnum() or c in "-_@." else "_" for c in annotator) or "unnamed"


def _statistics(found: Mapping[str, Any]) -> list[str]:
    """Return what files hold, in lines."""
    lines = [
        f"{found['paragraphs']:,} paragraphs, {found['with_several_labels']:,} with several labels;"
        f" {found['documents']:,} documents"
    ]
    lines += [f"{n:>8,}  {path}" for path, n in found["by_file"].items()]
    anywhere = found["anywhere"]
    lines.append(f"{'main':>8}  {'any':>8}")
    for label, n in found["by_main_label"].items():
        lines.append(f"{n:>8,}  {anywhere.get(label, 0) or '':>8}  {label}")
    for lang, n in found["by_language"].items():
        low, first, middle, third, high = found["length"][lang]
        lines.append(
            f"{lang}: {n:,} paragraphs of {low} to {high:,} characters, half of them {first} to"
            f" {third}, the middle one {middle}"
        )
    return lines
