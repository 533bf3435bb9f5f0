"""An article to its paragraphs, each with its place in the text and a prediction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .classifier import Classifier
from .exceptions import InputTypeError
from .paging import Place, find_seams
from .result import Prediction

__all__ = ["Article", "ArticleParagraph", "classify_article", "split_paragraphs"]

NARROWEST_WRAP, WIDEST_WRAP = 40, 130
"""Columns between which text is wrapped by hand, by a mail reader or on a page (a Chinese character
takes two). Narrower lines are navigation or verse; wider ones are whole paragraphs, a line each."""

NEARLY_FULL = 0.8
"""Share of the width that a line broken inside a sentence reaches with the first word of the next.
All of it where columns were counted; less where characters were, or where lines set in a
proportional font were copied from a page. Tried on real prose wrapped each way: 0.75 and 0.85 give
the same within a point, but for Chinese by characters (whole paragraphs: 94, 91 and 86 % at 0.75,
0.80, 0.85), and the lower it is, the more long headings are joined to what follows."""

_ENDS_BLOCK = ("\f", "\u2029")  # page and paragraph separators; other line ends only end a line
_BULLET = re.compile(
    r"(?:[-*+•·◦‣▪■●○◆➤►>✓✔\uf0b7–—]|——"
    r"|\(?\d{1,3}[.)、．]|（\d{1,3}）|\(?[a-z]\)"
    r"|[（(]?[一二三四五六七八九十]{1,3}[、)）]|[①-⑳])(?=\s|[^\W\d_])"
)
_QUOTES = "\"'”’」』)）]】"
_CLOSING = tuple(".!?:;…。！？：；")
_FULL_STOP = re.compile(rf"。|\.[{re.escape(_QUOTES)}]*(?:\s|$)")
_FIRST_WORD = re.compile(r"[^\s\u2e80-\uffef]+|.")  # or the first Chinese character
_COMPOUND = re.compile(r"\w[-–—/\xad]\n(?!(?:and|or|to)\b)")  # "state-\nowned"; not "short-\nand"
_CUT_WORD = re.compile(r"([^\W\d_]+)[-\u2010]\n([^\W\d_]+)")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_NO_WORD = re.compile(
    "(?:ment|tion|sion|ation|mation|isation|ization|cial|tial|tive|sive|ture|ness|ance|ence|ency"
    "|ing|ity|ible|ical|prise|nology|nomic|ties|ously)(?:s|al|ally|ed|ly)?"
)
"""Second halves of words that are no words by themselves."""

_HYPHEN_AT_END = re.compile(r"[-\u2010][ \t]*[\r\n]")
_INVISIBLE = str.maketrans("", "", "\xad\u200b\u2060\ufeff")
"""Soft hyphens and marks without width: they show nothing, and would cut words in two."""


@dataclass(frozen=True)
class ArticleParagraph:
    """``article.text[start:end]`` without its hard line breaks, and what it was found to be."""

    text: str
    start: int
    end: int
    prediction: Prediction


@dataclass(frozen=True)
class Article:
    """A classified article. ``title`` is the prediction of the title, where one was given."""

    text: str
    paragraphs: tuple[ArticleParagraph, ...]
    title: Prediction | None = None


class _Line(NamedTuple):
    """A line without its margins; `indent` and `edge` are the columns it lies between.

    `before` are the lines between two pages that stood before it, inside a sentence.
    """

    body: str
    start: int
    indent: int
    edge: int
    is_closed: bool
    is_item: bool
    is_page_end: bool = False
    before: tuple[_Line, ...] = ()

    def slice(self) -> tuple[str, int, int]:
        """Return the line as a paragraph."""
        return self.body.translate(_INVISIBLE).strip(), self.start, self.start + len(self.body)


class _Wrap(NamedTuple):
    """How a block was wrapped: its right edge, and how far its broken lines at least reach.

    `sure` holds for any line, `least` for one inside a sentence and paragraph.
    """

    edge: int
    sure: float
    least: float

    def is_end(self, lines: list[_Line], line: _Line) -> bool:
        """Tell whether a paragraph ends before `line`, whose first word would have fitted."""
        reach = _reach(lines[-1], line)
        # One line may be a heading; behind two, a short line that closes nothing is just uneven.
        inside = len(lines) > 1 and not lines[-1].is_closed
        return reach <= (self.least if inside else self.sure)


def classify_article(classifier: Classifier, text: str, title: str | None = None) -> Article:
    """Split an article into paragraphs and label each.

    Parameters
    ----------
    classifier : Classifier
    text : str
        The article as it was read or pasted, page furniture included.
    title : str, optional
        Labelled by itself, where the text does not hold it.

    Raises
    ------
    InputTypeError
        If `text` or `title` is not a string.
    """
    for name, value in (("text", text), ("title", "" if title is None else title)):
        if not isinstance(value, str):
            raise InputTypeError(
                f"classify_article() takes {name} as a str, not {type(value).__name__}"
            )
    found = list(split_paragraphs(text))
    predictions = classifier.classify_many(body for body, _, _ in found)
    paragraphs = tuple(
        ArticleParagraph(*paragraph, prediction)
        for paragraph, prediction in zip(found, predictions, strict=True)
    )
    return Article(text, paragraphs, None if title is None else classifier.classify(title))


def split_paragraphs(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the paragraphs of a text as ``(paragraph, start, end)``.

    A blank line ends a paragraph, and so does a line of marks alone (a rule, a lone slash), which
    belongs to none. Between them each line is a paragraph (a heading, a link, an item), except
    where the lines show that they were wrapped at some width: there they are joined up to the end
    of a paragraph, over the number and running head of a page where these tear a sentence.
    ``text[start:end]`` is the paragraph as it stands. The yielded one is that but for white space,
    hyphens of wrapping, soft hyphens, and what stands between two pages.
    """
    blocks = _without_seams(_find_blocks(text))
    is_hyphened = _HYPHEN_AT_END.search(text) is not None
    words = {m.group().lower() for m in _WORD.finditer(text)} if is_hyphened else set()
    wraps = [_find_wrap(block) for block in blocks]
    # Two lines often show nothing by themselves; they are read as the rest of the text was.
    usual = max((wrap for wrap in wraps if wrap), default=None)
    for block, wrap in zip(blocks, wraps):
        if wrap is None and usual and max(line.edge for line in block) <= usual.edge:
            wrap = usual
        for piece in _cut(block, _starts_paragraph):
            for lines in _cut(piece, wrap.is_end) if wrap else ([line] for line in piece):
                for alone in lines[0].before:  # it was no sentence that went on
                    yield alone.slice()
                end = lines[-1].start + len(lines[-1].body)
                yield _join(lines, words), lines[0].start, end


