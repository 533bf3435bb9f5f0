"""``directive-clf classify``: one paragraph, or those of standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .. import registry
from ..article import classify_article
from .options import MODEL, MODELS
from .printing import echo_json, line

__all__ = ["classify"]


@click.command()
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
            echo_json(json.dumps({"text": body, **prediction.to_dict()}, ensure_ascii=False))
        else:
            click.echo(line(body, prediction))


def _read_stdin() -> str:
    read = sys.stdin.buffer.read() if sys.stdin else b""  # None where it is closed
    return read.decode("utf-8-sig", errors="replace")


def _decode(argument: str) -> str:
    """Return an argument as UTF-8 whatever the locale, which leaves surrogates for its bytes."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
