"""Files of labelled paragraphs into one, and one into parts that share nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..data import Located, Paragraph, iter_located
from ..exceptions import DataError
from ..labels import LABELS, OTHER, main_label
from ..training.duplicates import groups_of

__all__ = ["PREFER", "merge", "split"]

PREFER = ("first", "last")


def merge(
    *paths: str | Path, labels: tuple[str, ...] = LABELS, prefer: str | None = None
) -> list[Paragraph]:
    """Read files as one set: each text once, each id once.

    A text that stands in several files with the same labels is kept where it stood first. An id
    that stands for another text in a file before gets the name of its file in front.

    Parameters
    ----------
    *paths : path-like
    labels : tuple of str
    prefer : str, optional
        ``"first"`` or ``"last"``: whose labels count where files contradict each other.

    Raises
    ------
    DataError
        At a row that cannot be read, or, without `prefer`, at the first text with other labels
        than before.
    """
    if prefer not in (None, *PREFER):
        raise DataError(f"prefer is {prefer!r}; expected one of {', '.join(PREFER)}")
    kept: dict[str, Located] = {}
    ids: set[str] = set()
    for one in iter_located(*paths, labels=labels):
        if isinstance(one, DataError):
            raise one
        key = " ".join(one.paragraph.text.split())
        before = kept.get(key)
        if before is None:
            if one.paragraph.id in ids:
                one = one._replace(paragraph=replace(one.paragraph, id=_free(one, ids)))
            ids.add(one.paragraph.id)
            kept[key] = one
        elif before.paragraph.labels != one.paragraph.labels:
            if prefer is None:
                theirs = " and ".join(before.paragraph.labels or [OTHER])
                raise DataError(
                    f"labelled {' and '.join(one.paragraph.labels or [OTHER])}, and at"
                    f" {before.place} {theirs}; correct one, or say whose labels count with"
                    f" --prefer {' or '.join(PREFER)}",
                    one.path,
                    one.line,
                )
            if prefer == "last":
                changed = replace(before.paragraph, labels=one.paragraph.labels)
                kept[key] = before._replace(paragraph=changed)
    return [one.paragraph for one in kept.values()]


def _free(one: Located, taken: set[str]) -> str:
    name = f"{one.path.stem}:{one.paragraph.id}"
    return name if name not in taken else f"{name}:{one.line}"


def split(
    paragraphs: Sequence[Paragraph], shares: Mapping[str, float], *, random_state: int = 0
) -> dict[str, list[Paragraph]]:
    """Part paragraphs so that each part has its share of every main label in every language.

    Paragraphs of one document, and near-duplicates, stay together. Groups are dealt out in random
    order, the largest first, each to the part that it brings nearest to its share (as
    :class:`sklearn.model_selection.StratifiedGroupKFold` does for parts of one size).

    Parameters
    ----------
    paragraphs : sequence of Paragraph
    shares : mapping of str to float
        The parts and their shares, each above 0, which sum to 1.
    random_state : int

    Returns
    -------
    dict of str to list of Paragraph
        In the order of `paragraphs`; none is empty.

    Raises
    ------
    DataError
        If `shares` cannot be, or there are fewer groups than parts.
    """
    if not shares or min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 1e-6:
        raise DataError(f"the shares are {dict(shares)}; expected numbers above 0 that sum to 1")
    if not paragraphs:
        raise DataError("no labelled paragraphs to split")
    groups = groups_of([p.group for p in paragraphs], [p.text for p in paragraphs])
    n_groups = int(groups.max()) + 1
    if n_groups < len(shares):
        raise DataError(
            f"{n_groups} document cannot be split into {len(shares)} parts; name paragraphs of more"
        )
    strata, place = np.unique(
        [f"{p.lang} {main_label(p.labels)}" for p in paragraphs], return_inverse=True
    )
    counts = np.zeros((n_groups, len(strata)))
    np.add.at(counts, (groups, place), 1)
    shuffled = np.random.default_rng(random_state).permutation(n_groups)
    order = shuffled[np.argsort(-counts[shuffled].sum(axis=1), kind="stable")]
    total = counts.sum(axis=0)
    wanted = np.array([*shares.values()])[:, None] * total
    held = np.zeros((len(shares), len(strata)))
    home = np.zeros(n_groups, dtype=int)
    sizes = np.zeros(len(shares), dtype=int)
    for i, group in enumerate(order.tolist()):
        # How far all are from what they should have, in shares of each stratum, group in hand.
        gaps = ((wanted - held) / total) ** 2
        after = ((wanted - held - counts[group]) / total) ** 2
        cost = (after - gaps).sum(axis=1)
        empty = np.flatnonzero(sizes == 0)
        if len(empty) == n_groups - i:  # the last groups go where there is none yet
            cost = np.where(sizes == 0, cost, np.inf)
        home[group] = best = int(cost.argmin())
        held[best] += counts[group]
        sizes[best] += 1
    rows: dict[str, list[Paragraph]] = {name: [] for name in shares}
    names = [*shares]
    for p, group in zip(paragraphs, groups.tolist(), strict=True):
        rows[names[home[group]]].append(p)
    return rows
