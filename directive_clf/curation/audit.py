"""Which labels look wrong: confident learning on answers that did not see the label.

Every paragraph is answered by a model of the other documents. For each label apart, cleanlab counts
how often the answers contradict what was given, by the label's own scale of confidence (Northcutt,
Jiang & Chuang, "Confident learning: estimating uncertainty in dataset labels", 2021; for several
labels Thyagarajan et al., "Identifying incorrect annotations in multi-label classification data",
2022). That is done a label at a time, since a paragraph has a set of labels and ``other`` is an
empty one; of the ways of choosing among the contradictions the one by confidence was the most
precise on planted errors, with next to all of them found: ``benchmarks/AUDIT.md`` has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import Paragraph
from ..evaluation import rounded
from ..exceptions import DirectiveClfError
from ..gazetteer import Gazetteer
from ..labels import LABELS, OTHER
from ..model import LinearModel
from ..training.fitting import fit_folds
from ..training.pipeline import Parameters, to_model
from ..training.validation import Bench, cross_validate

__all__ = ["audit"]

Floats = NDArray[np.float64]

TERMS = 5


def audit(
    paragraphs: Sequence[Paragraph],
    gazetteer: Gazetteer,
    *,
    labels: tuple[str, ...] = LABELS,
    parameters: Parameters = Parameters(),
    weights: Floats | None = None,
    told: Sequence[bool] | None = None,
    n_jobs: int = -1,
    progress: bool = False,
) -> list[dict[str, Any]]:
    """Return the paragraphs whose labels look wrong, the likeliest first. Nothing is changed.

    Parameters
    ----------
    paragraphs : sequence of Paragraph
    gazetteer : Gazetteer
    labels : tuple of str
    parameters : Parameters
    weights : ndarray of float, shape (n, n_labels), optional
        How often each paragraph counts; see :func:`directive_clf.training.fit`.
    told : sequence of bool, length n, optional
        Which paragraphs to tell of; the others help to judge. By default all.
    n_jobs : int
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    list of dict
        ``id``, ``text``, ``labels`` (as given), ``suggested`` (what the model says); ``rival``, the
        label that would come, ``other`` where all would go, or ``without`` the one that would;
        ``probability``, the model's of the label in doubt; ``reason``, in words;
        ``terms``, those that speak for the rival most, or against it where it would go, from a
        model that saw none of the paragraphs told here; and ``document_id`` and ``lang``.

    Raises
    ------
    DirectiveClfError
        If cleanlab is not installed.
    TrainingError
        If the data cannot give a model.
    """
    try:
        from cleanlab.multilabel_classification.filter import find_label_issues
    except ImportError:
        raise DirectiveClfError(
            "an audit needs cleanlab: pip install 'directive_clf[audit]'"
        ) from None
    bench = Bench.of(paragraphs, gazetteer, labels=labels, parameters=parameters, weights=weights)
    answers = cross_validate(bench, n_jobs=n_jobs, progress=progress)
    given = [np.flatnonzero(row).tolist() for row in bench.y_true]
    found = find_label_issues(
        given,
        answers.probabilities,
        return_indices_ranked_by="self_confidence",
        filter_by="confident_learning",
        n_jobs=1,
    )
    flagged = [int(i) for i in found if told is None or told[int(i)]]
    if not flagged:
        return []
    witness = _witness(bench, gazetteer, flagged)
    rows = []
    for i in flagged:
        p, chances = paragraphs[i], answers.probabilities[i]
        # Of all labels, the one whose presence or absence the model contradicts most.
        doubt = np.where(bench.y_true[i], 1 - chances, chances)
        j = int(doubt.argmax())
        goes = bool(bench.y_true[i, j])
        sign = -1 if goes else 1
        parts = {one.term: sign * float(one.scores[j]) for one in witness.contributions(p.text)}
        terms = sorted(parts, key=lambda term: -parts[term])[:TERMS]
        rows.append(
            {
                "id": p.id,
                "text": p.text,
                "labels": list(p.labels),
                "suggested": list(answers.predicted[i]),
                "rival": _rival(p, answers.predicted[i], labels[j], goes),
                "probability": float(chances[j]),
                "reason": _reason(p, labels[j], goes, float(chances[j]), answers.predicted[i]),
                "terms": [term for term in terms if parts[term] > 0],
                "document_id": p.document_id,
                "lang": p.lang,
            }
        )
    return list(rounded(rows))


def _rival(p: Paragraph, predicted: tuple[str, ...], label: str, goes: bool) -> str:
    """Return what would come, or in whose place."""
    if not goes:
        return label
    if not predicted:
        return OTHER
    return next((one for one in predicted if one not in p.labels), f"without {label}")


def _reason(p: Paragraph, label: str, goes: bool, chance: float, predicted: tuple[str, ...]) -> str:
    says = f"a model of the other documents gives {label} {chance:.2f}"
    if goes:
        return f"{says}, and says {' and '.join(predicted) or OTHER}"
    return f"{says}; labelled {' and '.join(p.labels) or OTHER}"


def _witness(bench: Bench, gazetteer: Gazetteer, flagged: Sequence[int]) -> LinearModel:
    """Return a model of all paragraphs but those told, whose terms are no echo of their labels."""
    kept = bench.take(np.setdiff1d(np.arange(len(bench.paragraphs)), flagged))
    pipeline, _ = fit_folds(kept.counts, kept.y_true, [], kept.parameters, kept.weights, n_jobs=1)
    return to_model(bench.vectorizer, pipeline, gazetteer)
