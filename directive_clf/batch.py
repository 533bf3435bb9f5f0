"""Files in, rows out: score articles and tables of texts.

Every paragraph of an article and every line of a table gives one row, with a status; a faulty line
is a row that says so, and the run goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from .article import split_paragraphs
from .classifier import Classifier
from .data import iter_table, list_fields
from .exceptions import DataError
from .files import open_whole
from .result import DAMAGED, EMPTY

__all__ = ["STATUSES", "find_inputs", "iter_scored", "to_json", "write_scored"]

STATUSES = ("ok", "empty", "bad_row")
"""``ok``: labelled. ``empty``: blank, no answer. ``bad_row``: not a text; ``error`` says why."""

TEXT_COLUMNS = ("text", "paragraph_text", "body", "content", "正文", "内容")
"""Columns taken for the text where none is named, the first that is there."""

SUFFIXES = (".txt", ".jsonl", ".csv")
CHUNK = 512


class _Item(NamedTuple):
    """A text to score, or the reason why there is none; `row` holds what goes before its labels."""

    row: dict[str, Any]
    text: str
    error: str | None = None


def iter_scored(
    classifier: Classifier,
    inputs: Iterable[str | Path],
    *,
    text_column: str | None = None,
    split: bool = False,
) -> Iterator[dict[str, Any]]:
    """Score files and yield a row a paragraph, in order.

    Parameters
    ----------
    classifier : Classifier
    inputs : iterable of path-like
        ``.txt`` files, an article each; ``.jsonl`` and ``.csv`` files with a text a line; folders,
        of which all such files, sorted by name, are read.
    text_column : str, optional
        The column that holds the text of a table; by default the first of ``TEXT_COLUMNS``.
    split : bool
        Split the texts of tables into paragraphs, as articles are.

    Yields
    ------
    dict
        ``id, document_id, paragraph, start, end, text, main, labels, probabilities, flags, status,
        model``, and ``error`` where the status is ``bad_row``. ``start`` and ``end`` are character
        offsets into the article or the cell. An ``id`` or ``document_id`` of the input is
        kept; otherwise they are the file's name, and that with the line or the paragraph's number.
        Text that is not UTF-8 is read as U+FFFD and flagged ``damaged``.

    Raises
    ------
    DataError
        Before anything is scored, if an input does not exist or has another ending.
    OSError
        If a file cannot be read.
    """
    paths = find_inputs(inputs)
    seen = Counter(path.name for path in paths)
    # A file is called by its name, or, where another has the same, by its path.
    names = [path.name if seen[path.name] == 1 else path.as_posix() for path in paths]
    items = (
        item
        for path, name in zip(paths, names, strict=True)
        for item in _iter_items(path, name, text_column, split)
    )
    while chunk := list(islice(items, CHUNK)):
        predictions = iter(classifier.classify_many(i.text for i in chunk if i.error is None))
        for item in chunk:
            if item.error is not None:
                yield {**item.row, **_nothing(classifier), "status": "bad_row", "error": item.error}
                continue
            prediction = next(predictions)
            answer = prediction.to_dict()
            if "\ufffd" in item.text or "\0" in item.text:
                answer["flags"].append(DAMAGED)
            status = "empty" if EMPTY in prediction.flags else "ok"
            yield {**item.row, **answer, "status": status}


def write_scored(rows: Iterable[Mapping[str, Any]], path: str | Path) -> Counter[str]:
    """Write rows as JSONL, whole or not at all, without their texts; return a count by status.

    The rows go to a file beside `path`, which takes its name when it is complete.
    """
    counts: Counter[str] = Counter()
    with open_whole(path) as out:
        for row in rows:
            counts[row["status"]] += 1
            out.write(to_json(row) + "\n")
    return counts


def to_json(row: Mapping[str, Any]) -> str:
    """Return a row as a line of JSON, without its text."""
    return json.dumps({k: v for k, v in row.items() if k != "text"}, ensure_ascii=False)


def _nothing(classifier: Classifier) -> dict[str, Any]:
    """Return what a row holds that could not be scored."""
    return {
        "main": None,
        "labels": [],
        "probabilities": dict.fromkeys(classifier.labels),
        "flags": [],
        "model": classifier.version,
    }


def find_inputs(inputs: Iterable[str | Path]) -> list[Path]:
    """Return the files of inputs, in order; see :func:`iter_scored`."""
    return [path for given in inputs for path in _find(given)]


def _find(given: str | Path) -> list[Path]:
    if not str(given):
        raise DataError("the name of an input is empty; expected a file or folder")
    path = Path(given)
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
        if not found:
            raise DataError(f"the folder holds no file ending in {', '.join(SUFFIXES)}", path)
        return found
    if not path.exists():
        raise DataError("no such file or folder", path)
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"expected a file ending in {', '.join(SUFFIXES)}, or a folder", path)
    return [path]


def _iter_items(path: Path, name: str, text_column: str | None, split: bool) -> Iterator[_Item]:
    if path.suffix.lower() == ".txt":
        yield from _paragraphs(_read_text(path), name, name)
        return
    for line, row, error in iter_table(path, errors="replace"):
        place = f"{name}:{line}"
        text = None
        if error is None:
            text, error = _text_of(row, text_column)
        kept, document = row.get("id"), row.get("document_id")
        if kept in (None, ""):
            kept = place
        if document in (None, ""):
            document = kept if split else name
        if error is not None or text is None:
            yield _Item(_row(kept, document, None, None, None, None), "", f"{place}: {error}")
        elif split and text.strip():
            yield from _paragraphs(text, kept, document)
        else:
            yield _Item(_row(kept, document, None, 0, len(text), text), text)


def _paragraphs(text: str, name: Any, document: Any) -> Iterator[_Item]:
    found = list(split_paragraphs(text)) or [("", 0, 0)]
    for number, (body, start, end) in enumerate(found):
        yield _Item(_row(f"{name}:{number}", document, number, start, end, body), body)


def _row(
    id_: Any,
    document: Any,
    number: int | None,
    start: int | None,
    end: int | None,
    text: str | None,
) -> dict[str, Any]:
    return {
        "id": id_,
        "document_id": document,
        "paragraph": number,
        "start": start,
        "end": end,
        "text": text,
    }


def _text_of(row: Mapping[str, Any], column: str | None) -> tuple[str | None, str | None]:
    """Return the text of a row, or why there is none."""
    name = column or next((name for name in TEXT_COLUMNS if name in row), TEXT_COLUMNS[0])
    if name not in row:
        return None, f"expected a column {name!r}; found {list_fields(row)}"
    value = row[name]
    if not isinstance(value, str):
        return None, f"{name!r} is {json.dumps(value)[:40]}; expected a text"
    return value, None


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", errors="replace")
