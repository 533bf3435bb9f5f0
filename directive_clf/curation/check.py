"""What is wrong with files of labelled paragraphs, line by line, and what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..data import Located, guess_lang, iter_located
from ..exceptions import DataError
from ..labels import LABELS, OTHER, main_label
from ..text import count_cjk
from ..training.duplicates import near_duplicates

__all__ = ["SPLITS", "Finding", "Found", "check"]

SPLITS = ("train", "calibration", "test", "dev", "valid", "validation", "eval", "gold")
"""Names of files, or values of a column ``split``, between which nothing may be shared."""

GOLD = "gold"


class Finding(NamedTuple):
    """One thing that was found.

    A fault makes a model or a figure wrong; a note (``is_fault`` false) is to be looked at.
    """

    path: Path | str | None
    line: int | None
    text: str
    is_fault: bool

    def __str__(self) -> str:
        return str(DataError(("" if self.is_fault else "note: ") + self.text, self.path, self.line))


@dataclass(frozen=True)
class Found:
    """What a check found.

    Attributes
    ----------
    findings : list of Finding
        By file and line.
    statistics : dict
        ``paragraphs``, ``documents``, ``with_several_labels``; counts ``by_file``, ``by_language``,
        ``by_main_label``; ``anywhere``, how many paragraphs carry each label; ``length``, the
        quantiles of characters by language: 0, 25, 50, 75 and 100 %.
    """

    findings: list[Finding]
    statistics: dict[str, Any]

    @property
    def is_sound(self) -> bool:
        """Whether there is no fault."""
        return not any(finding.is_fault for finding in self.findings)


def check(
    *paths: str | Path,
    gold: Sequence[str | Path] = (),
    labels: tuple[str, ...] = LABELS,
) -> Found:
    """Check files of labelled paragraphs.

    Faults are: a row that cannot be read; a label that is none of `labels`; an id or a text that
    stands twice, with the same labels or with others; a language that the script belies; a
    paragraph of which a copy or a near-copy stands in another split or in the gold set, or whose
    document does. A split is a file called by one of ``SPLITS``, or what a column ``split`` says.
    Near-copies within a split are notes: whoever wrote them may have meant it, and training keeps
    them together.

    Parameters
    ----------
    *paths : path-like
        As :func:`directive_clf.read_paragraphs` takes them.
    gold : sequence of path-like
        What a model shall be measured on; it is read, and only what it shares is told.
    labels : tuple of str
    """
    findings: list[Finding] = []
    rows: list[Located] = []
    for one in iter_located(*paths, labels=labels):
        if isinstance(one, DataError):
            findings.append(Finding(one.path, one.line, one.reason, True))  # type: ignore[arg-type]
        else:
            rows.append(one)
    measured = [one for one in iter_located(*gold, labels=labels) if isinstance(one, Located)]
    parts = [_split_of(one) for one in rows] + [GOLD] * len(measured)
    everything = rows + measured
    findings += _twice(everything, parts, len(rows))
    findings += _near(everything, parts, len(rows))
    findings += _documents(everything, parts, len(rows))
    findings += _languages(rows)
    findings.sort(key=lambda f: (str(f.path), f.line or 0, not f.is_fault))
    return Found(findings, _statistics(rows))


def _split_of(one: Located) -> str:
    """Return the split of a paragraph; ``""`` where it is of none."""
    named = str(one.paragraph.get("split") or one.path.stem).lower()
    return named if named in SPLITS else ""


def _at(one: Located, text: str, is_fault: bool = True) -> Finding:
    return Finding(one.path, one.line, text, is_fault)


def _twice(rows: Sequence[Located], parts: Sequence[str], n: int) -> Iterator[Finding]:
    """Find ids and texts that stand twice; the gold set's own, from row n on, are not told."""
    texts: dict[str, int] = {}
    ids: dict[str, int] = {}
    # The gold set first, so that what it shares is told at the line of the training file.
    for i in [*range(n, len(rows)), *range(n)]:
        p = rows[i].paragraph
        before = texts.setdefault(" ".join(p.text.split()), i)
        if before != i and i < n:
            there, same = rows[before].place, rows[before].paragraph.labels == p.labels
            if before >= n or parts[before] != parts[i]:
                where = "the gold set" if before >= n else "another split"
                yield _at(rows[i], f"the text stands in {where}, at {there}; drop it here")
            elif same:
                yield _at(rows[i], f"the text stood before, at {there}; drop one of the two")
            else:
                theirs = " and ".join(rows[before].paragraph.labels or [OTHER])
                yield _at(
                    rows[i],
                    f"the text stood before, at {there}, labelled {theirs}, and here"
                    f" {' and '.join(p.labels or [OTHER])}; decide for one, and drop the other",
                )
            continue
        before = ids.setdefault(p.id, i)
        if before != i and i < n and before < n:
            there = rows[before].place
            yield _at(rows[i], f"the id {p.id!r} stood before, at {there}; name one otherwise")


