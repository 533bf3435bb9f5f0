"""The functions of the top level.

They use the promoted model, which is loaded at the first call and kept: what is promoted later
counts in the next process, or through :func:`directive_clf.load`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from . import article, registry
from .classifier import Classifier
from .result import Prediction

__all__ = ["classify", "classify_article", "classify_many"]


@functools.cache
def _champion() -> Classifier:
    return registry.load()


def classify(text: str) -> Prediction:
    """Label one paragraph with the promoted model; see :meth:`Classifier.classify`."""
    return _champion().classify(text)


def classify_many(texts: Iterable[str]) -> list[Prediction]:
    """Label paragraphs with the promoted model; see :meth:`Classifier.classify_many`."""
    return _champion().classify_many(texts)


def classify_article(
    text: str, title: str | None = None, *, classifier: Classifier | None = None
) -> article.Article:
    """Split an article, pasted as it comes, and label each paragraph.

    Parameters
    ----------
    text : str
        Page furniture may be in it: that is what ``marketing_boilerplate`` is for.
    title : str, optional
        Labelled by itself, where the text does not hold it.
    classifier : Classifier, optional
        From :func:`directive_clf.load`; by default the promoted model.
    """
    return article.classify_article(classifier or _champion(), text, title)
