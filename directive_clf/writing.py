"""The lines of a run to its output: JSON lines as they are, CSV, TSV, parquet, a row a document.

CSV and parquet want all columns before the first row, and a pile tells its last column with its
last file: so they are made of the finished lines, in a second pass that costs little.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from .batch import ANSWERED, FAILED, PROBABILITY
from .exceptions import DataError
from .files import beside
from .labels import BOILERPLATE, OTHER
from .result import EMPTY
from .shaping import to_lines

__all__ = [
    "FORMULA",
    "SUFFIXES",
    "check_suffix",
    "document_columns",
    "iter_documents",
    "iter_lines",
    "write_rows",
    "write_table",
]

SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")

GROUP = 16_384
GROUP_LENGTH = 4 << 20
"""Rows, and characters of JSON, of a parquet row group: what is in memory at once."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet would run."""

_NUMBER = re.compile(r"[-+]?[0-9.,]+(?:[eE][-+]?[0-9]+)?%?")

_INTEGERS = {"paragraph", "start", "end", "paragraphs", "boilerplate", "unanswered"}
_LISTS = {"labels": "s", "flags": "s", "top_terms": "s", "top_scores": "f"}
_FLOATS = ("unknown", "probability")
_SHARE = "share_"


def iter_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file that this package wrote."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        yield from lines


def write_rows(
    lines: Iterable[str],
    path: Path,
    suffix: str,
    columns: Sequence[str],
    kinds: Mapping[str, str],
    *,
    escape_formulas: bool = True,
    byte_order_mark: bool = False,
) -> None:
    """Write lines of JSON as another format, and see that they are on the disk.

    Parameters
    ----------
    lines : iterable of str
        An object each.
    path : Path
    suffix : str
        Of ``SUFFIXES``.
    columns : sequence of str
    kinds : mapping of str to str
        Of the columns that are not ours; see :func:`directive_clf.shaping.kinds_of`.
    escape_formulas : bool
        Put ``'`` before a text in CSV that a spreadsheet would run: one that begins with ``=``,
        ``+``, ``-``, ``@``, a tab or a carriage return, and is no number. (OWASP, *CSV Injection*)
    byte_order_mark : bool
        Begin CSV with one, by which Excel knows UTF-8.
    """
    if suffix == ".jsonl":
        with path.open("wb") as raw:
            raw.writelines(line.encode("utf-8", "backslashreplace") for line in lines)
            raw.flush()
            os.fsync(raw.fileno())
    elif suffix == ".parquet":
        _write_parquet(lines, path, columns, kinds)
    else:
        encoding = "utf-8-sig" if byte_order_mark else "utf-8"
        with path.open("w", encoding=encoding, errors="backslashreplace", newline="") as out:
            delimiter = "\t" if suffix == ".tsv" else ","
            # The module puts quotes round a line end of its own kind only: "\r\n" is both.
            writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
            cell = _safe_cell if escape_formulas else _cell
            writer.writerow(map(cell, columns))
            for row in map(json.loads, lines):
                writer.writerow([cell(row.get(name)) for name in columns])
            out.flush()
            os.fsync(out.fileno())


