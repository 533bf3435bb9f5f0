"""Options that several commands take, and the checks that go with them."""

from __future__ import annotations

from pathlib import Path

import click

from .. import registry

__all__ = ["JOBS", "MODEL", "MODELS", "TAXONOMY", "check_output"]

MODEL = click.option(
    "--model",
    metavar="NAME|PATH",
    help="Version, alias or folder of the model. [default: champion]",
)


def _check_jobs(context: click.Context, parameter: click.Parameter, jobs: int) -> int:
    if not jobs:
        raise click.BadParameter("0 processes fit nothing")
    return jobs


JOBS = click.option(
    "--jobs", default=-1, show_default="all cores", callback=_check_jobs,
    help="Processes to fit with.",
)  # fmt: skip
TAXONOMY = click.option(
    "--taxonomy", metavar="FILE.json", type=click.Path(path_type=Path),
    help="A label set of your own: what it adds, renames, drops. [default: the project's labels]",
)  # fmt: skip
MODELS = click.option(
    "--models",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=registry.ENVIRONMENT,
    help="Registry of models. [default: the shipped one]",
)


def check_output(output: Path, inputs: list[Path]) -> None:
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
