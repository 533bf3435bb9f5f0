"""A list of names and phrases by class: bodies, firms, works, technologies, instruments, furniture.

A learned vocabulary knows the dams and ministries that its training text happens to name. The
gazetteer tells the model that a name it never met is a dam, so that what it learned of the class
holds for the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from . import text
from .exceptions import DataError
from .files import refusing_other_bytes

__all__ = ["Gazetteer", "Match", "read_gazetteer"]


class Match(NamedTuple):
    """A phrase found: ``tokens[start:end]`` is `phrase`, of class `kind`."""

    phrase: str
    kind: str
    start: int
    end: int


class Gazetteer:
    """Phrases, each of one class.

    Parameters
    ----------
    phrases : mapping or iterable of (phrase, kind)
        A phrase is its tokens, as :func:`directive_clf.text.tokenize` cuts them without the two
        bounds, with a space between.
    """

    def __init__(self, phrases: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self.phrases: dict[str, str] = dict(phrases)

    def __len__(self) -> int:
        return len(self.phrases)

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """How long phrases are that begin with a token: most tokens of a text begin none."""
        lengths: dict[str, set[int]] = {}
        for phrase in self.phrases:
            first, *others = phrase.split(" ")
            lengths.setdefault(first, set()).add(1 + len(others))
        return {first: sorted(found) for first, found in lengths.items()}

    def matches(self, tokens: Sequence[str]) -> list[Match]:
        """Find every phrase; phrases may overlap (*Bank of China* in *People's Bank of China*)."""
        return [
            Match(phrase, self.phrases[phrase], i, i + n)
            for i, token in enumerate(tokens)
            for n in self._lengths.get(token, ())
            if (phrase := " ".join(tokens[i : i + n])) in self.phrases
        ]


def read_gazetteer(*paths: str | Path) -> Gazetteer:
    """Read files of lines ``class<TAB>phrase`` (UTF-8; blank lines and ``#`` lines are skipped).

    Phrases that fold to the same tokens are one; where files disagree on its class, the later wins,
    so that a user's file can correct the shipped one.

    Raises
    ------
    DataError
        If a line has no tab, no class, or a phrase without a letter or mark, or is not UTF-8.
    """
    return Gazetteer(entry for path in paths for entry in _iter_entries(Path(path)))


def _iter_entries(path: Path) -> Iterator[tuple[str, str]]:
    with refusing_other_bytes(path), path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            kind, tab, written = line.rstrip("\r\n").partition("\t")
            phrase = " ".join(text.tokenize(written)[1:-1])
            if not tab or not kind.isidentifier() or not phrase:
                raise DataError(
                    f"found {line.rstrip()!r:.60}; expected a class name, a tab and a phrase",
                    path,
                    number,
                )
            yield phrase, kind