def write_table(
    rows: Iterable[Mapping[str, Any]],
    path: str | Path,
    columns: Sequence[str],
    kinds: Mapping[str, str],
    *,
    suffix: str | None = None,
    escape_formulas: bool = True,
) -> None:
    """Write rows as :func:`write_rows` does, whole or not at all; by default by the ending."""
    path = Path(path).resolve()
    part = beside(path)
    lines = (to_lines([row]).decode() for row in rows)
    try:
        write_rows(
            lines, part, suffix or check_suffix(path), columns, kinds,
            escape_formulas=escape_formulas,
        )  # fmt: skip
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return "|".join(map(str, value))
    return value if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _safe_cell(value: Any) -> Any:
    cell = _cell(value)
    if isinstance(cell, str) and cell.startswith(FORMULA) and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def _write_parquet(
    lines: Iterable[str], path: Path, columns: Sequence[str], kinds: Mapping[str, str]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {name: _letter(name, kinds) for name in columns}
    letters = {"s": pa.string(), "f": pa.float64(), "i": pa.int64(), "b": pa.bool_()}
    schema = pa.schema(
        [
            (name, pa.list_(letters[_LISTS[name]]) if name in _LISTS else letters[letter])
            for name, letter in types.items()
        ]
    )
    with path.open("wb") as out:
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for group in _groups(lines):
                rows = [json.loads(line) for line in group]
                arrays = [
                    pa.array(
                        [_typed(row.get(name), letter, name in _LISTS) for row in rows],
                        schema.field(name).type,
                    )
                    for (name, letter), kind in zip(types.items(), schema.types, strict=True)
                ]
                writer.write_table(pa.table(arrays, schema=schema))
        out.flush()
        os.fsync(out.fileno())


def _letter(name: str, kinds: Mapping[str, str]) -> str:
    """Return the kind of values of a column as a whole."""
    if name in kinds:
        found = kinds[name]
        return {"i": "i", "f": "f", "fi": "f", "b": "b"}.get(found, "s")
    if name in _INTEGERS:
        return "i"
    if name == "holds":
        return "b"
    return "f" if name in _FLOATS or name.startswith((PROBABILITY, _SHARE)) else "s"


def _typed(value: Any, letter: str, is_list: bool) -> Any:
    if value is None:
        return None
    if is_list:
        return [_writable(item) if isinstance(item, str) else item for item in value]
    if letter == "s":
        return _writable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return float(value) if letter == "f" else value


def _writable(text: str) -> str:
    """Return a text without lone surrogates, which Arrow does not hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _groups(lines: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    length = 0
    for line in lines:
        group.append(line)
        length += len(line)
        if len(group) == GROUP or length >= GROUP_LENGTH:
            yield group
            group, length = [], 0
    if group:
        yield group


# A row a document ---------------------------------------------------------------------------------


def document_columns(labels: Sequence[str], boilerplate: str = BOILERPLATE) -> list[str]:
    """Return the columns of :func:`iter_documents`."""
    shares = [_SHARE + label for label in (*labels, OTHER) if label != boilerplate]
    counts = ["paragraphs", "boilerplate", "unanswered"]
    return ["document_id", "title", "date", *counts, "main", *shares, "status", "model"]


def iter_documents(
    lines: Iterable[str], labels: Sequence[str], boilerplate: str = BOILERPLATE
) -> Iterator[str]:
    """Turn rows of paragraphs to rows of documents, in the order in which they begin.

    The paragraphs of a document need not stand together: they are put together on the disk, in a
    file that the system forgets.

    Parameters
    ----------
    lines : iterable of str
        Rows of paragraphs, wide.
    labels : sequence of str
    boilerplate : str
        The label that is taken away first.

    Yields
    ------
    str
        A line of JSON. ``paragraphs`` counts all; ``boilerplate`` those that are, and
        ``unanswered`` those without an answer; ``share_…`` is the share of each main label among
        the rest, and None where there is no rest; ``main`` is the commonest of them, in the order
        of labels where two are.
    """
    classes = [label for label in (*labels, OTHER) if label != boilerplate]
    store = sqlite3.connect("")
    try:
        store.execute("CREATE TABLE rows (document, title, date, main, status, model)")
        rows = map(json.loads, lines)
        while some := [_stored(row) for row in islice(rows, GROUP)]:
            store.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)", some)
        sums = ", sum(main = ?)" * len(classes)
        query = (
            "SELECT document, max(title), max(date), count(*),"
            f" sum(main = ?), sum(main IS NULL), max(model), min(status){sums}"
            " FROM rows GROUP BY document ORDER BY min(rowid)"
        )
        for document, title, date, n, furniture, unanswered, model, worst, *counts in store.execute(
            query, [boilerplate, *classes]
        ):
            rest = n - (furniture or 0) - unanswered
            top = max(range(len(classes)), key=lambda i: counts[i] or 0)
            yield to_lines(
                [
                    {
                        "document_id": json.loads(document),
                        "title": json.loads(title),
                        "date": json.loads(date),
                        "paragraphs": n,
                        "boilerplate": furniture or 0,
                        "unanswered": unanswered,
                        "main": classes[top] if rest else (boilerplate if furniture else None),
                        **{
                            _SHARE + label: round((count or 0) / rest, 6) if rest else None
                            for label, count in zip(classes, counts, strict=True)
                        },
                        "status": worst[1:],
                        "model": model,
                    }
                ]
            ).decode()
    finally:
        store.close()


_RANK = {status: f"{i}{status}" for i, status in enumerate((*FAILED, *ANSWERED[::-1], EMPTY))}
"""A document has the status of its worst paragraph; a blank one is worse than none only."""


def _stored(row: Mapping[str, Any]) -> list[Any]:
    kept = [json.dumps(row[name], ensure_ascii=True) for name in ("document_id", "title", "date")]
    return [*kept, row["main"], _RANK[row["status"]], row["model"]]


def check_suffix(path: Path) -> str:
    """Return the ending of an output, in lower case, if it is one that is written."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"expected a name ending in {', '.join(SUFFIXES)}", path)
    return suffix
