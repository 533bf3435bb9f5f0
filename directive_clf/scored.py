"""Scored tables, as ``score`` wrote them, back to rows with values of the kinds that they had.

JSON lines and parquet keep kinds; CSV and TSV hold texts only, with lists as ``a|b`` and ``'``
before a text that a spreadsheet would run: both are undone here. (A term that is a bar, ``|``,
cannot be told from the bars between.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .batch import PROBABILITY
from .exceptions import DataError
from .files import refusing_other_bytes
from .tables import iter_table, list_fields
from .writing import FORMULA, SUFFIXES

__all__ = ["is_scored_table", "iter_scored_rows", "labels_of_row"]

NEEDED = ("main", "labels", "model", "status")
"""Columns that every scored table of paragraphs has."""

_TEXT_KINDS = (".csv", ".tsv")
_INTEGERS = ("paragraph", "start", "end")
_LISTS = ("labels", "flags", "top_terms", "top_scores")


def is_scored_table(path: Path) -> bool:
    """Tell whether a file is a table whose first row that can be read has been scored."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    for _, row, error in iter_table(path, "replace"):
        if error is None:
            return all(name in row for name in NEEDED)
    return False


def labels_of_row(row: Iterable[str]) -> tuple[str, ...]:
    """Return the labels that a row of a scored table has probabilities of, in their order."""
    return tuple(name.removeprefix(PROBABILITY) for name in row if name.startswith(PROBABILITY))


def iter_scored_rows(*paths: str | Path) -> Iterator[dict[str, Any]]:
    """Yield each row of scored tables: paragraphs, a column a label.

    Parameters
    ----------
    *paths : path-like
        Each ends in ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``.

    Yields
    ------
    dict
        As :meth:`directive_clf.batch.Scorer.score` tells: ``labels`` and ``flags`` are lists,
        probabilities floats or None, ``main`` None where there is no answer.

    Raises
    ------
    DataError
        At the first row that cannot be read or was not scored, with its place and the remedy; or
        if the tables were scored for different labels.
    """
    first: tuple[str, ...] | None = None
    for path in map(Path, paths):
        if path.suffix.lower() not in SUFFIXES:
            raise DataError(f"expected a scored table, ending in {', '.join(SUFFIXES)}", path)
        to_row = _typed if path.suffix.lower() in _TEXT_KINDS else dict
        with refusing_other_bytes(path):
            for line, found, error in iter_table(path):
                if error is not None:
                    raise DataError(error, path, line)
                _check_columns(found, path, line)
                try:
                    row = to_row(found)
                except ValueError as fault:
                    raise DataError(f"{fault}; expected what `score` writes", path, line) from None
                labels = labels_of_row(row)
                if first is None:
                    first = labels
                elif labels != first:
                    raise DataError(
                        f"has probabilities of {', '.join(labels)}, and rows before it of"
                        f" {', '.join(first)}; score both with one model",
                        path,
                        line,
                    )
                yield row


def _check_columns(row: dict[str, Any], path: Path, line: int) -> None:
    if all(name in row for name in NEEDED) and any(map(_is_probability, row)):
        return
    if "holds" in row and "probability" in row:
        fault = "a row a label is too few for a paragraph; score it anew without --long"
    elif "share_other" in row:
        fault = "a row a document has no paragraphs; score it anew without --per-document"
    else:
        fault = f"this table was not scored: it has {list_fields(row)}; run `score` on it first"
    raise DataError(fault, path, line)


def _is_probability(name: str) -> bool:
    return name.startswith(PROBABILITY)


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of CSV with the kinds of values that it was written from."""
    found: dict[str, Any] = {}
    for name, cell in row.items():
        if cell and cell[0] == "'" and cell[1:2] in FORMULA:
            cell = cell[1:]
        if name in _LISTS:
            values = cell.split("|") if cell else []
            found[name] = list(map(float, values)) if name == "top_scores" else values
        elif not cell:
            found[name] = "" if name == "text" else None
        elif _is_probability(name) or name == "unknown":
            found[name] = float(cell)
        elif name in _INTEGERS:
            found[name] = int(cell)
        else:
            found[name] = cell
    return found
