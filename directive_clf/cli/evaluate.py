"""``directive-clf evaluate``: how good a model or a training set is, and where it fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..data import read_paragraphs, translated
from ..evaluation import figure, signed
from ..gazetteer import read_gazetteer
from ..taxonomy import read_taxonomy
from .options import JOBS, MODELS, TAXONOMY

__all__ = ["evaluate"]

FILES = click.Path(path_type=Path)


@click.command()
@click.argument("model", required=False, metavar="[MODEL]")
@click.option(
    "--gold", multiple=True, metavar="PATH", type=FILES,
    help="Labelled paragraphs to measure on: .jsonl, .csv, .parquet or a folder; may be repeated.",
)  # fmt: skip
@click.option("--against", metavar="MODEL2", help="A second model, measured on the same.")
@click.option(
    "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="Folder for metrics.json and report.html.",
)  # fmt: skip
@click.option(
    "--by", multiple=True, metavar="COLUMN",
    help="Break figures down by a column too; may be repeated. [always: lang, source, register,"
    " length, hard]",
)  # fmt: skip
@click.option(
    "--no-text",
    is_flag=True,
    help="Keep the texts of paragraphs out of both files (terms of mistakes stay).",
)
@click.option(
    "--cross-validate", is_flag=True,
    help="Measure the training set of --data by cross-validation, instead of a model.",
)  # fmt: skip
@click.option(
    "--learning-curve", is_flag=True,
    help="Refit on 8, 16, 32, … paragraphs a label of --data, and say what doubling is worth.",
)  # fmt: skip
@click.option(
    "--time-split", metavar="COLUMN",
    help="Refit on the earlier documents of --data and test on the later ones, by this column.",
)  # fmt: skip
@click.option(
    "--data", multiple=True, metavar="PATH", type=FILES,
    help="Training data for the three options above. [default: that of the project]",
)  # fmt: skip
@click.option(
    "--gazetteer", multiple=True, metavar="FILE", type=FILES,
    help="Lines class<TAB>phrase. [default: training_data/gazetteer]",
)  # fmt: skip
@TAXONOMY
@JOBS
@MODELS
def evaluate(
    model: str | None,
    gold: tuple[Path, ...],
    against: str | None,
    out: Path,
    by: tuple[str, ...],
    no_text: bool,
    cross_validate: bool,
    learning_curve: bool,
    time_split: str | None,
    data: tuple[Path, ...],
    gazetteer: tuple[Path, ...],
    taxonomy: Path | None,
    jobs: int,
    models: Path | None,
) -> None:
    """Measure MODEL (a version, alias or folder; the champion) on labelled paragraphs.

    Prints a short table; writes metrics.json and report.html, a page that needs no other file.

    \b
    Examples:
      directive-clf evaluate --gold gold.jsonl --out report
      directive-clf evaluate directive-2 --against directive-1 --gold gold.csv --out report
      directive-clf evaluate --cross-validate --data mine.jsonl --learning-curve --out report
    """  # noqa: D301
    if not gold and not cross_validate:
        raise click.UsageError(
            "name labelled paragraphs with --gold to measure a model, or ask for --cross-validate"
        )
    if gold and cross_validate and not learning_curve:
        raise click.UsageError("--gold goes with --cross-validate for a --learning-curve only")
    if cross_validate and (model or against):
        raise click.UsageError("--cross-validate measures a training set, and takes no model")
    from .. import assessment  # scikit-learn and matplotlib take seconds to import

    label_set = read_taxonomy(taxonomy)
    measured_on = []
    if gold and cross_validate:
        measured_on = translated(read_paragraphs(*gold, labels=label_set.readable), label_set)
    elif gold:
        measured_on = assessment.read_gold_for(model, *gold, models=models)
    out.mkdir(parents=True, exist_ok=True)  # it fails now, and not after the work
    columns = (*assessment.COLUMNS, *(c for c in by if c not in assessment.COLUMNS))
    found: dict[str, Any] = {}
    if not cross_validate:
        found = assessment.assess(
            model, measured_on, models=models, against=against, by=columns, with_text=not no_text
        )
        found["gold"]["files"] = [path.name for path in gold]
    if cross_validate or learning_curve or time_split:
        from ..training.texts import shipped_data, shipped_gazetteer

        given = read_paragraphs(*(data or shipped_data()), labels=label_set.readable)
        found |= assessment.assess_data(
            translated(given, label_set),
            read_gazetteer(*(gazetteer or shipped_gazetteer())),
            gold=measured_on,
            cross_validated=cross_validate,
            curve=learning_curve,
            labels=label_set.labels,
            time_column=time_split,
            by=columns,
            n_jobs=jobs,
            progress=sys.stderr.isatty(),
        )
    for line in _table(found):
        click.echo(line)
    for path in assessment.write_assessment(found, out):
        click.echo(path)


def _table(found: dict[str, Any]) -> list[str]:
    """Return the lines of a short table."""
    figures = found["figures"]
    lines = [f"{found['title']}: {figures['all']['n']} paragraphs"]
    for name, part in {"all": figures["all"], **figures.get("lang", {})}.items():
        lines.append(
            f"{name:26}  macro_f1={figure(part['macro_f1'])}  accuracy={figure(part['accuracy'])}"
        )
    for name, part in figures["all"]["main"].items():
        lines.append(f"{name:26}  f1={figure(part['f1_score'])}  support={part['support']}")
    if "against" in found:
        a = found["against"]
        d = a["macro_f1"]
        lines.append(
            f"against {a['version']}: macro_f1 {signed(d)}, {a['changed']} paragraphs changed,"
            f" McNemar p = {a['mcnemar']:.3g}"
        )
    if "learning_curve" in found:
        d = found["learning_curve"]["doubling"]
        lines.append(f"doubling the training text: macro_f1 {signed(d)}")
    if "time_split" in found:
        t = found["time_split"]
        lines.append(
            f"from {t['cut']} on: macro_f1={figure(t['later']['macro_f1'])};"
            f" by chance: {figure(t['by_chance']['macro_f1'])}"
        )
    return lines
