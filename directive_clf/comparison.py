"""Two models on the same labelled paragraphs: is one really better, what changed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import metrics
from .classifier import Classifier
from .evaluation import Answers, rounded
from .labels import OTHER, main_label

__all__ = ["changes", "compare", "drivers", "is_changed", "why_changed"]

TERMS = 5
"""Terms named for a change or a mistake: more than that nobody reads."""


def compare(before: Answers, after: Answers, *, resamples: int = 1000) -> dict[str, Any]:
    """Measure what a second model gains over a first one on the same paragraphs.

    Parameters
    ----------
    before, after : Answers
        Of two models on the same paragraphs, in the same order.
    resamples : int
        Of the paired bootstrap: both models are measured on the same resample of documents, so that
        what makes a document hard for both falls out of the difference.

    Returns
    -------
    dict
        ``macro_f1`` (over the classes that are there), ``accuracy``, ``multilabel_macro_f1`` and
        ``expected_calibration_error``: the differences, after minus before, as figures with a 95 %
        interval, None with one document; ``f1_score``, the same by class of the main label; ``n``,
        ``changed`` (paragraphs whose set of labels is another), ``right_only_before``,
        ``right_only_after`` and ``mcnemar``, the exact p-value of these two counts.
    """
    point = _differences(before, after, None)
    draws = [
        _differences(before, after, weights)
        for weights in metrics.resampled(before.groups, resamples=resamples)
    ]
    found: dict[str, Any] = {}
    for name, value in point.items():
        found[name] = {"value": value, "low": None, "high": None}
        if len(set(before.groups)) > 1:  # of one document, every resample is the same
            low, high = metrics.interval(np.concatenate([draw[name] for draw in draws]))
            found[name] |= {"low": low, "high": high}
    by_class = {c: found.pop(f"f1 {c}") for c in before.classes}
    was = before.main_true == before.main_pred
    now = after.main_true == after.main_pred
    return dict(
        rounded(
            {
                "n": len(before.paragraphs),
                "changed": sum(
                    is_changed(*pair)
                    for pair in zip(before.predicted, after.predicted, strict=True)
                ),
                **found,
                "f1_score": by_class,
                "right_only_before": int((was & ~now).sum()),
                "right_only_after": int((now & ~was).sum()),
                "mcnemar": metrics.mcnemar(was, now),
            }
        )
    )


def changes(
    before: Answers, after: Answers, was: Classifier, now: Classifier
) -> list[dict[str, Any]]:
    """Return the paragraphs whose labels changed, with the terms that did it.

    Yields nothing for a paragraph whose labels are the same in the same main place.

    Returns
    -------
    list of dict
        ``id, text, true, before, after``, each of the latter three a list of labels; ``label``, the
        one whose score explains the change; ``log_odds``, its log odds before and after; ``terms``,
        what moved them most, as :func:`drivers` gives. The largest moves first.
    """
    rows: list[dict[str, Any]] = []
    for p, a, b in zip(before.paragraphs, before.predicted, after.predicted, strict=True):
        if is_changed(a, b):
            named = {"true": list(p.labels), "before": list(a), "after": list(b)}
            rows.append({"id": p.id, "text": p.text} | named | why_changed(was, now, p.text, a, b))
    rows.sort(key=lambda row: (-_move(row), row["id"]))
    return list(rounded(rows))


def why_changed(
    was: Classifier,
    now: Classifier,
    text: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
    n: int = TERMS,
) -> dict[str, Any]:
    """Return which label's score explains that a text's labels changed, and what moved it.

    Returns
    -------
    dict
        ``label``, ``log_odds`` and ``terms``, the latter two as :func:`drivers` gives them.
    """
    order = [*now.labels, *(label for label in was.labels if label not in now.labels)]
    moved = sorted(set(before) ^ set(after), key=order.index)
    gained = main_label(after)
    label = gained if gained in moved or (not moved and gained != OTHER) else moved[0]
    odds, terms = drivers(was, now, text, label, n)
    return {"label": label, "log_odds": odds, "terms": terms}


def drivers(
    was: Classifier, now: Classifier, text: str, label: str, n: int = TERMS
) -> tuple[tuple[float | None, float | None], list[dict[str, Any]]]:
    """Split the move of a label's log odds between two models into what each term moved.

    Returns
    -------
    log_odds : (float, float)
        Before and after; None of a model that does not have the label.
    terms : list of dict
        ``term``, ``before`` and ``after``, its part of the log odds under each model; the `n` that
        moved most. What no term moves is the intercepts' part, under the name ``(intercept)``.
    """
    parts = [_parts(model, text, label) for model in (was, now)]
    one, two = (part or {} for part in parts)
    rows: list[dict[str, Any]] = [
        {"term": name, "before": one.get(name, 0.0), "after": two.get(name, 0.0)}
        for name in set(one) | set(two)
    ]
    rows.sort(key=lambda row: (-abs(row["after"] - row["before"]), row["term"]))
    before, after = (None if part is None else sum(part.values()) for part in parts)
    return (before, after), rows[:n]


def _move(row: Mapping[str, Any]) -> float:
    """Return how far the log odds of a change moved; what a model lacks counts as 0."""
    before, after = row["log_odds"]
    return abs(float(after or 0) - float(before or 0))


def is_changed(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Tell whether labels are others, or another of them is the main one."""
    return set(before) != set(after) or before[:1] != after[:1]


def _parts(model: Classifier, text: str, label: str) -> Mapping[str, float] | None:
    """Return the parts of a label's log odds: the calibrated curve is linear in the score."""
    if label not in model.labels:
        return None
    j = model.labels.index(label)
    slope, offset = float(model.calibration.slope[j]), float(model.calibration.offset[j])
    explained = model.explain(text)
    parts = {term.name: slope * term.scores[label] for term in explained.terms}
    parts["(intercept)"] = slope * explained.intercept[label] + offset
    return parts


def _differences(before: Answers, after: Answers, weights: metrics.Weights) -> dict[str, Any]:
    """Return after minus before, one value or one a resample, by name."""
    names = np.array(before.classes)
    held = before.main_true[:, None] == names
    # Both models are measured on the classes that are there: one false alarm of a class that is
    # not would otherwise cost the one model that gave it a class's worth of the mean.
    support = held.sum(axis=0) if weights is None else weights @ held

    def figures(a: Answers) -> dict[str, Any]:
        f1 = metrics.f1_score(held, a.main_pred[:, None] == names, weights)
        by_class = np.where(support > 0, f1, np.nan)
        return {
            "macro_f1": metrics.mean_defined(by_class),
            "accuracy": metrics.accuracy(a.main_true, a.main_pred, weights),
            "multilabel_macro_f1": metrics.mean_defined(
                metrics.f1_score(a.y_true, a.y_pred, weights)
            ),
            "expected_calibration_error": metrics.mean_defined(
                metrics.expected_calibration_error(a.y_true, a.probabilities, weights)
            ),
            **{f"f1 {c}": by_class[..., j] for j, c in enumerate(names)},
        }

    was, now = figures(before), figures(after)
    return {name: now[name] - was[name] for name in was}
