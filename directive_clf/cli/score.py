"""``directive-clf score``: files in, labelled paragraphs out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .. import registry, scoring
from ..batch import FAILED, PROBABILITY
from ..reading import Reading
from ..result import Prediction
from ..shaping import to_lines
from ..sources import KINDS, find_sources
from ..spool import quarantine_name
from ..writing import SUFFIXES
from .options import MODEL, MODELS, check_output
from .printing import echo_json, line

__all__ = ["score"]

SOME_FAILED = 3
_LIMITS = Reading()


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path),
    help=f"Write a row a paragraph there ({', '.join(SUFFIXES)}), instead of a table to read.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the rows of JSONL instead of a table.")
@click.option(
    "--text", metavar="NAME", help="Column that holds the text of a table. [default: guessed]"
)
@click.option("--id", metavar="NAME", help="Column of the ids of a table.")
@click.option("--document", metavar="NAME", help="Column that tells which rows are one document.")
@click.option("--title", metavar="NAME", help="Column of titles.")
@click.option("--date", metavar="NAME", help="Column of dates.")
@click.option("--split", is_flag=True, help="Split the texts of tables into paragraphs.")
@click.option(
    "--furniture", is_flag=True, help="Keep the navigation, buttons and notices of HTML pages."
)
@click.option(
    "--stdin-as", type=click.Choice(sorted({*KINDS.values()} - {"parquet"})),
    help="What INPUT - holds. [default: jsonl if it begins with {, or else article]",
)  # fmt: skip
@click.option(
    "--wide/--long", default=True, help="A column a label, or a row a label. [default: wide]"
)
@click.option(
    "--only", multiple=True, metavar="LABEL",
    help="Write only paragraphs with this label of the model; may be repeated.",
)  # fmt: skip
@click.option(
    "--min-probability", default=0.0, type=click.FloatRange(0, 1), metavar="P",
    help="Write only paragraphs with a label of at least this probability.",
)  # fmt: skip
@click.option("--with-text", is_flag=True, help="Write the texts, too.")
@click.option(
    "--explain", default=0, type=click.IntRange(0), metavar="K",
    help="Write the K terms that move the main label's score most. Slow.",
)  # fmt: skip
@click.option(
    "--per-document", is_flag=True,
    help="Write a row a document: the share of each label, boilerplate removed.",
)  # fmt: skip
@click.option("--jobs", default=1, show_default=True, help="Processes; -1 for all cores.")
@click.option("--resume", is_flag=True, help="Go on where a run that was stopped left off.")
@click.option(
    "--drift-report", metavar="FILE.json", type=click.Path(dir_okay=False, path_type=Path),
    help="Write how the batch compares with what the model was trained on.",
)  # fmt: skip
@click.option(
    "--escape-formulas/--raw-formulas", default=True,
    help="In CSV, put ' before a text that a spreadsheet would run. [default: escape]",
)  # fmt: skip
@click.option("--excel", is_flag=True, help="Begin CSV so that Excel reads it as UTF-8.")
@click.option(
    "--max-length", default=_LIMITS.max_bytes, show_default=True, type=click.IntRange(1024),
    help="Characters that a line, a cell or a page may have.",
)  # fmt: skip
@click.option(
    "--max-expansion", default=_LIMITS.max_expansion, show_default=True, type=click.IntRange(1),
    help="How many times its size a packed file may unpack to.",
)  # fmt: skip
@MODEL
@MODELS
def score(
    inputs: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    wide: bool,
    jobs: int,
    resume: bool,
    drift_report: Path | None,
    escape_formulas: bool,
    excel: bool,
    max_length: int,
    stdin_as: str | None,
    model: str | None,
    models: Path | None,
    **options: Any,
) -> None:
    """Label the paragraphs of each INPUT.

    An INPUT is an article (.txt, .md, .html), a table with a text a row (.jsonl, .csv, .tsv,
    .parquet), any of them but parquet packed (.gz, .zst), a folder of them, a pattern in quotes, or
    - for standard input. Whatever is in it gets a row, with a status; what fails is listed in
    OUT.quarantine.jsonl, too, and the run goes on.

    \b
    Exit status: 0 all was scored; 3 the output is whole, but something in the input could not be
    scored; 1 the run failed; 2 misuse; 130 stopped by the keyboard.

    \b
    Examples:
      directive-clf score article.txt
      directive-clf score articles/ -o labelled.jsonl
      directive-clf score table.csv --text body --split -o labelled.jsonl
      directive-clf score 'articles/*.txt' -o labelled.csv --with-text --jobs 2 --resume
      directive-clf score articles/ -o documents.parquet --per-document
    """  # noqa: D301
    if not jobs:
        raise click.BadParameter("0 processes score nothing", param_hint="--jobs")
    stdin_as = stdin_as or ""
    options |= {"long": not wide, "max_bytes": max_length}
    paths = [s.path for s in find_sources(inputs, stdin_as) if s.path is not None]
    if output is None:
        for name, is_given in {
            "--resume": resume, "--drift-report": drift_report, "--per-document":
            options["per_document"], "--jobs": jobs != 1, "--excel": excel,
        }.items():  # fmt: skip
            if is_given:
                raise click.UsageError(f"{name} needs an output: name one with -o")
        _print(inputs, as_json, registry.load(model, models=models), stdin_as, options)
        return
    for written in (output, quarantine_name(output)) if output.name else (output,):
        check_output(written, paths)
    summary = scoring.score_files(
        inputs, output, model=model, models=models, jobs=jobs, resume=resume,
        progress=sys.stderr is not None and sys.stderr.isatty(), drift_report=drift_report,
        stdin_as=stdin_as, escape_formulas=escape_formulas, byte_order_mark=excel, **options,
    )  # fmt: skip
    click.echo(f"{output}: {summary}", err=True)
    if summary.failed:
        if output.is_file():
            click.echo(f"{quarantine_name(output)}: what could not be scored", err=True)
        raise click.exceptions.Exit(SOME_FAILED)


def _print(
    inputs: tuple[str, ...], as_json: bool, classifier: Any, stdin_as: str, options: dict[str, Any]
) -> None:
    """Print the rows, as JSON or as a table for a reader."""
    if not as_json:
        options = {**options, "long": False, "with_text": True}
    some_failed = False
    for row in scoring.iter_scored(classifier, inputs, stdin_as=stdin_as, **options):
        some_failed |= row["status"] in FAILED
        if as_json:
            echo_json(to_lines([row]).decode().rstrip("\n"))
        else:
            click.echo(_table_line(row))
    if some_failed:
        raise click.exceptions.Exit(SOME_FAILED)


def _table_line(row: dict[str, Any]) -> str:
    if row["status"] in FAILED or row["text"] is None:
        return f"{'(' + row['status'].replace('_', ' ') + ')':31}  {row['error']}"
    probabilities = {label: row[PROBABILITY + label] for label in row["labels"]}
    prediction = Prediction(tuple(row["labels"]), probabilities, tuple(row["flags"]), row["model"])
    return line(row["text"], prediction)
