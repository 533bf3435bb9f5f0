"""The command line: it parses and prints, and calls the library for the rest.

A module a command, or a group of them; what they import that is heavy, they import when they run.
"""

from __future__ import annotations

import io
import sys

import click

from .. import _version
from ..exceptions import DirectiveClfError
from .classify import classify
from .data import data
from .evaluate import evaluate
from .models import models
from .report import report
from .score import score
from .train import train
from .view import view

__all__ = ["cli", "main"]


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


for command in (classify, data, evaluate, models, report, score, train, view):
    cli.add_command(command)


def main(*commands: str) -> None:
    """Run the command line; a script calls it with the name of its command first.

    A fault is one line on stderr and exit status 1; misuse exits with 2; a reader that goes away
    (``| head``) ends the run without a word.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Chinese
    try:
        # click itself ends the run at a broken pipe.
        status = cli.main(
            [*commands, *sys.argv[1:]], prog_name="directive-clf", standalone_mode=False
        )
        sys.exit(status)
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
