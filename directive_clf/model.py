"""Linear scores by looking up and adding: the light inference path.

The score of a paragraph for a label is::

    intercept + sum(weight[t] * coef[t] for t in terms) / sum(weight[t] for t in terms) ** power

over the terms it has in the vocabulary. Dividing by a power of the summed weights, in place of the
Euclidean norm of a TF-IDF row, makes numerator and denominator plain sums over terms. So the whole
model is one table of rows that hold weighted coefficients and, last, the weight. Tokens have rows;
n-grams and longer phrases of the gazetteer are paths of a trie, whose nodes have rows; where a run
of tokens counts both for itself and for its class, its row is the sum. Paragraphs are then look-ups
and sums, many at a time.

Rows are whole numbers, in units of ``1 / SCALE``. Their sums are exact, so that neither the order
of terms nor the company of a paragraph can show in a score. Nothing changes after the start: a
model can be shared by threads and forked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, count, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import features, text
from .gazetteer import Gazetteer
from .trie import Trie, is_first

__all__ = ["Contribution", "LinearModel"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCALE = 2.0**36
"""A value is off by half a unit at most, 7e-12; two million of the largest known (67) still sum."""

CHUNK = 1024
CHUNK_LENGTH = 200_000
"""Paragraphs, and characters, summed at once: enough to drown numpy's overhead, few enough to bound
memory."""


class Contribution(NamedTuple):
    """What one term of a paragraph adds to its scores.

    ``spans`` are the places ``(start, end)`` in the text where the term stands (it counts once),
    ``scores`` its share of the score of each label, shape ``(n_labels,)``.
    """

    term: str
    spans: tuple[tuple[int, int], ...]
    scores: Floats


class LinearModel:
    """The fitted linear model over terms.

    Parameters
    ----------
    vocabulary : sequence of str
        The terms, in the order of the arrays' rows.
    weights : ndarray of shape (n_terms,)
        The weight of each term, above zero.
    coef : ndarray of shape (n_terms, n_labels)
        The coefficient of each term for each label.
    intercept : ndarray of shape (n_labels,)
    power : float
        The exponent of the denominator, in [0, 1].
    gazetteer : Gazetteer
        The phrases behind the class terms of the vocabulary.
    """

    def __init__(
        self,
        vocabulary: Sequence[str],
        weights: NDArray[np.floating],
        coef: NDArray[np.floating],
        intercept: NDArray[np.floating],
        power: float,
        gazetteer: Gazetteer,
    ) -> None:
        self.vocabulary = list(vocabulary)
        self.weights = np.asarray(weights)
        self.coef = np.asarray(coef)
        self.intercept = np.asarray(intercept, dtype=np.float64)
        self.power = float(power)
        self.gazetteer = gazetteer
        column = self.weights.astype(np.float64)[:, None]
        values = np.hstack([column * self.coef, column])
        self._values: Ints = np.rint(values * SCALE).astype(np.int64)
        # What counts are the terms themselves (a class is met as no token: that does no harm) and
        # the phrases of the gazetteer, each for its class.
        classes = {kind: self._find(kind) for kind in set(gazetteer.phrases.values())}
        counted = [*range(len(self.vocabulary))]
        phrases = []
        for phrase, kind in gazetteer.phrases.items():
            if (row := classes[kind]) is not None:
                phrases.append(phrase)
                counted.append(row)
        runs = self.vocabulary + phrases
        flat = " ".join(runs).split(" ") if runs else []
        # A token is its own first node: tokens are numbered from 1, then the nodes behind them.
        self._numbers = dict(zip(dict.fromkeys(flat), count(1)))
        numbers = np.fromiter(map(self._numbers.__getitem__, flat), np.int64, len(flat))
        self._trie = Trie(numbers, _lengths(runs), len(self._numbers) + 1)
        # Row 0, all zeros, is for tokens that the model does not know.
        n_rows = 1 + len(self._numbers) + self._trie.n_nodes
        self._rows = np.zeros((n_rows, values.shape[1]), dtype=np.int64)
        np.add.at(self._rows, self._trie.nodes, self._values[counted])

    def _find(self, kind: str) -> int | None:
        """Return the row of a class term; None where the model has none. A scan is enough, once."""
        try:
            return self.vocabulary.index(features.class_term(kind))
        except ValueError:
            return None

    @cached_property
    def _is_term(self) -> NDArray[np.bool_]:
        """Which numbers are those of tokens that are terms by themselves."""
        found = np.zeros(len(self._numbers) + 1, dtype=bool)
        found[[self._numbers[term] for term in self.vocabulary if " " not in term]] = True
        return found

    @cached_property
    def _terms(self) -> dict[str, int]:
        return {term: i for i, term in enumerate(self.vocabulary)}

    def scores(self, texts: Iterable[str]) -> Floats:
        """Score texts.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        ndarray of shape (n_texts, n_labels)
            Unbounded scores; the same for a text whatever stands beside it.
        """
        parts = [self._score(*self._look_up(chunk)) for chunk in _chunks(texts)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.intercept)))

    def scores_and_unknown(self, texts: Iterable[str]) -> tuple[Floats, Floats]:
        """Score texts as :meth:`scores` does, and tell how strange each is.

        Returns
        -------
        scores : ndarray of shape (n_texts, n_labels)
        unknown : ndarray of shape (n_texts,)
            The share of a text's tokens that are no term of the vocabulary, in [0, 1]; 0 where
            there is no token.
        """
        found = map(self._look_up, _chunks(texts))
        parts = [(self._score(*tokens), self._unknown(*tokens)) for tokens in found]
        if not parts:
            return np.zeros((0, len(self.intercept))), np.zeros(0)
        scores, unknown = zip(*parts)
        return np.concatenate(scores), np.concatenate(unknown)

    def _look_up(self, texts: list[str]) -> tuple[Ints, Ints]:
        """Return the numbers of all tokens, and how many each text has."""
        tokens = list(map(text.tokenize, texts))
        sizes = np.fromiter(map(len, tokens), np.int64, len(tokens))
        numbers = np.fromiter(
            map(self._numbers.get, chain.from_iterable(tokens), repeat(0)), np.int64, sizes.sum()
        )
        return numbers, sizes

    def _score(self, numbers: Ints, sizes: Ints) -> Floats:
        texts = np.arange(len(sizes), dtype=np.int64) << 32
        owners = np.repeat(texts, sizes)
        # Each distinct row of a paragraph counts once. No path leads over the bounds of one.
        found = [owners | numbers]
        found += [owners[places] | nodes for places, nodes in self._trie.walk(numbers)]
        ordered = np.sort(np.concatenate(found))
        distinct = ordered[is_first(ordered)]
        starts = np.searchsorted(distinct, texts)
        sums = np.add.reduceat(self._rows[distinct & 0xFFFFFFFF], starts, axis=0) / SCALE
        weight = np.where(sums[:, -1:] > 0, sums[:, -1:], 1.0)  # 0 where no term is known
        return np.asarray(self.intercept + sums[:, :-1] / weight**self.power)

    def _unknown(self, numbers: Ints, sizes: Ints) -> Floats:
        # The two bounds of a text are tokens that none chose.
        bounds = np.cumsum(sizes)
        counted = ~self._is_term[numbers]
        counted[bounds - 1] = counted[bounds - sizes] = False
        strange = np.add.reduceat(counted, bounds - sizes, dtype=np.int64)
        return np.asarray(strange / np.maximum(sizes - 2, 1))

    def contributions(self, one: str) -> list[Contribution]:
        """Split the scores of a text into what each of its known terms adds.

        The contributions and the intercept sum to :meth:`scores`, to rounding.
        """
        tokens = text.iter_tokens(one)
        places = _places(tokens, self.gazetteer)
        counts = Counter(features.terms([token.value for token in tokens], self.gazetteer))
        known = [(term, self._terms[term], n) for term, n in counts.items() if term in self._terms]
        scale = sum(n * float(self.weights[i]) for _, i, n in known) ** self.power
        return [
            Contribution(term, tuple(places[term]), n * (self._values[i, :-1] / SCALE) / scale)
            for term, i, n in known
        ]


def _lengths(runs: Sequence[str]) -> Ints:
    """Return how many tokens each run has, by counting its spaces."""
    if not runs:
        return np.zeros(0, dtype=np.int64)
    written = np.frombuffer("\n".join(runs).encode("utf-8", "replace"), dtype=np.uint8)
    starts = np.concatenate([[0], np.flatnonzero(written == ord("\n"))])
    return 1 + np.add.reduceat(written == ord(" "), starts, dtype=np.int64)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Cut texts into runs that are neither too many nor too long; a long text stands alone."""
    chunk: list[str] = []
    length = 0
    for one in texts:
        if chunk and (len(chunk) == CHUNK or length + len(one) > CHUNK_LENGTH):
            yield chunk
            chunk, length = [], 0
        chunk.append(one)
        length += len(one)
    if chunk:
        yield chunk


def _places(tokens: Sequence[text.Token], gazetteer: Gazetteer) -> dict[str, list[tuple[int, int]]]:
    """Return where each term of a text stands in it, as character spans."""
    places: dict[str, list[tuple[int, int]]] = {}
    for first, *others in (
        *zip(tokens),
        *zip(tokens, tokens[1:]),
        *zip(tokens, tokens[1:], tokens[2:]),
    ):
        term = " ".join(token.value for token in (first, *others))
        places.setdefault(term, []).append((first.start, (others or [first])[-1].end))
    for match in gazetteer.matches([token.value for token in tokens]):
        span = tokens[match.start].start, tokens[match.end - 1].end
        places.setdefault(features.class_term(match.kind), []).append(span)
    return places
