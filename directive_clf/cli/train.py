"""``directive-clf train``: from labelled paragraphs to a model version."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import gate, persistence
from ..evaluation import figure, signed
from .options import JOBS, MODELS, TAXONOMY

__all__ = ["train"]


def _to_weights(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    weights = {}
    for one in given:
        name, _, number = one.rpartition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            raise click.BadParameter(f"{one!r} is not NAME=W, such as mine=3")
    return weights


@click.command()
@click.option(
    "--data", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    help="Labelled paragraphs: .jsonl, .csv or a folder; may be repeated."
    " [default: those of the project]",
)  # fmt: skip
@click.option("--with-shipped", is_flag=True, help="Fit on the project's paragraphs beside --data.")
@click.option(
    "--weight", "weights", multiple=True, metavar="NAME=W", callback=_to_weights,
    help="Count each paragraph of a file as W of them; NAME is the file's without its ending, or"
    " shipped; may be repeated. [default: 1]",
)  # fmt: skip
@TAXONOMY
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
    with_shipped: bool,
    weights: dict[str, float],
    taxonomy: Path | None,
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
      directive-clf train --data mine.csv --with-shipped --weight mine=3 --models my_models
    """  # noqa: D301
    # scikit-learn takes a second to import, and only this command needs it.
    from ..training import train as run
    from ..training.publish import shipped_behaviour, shipped_data, shipped_gazetteer

    path = run(
        data or ([] if with_shipped else shipped_data()),
        gazetteer or shipped_gazetteer(),
        models=models,
        version=name,
        gold=gold,
        with_shipped=with_shipped,
        weights=weights,
        taxonomy=taxonomy,
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
    if "own" in metrics:
        own = metrics["own"]
        click.echo(
            f"{'own':16} all  n={own['n']:<6} macro_f1 {figure(own['before'])}"
            f" -> {figure(own['after'])}, {signed(own['macro_f1'])} against {own['against']}"
        )
    click.echo(path)
    if promote:
        gate.promote(path.name, models, gold=gold, by=by, why="trained with --promote")
