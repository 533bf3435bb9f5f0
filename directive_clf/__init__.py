"""Sort the paragraphs of articles about state directives to industry, in English and Chinese.

>>> import directive_clf as dc
>>> dc.classify("The 1,200-km line entered service after six years of construction.").main
'major_projects'

Importing the package imports nothing heavy; the first call loads the promoted model, from disk and
never from a network.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .labels import LABELS, OTHER

if TYPE_CHECKING:
    from .api import classify, classify_article, classify_many
    from .article import Article, ArticleParagraph
    from .classifier import Classifier, Explanation, Term
    from .data import Paragraph, read_paragraphs
    from .exceptions import (
        ArtifactError,
        DataError,
        DirectiveClfError,
        InputTypeError,
        ModelNotFoundError,
        PromotionError,
        TrainingError,
        UnknownLabelError,
    )
    from .frames import score_frame
    from .registry import load
    from .report.article import Rendered, render
    from .result import Prediction
    from .scoring import score_files
    from .tally import Summary

_HOME = {
    "Article": "article",
    "ArticleParagraph": "article",
    "ArtifactError": "exceptions",
    "Classifier": "classifier",
    "DataError": "exceptions",
    "DirectiveClfError": "exceptions",
    "Explanation": "classifier",
    "InputTypeError": "exceptions",
    "ModelNotFoundError": "exceptions",
    "Paragraph": "data",
    "Prediction": "result",
    "PromotionError": "exceptions",
    "Rendered": "report.article",
    "Summary": "tally",
    "Term": "classifier",
    "TrainingError": "exceptions",
    "UnknownLabelError": "exceptions",
    "classify": "api",
    "classify_article": "api",
    "classify_many": "api",
    "load": "registry",
    "read_paragraphs": "data",
    "render": "report.article",
    "score_files": "scoring",
    "score_frame": "frames",
}

__all__ = [
    "LABELS",
    "OTHER",
    "Article",
    "ArticleParagraph",
    "ArtifactError",
    "Classifier",
    "DataError",
    "DirectiveClfError",
    "Explanation",
    "InputTypeError",
    "ModelNotFoundError",
    "Paragraph",
    "Prediction",
    "PromotionError",
    "Rendered",
    "Summary",
    "Term",
    "TrainingError",
    "UnknownLabelError",
    "__version__",
    "classify",
    "classify_article",
    "classify_many",
    "load",
    "read_paragraphs",
    "render",
    "score_files",
    "score_frame",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module at first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
