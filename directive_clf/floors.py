"""Floors: what a promoted version has shown beyond doubt, and the next one must keep.

``floors.json`` stands in the registry. For one gold file, known by its hash, it holds the lower end
of the 95 % interval of macro-F1 and of each label's F1, and for the behaviour cases that of each
group's share. A promotion raises them; only one that gives its reason lowers those it fell under.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import behaviour
from .data import Paragraph, data_sha256
from .exceptions import ArtifactError
from .files import open_whole

__all__ = ["FLOORS", "find_violations", "raised", "read_floors", "shown_by", "write_floors"]

FLOORS = "floors.json"
FORMAT = 1
_KINDS = ("figures", "behaviour")


def read_floors(folder: str | Path) -> dict[str, Any] | None:
    """Read the floors of a registry; None where there are none.

    Raises
    ------
    ArtifactError
        If they are damaged: a floor that cannot be read is not taken for none.
    """
    place = Path(folder) / FLOORS
    try:
        content = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{place}: not a file of floors ({error}); restore it") from None
    if (
        not isinstance(content, dict)
        or content.get("format") != FORMAT
        or not isinstance(content.get("gold"), dict)
        or not all(isinstance(content.get(kind), dict) for kind in _KINDS)
        or not all(isinstance(v, float | int) for kind in _KINDS for v in content[kind].values())
    ):
        raise ArtifactError(
            f"{place}: expected format {FORMAT} with gold, figures and behaviour; restore it"
        )
    return content


def write_floors(folder: str | Path, floors: Mapping[str, Any]) -> None:
    """Write the floors of a registry, whole or not at all."""
    with open_whole(Path(folder) / FLOORS) as out:
        out.write(json.dumps(floors, ensure_ascii=False, indent=1) + "\n")


def shown_by(
    measured: Mapping[str, Any],
    gold: Sequence[Paragraph],
    passed: Mapping[str, tuple[int, int]],
) -> dict[str, Any]:
    """Return what a model has shown beyond doubt, in the form of ``floors.json``.

    Parameters
    ----------
    measured : mapping
        ``"all"`` of :func:`directive_clf.evaluation.evaluate`.
    gold : sequence of Paragraph
    passed : mapping
        What :func:`directive_clf.behaviour.shares` gives.
    """
    figures = {"macro_f1": measured["macro_f1"]}
    figures |= {f"f1 {c}": row["f1_score"] for c, row in measured["main"].items() if row["support"]}
    return {
        "format": FORMAT,
        "gold": {"sha256": data_sha256(gold), "paragraphs": len(gold)},
        "figures": {k: f["low"] for k, f in figures.items() if f["low"] is not None},
        "behaviour": {
            # Rounded down: a floor that was rounded up would refuse the very model that set it.
            group: int(behaviour.wilson_low(hits, n) * 10000) / 10000
            for group, (hits, n) in passed.items()
        },
    }


def find_violations(
    floors: Mapping[str, Any],
    measured: Mapping[str, Any],
    gold: Sequence[Paragraph],
    passed: Mapping[str, tuple[int, int]],
) -> dict[str, str]:
    """Return a reason for each figure that lies below its floor, by the name of the figure."""
    reasons = {}
    sha256 = data_sha256(gold)
    if floors["gold"].get("sha256") != sha256:
        reasons["gold"] = (
            f"the floors were set on another gold file ({floors['gold'].get('paragraphs')}"
            f" paragraphs, SHA-256 {floors['gold'].get('sha256')!s:.12}…); this one has"
            f" {len(gold)} ({sha256:.12}…)"
        )
    else:
        values = {"macro_f1": measured["macro_f1"]["value"]}
        values |= {f"f1 {c}": row["f1_score"]["value"] for c, row in measured["main"].items()}
        for name, floor in floors["figures"].items():
            value = values.get(name)
            if value is None or value < floor:
                said = "is undefined" if value is None else f"is {value:.3f}"
                reasons[name] = f"{name} {said}, under its floor {floor:.3f}"
    for group, floor in floors["behaviour"].items():
        hits, n = passed.get(group, (0, 0))
        if not n:
            reasons[group] = f"behaviour: no case of {group!r}, which has a floor of {floor:.3f}"
        elif hits / n < floor:
            reasons[group] = f"behaviour: {group} passes {hits} of {n}, under its floor {floor:.3f}"
    return reasons


def raised(
    old: Mapping[str, Any] | None, shown: Mapping[str, Any], violated: Mapping[str, str]
) -> dict[str, Any]:
    """Return the floors after a promotion: none falls but those that were violated."""
    floors: dict[str, Any] = dict(shown)
    if old is None:
        return floors
    for kind in _KINDS:
        kept = {name: v for name, v in old[kind].items() if name not in violated}
        if kind == "figures" and "gold" in violated:
            kept = {}
        floors[kind] = {
            **shown[kind],
            **{k: max(v, shown[kind].get(k, v)) for k, v in kept.items()},
        }
    return floors
