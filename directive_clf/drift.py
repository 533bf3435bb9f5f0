"""Is a batch like what the model was trained on? Counts of it, beside those kept in the model.

For each language four things are counted in the bins of the reference: the main label, the share
of unknown tokens, the certainty of the answer, and the length. The distance is the population
stability index, ``sum((p - q) * ln(p / q))`` over bins (Siddiqi, *Credit Risk Scorecards*, 2006),
with his rule: under 0.1 little has changed, from 0.25 much. A small batch has an index by chance
alone, a chi-square of ``bins - 1`` degrees times ``1/n + 1/m`` (Yurdakul, *Statistical Properties
of Population Stability Index*, 2018), and a batch of one kind of source differs from all kinds
together. So an index counts only where it is above the 99 % point of the first, and above that of
every kind of source in training.

A batch is called unlike where it has more unknown tokens, or less certainty, by that measure: they
tell that the model meets words, or cases, that it does not know. The label mix and the length of
news change from day to day, and are told without that verdict.

The certainty of an answer is the calibrated probability of its main label, or, of ``other``, that
no label holds: the product of ``1 - p``. The reference says how often answers of each certainty
were right when their kind of source was held out; weighing that by the batch's certainty gives the
accuracy to expect (as in Guillory et al., "Predicting with confidence on unseen distributions",
2021). It holds as far as a certainty means the same in the batch as it did there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calibration import certainty
from .data import guess_lang
from .labels import OTHER

__all__ = ["FEWEST", "UNLIKE", "add", "count", "make_reference", "report"]

Floats = NDArray[np.float64]

UNLIKE = 0.25
CHANGED = 0.1
"""Siddiqi's rule of thumb."""

FEWEST = 100
"""Paragraphs of a language under which nothing is said of it."""

CHANCE_99 = 2.326
"""The 99 % point of the standard normal."""

MEASURES = ("labels", "unknown", "certainty", "length")
_DECIDING = ("unknown", "certainty")
_TAIL = (0.5, 0.75, 0.9, 0.95)
_DECILES = tuple(i / 10 for i in range(1, 10))
_CERTAINTY_EDGES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98]


