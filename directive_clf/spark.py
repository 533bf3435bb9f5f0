"""Spark: a column of texts to labelled rows, with ``mapInPandas``.

What goes to the workers is batches of rows and where the model is. By path (a name, or nothing)
each Python worker loads the model once, from the same path: install the package on every node, or
share the folder. By value (a ``Classifier``) it is broadcast, and needs no path. A task that is
lost is run again by Spark, and its answers are the same.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .batch import PROBABILITY, answer_columns, model_folder
from .classifier import Classifier
from .frames import open_scorer, score_frame

__all__ = ["score"]


def score(
    frame: Any,
    text: str = "text",
    *,
    model: Classifier | str | os.PathLike[str] | None = None,
    models: str | Path | None = None,
    explain: int = 0,
) -> Any:
    """Label the texts of a Spark data frame; see :func:`directive_clf.score_frame`.

    Nothing is scored before the result is written or taken.
    """
    from pyspark.sql.types import (
        ArrayType,
        DataType,
        DoubleType,
        StringType,
        StructField,
        StructType,
    )

    scorer = open_scorer(model, models, explain)
    names = answer_columns(scorer.classifier.labels, explain)

    def kind(name: str) -> DataType:
        if name in ("labels", "flags", "top_terms"):
            return ArrayType(StringType())
        if name == "top_scores":
            return ArrayType(DoubleType())
        return DoubleType() if name == "unknown" or name.startswith(PROBABILITY) else StringType()

    kept = [
        StructField(f"input_{field.name}" if field.name in names else field.name, field.dataType)
        for field in frame.schema.fields
    ]
    schema = StructType(kept + [StructField(name, kind(name)) for name in names])
    sent: Any = (
        model_folder(model, models)
        if not isinstance(model, Classifier)
        else (frame.sparkSession.sparkContext.broadcast(model))
    )
    return frame.mapInPandas(functools.partial(_score_batches, sent, text, explain), schema)


def _score_batches(sent: Any, text: str, explain: int, frames: Iterator[Any]) -> Iterator[Any]:
    model = Path(sent) if isinstance(sent, str) else sent.value
    for frame in frames:
        yield score_frame(frame, text, model=model, explain=explain)
