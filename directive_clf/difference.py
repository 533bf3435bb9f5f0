"""Two models on the same texts, labelled or not: which labels changed, and which terms did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .batch import OK
from .classifier import Classifier, is_blank
from .comparison import is_changed, why_changed
from .evaluation import rounded
from .labels import OTHER, main_label
from .reading import Reading, iter_chunks
from .sources import find_sources

__all__ = ["difference", "flat_rows"]


def difference(
    was: Classifier, now: Classifier, inputs: Iterable[str | Path], how: Reading = Reading()
) -> dict[str, Any]:
    """Compare the labels that two models give.

    Parameters
    ----------
    was, now : Classifier
        Their label sets can differ.
    inputs : iterable of path-like
        Whatever :func:`directive_clf.score_files` reads. A table's column ``labels``, where it has
        one, is told beside.
    how : Reading

    Returns
    -------
    dict
        ``before`` and ``after``, the versions; ``paragraphs``, ``changed`` and ``failed``, counts;
        ``moves``, ``[main label before, after, count]`` of the changed, the commonest first;
        ``changes``, in the order of the texts: ``id``, ``document_id``, ``text``, ``true`` (None
        where the file does not say), ``before`` and ``after`` (lists of labels), and what
        :func:`directive_clf.comparison.why_changed` gives.
    """
    changes: list[dict[str, Any]] = []
    n = failed = 0
    for chunk in iter_chunks(find_sources(inputs), how):
        table = chunk.table
        rows = [i for i, status in enumerate(table["status"]) if status == OK]
        rows = [i for i in rows if _is_text(table["text"][i])]
        texts = [table["text"][i] for i in rows]
        n += len(rows)
        failed += len(table["status"]) - len(rows)
        answers = zip(was.classify_many(texts), now.classify_many(texts), strict=True)
        for i, text, (one, two) in zip(rows, texts, answers, strict=True):
            if is_changed(one.labels, two.labels):
                changes.append(
                    {
                        "id": table["id"][i],
                        "document_id": table["document_id"][i],
                        "text": text,
                        "true": _true(table["carried"][i]),
                        "before": list(one.labels),
                        "after": list(two.labels),
                        **why_changed(was, now, text, one.labels, two.labels),
                    }
                )
    moves = Counter((main_label(c["before"]), main_label(c["after"])) for c in changes)
    ranked = sorted(moves.items(), key=lambda item: (-item[1], item[0]))
    found = {
        "before": was.version,
        "after": now.version,
        "paragraphs": n,
        "changed": len(changes),
        "failed": failed,
        "moves": [[*move, count] for move, count in ranked],
        "changes": changes,
    }
    return dict(rounded(found))


def flat_rows(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the changes as rows of a table: lists of labels, and the terms as texts."""
    for row in found["changes"]:
        before, after = row["log_odds"]
        yield {
            **{name: row[name] for name in ("id", "document_id", "text")},
            "true": row["true"],
            **{name: row[name] or [OTHER] for name in ("before", "after")},
            "label": row["label"],
            "log_odds_before": before,
            "log_odds_after": after,
            "terms": [f"{t['term']} {t['before']:+.2f} -> {t['after']:+.2f}" for t in row["terms"]],
        }


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not is_blank(value)


def _true(carried: Mapping[str, Any]) -> list[str] | None:
    """Return the labels that a table gives a text; None where it gives none."""
    given = carried.get("labels", carried.get("label"))
    if isinstance(given, str):
        given = [name.strip() for name in given.split("|") if name.strip()]
    return list(map(str, given)) if isinstance(given, list) else None
