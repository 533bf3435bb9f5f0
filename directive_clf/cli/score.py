"""``directive-clf score``: files in, labelled paragraphs out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import batch, registry
from ..result import Prediction
from .options import MODEL, MODELS, check_output
from .printing import echo_json, line

__all__ = ["score"]


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", metavar="OUT.jsonl", type=click.Path(dir_okay=False, path_type=Path),
    help="Write JSONL there, a row a paragraph, instead of a table to read.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the rows of JSONL instead of a table.")
@click.option(
    "--text", "text_column", metavar="NAME", help="Column that holds the text of a table."
)
@click.option("--split", is_flag=True, help="Split the texts of tables into paragraphs.")
@MODEL
@MODELS
def score(
    inputs: tuple[str, ...],
    output: Path | None,
    as_json: bool,
    text_column: str | None,
    split: bool,
    model: str | None,
    models: Path | None,
) -> None:
    """Label the paragraphs of each INPUT.

    An INPUT is a .txt article, a .jsonl or .csv table with a text a line, or a folder of them. A
    faulty line of a table gives a row with status bad_row; the run goes on.

    \b
    Examples:
      directive-clf score article.txt
      directive-clf score articles/ -o labelled.jsonl
      directive-clf score table.csv --text body --split -o labelled.jsonl
    """  # noqa: D301
    paths = batch.find_inputs(inputs)
    if output is not None:
        check_output(output, paths)
    classifier = registry.load(model, models=models)
    rows = batch.iter_scored(classifier, paths, text_column=text_column, split=split)
    if output is not None:
        counts = batch.write_scored(rows, output)
        summary = ", ".join(f"{counts[s]} {s}" for s in batch.STATUSES if counts[s])
        click.echo(f"{output}: {summary or 'no rows'}", err=True)
    else:
        for row in rows:
            if as_json:
                echo_json(batch.to_json(row))
            else:
                click.echo(_table_line(row))


def _table_line(row: dict[str, Any]) -> str:
    if row["status"] == "bad_row":
        return f"{'(bad row)':31}  {row['error']}"
    prediction = Prediction(
        tuple(row["labels"]), row["probabilities"], tuple(row["flags"]), row["model"]
    )
    return line(row["text"], prediction)
