"""Labelled paragraphs in and out, validated on every read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from . import text
from .exceptions import DataError
from .files import open_whole, refusing_other_bytes
from .labels import LABELS, check_labels
from .tables import iter_table, list_fields
from .taxonomy import Taxonomy, taxonomy_of

__all__ = [
    "Located",
    "Paragraph",
    "data_sha256",
    "guess_lang",
    "iter_located",
    "paragraph_id",
    "read_gold",
    "read_located",
    "read_paragraphs",
    "to_paragraph",
    "to_row",
    "translated",
    "write_paragraphs",
]

LANGS = ("en", "zh")

SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet")

_OPTIONAL = {"id": str, "lang": str, "register": str, "document_id": str, "order": int, "date": str}
_COLUMNS = ("text", "labels", *_OPTIONAL)


@dataclass(frozen=True)
class Paragraph:
    """One labelled paragraph.

    Attributes
    ----------
    text : str
    labels : tuple of str
        Main label first; ``()`` for ``other``.
    id : str
        Unique in its data set.
    lang : str
        ``"en"`` or ``"zh"``; guessed from the script where the file does not say.
    register : str, optional
        The kind of source (``training_data/DATASHEET.md`` lists those of the shipped data).
    document_id : str, optional
        The same for paragraphs that belong together.
    order : int, optional
        The place of the paragraph in its document.
    date : str, optional
        ``YYYY-MM-DD``, or its beginning.
    extra : mapping
        What else the file says of the paragraph (``source``, ``hard``, …), as it stands there.
    """

    text: str
    labels: tuple[str, ...]
    id: str
    lang: str
    register: str | None = None
    document_id: str | None = None
    order: int | None = None
    date: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def get(self, column: str) -> Any:
        """Return a field, or a column of the file beyond those; None where there is none."""
        return getattr(self, column) if column in _COLUMNS else self.extra.get(column)

    @property
    def group(self) -> str:
        """What must not be split between folds or resamples: the document, else the paragraph."""
        return self.document_id or self.id


class Located(NamedTuple):
    """A paragraph, and where it stands.

    ``given`` is the file or folder that was named; ``path`` and ``line`` are the place in it.
    """

    paragraph: Paragraph
    given: Path
    path: Path
    line: int

    @property
    def place(self) -> str:
        """The place as an error names it."""
        return f"{self.path}:{self.line}"


def paragraph_id(text: str) -> str:
    """Return the identifier of a text that has none: the beginning of its SHA-1."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def guess_lang(one: str) -> str:
    """Return ``"zh"`` where a fifth or more of the letters are Chinese, else ``"en"``."""
    letters = sum(map(str.isalpha, one))
    return "zh" if text.count_cjk(one) * 5 >= max(letters, 1) else "en"


def read_paragraphs(*paths: str | Path, labels: tuple[str, ...] = LABELS) -> list[Paragraph]:
    """Read labelled paragraphs from JSONL, CSV, TSV and parquet files, and from folders of them.

    JSONL holds an object a line with ``text`` and ``labels`` (a list, main label first). CSV has a
    header; ``labels`` holds the labels with ``|`` between them, and a column named ``label`` does
    as well; parquet may have either. An empty list or cell, and ``other``, mean that no label
    applies. The line that an error names is that on which the row begins.

    Parameters
    ----------
    *paths : path-like
        Files with an ending of ``SUFFIXES``; of a folder, all such files, sorted by name.
    labels : tuple of str
        The labels that may stand there.

    Raises
    ------
    DataError
        At the first fault, with its file and line: broken JSON, a missing field, a wrong type, an
        empty text, an unknown label, an id or a text that stood before.
    """
    return [located.paragraph for located in read_located(*paths, labels=labels)]


def read_gold(*paths: str | Path, manifest: Mapping[str, Any]) -> list[Paragraph]:
    """Read labelled paragraphs to measure a model on, with labels as the model calls them.

    A model with a label set of its own reads files by its names for labels, and by the project's.

    Parameters
    ----------
    *paths : path-like
    manifest : mapping
        The model's.
    """
    taxonomy = taxonomy_of(manifest.get("taxonomy", {}))
    known = tuple(manifest["labels"])
    if not taxonomy.to_dict() or taxonomy.labels != known:
        return read_paragraphs(*paths, labels=known)
    return translated(read_paragraphs(*paths, labels=taxonomy.readable), taxonomy)


def translated(paragraphs: Iterable[Paragraph], taxonomy: Taxonomy) -> list[Paragraph]:
    """Return paragraphs with their labels as a taxonomy calls them."""
    return [replace(p, labels=taxonomy.translate(p.labels)) for p in paragraphs]


def read_located(*paths: str | Path, labels: tuple[str, ...] = LABELS) -> list[Located]:
    """Read labelled paragraphs as :func:`read_paragraphs` does, each with its place."""
    seen: dict[tuple[str, str], str] = {}
    found = []
    for located in iter_located(*paths, labels=labels):
        if isinstance(located, DataError):
            raise located
        paragraph = located.paragraph
        # The text comes first: the id of a row that names none is made of its text.
        for name, value in (("text", " ".join(paragraph.text.split())), ("id", paragraph.id)):
            if (name, value) in seen:
                raise DataError(
                    f"the {name} {value[:60]!r} stood before, at {seen[name, value]}; each"
                    f" {name} must stand once: drop one of the two",
                    located.path,
                    located.line,
                )
            seen[name, value] = located.place
        found.append(located)
    return found


