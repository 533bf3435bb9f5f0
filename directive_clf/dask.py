"""Dask: many processes, and many machines, for tables and for files.

What goes to the workers is the partition and where the model is. By path (a name, or nothing) each
worker process loads the model once, from the same path: install the package there, or share the
folder. By value (a ``Classifier``) it travels once to each worker, and needs no path. A lost worker
costs its partitions only: Dask runs them again, and the answers are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .batch import model_folder
from .classifier import Classifier
from .frames import open_scorer, score_frame
from .scoring import iter_scored

__all__ = ["score", "score_bag"]

Model = Classifier | str | os.PathLike[str] | None


def score(
    frame: Any,
    text: str = "text",
    *,
    model: Model = None,
    models: str | Path | None = None,
    explain: int = 0,
) -> Any:
    """Label the texts of a ``dask.dataframe``; see :func:`directive_clf.score_frame`.

    Nothing is scored before the result is computed or written.
    """
    # An empty partition tells the columns and their types.
    meta = score_frame(frame._meta, text, model=model, models=models, explain=explain)
    return frame.map_partitions(
        _score_partition, text, _sent(model, models), explain=explain, meta=meta
    )


def score_bag(
    paths: Iterable[str | Path],
    *,
    model: Model = None,
    models: str | Path | None = None,
    partition_size: int = 100,
    **options: Any,
) -> Any:
    """Label the paragraphs of files: a ``dask.bag`` of rows, in the order of the files.

    Parameters
    ----------
    paths : iterable of path-like
        Files, or patterns, that the workers see under the same name.
    model, models
        As in :func:`directive_clf.score_frame`.
    partition_size : int
        Files a partition.
    **options
        As those of :func:`directive_clf.score_files`.
    """
    import dask.bag

    names = dask.bag.from_sequence(map(str, paths), partition_size=partition_size)
    return names.map_partitions(_score_paths, _sent(model, models), options)


def _sent(model: Model, models: str | Path | None) -> Any:
    """Return what goes to the workers in place of a model."""
    if not isinstance(model, Classifier):
        return model_folder(model, models)
    import dask

    # One value that all tasks share, not a copy in each.
    return dask.delayed(model, pure=False)


def _score_partition(frame: Any, text: str, model: Any, explain: int = 0) -> Any:
    return score_frame(frame, text, model=_found(model), explain=explain)


def _score_paths(paths: Iterable[str], model: Any, options: dict[str, Any]) -> list[Any]:
    classifier = open_scorer(_found(model)).classifier
    return [row for path in paths for row in iter_scored(classifier, [path], **options)]


def _found(model: Any) -> Any:
    return Path(model) if isinstance(model, str) else model
