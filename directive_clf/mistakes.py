"""The mistakes a model was surest of, each with the terms that led it there."""

from __future__ import annotations

from typing import Any

import numpy as np

from .classifier import Classifier
from .evaluation import Answers, rounded
from .labels import OTHER

__all__ = ["worst_mistakes"]

TERMS = 5


def worst_mistakes(classifier: Classifier, answers: Answers, n: int = 40) -> list[dict[str, Any]]:
    """Return the `n` most certain mistakes in the main label.

    Returns
    -------
    list of dict
        ``id``, ``text``, ``true`` and ``predicted`` (lists of labels), ``certainty`` in [0, 1],
        ``label`` and ``terms``: the label whose score led there (the predicted one, or where that
        is ``other`` the one that was missed) and ``[term, score]`` of those that moved it most in
        that direction.
    """
    wrong = np.flatnonzero(answers.main_true != answers.main_pred)
    order = wrong[np.argsort(-answers.certainty[wrong], kind="stable")][:n]
    rows = []
    for i in order.tolist():
        p, guess = answers.paragraphs[i], str(answers.main_pred[i])
        missed = guess == OTHER
        label = str(answers.main_true[i]) if missed else guess
        sign = -1 if missed else 1
        terms = sorted(classifier.explain(p.text).terms, key=lambda t: -sign * t.scores[label])
        rows.append(
            {
                "id": p.id,
                "text": p.text,
                "true": list(p.labels),
                "predicted": list(answers.predicted[i]),
                "certainty": float(answers.certainty[i]),
                "label": label,
                "terms": [
                    [term.name, term.scores[label]]
                    for term in terms[:TERMS]
                    if sign * term.scores[label] > 0
                ],
            }
        )
    return list(rounded(rows))