def iter_located(
    *paths: str | Path, labels: tuple[str, ...] = LABELS
) -> Iterator[Located | DataError]:
    """Yield each row of files: the paragraph that it is, or the error that says why it is none.

    What only several rows show, such as an id that stands twice, is left to the caller.
    """
    for given in map(Path, paths):
        for path in _iter_files([given]):
            with refusing_other_bytes(path):
                for line, row, error in iter_table(path):
                    try:
                        if error is not None:
                            raise DataError(error, path, line)
                        yield Located(to_paragraph(row, labels, path, line), given, path, line)
                    except DataError as fault:
                        yield fault


def write_paragraphs(paragraphs: Iterable[Paragraph], path: str | Path) -> None:
    """Write paragraphs as JSONL, without the fields that are None."""
    with open_whole(path) as out:
        for paragraph in paragraphs:
            out.write(json.dumps(to_row(paragraph), ensure_ascii=False) + "\n")


def data_sha256(paragraphs: Iterable[Paragraph]) -> str:
    """Return the SHA-256 of what paragraphs say, whatever file or order they stand in.

    Columns beyond the fields of :class:`Paragraph` do not count: no model depends on them.
    """
    rows = (to_row(replace(p, extra={})) for p in paragraphs)
    lines = sorted(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def to_row(paragraph: Paragraph) -> dict[str, Any]:
    """Return a paragraph as the row that JSONL holds, without the fields that are None."""
    fields = {"id": paragraph.id} | {name: getattr(paragraph, name) for name in _COLUMNS}
    row = {**fields, "labels": list(paragraph.labels), **paragraph.extra}
    return {name: value for name, value in row.items() if value is not None}


def _iter_files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            files = sorted(p for p in path.iterdir() if _is_table(p) and p.is_file())
            if not files:
                raise DataError(f"the folder holds no file ending in {', '.join(SUFFIXES)}", path)
            yield from files
        elif not _is_table(path):
            raise DataError(f"expected {', '.join(SUFFIXES)}, or a folder of such files", path)
        elif not path.exists():
            raise DataError("no such file", path)
        else:
            yield path


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _from_parquet(row: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a parquet row, whose labels are a list or one text as in CSV, into what JSONL holds."""
    cells = {name: value for name, value in row.items() if value is not None}
    order = cells.get("order")
    if isinstance(order, float) and order.is_integer():  # pandas' column of numbers with gaps
        cells["order"] = int(order)
    named = cells.get("labels", cells.get("label"))
    if isinstance(named, str):
        cells["labels"] = [name.strip() for name in named.split("|") if name.strip()]
    return cells


def _from_csv(row: Mapping[str, Any], path: Path, line: int | None) -> dict[str, Any]:
    """Turn a CSV row into what a JSONL row holds."""
    named = [name for name in ("labels", "label") if name in row]
    if len(named) != 1:
        wanted = "either 'labels' or 'label'" if named else "a column 'labels'"
        raise DataError(f"expected {wanted}; found {list_fields(row)}", path, line)
    missing = sum(cell is None for cell in row.values())
    if missing:
        raise DataError(
            f"found {len(row) - missing} cells; expected {len(row)}, as the header has", path, line
        )
    cells = {name: cell for name, cell in row.items() if cell or name == "text"}
    cells["labels"] = [name.strip() for name in row[named[0]].split("|") if name.strip()]
    if re.fullmatch(r"-?\d{1,18}", cells.get("order", "")):
        cells["order"] = int(cells["order"])
    return cells


def to_paragraph(
    row: Mapping[str, Any], labels: tuple[str, ...], path: Path, line: int | None
) -> Paragraph:
    """Return a row as the paragraph that it is.

    Raises
    ------
    DataError
        If it is none; the message says what is wrong with it.
    """
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        row = _from_csv(row, path, line)
    elif suffix == ".parquet":
        row = _from_parquet(row)
    for name in ("text", "labels"):
        if name not in row:
            raise DataError(f"expected a field {name!r}; found {list_fields(row)}", path, line)
    body, named = row["text"], row["labels"]
    if not isinstance(body, str):
        raise DataError(f"'text' is {body!r:.60}; expected a string", path, line)
    if not body.strip():
        raise DataError("'text' is empty; expected a paragraph: drop the row", path, line)
    if not isinstance(named, list) or not all(isinstance(label, str) for label in named):
        raise DataError(f"'labels' is {named!r:.60}; expected a list of strings", path, line)
    for name, kind in _OPTIONAL.items():
        value = row.get(name)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise DataError(
                f"{name!r} is {value!r:.60}; expected a"
                f" {'string' if kind is str else 'whole number'}",
                path,
                line,
            )
    try:
        checked = check_labels(named, labels)
    except ValueError as error:
        raise DataError(str(error), path, line) from None
    optional = {name: row.get(name) for name in _OPTIONAL}
    if optional["lang"] not in (None, *LANGS):
        wanted = "expected 'en' or 'zh', or none to have it guessed"
        raise DataError(f"'lang' is {optional['lang']!r}; {wanted}", path, line)
    optional["id"] = optional["id"] or paragraph_id(body)
    optional["lang"] = optional["lang"] or guess_lang(body)
    extra = {k: value for k, value in row.items() if k not in (*_COLUMNS, "label")}
    return Paragraph(text=body, labels=checked, extra=extra, **optional)  # type: ignore[arg-type]
