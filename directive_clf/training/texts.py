"""What a model is fitted on: one's own paragraphs, the project's, how often each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import persistence, registry
from ..data import Located, Paragraph, read_located, translated
from ..exceptions import TrainingError
from ..labels import LABELS
from ..taxonomy import Taxonomy

__all__ = [
    "SHIPPED",
    "TrainingText",
    "shipped_behaviour",
    "shipped_data",
    "shipped_folder",
    "shipped_gazetteer",
]

Floats = NDArray[np.float64]

SHIPPED = "shipped"
"""What the project's own paragraphs are called where several files are told apart."""

OWN = "own"

_CHECKOUT = Path(__file__).parents[2] / "training_data"
_INSTALLED = Path(__file__).parents[1] / "training_data"
"""Where a wheel carries the training data. In a source tree it stands beside the package."""


@dataclass(frozen=True)
class TrainingText:
    """Training paragraphs, in the order of their ids.

    Attributes
    ----------
    paragraphs : list of Paragraph, length n
        With labels as the taxonomy calls them; where several files are told apart, the name of
        each paragraph's is its column ``data``.
    corpora : list of str, length n
        ``"shipped"`` or ``"own"``.
    weights : ndarray of float, shape (n, n_labels), or None
        How often each counts for each label; None where all count once.
    by_file : dict
        Of each file that is told apart ``paragraphs`` and ``weight``.
    """

    paragraphs: list[Paragraph]
    corpora: list[str]
    weights: Floats | None
    by_file: dict[str, dict[str, Any]]

    @classmethod
    def read(
        cls,
        data: Sequence[str | Path],
        with_shipped: bool,
        weights: Mapping[str, float],
        taxonomy: Taxonomy,
    ) -> TrainingText:
        """Read files; parameters and errors are those of :func:`directive_clf.training.train`."""
        folder = shipped_folder().resolve()
        found = read_located(*data, labels=taxonomy.readable)
        if with_shipped and not any(Path(path).resolve() == folder for path in data):
            taken = {value for one in found for value in (one.paragraph.id, _key(one))}
            shipped = read_located(*shipped_data(), labels=LABELS)
            found += [one for one in shipped if not {one.paragraph.id, _key(one)} & taken]
        # Sorted, so that the order of rows and files is nothing that a model depends on.
        found.sort(key=lambda one: one.paragraph.id)
        is_ours = {given: given.resolve() == folder for given in {one.given for one in found}}
        names = [SHIPPED if is_ours[one.given] else one.given.stem for one in found]
        _check(weights, names)
        paragraphs = translated([one.paragraph for one in found], taxonomy)
        by_file: dict[str, dict[str, Any]] = {}
        if with_shipped or weights:  # else the name of a file is nothing that a model depends on
            paragraphs = [
                replace(p, extra={**p.extra, "data": name})
                for p, name in zip(paragraphs, names, strict=True)
            ]
            for name, n in sorted(Counter(names).items()):
                by_file[name] = {"paragraphs": n, "weight": float(weights.get(name, 1))}
        counted = np.array([weights.get(name, 1.0) for name in names], dtype=np.float64)
        cells = np.tile(counted[:, None], len(taxonomy.labels))
        for j, label in enumerate(taxonomy.labels):
            # Whoever wrote the shipped labels did not know of one that was cut out of theirs.
            sources = set(taxonomy.added.get(label, ()))
            for i, p in enumerate(paragraphs):
                if names[i] == SHIPPED and sources.intersection(p.labels):
                    cells[i, j] = 0.0
        corpora = [SHIPPED if name == SHIPPED else OWN for name in names]
        return cls(paragraphs, corpora, None if (cells == 1).all() else cells, by_file)


def shipped_folder() -> Path:
    """Return the folder of the project's training data: a wheel's, or that of this checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def shipped_data() -> list[Path]:
    """Return the training data of the project.

    Raises
    ------
    TrainingError
        If it is not there.
    """
    folder = shipped_folder()
    if not any(folder.glob("*.jsonl")):
        raise TrainingError(
            f"the project's training data is not in {folder}: name yours with --data, or install"
            " the package from its wheel or a checkout, which carry it"
        )
    return [folder]


def shipped_gazetteer() -> list[Path]:
    """Return the gazetteer of the project; where it is not there, that of the champion."""
    found = sorted((shipped_folder() / "gazetteer").glob("*.tsv"))
    return found or [registry.resolve() / "gazetteer.tsv"]


def shipped_behaviour() -> list[Path]:
    """Return the behaviour cases of the project; where they are not there, the champion's."""
    found = sorted((shipped_folder() / "behaviour").glob("*.jsonl"))
    return found or [p for p in [registry.resolve() / persistence.BEHAVIOUR] if p.exists()]


def _check(weights: Mapping[str, float], names: Sequence[str]) -> None:
    unknown = sorted(weights.keys() - set(names))
    if unknown:
        known = ", ".join(sorted(set(names)))
        raise TrainingError(f"no file {unknown[0]!r} to weigh; the data has {known}")
    if not all(0 < weight < float("inf") for weight in weights.values()):
        raise TrainingError(f"the weights are {dict(weights)}; expected numbers above 0")


def _key(one: Located) -> str:
    """Return a text as it is compared with others."""
    return " ".join(one.paragraph.text.split())
