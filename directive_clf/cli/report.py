"""``directive-clf report``: what many scored articles stress, by source, month and issuer."""

from __future__ import annotations

from pathlib import Path

import click

from .options import MODELS, check_output

__all__ = ["report"]

FILES = click.Path(path_type=Path)


@click.command()
@click.argument("scored", nargs=-1, required=True, type=FILES, metavar="SCORED...")
@click.option(
    "-o", "--output", metavar="REPORT.html", required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page there; plots (.png, .svg) and numbers (.csv) beside it.",
)  # fmt: skip
@click.option(
    "--source", metavar="COLUMN",
    help="Column of the source. [default: one named source, publisher …; else the folder]",
)  # fmt: skip
@click.option(
    "--by", multiple=True, metavar="COLUMN",
    help="Part the paragraphs by this column, too; may be repeated. [default: issuer, if there]",
)  # fmt: skip
@click.option(
    "--confusion", metavar="METRICS.json", type=FILES,
    help="Correct shares by the errors in what `evaluate --gold` wrote. [default: the model's own]",
)  # fmt: skip
@click.option(
    "--telling", default=5, show_default=True, type=click.IntRange(0, 100), metavar="N",
    help="Paragraphs of each label to show.",
)  # fmt: skip
@click.option(
    "--resamples", default=400, show_default=True, type=click.IntRange(0), metavar="N",
    help="Of the bootstrap behind each interval.",
)  # fmt: skip
@MODELS
def report(
    scored: tuple[Path, ...],
    output: Path,
    source: str | None,
    by: tuple[str, ...],
    confusion: Path | None,
    telling: int,
    resamples: int,
    models: Path | None,
) -> None:
    """Show what SCORED tables stress: shares of labels by source, month and issuer.

    SCORED is what `score -o` writes, a row a paragraph; with --with-text the report shows telling
    paragraphs and drift. Shares are corrected for the model's known errors, with intervals, beside
    the plain counts. docs/views.md says how, and when not to trust it.

    \b
    Examples:
      directive-clf report labelled.parquet -o report.html
      directive-clf report labelled.jsonl --source outlet --by ministry -o report.html
    """  # noqa: D301
    check_output(output, [*scored])
    from ..emphasis import measure_emphasis  # numpy, scipy and matplotlib take a second to import
    from ..report.emphasis import write_emphasis

    found = measure_emphasis(
        scored, source=source, by=by, confusion=confusion, models=models, telling=telling,
        resamples=resamples,
    )  # fmt: skip
    for path in write_emphasis(found, output):
        click.echo(path)