def make_reference(
    texts: Sequence[str],
    langs: Sequence[str],
    main: Sequence[str],
    probabilities: Floats,
    unknown: Floats,
    is_right: Sequence[bool],
    groups: Sequence[str],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Count held-out training paragraphs, for a model's manifest.

    Parameters
    ----------
    texts, langs, main : sequence of str, length n
        ``main`` is the predicted main label.
    probabilities : ndarray of shape (n, n_labels)
        Out-of-fold.
    unknown : ndarray of shape (n,)
        The share of tokens that stand in no, or too few, paragraphs of the other folds.
    is_right : sequence of bool, length n
        Whether the predicted main label is the true one.
    groups : sequence of str, length n
        The kind of source of each.
    labels : sequence of str

    Returns
    -------
    dict
        By language: ``n``; for ``labels``, ``unknown``, ``certainty`` and ``length`` the counts in
        each bin (``labels`` in the order of the model's, ``other`` last), with the inner ``edges``
        of the others; ``right``, how many of each bin of certainty were; ``usual``, the largest
        index of a kind of source with ``FEWEST`` paragraphs, by measure, 0 where there is none.
    """
    sure = certainty(probabilities, _places(main, labels))
    length = np.array(list(map(len, texts)), dtype=np.float64)
    reference: dict[str, Any] = {}
    for lang in sorted(set(langs)):
        rows = np.flatnonzero(np.array(langs) == lang)
        edges = {
            "unknown": _edges(unknown[rows], _TAIL),
            "certainty": _CERTAINTY_EDGES,
            "length": _edges(length[rows], _DECILES),
        }

        def counts(at: NDArray[np.intp], edges: Any = edges) -> dict[str, list[int]]:
            names = [main[i] for i in at.tolist()]
            return _counts_of(names, unknown[at], sure[at], length[at], edges, labels)

        known = counts(rows)
        usual = dict.fromkeys(MEASURES, 0.0)
        for group in sorted({groups[i] for i in rows.tolist()}):
            at = np.array([i for i in rows.tolist() if groups[i] == group])
            if FEWEST <= len(at) < len(rows):
                for name, found in counts(at).items():
                    usual[name] = max(usual[name], _index(found, known[name]))
        bins = np.searchsorted(edges["certainty"], sure[rows], side="right")
        right = np.bincount(bins[np.array(is_right)[rows]], minlength=len(_CERTAINTY_EDGES) + 1)
        reference[lang] = {
            "n": len(rows),
            "edges": edges,
            **known,
            "right": right.tolist(),
            "usual": {name: round(index, 4) for name, index in usual.items()},
        }
    return reference


def count(
    table: Mapping[str, Sequence[Any]],
    reference: Mapping[str, Any],
    labels: Sequence[str],
    text: str = "text",
) -> dict[str, dict[str, list[int]]]:
    """Count the answered paragraphs of a scored table in the bins of a reference.

    Returns
    -------
    dict
        By language, ``MEASURES`` to counts: what :func:`add` sums and :func:`report` reads.
    """
    rows = [i for i, main in enumerate(table["main"]) if main is not None]
    if not rows:
        return {}
    langs = np.array([guess_lang(table[text][i]) for i in rows])
    main = [table["main"][i] for i in rows]
    columns = [[table[f"p_{label}"][i] for i in rows] for label in labels]
    sure = certainty(np.array(columns, dtype=np.float64).T, _places(main, labels))
    unknown = np.array([table["unknown"][i] for i in rows], dtype=np.float64)
    length = np.array([len(table[text][i]) for i in rows], dtype=np.float64)
    counts = {}
    for lang in sorted(set(langs.tolist()) & set(reference)):
        at = np.flatnonzero(langs == lang)
        edges = reference[lang]["edges"]
        names = [main[i] for i in at]
        counts[lang] = _counts_of(names, unknown[at], sure[at], length[at], edges, labels)
    return counts


def add(
    one: Mapping[str, Mapping[str, Sequence[int]]], other: Mapping[str, Mapping[str, Sequence[int]]]
) -> dict[str, dict[str, list[int]]]:
    """Return the sum of two counts."""
    summed: dict[str, dict[str, list[int]]] = {}
    for lang in sorted({*one, *other}):
        parts = [counts[lang] for counts in (one, other) if lang in counts]
        summed[lang] = {
            name: [sum(values) for values in zip(*(part[name] for part in parts), strict=True)]
            for name in MEASURES
        }
    return summed


def report(
    counts: Mapping[str, Mapping[str, Sequence[int]]],
    reference: Mapping[str, Any],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Compare a batch with a reference.

    Returns
    -------
    dict
        ``sentence``, which says it all in words; ``is_unlike``, None where there is too little to
        tell; ``expected_accuracy`` of the main label; and by language under ``languages`` the
        counts of both, with the index of each measure, what chance would give, and its verdict.
    """
    languages: dict[str, dict[str, Any]] = {}
    for lang, found in counts.items():
        n, known = sum(found["labels"]), reference[lang]
        measures = {
            name: _compare(found[name], known[name], known["usual"][name]) for name in MEASURES
        }
        deciding = [_is_worse(measures, name) for name in _DECIDING]
        languages[lang] = {
            "n": n,
            "is_unlike": any(deciding) if n >= FEWEST else None,
            "expected_accuracy": _expected_accuracy(found["certainty"], known),
            "label_mix": _shares([*labels, OTHER], found["labels"]),
            "label_mix_of_training": _shares([*labels, OTHER], known["labels"]),
            "measures": measures,
        }
    told = {lang: part for lang, part in languages.items() if part["is_unlike"] is not None}
    n = sum(part["n"] for part in languages.values())
    accuracies = [(part["n"], part["expected_accuracy"]) for part in languages.values()]
    expected = round(sum(k * a for k, a in accuracies) / n, 4) if n else None
    return {
        "sentence": _sentence(told, expected, n),
        "is_unlike": any(part["is_unlike"] for part in told.values()) if told else None,
        "paragraphs": n,
        "expected_accuracy": expected,
        "languages": languages,
    }


def _sentence(told: Mapping[str, Mapping[str, Any]], expected: float | None, n: int) -> str:
    if not told:
        return (
            f"{n} paragraphs are too few to tell whether the batch is like what the model knows;"
            f" {FEWEST} of a language are needed."
        )
    reasons = []
    for lang, part in told.items():
        words = {
            "unknown": "it has more words that the model does not know than any source of training",
            "certainty": "its answers are less certain than on any source of training",
        }
        causes = [words[name] for name in _DECIDING if _is_worse(part["measures"], name)]
        if causes:
            reasons.append(f"in {lang}, {' and '.join(causes)}")
    moved = [
        f"the {'mix of labels' if name == 'labels' else 'length of paragraphs'} in {lang}"
        for lang, part in told.items()
        for name in ("labels", "length")
        if part["measures"][name]["verdict"] == "unlike"
    ]
    also = f" {' and '.join(moved)} differ{'s' * (len(moved) == 1)} from training." if moved else ""
    also = also[:1] + also[1:2].upper() + also[2:]
    accuracy = f" Expected accuracy of the main label: {expected:.0%}."
    if reasons:
        return (
            f"The batch is unlike what the model knows: {'; '.join(reasons)}; label some of it to"
            f" know how good the answers are.{also}{accuracy}"
        )
    return f"The batch is like what the model knows.{also}{accuracy}"


def _is_worse(measures: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """Tell whether a measure says that the model is on less sure ground than in training."""
    found, known = measures[name]["counts"], measures[name]["counts_of_training"]
    is_more = _mean_bin(found) > _mean_bin(known)
    return measures[name]["verdict"] == "unlike" and is_more == (name == "unknown")


def _mean_bin(counts: Sequence[int]) -> float:
    return float(np.average(np.arange(len(counts)), weights=counts))


def _index(found: Sequence[int], known: Sequence[int]) -> float:
    """Return the population stability index of two counts over the same bins."""
    # Half a case more in each bin, so that an empty one has a logarithm.
    p = (np.asarray(found) + 0.5) / (sum(found) + 0.5 * len(found))
    q = (np.asarray(known) + 0.5) / (sum(known) + 0.5 * len(known))
    return float(((p - q) * np.log(p / q)).sum())


def _compare(found: Sequence[int], known: Sequence[int], usual: float) -> dict[str, Any]:
    """Return the index of two counts, what it must be above to count, and what it says."""
    index = _index(found, known)
    freedom = len(found) - 1
    # Wilson and Hilferty's cube for the chi-square point.
    chance = freedom * (1 - 2 / (9 * freedom) + CHANCE_99 * math.sqrt(2 / (9 * freedom))) ** 3
    by_chance = chance * (1 / max(sum(found), 1) + 1 / max(sum(known), 1))
    verdict = "like"
    if index > max(by_chance, CHANGED):
        verdict = "unlike" if index > max(by_chance, usual, UNLIKE) else "changed"
    return {
        "index": round(index, 4),
        "by_chance": round(by_chance, 4),
        "usual": usual,
        "verdict": verdict,
        "counts": list(found),
        "counts_of_training": list(known),
    }


def _expected_accuracy(found: Sequence[int], known: Mapping[str, Any]) -> float:
    """Weigh the accuracy of each bin of certainty, drawn a little to that of all, by the batch."""
    right, total = np.asarray(known["right"]), np.asarray(known["certainty"])
    overall = right.sum() / max(total.sum(), 1)
    accuracy = (right + 2 * overall) / (total + 2)
    return round(float(accuracy @ np.asarray(found) / max(sum(found), 1)), 4)


def _counts_of(
    main: Sequence[str],
    unknown: Floats,
    sure: Floats,
    length: Floats,
    edges: Mapping[str, Sequence[float]],
    labels: Sequence[str],
) -> dict[str, list[int]]:
    places = np.array(_places(main, labels)) % (len(labels) + 1)
    counts = {"labels": np.bincount(places, minlength=len(labels) + 1).tolist()}
    for name, values in (("unknown", unknown), ("certainty", sure), ("length", length)):
        bins = np.searchsorted(edges[name], values, side="right")
        counts[name] = np.bincount(bins, minlength=len(edges[name]) + 1).tolist()
    return counts


def _places(main: Iterable[str], labels: Sequence[str]) -> list[int]:
    """Return the column of each main label, -1 for ``other``."""
    place = {label: i for i, label in enumerate(labels)}
    return [place.get(name, -1) for name in main]


def _edges(values: Floats, quantiles: Sequence[float]) -> list[float]:
    """Return the inner edges of bins at quantiles, fewer where values are equal."""
    edges = np.unique(np.round(np.quantile(values, quantiles), 4))
    return [float(edge) for edge in edges if edge > values.min()]


def _shares(names: Sequence[str], counts: Sequence[int]) -> dict[str, float]:
    total = max(sum(counts), 1)
    return {name: round(k / total, 4) for name, k in zip(names, counts, strict=True)}
