"""``directive-clf train``: from labelled paragraphs to a model version."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import persistence
from .options import MODELS

__all__ = ["train"]


@click.command()
@click.option(
    "--data", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    help="Labelled paragraphs: .jsonl, .csv or a folder; may be repeated."
    " [default: training_data of this checkout]",
)  # fmt: skip
@click.option(
    "--gazetteer", multiple=True, metavar="FILE", type=click.Path(path_type=Path),
    help="Lines class<TAB>phrase; may be repeated. [default: training_data/gazetteer]",
)  # fmt: skip
@click.option(
    "--gold", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    help="Labelled paragraphs to measure on; nothing is fitted on them.",
)  # fmt: skip
@click.option("--version", "name", metavar="NAME", help="Name of the version. [default: the next]")
@click.option("--promote", is_flag=True, help="Make the new version the one that load() gives.")
@click.option("--jobs", default=-1, show_default="all cores", help="Processes to fit with.")
@MODELS
def train(
    data: tuple[Path, ...],
    gazetteer: tuple[Path, ...],
    gold: tuple[Path, ...],
    name: str | None,
    promote: bool,
    jobs: int,
    models: Path | None,
) -> None:
    """Fit a model on labelled paragraphs and write it as a new version.

    \b
    Examples:
      directive-clf train
      directive-clf train --data mine.csv --models my_models --promote
    """  # noqa: D301
    if not jobs:
        raise click.BadParameter("0 processes fit nothing", param_hint="--jobs")
    # scikit-learn takes a second to import, and only this command needs it.
    from ..training import train as run
    from ..training.publish import shipped_data, shipped_gazetteer

    path = run(
        data or shipped_data(),
        gazetteer or shipped_gazetteer(),
        models=models,
        version=name,
        gold=gold,
        promote=promote,
        n_jobs=jobs,
        progress=sys.stderr.isatty(),
    )
    figures = persistence.read_manifest(path)["metrics"]
    for kind in ("cross_validation", "gold"):
        for part, found in figures.get(kind, {}).items():
            low, high = found["macro_f1_interval"]
            click.echo(
                f"{kind:16} {part:3}  n={found['n']:<6} macro_f1={found['macro_f1']:.3f}"
                f" [{low:.3f}, {high:.3f}]  accuracy={found['accuracy']:.3f}"
            )
    click.echo(path)
