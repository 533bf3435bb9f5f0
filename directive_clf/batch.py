"""The core of scoring in bulk: an iterator of tables in, an iterator of tables out.

A table is a dictionary of columns, each a list, all of one length: what pandas, Arrow, JSON lines
and a cluster's partition can all be turned into without a copy of meaning. Files
(``scoring.py``), data frames (``frames.py``), Dask and Spark are thin adaptors of what stands here.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import registry
from .classifier import MAX_LENGTH, Classifier, choose_labels, is_blank
from .data import paragraph_id
from .labels import main_label
from .result import DAMAGED, EMPTY, TRUNCATED

__all__ = [
    "ANSWERED",
    "BAD_ROW",
    "FAILED",
    "NOT_TEXT",
    "OK",
    "PROBABILITY",
    "STATUSES",
    "UNDECODABLE",
    "Scorer",
    "Table",
    "answer_columns",
    "model_folder",
    "score_tables",
    "shared_scorer",
]

Table = dict[str, list[Any]]

OK, BAD_ROW, NOT_TEXT, UNDECODABLE = "ok", "bad_row", "not_text", "undecodable"

STATUSES = {
    OK: "labelled",
    TRUNCATED: f"labelled, from its first {MAX_LENGTH:,} characters",
    EMPTY: "blank, or no text is there: no answer, which is not other",
    BAD_ROW: "a row of a table that cannot be read",
    NOT_TEXT: "holds something else than text",
    UNDECODABLE: "a file that cannot be read, or not to its end",
}
"""What became of a text. All but the first two have no label, and ``error`` says why."""

ANSWERED = (OK, TRUNCATED)
FAILED = (BAD_ROW, NOT_TEXT, UNDECODABLE)

PROBABILITY = "p_"
"""Stands before the name of a label to name the column of its probability."""

REMEMBERED = 1 << 16
"""Distinct paragraphs whose scores a process keeps, so that one that comes back (a disclaimer, an
agency's story in ten papers) is not scored again. They take some 15 MB."""


def answer_columns(labels: Iterable[str], explain: int = 0) -> tuple[str, ...]:
    """Return the names of the columns that scoring adds, in their order."""
    return (
        "main",
        "labels",
        *(PROBABILITY + label for label in labels),
        *(("top_terms", "top_scores") if explain else ()),
        "flags",
        "unknown",
        "status",
        "error",
        "text_hash",
        "model",
    )


def model_folder(
    model: str | os.PathLike[str] | None = None, models: str | Path | None = None
) -> str:
    """Return the path by which another process finds a model; see :func:`directive_clf.load`."""
    return str(registry.resolve(model, models).resolve())


@functools.lru_cache(maxsize=4)
def shared_scorer(folder: str, explain: int = 0) -> Scorer:
    """Return the scorer of a model folder; it is loaded once a process."""
    return Scorer(registry.load(Path(folder)), explain)


class Scorer:
    """Scores tables with one model, and remembers the scores of the latest paragraphs.

    Parameters
    ----------
    classifier : Classifier
    explain : int
        How many of the terms that move the main label most to give; 0 for none.
    """

    def __init__(self, classifier: Classifier, explain: int = 0) -> None:
        self.classifier = classifier
        self.explain = explain
        self._places: dict[str, int] = {}
        self._hashes: list[str] = []
        self._values = np.zeros((0, len(classifier.labels) + 1))
        self._next = 0

    def score(self, table: Table, text: str = "text") -> Table:
        """Return a table with the columns of `table` and, behind them, the answers.

        Parameters
        ----------
        table : dict of str to list
            A row whose ``status`` says already that it has no text (see ``STATUSES``) keeps that,
            and its ``error``.
        text : str
            The column of the texts. None and NaN are no text (``empty``); any other value that is
            not a str is told (``not_text``).

        Returns
        -------
        dict of str to list
            Of :func:`answer_columns`: ``main`` is None where there is no answer; ``labels`` and
            ``flags`` are lists; a probability is None, not NaN, where there is none, as JSON and
            Arrow have it; ``unknown`` is the share of tokens that the model does not know, in
            [0, 1]; ``text_hash`` is the beginning of the text's SHA-1.
        """
        labels = self.classifier.labels
        found = table[text]
        statuses, errors = _judge(found, table.get("status"), table.get("error"))
        rows = [i for i, status in enumerate(statuses) if status in ANSWERED]
        texts = [found[i] for i in rows]
        hashes = [paragraph_id(one) if isinstance(one, str) else None for one in found]
        values = self._recall([hashes[i] or "" for i in rows], texts)
        named = choose_labels(values[:, :-1], self.classifier.thresholds_, labels)
        n = len(found)
        out = {name: column for name, column in table.items() if name not in ("status", "error")}
        out["main"] = _spread(n, rows, map(main_label, named), None)
        out["labels"] = _spread(n, rows, map(list, named), [])
        rounded = np.round(values, 6)
        for j, label in enumerate(labels):
            out[PROBABILITY + label] = _spread(n, rows, rounded[:, j].tolist(), None)
        if self.explain:
            tops = [self._explain(*row) for row in zip(texts, values, named)]
            out["top_terms"] = _spread(n, rows, (names for names, _ in tops), [])
            out["top_scores"] = _spread(n, rows, (scores for _, scores in tops), [])
        out["flags"] = list(map(_flags, found, statuses))
        out["unknown"] = _spread(n, rows, rounded[:, -1].tolist(), None)
        out["status"] = statuses
        out["error"] = errors
        out["text_hash"] = hashes
        out["model"] = [self.classifier.version] * n
        return out

    def _recall(self, hashes: list[str], texts: list[str]) -> NDArray[np.float64]:
        """Return probabilities and the share of unknown tokens, scoring what is new only."""
        new = {h: text for h, text in zip(hashes, texts) if h not in self._places}
        probabilities, unknown = self.classifier.probabilities_and_unknown([*new.values()])
        fresh = np.column_stack([probabilities, unknown])
        if len(new) == len(hashes):
            values = fresh
        else:
            at = dict(zip(new, range(len(new))))
            known = [(i, self._places[h]) for i, h in enumerate(hashes) if h not in at]
            values = np.empty((len(hashes), fresh.shape[1]))
            values[[i for i, _ in known]] = self._values[[place for _, place in known]]
            is_new = [i for i, h in enumerate(hashes) if h in at]
            values[is_new] = fresh[[at[hashes[i]] for i in is_new]]
        self._keep([*new], fresh)
        return values

    def _keep(self, hashes: list[str], values: NDArray[np.float64]) -> None:
        """Remember the latest values, in place of the oldest."""
        hashes, values = hashes[-REMEMBERED:], values[-REMEMBERED:]
        for h, row in zip(hashes, values):
            if len(self._hashes) < REMEMBERED:
                if len(self._hashes) == len(self._values):  # grow by doubling
                    more = np.zeros((max(1024, len(self._values)), values.shape[1]))
                    self._values = np.concatenate([self._values, more])
                self._hashes.append(h)
            else:
                del self._places[self._hashes[self._next]]
                self._hashes[self._next] = h
            self._places[h] = self._next
            self._values[self._next] = row
            self._next = (self._next + 1) % REMEMBERED

    def _explain(
        self, text: str, values: NDArray[np.float64], named: tuple[str, ...]
    ) -> tuple[list[str], list[float]]:
        # Of "other", the label that came nearest is explained.
        lead = values[:-1] - self.classifier.thresholds_
        label = named[0] if named else self.classifier.labels[int(lead.argmax())]
        top = self.classifier.explain(text).top(label, self.explain)
        return [term.name for term in top], [round(term.scores[label], 4) for term in top]


def score_tables(
    tables: Iterable[Table], classifier: Classifier, *, text: str = "text", explain: int = 0
) -> Iterator[Table]:
    """Score tables one by one, in order: what comes in is let go before the next is read.

    See :meth:`Scorer.score` for the columns, and :func:`directive_clf.load` for the classifier.
    """
    scorer = Scorer(classifier, explain)
    return (scorer.score(table, text) for table in tables)


def _judge(
    texts: list[Any], given: list[Any] | None, errors: list[Any] | None
) -> tuple[list[str], list[str | None]]:
    """Return a status for each text, and why those have no answer that have none."""
    statuses: list[str] = []
    reasons: list[str | None] = list(errors) if errors else [None] * len(texts)
    for i, text in enumerate(texts):
        if given is not None and given[i] not in (None, OK):
            statuses.append(given[i])
        elif isinstance(text, str):
            if is_blank(text):
                statuses.append(EMPTY)
            else:
                statuses.append(TRUNCATED if len(text) > MAX_LENGTH else OK)
        elif _is_missing(text):
            statuses.append(EMPTY)
            reasons[i] = reasons[i] or "no text is there"
        else:
            statuses.append(NOT_TEXT)
            shown = json.dumps(text, default=repr, ensure_ascii=False)
            reasons[i] = f"found {shown:.40}; expected a text"
    return statuses, reasons


def _is_missing(value: Any) -> bool:
    """Tell whether a value stands for none: None, NaN, pandas' NA and NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _flags(text: Any, status: str) -> list[str]:
    flags = [status] if status in (EMPTY, TRUNCATED) else []
    if isinstance(text, str) and ("\ufffd" in text or "\0" in text):
        flags.append(DAMAGED)
    return flags


def _spread(n: int, rows: list[int], values: Iterable[Any], missing: Any) -> list[Any]:
    """Return a column of length `n` with `values` at `rows`."""
    if len(rows) == n:
        return list(values)
    column = [missing] * n
    for i, value in zip(rows, values, strict=True):
        column[i] = value
    return column
