"""How much of a text is about a label: shares corrected for what the model is known to get wrong.

The share of paragraphs that a model gives a label is a biased count of those that have it: misses
take away in proportion to the share, false alarms add in proportion to the rest. Where the share
is small, most of it can be false alarms; where it moves, the count moves less. Two corrections,
both of them a label at a time, since labels do not exclude each other:

- *adjusted*: ``(share given - f) / (t - f)``, with the model's known true and false positive rates
  ``t`` and ``f``, cut to [0, 1]. (Forman, "Quantifying counts and costs via classification", 2008;
  Gart & Buck 1966 and Rogan & Gladen 1978 have it for screening tests.)
- *em*: the share that makes the calibrated probabilities agree with themselves, found by
  expectation and maximisation. (Saerens, Latinne & Decaestecker, "Adjusting the outputs of a
  classifier to new a priori probabilities", 2002)

Both assume *label shift*: how often a label is meant may differ from the text on which the model's
errors were counted, but the paragraphs of a label look as they did there. Another manner of writing
breaks that, and then both are off by what it costs the model; ``benchmarks/PREVALENCE.md`` says by
how much. Intervals come from a bootstrap of whole documents; that of *adjusted* also draws the
kinds of source on which the errors were counted, because a source errs as its kind does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import metrics
from .exceptions import DataError

__all__ = ["METHODS", "Confusion", "adjusted_count", "em_share", "estimate", "read_confusion"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

METHODS = ("raw", "adjusted", "em")

KINDS = ("register", "source")
"""Columns by which errors are counted apart, the first that the figures have."""

FEWEST_KINDS = 5
"""Kinds of source under which they say nothing of how kinds differ."""

PRIOR = 20.0
"""Paragraphs of the average kind that are added to each draw of kinds, so that one with a handful
of paragraphs of a label does not stand for rates of 0 or 1. By judgement: it was not tuned."""

BINS = 64
"""Bins of probabilities, equally wide in log odds, in which paragraphs are counted for resampling
*em*. Its values for all rows and for their bins differ in the fourth decimal."""

_EDGES = np.linspace(-9, 9, BINS - 1)
_STEPS, _ENOUGH = 1000, 1e-7


@dataclass(frozen=True)
class Confusion:
    """How often a model found a label where it was, and where it was not, by kind of source.

    Attributes
    ----------
    labels : tuple of str
    n : ndarray of shape (n_kinds,)
        Paragraphs of each kind.
    counts : ndarray of shape (n_kinds, n_labels, 3)
        Of them those that have the label, are given it, and both.
    """

    labels: tuple[str, ...]
    n: Floats
    counts: Floats

    @classmethod
    def of(cls, figures: Mapping[str, Any], labels: Sequence[str]) -> Confusion:
        """Take the counts from what :func:`directive_clf.evaluation.evaluate` measured.

        Figures of earlier versions hold no counts; theirs are worked out from precision and recall.

        Raises
        ------
        DataError
            If the figures say nothing of one of the labels.
        """
        everything = figures["all"]
        known = everything["labels"]
        lacking = [
            label
            for label in labels
            if label not in known or not 0 < known[label]["support"] < everything["n"]
        ]
        if lacking:
            raise DataError(
                f"the model's errors are not known for {', '.join(lacking)}; measure it on labelled"
                " paragraphs (evaluate --gold) and name the metrics.json with --confusion"
            )
        parts = [everything]
        for column in KINDS:
            found = [*figures.get(column, {}).values()]
            if len(found) >= FEWEST_KINDS and all("label_counts" in part for part in found):
                parts = found
                break
        counts = [[_label_counts(part, label) for label in labels] for part in parts]
        return cls(
            tuple(labels), np.array([part["n"] for part in parts], float), np.array(counts, float)
        )

    @property
    def prior(self) -> Floats:
        """The share of each label among the paragraphs counted, shape ``(n_labels,)``."""
        return np.asarray(self.counts[..., 0].sum(axis=0) / self.n.sum())

    def rates(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the true and false positive rates of each label, in (0, 1).

        Parameters
        ----------
        weights : ndarray of shape (r, n_kinds), optional
            How often each kind counts; by default once.

        Returns
        -------
        ndarrays of shape (n_labels,), or (r, n_labels)
        """
        held, given, hits = np.moveaxis(self.counts, -1, 0)
        n = self.n[:, None]
        parts = [held, hits, n - held, given - hits]
        t0, f0 = hits.sum(0) / held.sum(0), (given - hits).sum(0) / (n - held).sum(0)
        if weights is None:
            return t0, f0
        yes, true, no, false = (weights @ part for part in parts)
        return (true + PRIOR * t0) / (yes + PRIOR), (false + PRIOR * f0) / (no + PRIOR)

    def draw(self, times: int, kinds: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return rates as they could be elsewhere, each of shape ``(times, n_labels)``.

        Each draw takes as many kinds of source, at random, as the text at hand has; of figures
        without kinds, it takes rates that the counts allow. (Jeffreys' interval: Brown, Cai &
        DasGupta, "Interval estimation for a binomial proportion", 2001)
        """
        n_kinds = len(self.n)
        if n_kinds >= FEWEST_KINDS:
            chosen = rng.integers(n_kinds, size=(times, kinds))
            weights = np.zeros((times, n_kinds))
            np.add.at(weights, (np.arange(times)[:, None], chosen), 1.0)
            return self.rates(weights)
        held, given, hits = np.moveaxis(self.counts.sum(axis=0), -1, 0)
        misses, false, right = held - hits, given - hits, self.n.sum() - held - given + hits
        size = (times, len(self.labels))
        true = rng.beta(hits + 0.5, misses + 0.5, size)
        return true, rng.beta(false + 0.5, np.maximum(right, 0) + 0.5, size)


def read_confusion(path: str | Path, labels: Sequence[str]) -> Confusion:
    """Read a model's errors from the ``metrics.json`` that ``evaluate`` writes.

    Raises
    ------
    DataError
        If the file is none, or says nothing of one of the labels.
    """
    try:
        figures = json.loads(Path(path).read_text(encoding="utf-8"))["figures"]
        figures["all"]["labels"]
    except (ValueError, LookupError, TypeError):
        raise DataError(
            "expected the metrics.json that `evaluate --gold` writes, with its 'figures'", path
        ) from None
    return Confusion.of(figures, labels)


def adjusted_count(given: Any, true_rate: Any, false_rate: Any) -> Any:
    """Return the share of a label of which so large a share is given, in [0, 1]; NaN if none can.

    Where the rates do not differ, what is given tells nothing.
    """
    apart = np.asarray(true_rate) - false_rate
    share = (given - np.asarray(false_rate)) / np.where(apart > 0, apart, np.nan)
    return np.clip(share, 0.0, 1.0)


def em_share(probabilities: Floats, weights: Floats, prior: float) -> Floats:
    """Return the share of a label that its calibrated probabilities point to, in [0, 1].

    Parameters
    ----------
    probabilities : ndarray of shape (n,)
    weights : ndarray of shape (r, n)
        How often each counts.
    prior : float
        The share of the label where the probabilities are right as they are, inside (0, 1).

    Returns
    -------
    ndarray of shape (r,)
    """
    total = weights.sum(axis=1)
    share = np.full(len(weights), prior)
    for _ in range(_STEPS):
        odds = (share / prior)[:, None] * probabilities
        rest = ((1 - share) / (1 - prior))[:, None] * (1 - probabilities)
        posterior = odds / np.maximum(odds + rest, 1e-300)
        new = np.einsum("rn,rn->r", weights, posterior) / total
        is_done = bool(np.abs(new - share).max(initial=0.0) < _ENOUGH)
        share = new
        if is_done:
            break
    return share


def estimate(
    predicted: Bools,
    probabilities: Floats,
    documents: Sequence[str] | NDArray[Any],
    confusion: Confusion | None,
    *,
    leaving_out: int | None = None,
    kinds: int = 1,
    resamples: int = 1000,
    random_state: int = 0,
) -> dict[str, dict[str, dict[str, float | None]]]:
    """Estimate the share of paragraphs that have each label.

    Parameters
    ----------
    predicted : ndarray of bool, shape (n, n_labels)
        Of one paragraph or more.
    probabilities : ndarray of shape (n, n_labels)
        Calibrated.
    documents : sequence of length n
        Whose paragraphs are drawn together.
    confusion : Confusion or None
        With None there is the raw share alone.
    leaving_out : int, optional
        The column of the label (boilerplate) of which the paragraphs do not count: the shares of
        the others are of the rest, ``share / (1 - share of that)``.
    kinds : int
        How many kinds of source the paragraphs come from: of one, errors are surer to be unlike
        the average than of ten.
    resamples, random_state : int
        Of the bootstrap.

    Returns
    -------
    dict
        By label (or its column where there is no confusion), then method of ``METHODS``:
        ``{"value", "low", "high"}``, bounding the 95 % percentile interval; None of one document.
    """
    rng = np.random.default_rng(random_state)
    n_labels = predicted.shape[1]
    names = confusion.labels if confusion else tuple(map(str, range(n_labels)))
    _, place = np.unique(np.asarray(documents), return_inverse=True)
    n_documents = int(place.max()) + 1
    points = _shares(
        predicted.mean(axis=0, dtype=np.float64)[None],
        [(p, np.ones((1, len(p)))) for p in probabilities.T],
        confusion,
        confusion.rates() if confusion else None,
    )
    draws: dict[str, list[Floats]] = {method: [] for method in points}
    if n_documents > 1 and resamples:
        sizes = np.bincount(place, minlength=n_documents).astype(np.float64)
        given = np.stack(
            [np.bincount(place, column, n_documents) for column in predicted.T.astype(float)],
            axis=1,
        )
        binned = [_binned(p, place, n_documents) for p in probabilities.T]
        for weights in metrics.resampled(
            np.arange(n_documents), resamples=resamples, random_state=random_state
        ):
            found = _shares(
                (weights @ given) / (weights @ sizes)[:, None],
                [(values, (table.T @ weights.T).T) for values, table in binned],
                confusion,
                confusion.draw(len(weights), kinds, rng) if confusion else None,
            )
            for method, values in found.items():
                draws[method].append(values)
    shares: dict[str, dict[str, dict[str, float | None]]] = {name: {} for name in names}
    for method, point in points.items():
        value = _of_rest(point, leaving_out)[0]
        drawn = _of_rest(np.concatenate(draws[method]), leaving_out) if draws[method] else None
        for j, name in enumerate(names):
            low, high = (None, None) if drawn is None else metrics.interval(drawn[:, j])
            shares[name][method] = {"value": float(value[j]), "low": low, "high": high}
    return shares


def _shares(
    given: Floats,
    posteriors: Sequence[tuple[Floats, Floats]],
    confusion: Confusion | None,
    rates: tuple[Floats, Floats] | None,
) -> dict[str, Floats]:
    """Return the share of each label by each method, shape ``(r, n_labels)``."""
    if confusion is None or rates is None:
        return {"raw": given}
    em = [em_share(*one, prior) for one, prior in zip(posteriors, confusion.prior.tolist())]
    return {"raw": given, "adjusted": adjusted_count(given, *rates), "em": np.stack(em, axis=1)}


def _of_rest(shares: Floats, leaving_out: int | None) -> Floats:
    """Turn shares of all into shares of what is not of one label."""
    if leaving_out is None:
        return shares
    rest = 1 - shares[:, [leaving_out]]
    found = np.clip(shares / np.where(rest > 0, rest, np.nan), 0.0, 1.0)
    found[:, leaving_out] = shares[:, leaving_out]
    return np.asarray(found)


def _binned(probabilities: Floats, place: NDArray[np.intp], n_documents: int) -> tuple[Floats, Any]:
    """Return the mean probability of each bin, and how many of a document are in it (sparse)."""
    import scipy.sparse as sp

    inside = np.clip(probabilities, 1e-12, 1 - 1e-12)
    bins = np.searchsorted(_EDGES, np.log(inside / (1 - inside)))
    n = np.bincount(bins, minlength=BINS)
    means = np.bincount(bins, probabilities, BINS) / np.maximum(n, 1)
    ones = np.ones(len(bins))
    return means, sp.csr_matrix((ones, (place, bins)), shape=(n_documents, BINS))


def _label_counts(part: Mapping[str, Any], label: str) -> list[float]:
    if "label_counts" in part:
        return [float(count) for count in part["label_counts"][label]]
    found = part["labels"][label]
    held = float(found["support"])
    hits = held * (found["recall"]["value"] or 0.0)
    precision = found["precision"]["value"]
    return [held, hits / precision if precision else hits, hits]
