"""Labelled paragraphs between formats: tables, and what annotation tools read and write."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .annotation import EMPTY, TOOLS, Reply, Suggestion, tool_of
from .data import Paragraph, read_paragraphs, to_paragraph, to_row
from .exceptions import DataError
from .files import open_whole, refusing_other_bytes
from .labels import LABELS
from .tables import iter_table
from .writing import write_table

__all__ = ["FORMATS", "Export", "guess_format", "read_export", "write_export"]

TABLES = {".jsonl": "jsonl", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"}
FORMATS = (*TABLES.values(), *TOOLS)

_KINDS = {bool: "b", int: "i", float: "f", str: "s"}


@dataclass(frozen=True)
class Export:
    """What a file says.

    Attributes
    ----------
    readings : dict of str to list of Paragraph
        The labelled paragraphs of each annotator, by name; ``""`` where the file names none.
    left_out : Counter of str
        Why rows gave none, and how many.
    """

    readings: dict[str, list[Paragraph]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def of(self, annotator: str | None = None) -> list[Paragraph]:
        """Return the paragraphs of one annotator, or of the only one.

        Raises
        ------
        DataError
            If there is no such annotator, or several and none is named.
        """
        known = ", ".join(sorted(self.readings)) or "none"
        if annotator is not None:
            if annotator not in self.readings:
                raise DataError(f"no annotator {annotator!r}; there are {known}")
            return self.readings[annotator]
        if len(self.readings) > 1:
            raise DataError(
                f"several annotators answered ({known}), who may not agree: name one with"
                " --annotator, or write a file each with --by-annotator"
            )
        return next(iter(self.readings.values()), [])


def guess_format(path: str | Path) -> str:
    """Return the format of a file, from its ending and the first row of what it holds.

    Raises
    ------
    DataError
        If it cannot be told.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in TABLES and suffix != ".jsonl":
        return TABLES[suffix]
    first: Any = {}
    if suffix == ".json":
        items = _read_array(path)
        first = items[0] if items else {}
    elif suffix == ".jsonl":
        with refusing_other_bytes(path):
            first = next((row for _, row, error in iter_table(path) if error is None), {})
    found = tool_of(first) if isinstance(first, Mapping) else None
    if found is None and suffix == ".jsonl":
        return "jsonl"
    if found is None:
        raise DataError(f"cannot tell the format; name one of {', '.join(FORMATS)}", path)
    return found


def read_export(
    path: str | Path,
    form: str | None = None,
    *,
    labels: tuple[str, ...] = LABELS,
    empty_is_other: bool = False,
) -> Export:
    """Read labelled paragraphs from a table or from the export of an annotation tool.

    Parameters
    ----------
    path : path-like
    form : str, optional
        Of ``FORMATS``; guessed where it is not given.
    labels : tuple of str
        The labels that may stand there.
    empty_is_other : bool
        Take an answer without a choice for ``other``. By default it is none: tools export what
        nobody looked at in the same way.

    Raises
    ------
    DataError
        At the first fault. In a JSON array an item is named by its number.
    """
    path = Path(path)
    form = form or guess_format(path)
    if form not in FORMATS:
        raise DataError(f"no format {form!r}; there are {', '.join(FORMATS)}")
    if form not in TOOLS:
        return Export({"": read_paragraphs(path, labels=labels)})
    tool = TOOLS[form]
    answers: dict[str, dict[str, Paragraph]] = {}
    found = Export()
    for line, where, row in _iter_items(path):
        try:
            if not isinstance(row, Mapping):
                raise ValueError(f"found {json.dumps(row):.60}; expected an object of {form}")
            replies = [*tool.read(row)]
            for reply in replies:
                if reply.labels is None and not (empty_is_other and reply.missing == EMPTY):
                    found.left_out[reply.missing] += 1
                    continue
                one = _to_paragraph(reply, labels, path, line)
                # Who answered twice meant the last.
                answers.setdefault(reply.annotator, {})[one.id] = one
        except DataError as error:
            raise DataError(where + error.reason, path, line) from None
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            reason = str(error) if isinstance(error, ValueError) else f"not a row of {form}"
            raise DataError(where + reason, path, line) from None
    found.readings.update({name: [*by_id.values()] for name, by_id in answers.items()})
    return found


