"""Texts to terms: what a paragraph is, to the model.

A paragraph is the set of its distinct tokens, of its distinct n-grams of neighbouring tokens, and
of the phrases of the gazetteer in it, by class. Each counts once (a class once for each phrase),
however often it stands there. Character n-grams of words, stems, length and pairs of classes were
tried and add nothing (``training_data/DATASHEET.md`` has the ablation).

The definition here is the only one. Training counts :func:`terms`; the light inference path
(``model.py``) sums the same terms from tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import text
from .gazetteer import Gazetteer

__all__ = ["class_term", "ngrams", "terms"]

_CLASS = "@"


def class_term(kind: str) -> str:
    """Return the term that counts the phrases of a class of the gazetteer."""
    return _CLASS + kind


def ngrams(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the n-grams of `tokens`: pairs, and runs of three where all are Chinese."""
    yield from zip(tokens, tokens[1:])
    for run in zip(tokens, tokens[1:], tokens[2:]):
        if all(map(text.is_cjk, run)):
            yield run


def terms(tokens: Sequence[str], gazetteer: Gazetteer) -> list[str]:
    """Return the terms of a paragraph, each as often as it counts.

    Parameters
    ----------
    tokens : sequence of str
        What :func:`directive_clf.text.tokenize` returns.
    gazetteer : Gazetteer
        Its phrases count by their class, each distinct phrase once.
    """
    found = list(dict.fromkeys(tokens))
    found += map(" ".join, dict.fromkeys(ngrams(tokens)))
    phrases = {match.phrase: match.kind for match in gazetteer.matches(tokens)}
    found += map(class_term, phrases.values())
    return found
