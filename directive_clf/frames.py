"""Data frames in, data frames out: pandas, and by Arrow polars and whatever speaks it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .batch import PROBABILITY, Scorer, Table, answer_columns, model_folder, shared_scorer
from .classifier import Classifier
from .exceptions import InputTypeError

__all__ = ["open_scorer", "score_frame"]

ROWS = 8192
"""Rows that are scored at once: what is in memory beside the frame and its answers."""

_LISTS = ("labels", "flags", "top_terms", "top_scores")


def score_frame(
    frame: Any,
    text: str = "text",
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    models: str | Path | None = None,
    explain: int = 0,
) -> Any:
    """Label the texts of a data frame.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table
        Or any other table that has Arrow's C stream; of such a one a ``pyarrow.Table`` is made.
    text : str
        The column of the texts. A missing value gives an answer with status ``empty``.
    model : Classifier, str or path-like, optional
        A classifier, or what names one; it is loaded once a process.
    models : path-like, optional
        As in :func:`directive_clf.load`.
    explain : int
        How many of the terms that move the main label most to give.

    Returns
    -------
    A frame of the same kind
        The rows and columns of `frame`, and its index, with those of
        :func:`directive_clf.batch.answer_columns` behind them. A column of `frame` that has the
        name of one of these is called ``input_…``.

    Raises
    ------
    InputTypeError
        If `frame` is no such table, or has no column `text`.
    """
    is_pandas = type(frame).__module__.partition(".")[0] == "pandas"
    if not hasattr(frame, "columns") or not (is_pandas or hasattr(frame, "__arrow_c_stream__")):
        raise InputTypeError(
            f"score_frame() takes a data frame of pandas, polars or Arrow, not"
            f" {type(frame).__name__}; for a list of texts call classify_many()"
        )
    return (
        _score_pandas(frame, text, open_scorer(model, models, explain))
        if is_pandas
        else (_score_arrow(frame, text, open_scorer(model, models, explain)))
    )


def open_scorer(
    model: Classifier | str | os.PathLike[str] | None,
    models: str | Path | None = None,
    explain: int = 0,
) -> Scorer:
    """Return a scorer of a classifier, or of one that is named, which is loaded once a process."""
    if isinstance(model, Classifier):
        return Scorer(model, explain)
    return shared_scorer(model_folder(model, models), explain)


def _score_pandas(frame: Any, text: str, scorer: Scorer) -> Any:
    import pandas as pd

    _check_column(text, map(str, frame.columns))
    pieces = (frame[text].iloc[i : i + ROWS].tolist() for i in range(0, max(len(frame), 1), ROWS))
    answers = _answers(pieces, text, scorer)
    typed = {
        name: pd.Series(values, frame.index, dtype=_pandas_type(name), name=name)
        for name, values in answers.items()
    }
    renamed = frame.rename(columns={name: f"input_{name}" for name in typed})
    return pd.concat([renamed, pd.DataFrame(typed, index=frame.index)], axis=1)


def _pandas_type(name: str) -> str:
    if name in _LISTS:
        return "object"
    return "float64" if _is_number(name) else "string"


def _score_arrow(frame: Any, text: str, scorer: Scorer) -> Any:
    import pyarrow as pa

    table = frame if isinstance(frame, pa.Table) else pa.table(frame)
    _check_column(text, table.column_names)
    column = table[text]
    pieces = (column.slice(i, ROWS).to_pylist() for i in range(0, max(len(table), 1), ROWS))
    answers = _answers(pieces, text, scorer)
    table = table.rename_columns(
        [f"input_{name}" if name in answers else name for name in table.column_names]
    )
    for name, values in answers.items():
        kind = pa.float64() if _is_number(name) else pa.string()
        if name in _LISTS:
            kind = pa.list_(pa.float64() if name == "top_scores" else pa.string())
        table = table.append_column(name, pa.array(values, kind))
    if type(frame).__module__.partition(".")[0] == "polars":
        import polars as pl

        return pl.from_arrow(table)
    return table


def _answers(pieces: Iterator[list[Any]], text: str, scorer: Scorer) -> Table:
    """Return the columns of answers to all pieces, and nothing else."""
    columns: Table = {name: [] for name in answer_columns(scorer.classifier.labels, scorer.explain)}
    for texts in pieces:
        scored = scorer.score({text: texts}, text)
        for name, column in columns.items():
            column += scored[name]
    return columns


def _check_column(text: str, names: Any) -> None:
    names = list(names)
    if text not in names:
        raise InputTypeError(
            f"score_frame() finds no column {text!r}; there are {', '.join(map(repr, names))}:"
            " name one as text="
        )


def _is_number(name: str) -> bool:
    return name == "unknown" or name.startswith(PROBABILITY)
