"""Scored tables to the rows of an output: which rows, which columns, and the lines they make."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .batch import PROBABILITY, Table, answer_columns

__all__ = ["FIRST", "GIVEN", "Shape", "columns_of", "iter_rows", "kinds_of", "to_lines"]

FIRST = ("id", "document_id", "paragraph", "start", "end", "title", "date")
"""The columns that stand before those carried through."""

GIVEN = ("id", "document_id", "title", "date")
"""Those of them that come from the input, and can hold any kind of value."""

_LONG = ("label", "probability", "holds")

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True)
class Shape:
    """What an output holds.

    Attributes
    ----------
    long : bool
        A row a paragraph and label, in place of a column a label. A paragraph without an answer
        has one row.
    only : tuple of str
        Leave out paragraphs that carry none of these labels.
    min_probability : float
        Leave out paragraphs that carry no label (of `only`) of at least this probability; of
        long rows, labels of less.
    with_text : bool
        A column ``text``.
    explain : int
        The so many terms that move the main label's score most, with what they add to it.
    per_document : bool
        A row a document: how many paragraphs, and the share of each label among those that are
        not boilerplate.
    """

    long: bool = False
    only: tuple[str, ...] = ()
    min_probability: float = 0.0
    with_text: bool = False
    explain: int = 0
    per_document: bool = False


def columns_of(labels: Sequence[str], shape: Shape, carried: Sequence[str]) -> list[str]:
    """Return all columns of an output, in order; see :func:`iter_rows`."""
    answers = [*answer_columns(labels, shape.explain)]
    if shape.long:
        answers = [name for name in answers if not name.startswith(PROBABILITY)]
        answers[answers.index("labels") : answers.index("labels") + 1] = _LONG
    text = ["text"] if shape.with_text else []
    return [*FIRST, *carried, *text, *answers]


def iter_rows(table: Table, labels: Sequence[str], shape: Shape) -> Iterator[dict[str, Any]]:
    """Yield the rows of a scored table, as a dictionary each.

    A carried column of the name of one of ours is called ``input_…``.
    """
    names = columns_of(labels, Shape(with_text=shape.with_text, explain=shape.explain), [])
    head, tail = names[: len(FIRST)], names[len(FIRST) :]
    taken = _taken(labels, shape)
    heads = zip(*(table[name] for name in head))
    tails = zip(*(table[name] for name in tail))
    for first, carried, last in zip(heads, table["carried"], tails):
        row = dict(zip(head, first))
        for name, value in carried.items():
            row[f"input_{name}" if name in taken else name] = value
        row.update(zip(tail, last))
        if (shape.only or shape.min_probability) and not _is_wanted(row, shape):
            continue
        if shape.long:
            yield from _long_rows(row, labels, shape)
        else:
            yield row


def _is_wanted(row: Mapping[str, Any], shape: Shape) -> bool:
    return any(
        row[PROBABILITY + label] >= shape.min_probability
        for label in row["labels"]
        if not shape.only or label in shape.only
    )


def _long_rows(
    row: dict[str, Any], labels: Sequence[str], shape: Shape
) -> Iterator[dict[str, Any]]:
    probabilities = {label: row[PROBABILITY + label] for label in labels}
    named = set(row["labels"])
    kept: dict[str, Any] = {}
    for name, value in row.items():
        if name == "labels":
            kept |= dict.fromkeys(_LONG)
        elif not name.startswith(PROBABILITY) or name.removeprefix(PROBABILITY) not in labels:
            kept[name] = value
    if row["main"] is None:
        yield kept
        return
    for label, p in probabilities.items():
        if p >= shape.min_probability and (not shape.only or label in shape.only):
            yield {**kept, "label": label, "probability": p, "holds": label in named}


def to_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    r"""Return rows as lines of JSON in UTF-8; a lone surrogate becomes its escape (``\ud800``)."""
    lines = []
    for row in rows:
        try:
            lines.append(_encode(row))
        except ValueError:  # a number that JSON does not have, as 1e999 reads
            lines.append(_encode({name: _finite(value) for name, value in row.items()}))
    lines.append("")
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def kinds_of(table: Table, labels: Sequence[str], shape: Shape) -> dict[str, str]:
    """Return which kinds of values those columns hold that come from the input.

    The kinds of a column are letters in order: ``b`` bool, ``f`` float, ``i`` int that 64 bits
    hold, ``o`` any other, ``s`` str; None is of no kind.
    """
    kinds = {name: set(map(_kind, table[name])) for name in GIVEN}
    taken = _taken(labels, shape)
    for row in table["carried"]:
        for name, value in row.items():
            found = kinds.setdefault(f"input_{name}" if name in taken else name, set())
            found.add("s" if type(value) is str else _kind(value))
    return {name: "".join(sorted(found)) for name, found in kinds.items()}


def _taken(labels: Sequence[str], shape: Shape) -> set[str]:
    """Return the names that no carried column can have."""
    return {*FIRST, "text", *answer_columns(labels, shape.explain), *_LONG}


def _kind(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "s"
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int):
        return "i" if -(2**63) <= value < 2**63 else "o"
    return "f" if isinstance(value, float) else "o"
