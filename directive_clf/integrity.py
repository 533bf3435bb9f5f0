"""What the files of a model folder must hold, to be the model that was trained.

Hashes show that a file is what its writer wrote. These checks show that what was written makes a
model, and that this package, on this machine, reads it as the one that trained it did.
"""

from __future__ import annotations

import json
import tokenize
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ._version import __version__
from .classifier import Classifier
from .exceptions import ArtifactError

__all__ = ["REMEDY", "check_arrays", "check_golden", "check_manifest", "naming"]

GOLDEN_TOLERANCE = 1e-6
"""How far a score may stand from its golden value: room for another processor's rounding."""

# What numpy, zipfile and json raise on malformed input, and what its values then provoke here.
_MALFORMED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RecursionError,
    MemoryError,
    zipfile.BadZipFile,
    tokenize.TokenError,
)

REMEDY = "get the folder anew (reinstall the package, or train again); do not use this copy"


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Turn whatever a malformed file provokes into an error that names it."""
    try:
        yield
    except _MALFORMED as error:
        reason = str(error) or type(error).__name__
        raise ArtifactError(f"{place}: {reason}; {REMEDY}") from None


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Raise ValueError if a value that loading relies on is missing or of another type."""
    labels = manifest["labels"]
    if not isinstance(labels, list) or not labels or len(set(labels)) < len(labels):
        raise ValueError(f"labels are {labels!r}; expected a list of distinct names")
    if not all(isinstance(label, str) and label for label in labels):
        raise ValueError(f"labels are {labels!r}; expected names")
    if type(manifest["power"]) not in (int, float) or not 0 <= manifest["power"] <= 1:
        raise ValueError(f"power is {manifest['power']!r}; expected a number from 0 to 1")
    if not isinstance(manifest["version"], str) or not manifest["version"]:
        raise ValueError(f"version is {manifest['version']!r}; expected a name")
    if not isinstance(manifest["files"], dict):
        raise ValueError(f"files are {manifest['files']!r}; expected an object")


def check_arrays(arrays: Mapping[str, Any], n_terms: int, n_labels: int) -> None:
    """Raise ValueError if an array is not what the vocabulary and the labels ask for."""
    shapes = {"weights": (n_terms,), "coef": (n_terms, n_labels)}
    shapes |= dict.fromkeys(("intercept", "slope", "offset", "thresholds"), (n_labels,))
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"{name} has shape {array.shape}; expected {shape}, of finite numbers")
    if not (arrays["weights"] > 0).all():
        raise ValueError("weights must be above zero")


def check_golden(classifier: Classifier, content: str) -> None:
    """Raise ValueError at the first golden prediction that is not reproduced."""
    golden = [json.loads(line) for line in content.split("\n") if line]
    if not golden:
        raise ValueError("no golden prediction: nothing shows that the model is what it was")
    texts = [row["text"] for row in golden]
    predictions, scores = classifier.classify_scored(texts)
    for line, (row, score, prediction) in enumerate(
        zip(golden, scores, predictions, strict=True), 1
    ):
        gap = float(np.abs(score - row["scores"]).max())
        if not gap <= GOLDEN_TOLERANCE or list(prediction.labels) != row["labels"]:
            raise ValueError(
                f"line {line}: the model gives {list(prediction.labels)} (scores off by {gap:.2g})"
                f" where {row['labels']} was kept: the model was changed, or directive_clf"
                f" {__version__} reads text otherwise than the version that trained it"
            )
