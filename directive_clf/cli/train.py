"""``directive-clf train``: from labelled paragraphs to a model version."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import gate, persistence
from ..evaluation import figure
from .options import JOBS, MODELS

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
@click.option(
    "--behaviour", multiple=True, metavar="FILE", type=click.Path(path_type=Path),
    help="Behaviour cases that the version carries; may be repeated. [default: the shipped ones]",
)  # fmt: skip
@click.option("--version", "name", metavar="NAME", help="Name of the version. [default: the next]")
@click.option(
    "--promote", is_flag=True,
    help="Make the new version the one that load() gives, if it passes the gate on --gold"
    " (see: models promote).",
)  # fmt: skip
@click.option("--by", metavar="NAME", help="Who trains, for the records. [default: the user]")
@JOBS
@MODELS
def train(
    data: tuple[Path, ...],
    gazetteer: tuple[Path, ...],
    gold: tuple[Path, ...],
    behaviour: tuple[Path, ...],
    name: str | None,
    promote: bool,
    by: str | None,
    jobs: int,
    models: Path | None,
) -> None:
    """Fit a model on labelled paragraphs and write it as a new version.

    \b
    Examples:
      directive-clf train
      directive-clf train --data mine.csv --models my_models --promote
    """  # noqa: D301
    # scikit-learn takes a second to import, and only this command needs it.
    from ..training import train as run
    from ..training.publish import shipped_behaviour, shipped_data, shipped_gazetteer

    path = run(
        data or shipped_data(),
        gazetteer or shipped_gazetteer(),
        models=models,
        version=name,
        gold=gold,
        behaviour=behaviour or shipped_behaviour(),
        by=by,
        n_jobs=jobs,
        progress=sys.stderr.isatty(),
    )
    metrics = persistence.read_manifest(path)["metrics"]
    for kind in ("cross_validation", "gold"):
        if kind in metrics:
            for part, found in {"all": metrics[kind]["all"], **metrics[kind]["lang"]}.items():
                click.echo(
                    f"{kind:16} {part:3}  n={found['n']:<6} macro_f1={figure(found['macro_f1'])}"
                    f"  accuracy={figure(found['accuracy'])}"
                )
    click.echo(path)
    if promote:
        gate.promote(path.name, models, gold=gold, by=by, why="trained with --promote")