def _find_blocks(text: str) -> list[list[_Line]]:
    """Return the runs of lines between those that hold no letter and no digit."""
    blocks: list[list[_Line]] = []
    block: list[_Line] = []
    start = 0
    for raw in text.splitlines(keepends=True):
        body = raw.strip()
        is_bare = not any(map(str.isalnum, body))
        if not is_bare:
            margin = raw[: len(raw) - len(raw.lstrip())]
            indent = _columns(margin.expandtabs(4))
            is_closed = body.rstrip(_QUOTES).endswith(_CLOSING)
            place = (start + len(margin), indent, indent + _columns(body))
            block.append(_Line(body, *place, is_closed, bool(_BULLET.match(body))))
        if block and (is_bare or raw.endswith(_ENDS_BLOCK)):
            blocks.append(block)
            block = []
        if blocks and not block and raw.endswith("\f"):
            blocks[-1][-1] = blocks[-1][-1]._replace(is_page_end=True)
        start += len(raw)
    if block:
        blocks.append(block)
    return blocks


def _without_seams(blocks: list[list[_Line]]) -> list[list[_Line]]:
    """Take page numbers and running heads out of the sentences that they stand in.

    The two halves come into one block, where wrapping joins them or does not.
    """
    lines = [line for block in blocks for line in block]
    left = min((line.indent for line in lines), default=0)
    edge = max((line.edge for line in lines if line.edge <= WIDEST_WRAP), default=0)
    full = left + NEARLY_FULL * max(edge - left, NARROWEST_WRAP)
    seams = find_seams(
        [
            Place(
                line.body,
                not line.is_closed and full <= line.edge <= WIDEST_WRAP,
                not line.is_item
                and line.indent == left
                and (line.body[0].islower() or _is_wide(line.body[0])),
                line.is_page_end,
            )
            for line in lines
        ]
    )
    if not seams:
        return blocks
    taken = dict(seams)
    found: list[list[_Line]] = []
    before: list[_Line] = []
    number, last = 0, -1
    for block in blocks:
        is_new = True
        for line in block:
            last = max(last, taken.get(number, -1))
            if number <= last:
                before.append(line)
            elif before:
                found[-1].append(line._replace(before=tuple(before)))
                before, is_new = [], False
            elif is_new:
                found.append([line])
                is_new = False
            else:
                found[-1].append(line)
            number += 1
    return found


