"""The one tokeniser of training and inference, for English and Chinese.

A text is first folded, one character to one character, so that every offset into the folded text
is an offset into the original. It is then cut into tokens: words, single Chinese characters,
numbers by their shape, and marks. No segmenter and no dictionary is needed: n-grams of single
characters carry Chinese words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ._simplified import TO_SIMPLIFIED

__all__ = ["END", "START", "Token", "count_cjk", "is_cjk", "iter_tokens", "normalize", "tokenize"]

START, END = "<s>", "</s>"
"""Stand before the first token and behind the last, so that a pair can say that a paragraph begins
or ends with a word. No token of a text can be one of them."""

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_CJK}]"
_TOKEN = re.compile(rf"[{_CJK}]|{_LETTER}+(?:'{_LETTER}+)*|\d+(?:[.,]\d+)*|[^\w\s\-\ud800-\udfff]")
_ONE_CJK = re.compile(rf"[{_CJK}]")

# Typographic variants that compatibility decomposition leaves alone.
_MARKS = {
    "‘": "'", "’": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "。": ".", "、": ",", "「": '"', "」": '"', "『": '"', "』": '"', "\xad": "-",
}  # fmt: skip


class Token(NamedTuple):
    """A token and where it stands: ``text[start:end]`` is the piece of the original text."""

    value: str
    start: int
    end: int


def _fold(char: str) -> str:
    """Fold one character to one: case, width, accent, digit, mark, traditional Chinese."""
    decomposed = unicodedata.normalize("NFKD", char)
    base, rest = decomposed[:1], decomposed[1:]
    if rest and not all(unicodedata.combining(mark) for mark in rest):
        base = char  # a ligature, a fraction, a Hangul syllable: more than one character's worth
    lowered = base.lower()
    base = lowered if len(lowered) == 1 else base
    if base.isdecimal():
        return "0"
    base = _MARKS.get(base, base)
    return TO_SIMPLIFIED.get(base, base)


class _Folding(dict[int, str]):
    """Code point to folded character; each is worked out once, at its first use."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold(chr(code))
        return folded


_FOLDING = _Folding()


def normalize(text: str) -> str:
    """Fold `text` to the form that tokens are cut from; its length does not change.

    Letters are lower-cased and lose their accents, full-width forms become half-width, every digit
    becomes ``0`` (what counts is a number's shape, not its value), quotation marks and dashes
    become ASCII, traditional Chinese characters become simplified.
    """
    return text.translate(_FOLDING)


def tokenize(text: str) -> list[str]:
    """Cut `text` into tokens, between :data:`START` and :data:`END`."""
    return [START, *_TOKEN.findall(normalize(text)), END]


def iter_tokens(text: str) -> list[Token]:
    """Cut `text` into the tokens of :func:`tokenize`, each with its place.

    :data:`START` and :data:`END` are empty spans at the two ends of the text.
    """
    found = [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(normalize(text))]
    return [Token(START, 0, 0), *found, Token(END, len(text), len(text))]


def is_cjk(token: str) -> bool:
    """Tell whether `token` is a Chinese character (an ideograph)."""
    return _ONE_CJK.match(token) is not None


def count_cjk(text: str) -> int:
    """Return how many Chinese characters (ideographs) `text` holds."""
    return 0 if text.isascii() else len(_ONE_CJK.findall(text))
