"""The trie finds what a dictionary of tuples would."""

import random

import numpy as np
import pytest

from directive_clf.trie import Trie


def build(sequences, first_node=100):
    flat = np.array([n for seq in sequences for n in seq], dtype=np.int64)
    return Trie(flat, np.array([len(seq) for seq in sequences], dtype=np.int64), first_node)


def found(trie, sequences, numbers):
    """Where each sequence was met: (place, sequence)."""
    ends = dict(zip(trie.nodes.tolist(), sequences, strict=True))
    return {
        (place, ends[node])
        for places, nodes in trie.walk(np.array(numbers, dtype=np.int64))
        for place, node in zip(places.tolist(), nodes.tolist(), strict=True)
        if node in ends
    }


@pytest.mark.parametrize("alphabet", [2, 9, 60])
def test_finds_every_sequence_everywhere(alphabet):
    """Every sequence is met at every place where it stands, and at no other."""
    rng = random.Random(alphabet)
    pool = {
        tuple(rng.randrange(1, alphabet + 1) for _ in range(rng.randrange(2, 8)))
        for _ in range(2000)
    }
    sequences = sorted(pool)
    numbers = [rng.randrange(1, alphabet + 5) for _ in range(3000)]
    expected = {
        (i, tuple(numbers[i : i + n]))
        for i in range(len(numbers))
        for n in range(2, 8)
        if tuple(numbers[i : i + n]) in pool
    }
    assert found(build(sequences), sequences, numbers) == expected


def test_sequences_share_beginnings():
    """Sequences that begin alike share nodes, and each ends at its own."""
    trie = build([(1, 2), (1, 2, 3), (1, 2, 4)])
    assert len(set(trie.nodes.tolist())) == 3
    assert trie.n_nodes == 3


def test_a_beginning_is_no_sequence():
    """The way to a longer sequence is walked, but ends at no sequence's node."""
    sequences = [(5, 6, 7)]
    assert found(build(sequences), sequences, [5, 6, 8, 5, 6, 7]) == {(3, (5, 6, 7))}


@pytest.mark.parametrize("numbers", [[], [1], [1, 2]])
def test_short_arrays(numbers):
    """An array too short for a sequence has none; a trie of nothing finds nothing."""
    assert found(build([(1, 2)]), [(1, 2)], numbers) == (
        {(0, (1, 2))} if len(numbers) > 1 else set()
    )
    assert found(build([]), [], numbers) == set()
