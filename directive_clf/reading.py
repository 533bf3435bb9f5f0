"""Files to tables of texts: every article, page, line and row of a pile, in bounded memory.

Whatever a file holds gives rows: a fault in it is a row with a status and the reason, and the
reading goes on behind it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, NamedTuple

from .article import split_paragraphs
from .batch import BAD_ROW, NOT_TEXT, OK, UNDECODABLE, Table
from .decoding import BoundedLines, is_text, open_text
from .exceptions import DataError
from .result import EMPTY
from .sources import Source, open_bytes
from .tables import iter_csv, iter_jsonl, iter_parquet, list_fields
from .webpage import read_page

__all__ = ["COLUMNS", "NAMES", "Chunk", "Reading", "guess_columns", "iter_chunks"]

NAMES = {
    "text": (
        "text", "paragraph_text", "body", "content", "paragraph", "article", "full_text",
        "正文", "内容", "文本", "全文",
    ),
    "id": ("id", "paragraph_id", "uid", "guid", "编号"),
    "document": ("document_id", "doc_id", "article_id", "document", "文档", "文章编号"),
    "title": ("title", "headline", "标题", "题目"),
    "date": ("date", "published", "published_at", "publish_date", "pub_date", "日期", "发布日期"),
}  # fmt: skip
"""What columns are called, where none is named: the first that is there, whatever its case. A
table of one column holds texts, whatever it is called."""

CHUNK = 1024
CHUNK_LENGTH = 500_000
"""Rows, and characters, of a chunk: what is scored, written and remembered at once."""


MOST_HEADERS = 256
"""Sets of columns that are remembered of a table: objects of JSON can have ever others."""


@dataclass(frozen=True)
class Reading:
    """How files are read.

    Attributes
    ----------
    text, id, document, title, date : str, optional
        The columns of tables; guessed by ``NAMES`` where they are not named.
    split : bool
        Split the texts of tables into paragraphs, as articles are.
    furniture : bool
        Keep the navigation, buttons and notices of HTML pages.
    max_bytes : int
        Characters that one line, cell or page may have; what is longer is a row that says so. An
        article that is longer is read in pieces of that length, cut at the end of a line.
    max_expansion : int
        How many times its size a packed file may unpack to.
    """

    text: str | None = None
    id: str | None = None
    document: str | None = None
    title: str | None = None
    date: str | None = None
    split: bool = False
    furniture: bool = False
    max_bytes: int = 16 << 20
    max_expansion: int = 100


class _Row(NamedTuple):
    """A text, or the reason why there is none; ``carried`` holds the other columns of its table."""

    id: Any
    document_id: Any
    paragraph: int | None
    start: int | None
    end: int | None
    title: Any
    date: Any
    text: Any
    status: str
    error: str | None
    carried: Mapping[str, Any]


COLUMNS = _Row._fields


class Chunk(NamedTuple):
    """Rows in order, and where they end.

    ``place`` is the number of the last file and of rows taken from it, ``n_bytes`` how much of all
    files is read.
    """

    table: Table
    place: tuple[int, int]
    n_bytes: int


def iter_chunks(
    sources: Iterable[Source], how: Reading, start: tuple[int, int] = (0, 0)
) -> Iterator[Chunk]:
    """Read files and yield tables of the columns ``COLUMNS``.

    Parameters
    ----------
    sources : iterable of Source
    how : Reading
    start : tuple of int
        The ``place`` behind which to begin; what stands before is passed over.
    """
    rows: list[_Row] = []
    length = 0
    before = 0
    place = start
    for number, source in enumerate(sources):
        if number < start[0]:
            before += source.size
            continue
        progress = _Progress()
        found = enumerate(_rows(source, how, progress), 1)
        for count, row in islice(found, start[1] if number == start[0] else 0, None):
            rows.append(row)
            length += len(row.text) if isinstance(row.text, str) else 0
            place = number, count
            if len(rows) == CHUNK or length >= CHUNK_LENGTH:
                yield Chunk(_to_table(rows), place, before + progress.tell())
                rows, length = [], 0
        before += source.size
    if rows:
        yield Chunk(_to_table(rows), place, before)


def guess_columns(
    names: Sequence[str], how: Reading, is_fixed: bool = True
) -> dict[str, str | None]:
    """Return which column holds the text, the id, the document, the title and the date.

    A column that was named is taken as it is, whether or not it is there. `is_fixed` tells that
    all rows have these columns; objects of JSON can each have others.
    """
    by_case = {name.lower(): name for name in reversed(names)}
    columns: dict[str, str | None] = {}
    for role, usual in NAMES.items():
        named = getattr(how, role)
        columns[role] = named or next((by_case[n] for n in usual if n in by_case), None)
    if columns["text"] is None:
        columns["text"] = names[0] if is_fixed and len(names) == 1 else NAMES["text"][0]
    # A column has one role; the text comes first.
    for role in ("id", "document", "title", "date"):
        if columns[role] == columns["text"]:
            columns[role] = None
    return columns


class _Progress:
    """How far the file that is being read was read."""

    raw: BinaryIO | None = None

    def tell(self) -> int:
        try:
            return self.raw.tell() if self.raw else 0
        except (OSError, ValueError):  # a pipe has no place, a closed file neither
            return 0


def _to_table(rows: list[_Row]) -> Table:
    return dict(zip(COLUMNS, map(list, zip(*rows)), strict=True))


def _rows(source: Source, how: Reading, progress: _Progress) -> Iterator[_Row]:
    """Yield the rows of a file, one at least, whatever becomes of it."""
    found = False
    try:
        for row in _read(source, how, progress):
            found = True
            yield row
    except (OSError, EOFError, zlib.error, DataError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
        yield _failed(source.name, source.name, UNDECODABLE, f"{source.name}: {reason}")
        return
    if not found:
        yield _failed(source.name, source.name, EMPTY, f"{source.name}: the table has no rows")


def _read(source: Source, how: Reading, progress: _Progress) -> Iterator[_Row]:
    with open_bytes(source, how.max_expansion) as (content, progress.raw):
        if source.kind == "parquet":
            table = _Table(source.name, how, True)
            for number, row in enumerate(iter_parquet(content, CHUNK), 1):
                yield from table.rows(number, row, None)
            return
        text, sample = open_text(content)
        if not is_text(sample):
            reason = f"{source.name}: its bytes are no text; expected UTF-8, GB18030 or Big5"
            yield _failed(source.name, source.name, NOT_TEXT, reason)
            return
        kind = source.kind or ("jsonl" if sample.lstrip("\ufeff").startswith("{") else "article")
        if kind == "article":
            yield from _of_article(source.name, text, how.max_bytes)
        elif kind == "page":
            yield from _of_page(source.name, text.read(how.max_bytes + 1), how)
        else:
            lines = BoundedLines(text, how.max_bytes)
            table = _Table(source.name, how, kind != "jsonl")
            if kind == "jsonl":
                found = iter_jsonl(lines)
            else:
                found = iter_csv(lines, "\t" if kind == "tsv" else ",", how.max_bytes)
            for number, row, error in found:
                if lines.take_cut():
                    row, error = {}, _too_long("line", how)
                yield from table.rows(number, row, error)


def _of_article(name: str, text: Any, limit: int) -> Iterator[_Row]:
    """Yield the paragraphs of an article, however long it is."""
    number, offset, rest = 0, 0, ""
    while True:
        read = text.read(limit)
        piece = rest + read
        if read and len(piece) >= limit:
            cut = max(piece.rfind("\n"), piece.rfind("\r")) + 1 or len(piece)
            piece, rest = piece[:cut], piece[cut:]
        else:
            rest = ""
        for body, start, end in split_paragraphs(piece):
            yield _paragraph(name, name, number, body, offset + start, offset + end)
            number += 1
        offset += len(piece)
        if not read:
            break
    if not number:
        yield _paragraph(name, name, 0, "", 0, 0)


def _of_page(name: str, html: str, how: Reading) -> Iterator[_Row]:
    if len(html) > how.max_bytes:
        yield _failed(name, name, BAD_ROW, f"{name}: {_too_long('page', how)}")
        return
    page = read_page(html, how.furniture)
    number = -1
    for number, (body, start, end) in enumerate(split_paragraphs(page.text)):
        row = _paragraph(name, name, number, body, start, end)
        yield row._replace(title=page.title, date=page.date)
    if number < 0:
        reason = f"{name}: no main text was found" + (
            "" if how.furniture else "; --furniture keeps all the text of a page"
        )
        yield _failed(name, name, EMPTY, reason)


class _Roles(NamedTuple):
    """Which columns of a table hold what."""

    text: str
    id: str
    document: str
    title: str
    date: str
    carried: list[str]


class _Table:
    """Turns the rows of one table to rows of texts."""

    def __init__(self, name: str, how: Reading, is_fixed: bool) -> None:
        self._name = name
        self._is_fixed = is_fixed
        self._how = how
        self._known: dict[tuple[str, ...], _Roles] = {}

    def rows(self, number: int, row: Mapping[str, Any], error: str | None) -> Iterator[_Row]:
        """Yield the row of that number, or its paragraphs."""
        how = self._how
        names = tuple(row)
        roles = self._known.get(names) or self._roles(names)
        text = row.get(roles.text)
        kept, document = row.get(roles.id), row.get(roles.document)
        if kept is None or kept == "":
            kept = f"{self._name}:{number}"
        if document is None or document == "":
            document = kept if how.split else self._name
        title, date = row.get(roles.title), row.get(roles.date)
        carried = {name: row[name] for name in roles.carried}
        if error is None and isinstance(text, str) and len(text) <= how.max_bytes:
            if not how.split:
                yield _Row(
                    kept, document, None, 0, len(text), title, date, text, OK, None, carried
                )  # fmt: skip
                return
            for n, found in enumerate([*split_paragraphs(text)] or [("", 0, 0)]):
                id_ = f"{kept}:{n}" if text.strip() else kept
                yield _Row(id_, document, n, *found[1:], title, date, found[0], OK, None, carried)
            return
        status, reason = self._fault(text, roles.text, row, error)
        reason = f"{self._name}:{number}: {reason}"
        yield _failed(kept, document, status, reason, title, date, carried)

    def _fault(
        self, text: Any, column: str, row: Mapping[str, Any], error: str | None
    ) -> tuple[str, str]:
        """Return what is wrong with a row."""
        if error is not None:
            return BAD_ROW, error
        if column not in row:
            return BAD_ROW, f"expected a column {column!r}; found {list_fields(row)}"
        if isinstance(text, str):
            return BAD_ROW, _too_long("text", self._how)
        if text is None or text != text:
            return EMPTY, f"no text is there, in {column!r}"
        shown = json.dumps(text, ensure_ascii=False, default=repr)
        return NOT_TEXT, f"{column!r} is {shown:.40}; expected a text"

    def _roles(self, names: tuple[str, ...]) -> _Roles:
        found = {
            role: column or ""
            for role, column in guess_columns(names, self._how, self._is_fixed).items()
        }
        carried = [name for name in names if name and name not in found.values()]
        roles = _Roles(**found, carried=carried)
        if len(self._known) < MOST_HEADERS:
            self._known[names] = roles
        return roles


def _paragraph(name: Any, document: Any, number: int, body: str, start: int, end: int) -> _Row:
    id_ = f"{name}:{number}"
    return _Row(id_, document, number, start, end, None, None, body, OK, None, {})


def _failed(
    id_: Any,
    document: Any,
    status: str,
    reason: str,
    title: Any = None,
    date: Any = None,
    carried: Mapping[str, Any] = {},
) -> _Row:
    return _Row(id_, document, None, None, None, title, date, None, status, reason, carried)


def _too_long(what: str, how: Reading) -> str:
    return f"the {what} is longer than {how.max_bytes:,} characters; cut it, or raise --max-length"
