"""Unlabelled paragraphs of whatever scoring reads: what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..batch import OK
from ..data import Paragraph, guess_lang
from ..reading import Reading, iter_chunks
from ..sources import find_sources

__all__ = ["read_pool"]

_OURS = ("text", "labels", "label", "lang", "register", "order")


def read_pool(
    inputs: Iterable[str | Path], how: Reading = Reading()
) -> tuple[list[Paragraph], list[str]]:
    """Read texts without labels, from articles, pages and tables.

    Parameters
    ----------
    inputs : iterable of path-like
        As :func:`directive_clf.score_files` takes them.
    how : Reading

    Returns
    -------
    paragraphs : list of Paragraph
        With no labels, whatever the file says of them; ids are made unique.
    faults : list of str
        What could not be read.
    """
    found: dict[str, Paragraph] = {}
    faults: list[str] = []
    for chunk in iter_chunks(find_sources(inputs), how):
        names = [*chunk.table]
        for values in zip(*chunk.table.values(), strict=True):
            row = dict(zip(names, values, strict=True))
            if row["status"] != OK:
                faults.append(row["error"] or f"{row['id']}: {row['status']}")
            elif isinstance(row["text"], str):
                one = _to_paragraph(row)
                n = 2
                while one.id in found:
                    one = _to_paragraph(row | {"id": f"{row['id']}#{n}"})
                    n += 1
                found[one.id] = one
    return [*found.values()], faults


def _to_paragraph(row: dict[str, Any]) -> Paragraph:
    extra = {k: v for k, v in row["carried"].items() if k not in _OURS and v is not None}
    if row["title"] is not None:
        extra["title"] = row["title"]
    register = row["carried"].get("register")
    return Paragraph(
        text=row["text"],
        labels=(),
        id=str(row["id"]),
        lang=guess_lang(row["text"]),
        register=register if isinstance(register, str) else None,
        document_id=str(row["document_id"]),
        order=row["paragraph"],
        date=row["date"] if isinstance(row["date"], str) else None,
        extra=extra,
    )