def _cut(block: list[_Line], is_start: Callable[..., bool]) -> Iterator[list[_Line]]:
    """Cut a block before each line that starts a piece, given the lines of the piece before it."""
    piece = block[:1]
    for line in block[1:]:
        if is_start(piece, line):
            yield piece
            piece = []
        piece.append(line)
    yield piece


def _starts_paragraph(piece: list[_Line], line: _Line) -> bool:
    """Tell whether a line is an item, or is indented otherwise than the piece before it."""
    first, before = piece[0], piece[-1]
    if line.indent > before.indent:
        return line.is_item or not (before is first and first.is_item)  # an item's lines may hang
    if line.is_item:
        # Inside a sentence, a dash, "(2)" or "15." may come to stand at the start of a line.
        return before.is_closed or any(earlier.is_item for earlier in piece)
    return before.indent > first.indent >= line.indent


def _find_wrap(block: list[_Line]) -> _Wrap | None:
    """Find where the lines of a block were broken by a width; None if their writer broke them.

    Only lines that end inside a sentence tell. Wrapped ones are full: the next line's first word
    would not have fitted. Headings and headlines stop short; where more than a third do, the block
    was not wrapped. A plain proof is asked for too: a sentence torn at the full width, which goes
    on in lower case or in Chinese, and a full stop somewhere, as headlines have none.
    """
    left, edge = min(line.indent for line in block), max(line.edge for line in block)
    is_prose = any(_FULL_STOP.search(line.body) for line in block)
    if not is_prose or not NARROWEST_WRAP <= edge - left <= WIDEST_WRAP:
        return None
    least = left + NEARLY_FULL * (edge - left)
    breaks = [
        (_reach(before, line), line.body[0])
        for piece in _cut(block, _starts_paragraph)
        for before, line in zip(piece, piece[1:])
        if not before.is_closed
    ]
    torn = [(reach, first) for reach, first in breaks if reach > least]
    sure = [reach for reach, first in torn if first.islower() or _is_wide(first)]
    if max(sure, default=0) <= edge or 3 * len(torn) < 2 * len(breaks):
        return None
    return _Wrap(edge, min(edge, min(sure) - 1), least)


def _reach(before: _Line, line: _Line) -> int:
    """Return the column that `before` would have reached with the first word of `line`."""
    return before.edge + 1 + _columns(next(_FIRST_WORD.finditer(line.body)).group())


def _columns(body: str) -> int:
    body = body[: WIDEST_WRAP + 1]  # whatever is wider is not wrapped
    return len(body) if body.isascii() else len(body) + sum(map(_is_wide, body))


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _join(lines: list[_Line], words: set[str]) -> str:
    """Join wrapped lines: with a space, but not at a Chinese character or inside a compound.

    The hyphen of a word that was cut goes: where the whole word stands elsewhere in the text, or
    its second half is no word.
    """
    parts = [lines[0].body]
    for (left, *_), (right, *_) in zip(lines, lines[1:]):
        border = f"{left}\n{right}"
        if (cut := _CUT_WORD.search(border)) and _is_cut_word(cut[1], cut[2], words):
            parts[-1] = parts[-1][:-1]
            parts.append(right)
            continue
        tight = _is_wide(left[-1]) or _is_wide(right[0]) or _COMPOUND.search(border)
        parts += ["" if tight else " ", right]
    return "".join(parts).translate(_INVISIBLE).strip()


def _is_cut_word(left: str, right: str, words: set[str]) -> bool:
    """Tell whether ``left-right`` is a word that was cut at the end of a line."""
    whole = f"{left}{right}".lower()
    is_compound = f"{left}-{right}".lower() in words
    return not is_compound and (whole in words or _NO_WORD.fullmatch(right) is not None)
