"""How far annotators agree, on the main label and on the set of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from . import metrics
from .evaluation import rounded
from .exceptions import DataError
from .files import refusing_other_bytes
from .labels import LABELS, OTHER, check_labels, main_label

__all__ = ["Reading", "agreement", "disagreements", "read_reading"]

Reading = Mapping[str, tuple[str, ...]]
"""What one annotator says: a paragraph's id to its labels, main first; ``()`` is ``other``."""


def read_reading(path: str | Path, labels: tuple[str, ...] = LABELS) -> dict[str, tuple[str, ...]]:
    """Read lines ``id<TAB>labels``, ``|`` between labels, ``other`` for none; the rest is let be.

    Raises
    ------
    DataError
        At the first fault, with its line: a missing column, an unknown label, an id twice.
    """
    found: dict[str, tuple[str, ...]] = {}
    with refusing_other_bytes(path):
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, tab, rest = line.partition("\t")
        if not tab:
            raise DataError(f"found {line[:40]!r}; expected id<TAB>labels", path, number)
        if name in found:
            raise DataError(f"the id {name!r} stood before; each must stand once", path, number)
        try:
            found[name] = check_labels(filter(None, rest.split("\t")[0].split("|")), labels)
        except ValueError as error:
            raise DataError(str(error), path, number) from None
    return found


def agreement(readings: Mapping[str, Reading], *, resamples: int = 200) -> dict[str, Any]:
    """Measure the agreement of annotators on the paragraphs that all of them read.

    Parameters
    ----------
    readings : mapping of str to Reading
        Two annotators or more, by name.
    resamples : int
        Of the bootstrap over paragraphs behind each interval; 0 leaves intervals out.

    Returns
    -------
    dict
        ``annotators`` and ``n``; as figures with 95 % intervals ``observed`` (the share of pairs of
        annotators with the same main label, in [0, 1]), ``kappa`` (Cohen's, 1960; of more than two
        the mean over pairs), ``fleiss`` (Fleiss', 1971, of which Scott's pi is the case of two),
        ``alpha`` (Krippendorff's, 1980), and ``alpha_sets``, the same on sets of labels with the
        MASI distance (Passonneau 2006), all by :mod:`nltk.metrics`; ``pairs``, Cohen's kappa of
        each two annotators as ``{"annotators", "kappa"}``; and ``confused``, ``[label, label,
        count]`` of the main labels that two annotators gave to one paragraph, the commonest first.

    Raises
    ------
    DataError
        If there are fewer than two annotators, or they read no paragraph in common.
    """
    names = sorted(readings)
    if len(names) < 2:
        raise DataError(f"{len(names)} annotator; agreement needs two or more")
    common = sorted(set.intersection(*(set(readings[name]) for name in names)))
    if not common:
        raise DataError("the annotators read no paragraph in common; ids must be the same")
    sets = [[frozenset(readings[n][i] or (OTHER,)) for n in names] for i in common]
    mains = [[main_label(readings[n][i]) for n in names] for i in common]
    point = _figures(mains, sets)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(resamples):
        rows = rng.integers(len(common), size=len(common)).tolist()
        draws.append(_figures([mains[i] for i in rows], [sets[i] for i in rows]))
    found: dict[str, Any] = {"annotators": names, "n": len(common)}
    figures = {}
    for name, value in point.items():
        figures[name] = {"value": value}
        if draws:
            low, high = metrics.interval(np.array([draw[name] for draw in draws]))
            figures[name] |= {"low": low, "high": high}
    found |= {name: one for name, one in figures.items() if isinstance(name, str)}
    found["pairs"] = [
        {"annotators": [names[a], names[b]], "kappa": figures[a, b]}
        for a, b in combinations(range(len(names)), 2)
    ]
    pairs = Counter(
        tuple(sorted((row[a], row[b])))
        for row in mains
        for a in range(len(names))
        for b in range(a)
        if row[a] != row[b]
    )
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    found["confused"] = [[*pair, n] for pair, n in ranked]
    return dict(rounded(found))


def disagreements(readings: Mapping[str, Reading]) -> list[str]:
    """Return the ids that two or more annotators read and did not label the same, in order."""
    seen: dict[str, set[tuple[str, frozenset[str]]]] = {}
    for reading in readings.values():
        for i, labels in reading.items():
            seen.setdefault(i, set()).add((main_label(labels), frozenset(labels)))
    return sorted(i for i, answers in seen.items() if len(answers) > 1)


def _figures(
    mains: Sequence[Sequence[str]], sets: Sequence[Sequence[Any]]
) -> dict[str | tuple[int, int], float]:
    """Return each figure by its name, and Cohen's kappa by the numbers of two annotators."""
    from nltk.metrics import masi_distance
    from nltk.metrics.agreement import AnnotationTask

    def task(rows: Sequence[Sequence[Any]], **options: Any) -> Any:
        return AnnotationTask(
            [(str(c), str(i), label) for i, row in enumerate(rows) for c, label in enumerate(row)],
            **options,
        )

    main = task(mains)
    pairs: dict[str | tuple[int, int], float] = {}
    for pair in combinations(range(len(mains[0])), 2):
        both = str(pair[0]), str(pair[1])
        chance = main.Ae_kappa(*both)
        pairs[pair] = 1.0 if chance == 1 else (main.Ao(*both) - chance) / (1 - chance)
    if len({label for row in mains for label in row}) < 2:
        return dict.fromkeys(("observed", "kappa", "fleiss", "alpha", "alpha_sets"), 1.0) | pairs
    return {
        "observed": main.avg_Ao(),
        "kappa": sum(pairs.values()) / len(pairs),
        "fleiss": main.pi(),
        "alpha": main.alpha(),
        "alpha_sets": task(sets, distance=masi_distance).alpha(),
        **pairs,
    }
