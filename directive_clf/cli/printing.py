"""What a prediction looks like on a terminal or in a pipe."""

from __future__ import annotations

import click

from ..result import EMPTY, Prediction

__all__ = ["beginning", "echo_json", "line"]


def echo_json(line: str) -> None:
    """Print JSON as UTF-8 whatever the locale, a lone surrogate as its escape."""
    click.echo(line.encode("utf-8", "backslashreplace"))


def line(text: str, prediction: Prediction) -> str:
    """One paragraph for a reader: main label, its probability, others, the text's beginning."""
    p = f"{prediction.probability(prediction.labels[0]):.2f}" if prediction.labels else ""
    more = "".join(f"+{label} " for label in prediction.labels[1:])
    more += "".join(f"({flag}) " for flag in prediction.flags if flag != EMPTY)
    return f"{prediction.main or '(empty)':27}{p:4}  {more}{beginning(text)}"


def beginning(text: str, width: int = 80) -> str:
    """Return the beginning of a text, on one line that steers no terminal."""
    # What does not print (the escapes that steer a terminal) gives way to a space.
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
