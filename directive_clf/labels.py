"""The label set, in its fixed order."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["BOILERPLATE", "GUIDE_VERSION", "LABELS", "OTHER", "check_labels", "main_label"]

LABELS: tuple[str, ...] = (
    "innovation_push",
    "governance_party_oversight",
    "localisation",
    "major_projects",
    "marketing_boilerplate",
)
"""The five labels. Every array with an axis of labels follows this order."""

OTHER = "other"
"""What a paragraph is when no label holds. It is the absence of labels, never one of them."""

BOILERPLATE = "marketing_boilerplate"
"""The label of text that is no part of the story; what speaks of the story leaves it out."""

GUIDE_VERSION = "2.2"
"""The version of ``training_data/LABEL_GUIDE.md`` that the training labels follow."""


def main_label(labels: Iterable[str]) -> str:
    """Return the main label: the first of `labels`, or ``"other"`` where there is none."""
    return next(iter(labels), OTHER)


def check_labels(labels: Iterable[str], known: tuple[str, ...] = LABELS) -> tuple[str, ...]:
    """Return `labels` as a tuple, main label first.

    ``["other"]`` is read as no label.

    Raises
    ------
    ValueError
        If a label is not in `known`, stands twice, or ``other`` stands beside a label.
    """
    labels = tuple(labels)
    if labels == (OTHER,):
        return ()
    for label in labels:
        if label == OTHER:
            raise ValueError("'other' stands beside a label; it means that no label applies")
        if label not in known:
            raise ValueError(f"unknown label {label!r}; expected any of: {', '.join(known)}")
    if len(set(labels)) < len(labels):
        raise ValueError(f"a label stands twice in {list(labels)}; name each label once")
    return labels
