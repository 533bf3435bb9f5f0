"""The command line: it parses and prints, and calls the library for the rest."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import click

from . import _version, batch, persistence, registry
from .article import classify_article
from .exceptions import DirectiveClfError
from .result import EMPTY, Prediction

__all__ = ["cli", "main"]

MODEL = click.option(
    "--model",
    metavar="NAME|PATH",
    help="Version, alias or folder of the model. [default: champion]",
)
MODELS = click.option(
    "--models",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=registry.ENVIRONMENT,
    help="Registry of models. [default: the shipped one]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version.__version__, prog_name="directive-clf")
def cli() -> None:
    """Sort paragraphs about what states ask of industry, in English and Chinese.

    \b
    Labels: innovation_push, governance_party_oversight, localisation, major_projects,
    marketing_boilerplate; a paragraph can carry several, or none (other).

    \b
    Examples:
      directive-clf classify "The 1,200-km line entered service on Tuesday."
      directive-clf score article.txt
      directive-clf score articles/ -o labelled.jsonl
      directive-clf train --data mine.jsonl --models my_models --promote
    """  # noqa: D301


@cli.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a paragraph.")
@MODEL
@MODELS
def classify(text: str, as_json: bool, model: str | None, models: Path | None) -> None:
    """Label TEXT, one paragraph; with - as TEXT, the paragraphs of standard input.

    Put -- before a TEXT that begins with a hyphen.

    \b
    Examples:
      directive-clf classify "国资委要求中央企业加大研发投入。"
      pbpaste | directive-clf classify -
      directive-clf classify --json "Open your account today."
    """  # noqa: D301
    classifier = registry.load(model, models=models)
    found = []
    if text == "-":
        text = _read_stdin()
        article = classify_article(classifier, text)
        found = [(p.text, p.prediction) for p in article.paragraphs]
    else:
        text = _decode(text)
    for body, prediction in found or [(text, classifier.classify(text))]:
        if as_json:
            _echo_json(json.dumps({"text": body, **prediction.to_dict()}, ensure_ascii=False))
        else:
            click.echo(_line(body, prediction))


@cli.command()
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
        _check_output(output, paths)
    classifier = registry.load(model, models=models)
    rows = batch.iter_scored(classifier, paths, text_column=text_column, split=split)
    if output is not None:
        counts = batch.write_scored(rows, output)
        summary = ", ".join(f"{counts[s]} {s}" for s in batch.STATUSES if counts[s])
        click.echo(f"{output}: {summary or 'no rows'}", err=True)
    else:
        for row in rows:
            if as_json:
                _echo_json(batch.to_json(row))
            else:
                click.echo(_table_line(row))


@cli.command()
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
    from .training import train as run
    from .training.publish import shipped_data, shipped_gazetteer

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


def main(*commands: str) -> None:
    """Run the command line; a script calls it with the name of its command first.

    A fault is one line on stderr and exit status 1; misuse exits with 2; a reader that goes away
    (``| head``) ends the run without a word.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Chinese
    try:
        # click itself ends the run at a broken pipe.
        cli.main([*commands, *sys.argv[1:]], prog_name="directive-clf", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except DirectiveClfError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        click.echo(f"error: {place}{error.strerror or error}", err=True)
        sys.exit(1)


def _check_output(output: Path, inputs: list[Path]) -> None:
    """Raise a usage error where nothing can be written, or an input would be overwritten."""
    fault = None
    if not output.name:
        fault = "the name is empty"
    elif not output.parent.is_dir():
        fault = f"{output.parent} is not a folder"
    elif output.exists() and any(map(output.samefile, inputs)):
        fault = f"{output} is one of the inputs; name another file"
    if fault:
        raise click.BadParameter(fault, param_hint="--output")


def _read_stdin() -> str:
    read = sys.stdin.buffer.read() if sys.stdin else b""  # None where it is closed
    return read.decode("utf-8-sig", errors="replace")


def _decode(argument: str) -> str:
    """Return an argument as UTF-8 whatever the locale, which leaves surrogates for its bytes."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _echo_json(line: str) -> None:
    """Print JSON as UTF-8 whatever the locale, a lone surrogate as its escape."""
    click.echo(line.encode("utf-8", "backslashreplace"))


def _line(text: str, prediction: Prediction) -> str:
    """One paragraph for a reader: main label, its probability, others, the text's beginning."""
    p = f"{prediction.probability(prediction.labels[0]):.2f}" if prediction.labels else ""
    more = "".join(f"+{label} " for label in prediction.labels[1:])
    more += "".join(f"({flag}) " for flag in prediction.flags if flag != EMPTY)
    return f"{prediction.main or '(empty)':27}{p:4}  {more}{_beginning(text)}"


def _table_line(row: dict[str, Any]) -> str:
    if row["status"] == "bad_row":
        return f"{'(bad row)':31}  {row['error']}"
    prediction = Prediction(
        tuple(row["labels"]), row["probabilities"], tuple(row["flags"]), row["model"]
    )
    return _line(row["text"], prediction)


def _beginning(text: str, width: int = 80) -> str:
    # What does not print (the escapes that steer a terminal) gives way to a space.
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
