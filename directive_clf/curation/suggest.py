"""What to label next: where a model is unsure, of every kind, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from ..annotation import Suggestion
from ..calibration import certainty
from ..classifier import Classifier, choose_labels, is_blank
from ..data import Paragraph
from ..labels import OTHER, main_label
from ..text import tokenize
from ..training.duplicates import near_duplicates

__all__ = ["Choice", "choose", "suggest"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

BOILERPLATE = 0.9
"""Certainty from which a paragraph that is boilerplate teaches a model nothing more."""

QUOTA = 0.5
"""Share of the choice that is dealt out evenly among the classes, as far as the pool has them."""

WIDTH = 10
"""How many times the paragraphs that are wanted, the least certain first, are parted into as many
clusters; of each the least certain is taken. (Zhdanov, "Diverse mini-batch active learning", 2019;
his range is 10 to 50.)"""


class Choice(NamedTuple):
    """A paragraph to label, and what the model says of it."""

    paragraph: Paragraph
    suggestion: Suggestion


def suggest(
    classifier: Classifier,
    pool: Sequence[Paragraph],
    n: int = 50,
    *,
    known: Sequence[str] = (),
    boilerplate: str = "marketing_boilerplate",
    random_state: int = 0,
) -> list[Choice]:
    """Choose paragraphs whose labels would teach a model most.

    Left out are blank texts, copies and near-copies of others of the pool or of `known`, and what
    is surely boilerplate. Of the rest half is dealt out evenly among the labels and ``other``, by
    what the model takes for the main label; all by the least certainty, each from another cluster
    of texts.

    Parameters
    ----------
    classifier : Classifier
    pool : sequence of Paragraph
        Their labels, if any, are not looked at.
    n : int
        How many at most.
    known : sequence of str
        Texts that are labelled already.
    boilerplate : str
        The label of boilerplate.
    random_state : int
        The seed of the clusters.

    Returns
    -------
    list of Choice
        The least certain first.
    """
    texts = [p.text for p in pool]
    rows = _distinct(texts, known)
    if not len(rows) or n < 1:
        return []
    probabilities = classifier.predict_proba([texts[i] for i in rows.tolist()])
    named = choose_labels(probabilities, classifier.thresholds_, classifier.labels)
    mains = [main_label(labels) for labels in named]
    place = {label: j for j, label in enumerate(classifier.labels)}
    sure = certainty(probabilities, [place.get(main, -1) for main in mains])
    wanted = np.array(
        [
            i
            for i, main in enumerate(mains)
            if main != boilerplate or sure[i] < BOILERPLATE
        ],
        dtype=np.intp,
    )  # fmt: skip
    chosen = wanted[
        choose(
            [texts[i] for i in rows[wanted].tolist()],
            1 - sure[wanted],
            [mains[i] for i in wanted.tolist()],
            n,
            classes=(*classifier.labels, OTHER),
            random_state=random_state,
        )
    ]
    return [
        Choice(
            pool[int(rows[i])], Suggestion(named[i], round(float(sure[i]), 4), classifier.version)
        )
        for i in chosen.tolist()
    ]


def choose(
    texts: Sequence[str],
    unsure: Floats,
    mains: Sequence[str],
    n: int,
    *,
    classes: Sequence[str],
    random_state: int = 0,
) -> Rows:
    """Return the numbers of at most `n` of the texts, the least certain first.

    Parameters
    ----------
    texts : sequence of str, length m
    unsure : ndarray of shape (m,)
        How uncertain the answer on each is.
    mains : sequence of str, length m
        The main label that a model gives each.
    n : int
    classes : sequence of str
        What the quota is dealt out among.
    random_state : int
    """
    rank = np.lexsort((np.arange(len(texts)), -unsure))
    if len(texts) <= n:
        return rank
    vectors = TfidfVectorizer(analyzer=tokenize, sublinear_tf=True).fit_transform(texts)
    taken: list[int] = []
    each = int(QUOTA * n) // len(classes)
    for name in classes if each else ():
        of_class = np.array([i for i in rank.tolist() if mains[i] == name], dtype=np.intp)
        taken += _spread(vectors, of_class, each, random_state)
    rest = rank[~np.isin(rank, taken)]
    taken += _spread(vectors, rest, n - len(taken), random_state)
    return rank[np.isin(rank, taken)]


def _spread(vectors: sp.csr_matrix, rows: Rows, n: int, random_state: int) -> list[int]:
    """Take n of the first of some rows, each of another cluster and its first."""
    first = rows[: WIDTH * n]
    if len(first) <= n:
        return [*map(int, first)]
    with threadpool_limits(1):  # the order in which threads add up would show
        clusters = KMeans(n, n_init=1, random_state=random_state).fit_predict(vectors[first])
    _, leaders = np.unique(clusters, return_index=True)
    taken = [int(first[i]) for i in np.sort(leaders)]
    # Clusters can be empty; the least certain of the others fill up.
    others = [i for i in first.tolist() if i not in set(taken)]
    return [*taken, *others[: n - len(taken)]]


def _distinct(texts: Sequence[str], known: Sequence[str]) -> Rows:
    """Return the rows of texts that are neither blank nor nearly what stood before or is known."""
    everything = [*known, *texts]
    seen: set[str] = set()
    is_copy = np.zeros(len(everything), dtype=bool)
    for i, text in enumerate(everything):
        key = " ".join(text.split())
        is_copy[i] = key in seen or is_blank(text)
        seen.add(key)
    for i, j, _ in near_duplicates(everything):
        if not is_copy[i]:
            is_copy[j] = True
    return np.flatnonzero(~is_copy[len(known) :])
