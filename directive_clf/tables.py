"""Rows of tables as they stand in a file: JSON lines, CSV, parquet; a fault is told by its row."""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .exceptions import DataError

__all__ = ["iter_csv", "iter_jsonl", "iter_parquet", "iter_table", "list_fields"]


def iter_table(
    path: Path, errors: str = "strict"
) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Yield each row of a file, whatever it holds.

    Parameters
    ----------
    path : Path
        ``.csv`` and ``.tsv`` have a header; ``.parquet`` is Arrow's; any other ending holds JSON,
        an object a line.
    errors : str
        What becomes of bytes that are not UTF-8, as in :func:`open`.

    Yields
    ------
    line : int
        Where the row begins, counted from 1; in a parquet file, the number of the row.
    row : dict
        Its values by field; ``{}`` where it cannot be read. A cell that is missing is None.
    error : str or None
        What is wrong with it.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        yield from ((number, row, None) for number, row in enumerate(iter_parquet(path), 1))
        return
    with path.open(encoding="utf-8-sig", errors=errors, newline="") as lines:
        if suffix in (".csv", ".tsv"):
            yield from iter_csv(lines, "\t" if suffix == ".tsv" else ",")
        else:
            yield from iter_jsonl(lines)


def list_fields(row: Mapping[str, Any]) -> str:
    """Return the names of the fields of a row for an error message."""
    return f"{', '.join(map(repr, row)) or 'none':.200}"


def iter_jsonl(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Yield each object of JSON lines as :func:`iter_table` does."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        error = None
        try:
            row = json.loads(line, parse_constant=lambda name: None)  # NaN: pandas' missing value
        except json.JSONDecodeError as fault:
            row, error = {}, f"not JSON (column {fault.colno}: {fault.msg}); expected an object"
        except (ValueError, RecursionError) as fault:  # a number too long, brackets too deep
            row, error = {}, f"not JSON ({fault}); expected an object"
        if not isinstance(row, dict):
            row, error = {}, f"found {json.dumps(row):.60}; expected an object"
        yield number, row, error


def iter_csv(
    lines: Iterable[str], delimiter: str = ",", limit: int = 2**31 - 1
) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Yield each row of CSV as :func:`iter_table` does; a cell over `limit` characters is bad."""
    csv.field_size_limit(limit)  # an article in one cell is longer than the module's default
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    twice = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            header = header or []
            yield line, {}, f"not CSV ({fault}); expected each quote to be closed, or doubled"
            continue
        if header is None:
            header = [name.strip() for name in cells] or None  # blank lines may stand before it
            counts = Counter(header)
            twice = next((name for name in counts if name and counts[name] > 1), None)
        elif cells:
            missing: list[str | None] = [None] * (len(header) - len(cells))
            error = None
            if len(cells) > len(header):
                error = f"found {len(cells)} cells; expected {len(header)}, as the header has"
            elif twice is not None:
                error = f"several columns are named {twice!r:.60}; expected each name once"
            yield line, dict(zip(header, cells + missing)), error


def iter_parquet(content: Path | BinaryIO, at_once: int = 1024) -> Iterator[dict[str, Any]]:
    """Yield each row of a parquet file as values that JSON has, `at_once` of them in memory.

    Raises
    ------
    DataError
        If it is none, or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not whole row groups at a time, of which there may be one only.
        table = pq.ParquetFile(content, pre_buffer=False, buffer_size=1 << 20)
        for batch in table.iter_batches(at_once):
            for row in batch.to_pylist():
                yield {name: _plain(value) for name, value in row.items()}
    except pa.ArrowException as error:
        raise DataError(f"not a parquet file, or a damaged one ({error!s:.100})") from None


def _plain(value: Any) -> Any:
    """Return a value of Arrow as one that JSON has."""
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta | decimal.Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return list(map(_plain, value))
    return str(value)