def _near(rows: Sequence[Located], parts: Sequence[str], n: int) -> Iterator[Finding]:
    for i, j, likeness in near_duplicates([one.paragraph.text for one in rows]):
        # The later of two is told, and of the gold set the other.
        first, second = (rows[j], rows[i]) if j >= n else (rows[i], rows[j])
        if i >= n or " ".join(rows[i].paragraph.text.split()) == " ".join(
            rows[j].paragraph.text.split()
        ):
            continue
        alike = f"nearly the text at {first.place} (likeness {likeness:.2f})"
        one, other = first.paragraph, second.paragraph
        if j >= n:
            yield _at(second, f"{alike}, of the gold set; drop it here")
        elif parts[i] != parts[j]:
            yield _at(second, f"{alike}, in another split; put both in one: data split does")
        elif one.document_id is None or one.document_id != other.document_id:
            labels = " and ".join(one.labels or [OTHER])
            differs = "" if one.labels == other.labels else f", which is labelled {labels}"
            yield _at(second, f"{alike}{differs}; look whether both are needed", False)


def _documents(rows: Sequence[Located], parts: Sequence[str], n: int) -> Iterator[Finding]:
    """Find documents of which a part stands elsewhere; each is told once."""
    homes: dict[str, int] = {}
    told: set[tuple[str, str]] = set()
    for i in [*range(n, len(rows)), *range(n)]:
        document = rows[i].paragraph.document_id
        if document is None:
            continue
        before = homes.setdefault(document, i)
        if parts[before] != parts[i] and (document, parts[i]) not in told:
            told.add((document, parts[i]))
            where = "the gold set" if before >= n else "another split"
            yield _at(
                rows[i],
                f"the document {document!r} has paragraphs in {where} too, at"
                f" {rows[before].place}; put all of them in one",
            )


def _languages(rows: Sequence[Located]) -> Iterator[Finding]:
    for one in rows:
        p = one.paragraph
        guessed = guess_lang(p.text)
        letters = sum(map(str.isalpha, p.text))
        # A Chinese page has buttons in English, and a line of digits is of either.
        is_belied = p.lang == "en" or not count_cjk(p.text)
        if guessed != p.lang and letters:
            yield _at(
                one,
                f"'lang' is {p.lang!r}, and the script is that of {guessed!r}; correct it, or leave"
                " it out to have it guessed",
                is_belied and letters >= 20,
            )


def _statistics(rows: Sequence[Located]) -> dict[str, Any]:
    paragraphs = [one.paragraph for one in rows]
    lengths = {
        lang: np.array([len(p.text) for p in paragraphs if p.lang == lang])
        for lang in sorted({p.lang for p in paragraphs})
    }
    return {
        "paragraphs": len(paragraphs),
        "documents": len({p.document_id for p in paragraphs} - {None}),
        "with_several_labels": sum(len(p.labels) > 1 for p in paragraphs),
        "by_file": _counts(str(one.path) for one in rows),
        "by_language": _counts(p.lang for p in paragraphs),
        "by_main_label": _counts(main_label(p.labels) for p in paragraphs),
        "anywhere": _counts(label for p in paragraphs for label in p.labels),
        "length": {
            lang: np.percentile(values, [0, 25, 50, 75, 100]).astype(int).tolist()
            for lang, values in lengths.items()
        },
    }


def _counts(values: Iterator[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
