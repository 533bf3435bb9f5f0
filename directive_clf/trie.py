"""Many sequences of numbers, looked up from every place of a long array at once.

A dictionary asked for each n-gram of a text costs a hash of fresh strings and a walk through
scattered memory. Here n-grams are paths of a trie, and its edges ``(node, number) → node`` stand in
one sorted array: numpy follows an edge from thousands of places in one search, and longer sequences
are tried only where shorter ones were found.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trie", "is_first"]

Ints = NDArray[np.int64]


def is_first(ordered: Ints) -> NDArray[np.bool_]:
    """Tell of each value of a sorted array whether it is the first of its kind."""
    return np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]


class Trie:
    """Sequences of numbers.

    Numbers are the nodes of the first level, so that a sequence of one ends at itself; nodes
    further down are numbered on from `first_node`.

    Parameters
    ----------
    flat : ndarray of int
        The sequences, one behind the other; numbers from 0 to below 2**31.
    lengths : ndarray of int, shape (n_sequences,)
        How long each is.
    first_node : int
        Above every number.

    Attributes
    ----------
    nodes : ndarray of int, shape (n_sequences,)
        The node at which each sequence ends.
    n_nodes : int
        How many nodes were made.
    """

    def __init__(self, flat: Ints, lengths: Ints, first_node: int) -> None:
        starts = np.cumsum(lengths) - lengths
        self.nodes = flat[starts] if len(flat) else np.zeros(0, dtype=np.int64)
        edges = [np.zeros(0, dtype=np.int64)]
        following = first_node
        for depth in range(1, int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > depth)
            keys = self.nodes[rows] << 32 | flat[starts[rows] + depth]
            # np.unique tells the same three times as slowly, and imports more.
            order = np.argsort(keys, kind="stable")
            is_new = is_first(keys[order])
            distinct = keys[order][is_new]
            self.nodes[rows[order]] = following + np.cumsum(is_new) - 1
            edges.append(distinct)
            following += len(distinct)
        # Nodes are numbered on from level to level, so that the whole array is sorted, and the
        # place of an edge in it tells the node behind.
        self._edges = np.concatenate(edges)
        self._first_node = first_node
        self.n_nodes = following - first_node

    def walk(self, numbers: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Yield for each length from 2 on ``(places, nodes)``: where a path begins, where it leads.

        A node that only begins longer sequences is met like any other.
        """
        edges = self._edges
        places, nodes = np.arange(len(numbers), dtype=np.int64), numbers
        for depth in range(1, len(numbers)):
            if places[-1] + depth == len(numbers):
                places, nodes = places[:-1], nodes[:-1]
            keys = nodes << 32 | numbers[places + depth]
            at = edges.searchsorted(keys)
            found = np.flatnonzero(edges.take(at, mode="clip") == keys) if len(edges) else at[:0]
            if not len(found):
                return
            places, nodes = places[found], at[found] + self._first_node
            yield places, nodes
