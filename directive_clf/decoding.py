"""Bytes to text: which encoding a file is in, and its lines, however long they are."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

__all__ = ["BoundedLines", "detect_encoding", "is_text", "open_text"]

SAMPLE = 1 << 16
"""Bytes that are looked at, from the first that are not ASCII."""

ASCII_SEARCH = 1 << 20
"""Bytes in which such a byte is looked for. A file that is ASCII so far is read as UTF-8."""

MOST_NOISE = 0.1
"""Share of a sample's characters that may be control characters or undecodable. In text it is
nearly none; in images, archives and programs, a quarter and more."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_NOISE = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


def open_text(stream: BinaryIO) -> tuple[io.TextIOWrapper, str]:
    """Return a stream of bytes as one of text, line ends as they are, and its beginning.

    Bytes that are wrong in the encoding found become U+FFFD.
    """
    head = b""
    while len(head) < ASCII_SEARCH and (more := stream.read(ASCII_SEARCH - len(head))):
        head += more
    encoding = detect_encoding(head)
    whole = io.BufferedReader(_Rejoined(head, stream), SAMPLE)
    text = io.TextIOWrapper(whole, encoding, errors="replace", newline="")
    return text, head[:SAMPLE].decode(encoding, "replace")


class _Rejoined(io.RawIOBase):
    """A stream whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._head.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


def detect_encoding(head: bytes) -> str:
    """Return the encoding of the bytes that a file begins with.

    A byte order mark tells. Without one a file is UTF-8 where most of what is not ASCII in it is:
    then a wrong byte is a wrong byte. Else charset-normalizer tells GB18030 from Big5, the two
    that Chinese pages and tables still come in; what is neither is read as UTF-8 all the same, and
    what that cannot read is flagged.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    found = _NOT_ASCII.search(head)
    if found is None:
        return "utf-8"
    # Whole lines, so that no character is cut.
    first = found.start()
    sample = head[head.rfind(b"\n", 0, first) + 1 : first + SAMPLE]
    if len(head) > first + SAMPLE or len(head) == ASCII_SEARCH:
        sample = sample[: sample.rfind(b"\n") + 1] or sample[:-4]
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    wrong = text.count("\ufffd")
    if not wrong or wrong <= sum(char > "\x7f" for char in text) - wrong:
        return "utf-8"
    from charset_normalizer import from_bytes

    candidates = ["gb18030", "big5"]
    matches = from_bytes(sample, cp_isolation=candidates)
    named = {m.encoding for m in matches}
    best = matches.best()
    if best is None:
        return "utf-8"
    # A few characters can be either; GB18030 is by far the commoner.
    tied = {m.encoding for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)}
    return "gb18030" if "gb18030" in tied & named else best.encoding


def is_text(sample: str) -> bool:
    """Tell whether the beginning of a file, as decoded, is text and no binary."""
    return len(_NOISE.findall(sample)) <= MOST_NOISE * len(sample)


class BoundedLines:
    """The lines of a text, of which none is longer than a limit.

    What is beyond the limit is read and let go, and ``take_cut()`` tells of it once. Where a line
    of CSV is cut inside quotes, they are closed, so that the next row is not taken for its rest.

    Parameters
    ----------
    text : TextIO
        Opened with ``newline=""``; lines come with their ends.
    limit : int
        Characters.
    """

    def __init__(self, text: io.TextIOWrapper, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._was_cut = False
        self._is_quoted = False

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(self._limit + 1):
            if len(line) > self._limit and not line.endswith(("\n", "\r")):
                self._was_cut = True
                line = line[: self._limit]
                line += '"' if self._is_quoted ^ (line.count('"') % 2 == 1) else ""
                while (rest := self._text.readline(self._limit)) and not rest.endswith("\n"):
                    if rest.endswith("\r"):
                        break
            self._is_quoted ^= line.count('"') % 2 == 1
            yield line

    def take_cut(self) -> bool:
        """Tell whether a line was cut since this was asked last."""
        was_cut, self._was_cut = self._was_cut, False
        return was_cut