def write_export(
    paragraphs: Sequence[Paragraph],
    path: str | Path,
    form: str | None = None,
    *,
    labels: tuple[str, ...] = LABELS,
    suggestions: Sequence[Suggestion] | None = None,
) -> None:
    """Write labelled paragraphs as a table, or as what an annotation tool imports.

    Parameters
    ----------
    paragraphs : sequence of Paragraph, length n
    path : path-like
        Appears whole or not at all.
    form : str, optional
        Of ``FORMATS``; by default that of the ending.
    labels : tuple of str
        The labels that an annotator shall choose from, beside ``other``.
    suggestions : sequence of Suggestion, length n, optional
        What a model says, to be looked over: written in place of the labels, as the tool has it.

    Raises
    ------
    DataError
        If the format cannot be told, or the ending is not that of what the tool reads.
    """
    path = Path(path)
    form = form or TABLES.get(path.suffix.lower())
    if form not in FORMATS:
        raise DataError(f"cannot tell the format; name one of {', '.join(FORMATS)}", path)
    rows = [to_row(p) for p in paragraphs]
    told = [None] * len(rows) if suggestions is None else suggestions
    if form in TOOLS:
        tool = TOOLS[form]
        ending = ".json" if tool.is_array else ".jsonl"
        if path.suffix.lower() != ending:
            raise DataError(f"what {form} reads is {ending[1:].upper()}; name it *{ending}", path)
        items = [tool.write(row, labels, one) for row, one in zip(rows, told, strict=True)]
        with open_whole(path) as out:
            if tool.is_array:
                out.write(json.dumps(items, ensure_ascii=False, indent=1) + "\n")
            else:
                out.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
        return
    for row, one in zip(rows, told, strict=True):
        if one is not None:
            row |= {"labels": list(one.labels), "certainty": one.score, "suggested_by": one.model}
    _write_table(rows, path, "." + form)


def _write_table(rows: Sequence[dict[str, Any]], path: Path, suffix: str) -> None:
    kinds: dict[str, str] = {"text": "s", "labels": ""}
    for row in rows:
        for name, value in row.items():
            kinds[name] = "".join(sorted({*kinds.get(name, ""), _KINDS.get(type(value), "o")}))
    if suffix in (".csv", ".tsv"):  # where an empty cell could be taken for one that was forgotten
        rows = [row | {"labels": row["labels"] or ["other"]} for row in rows]
    # Nothing is put before a text that a spreadsheet would run: it would be read as part of it.
    write_table(rows, path, [*kinds], kinds, suffix=suffix, escape_formulas=False)


def _to_paragraph(reply: Reply, labels: tuple[str, ...], path: Path, line: int | None) -> Paragraph:
    row = {**reply.meta, "text": reply.text, "labels": reply.labels or []}
    return to_paragraph(row, labels, path, line)


def _read_array(path: Path) -> list[Any]:
    with refusing_other_bytes(path):
        content = path.read_text(encoding="utf-8-sig")
    try:
        items = json.loads(content)
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error.msg})", path, error.lineno) from None
    if not isinstance(items, list):
        raise DataError("expected a JSON array, as the tool exports", path)
    return items


def _iter_items(path: Path) -> Iterable[tuple[int | None, str, Any]]:
    """Yield line, place in words and value of each item of an array, or of JSON lines."""
    if path.suffix.lower() == ".json":
        for number, item in enumerate(_read_array(path), 1):
            yield None, f"item {number}: ", item
        return
    with refusing_other_bytes(path):
        for line, row, error in iter_table(path):
            if error is not None:
                raise DataError(error, path, line)
            yield line, "", row
