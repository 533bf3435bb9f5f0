"""A label set of one's own: what it adds to the project's, renames, or drops.

A taxonomy file is JSON::

    {
      "add": {"risk_control": ["governance_party_oversight"], "sponsor": []},
      "rename": {"marketing_boilerplate": "furniture"},
      "drop": ["major_projects"]
    }

Each part may be missing. ``add`` names new labels, each with the labels that it was cut out of:
whoever labelled a paragraph with one of those, before the new label was there, did not say whether
the new one holds. A list of names stands for labels that were cut out of none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .exceptions import DataError
from .files import refusing_other_bytes
from .labels import LABELS, OTHER

__all__ = ["DEFAULT", "Taxonomy", "read_taxonomy", "taxonomy_of"]

_PARTS = ("add", "rename", "drop")
_TAKEN = (OTHER, "all")


@dataclass(frozen=True)
class Taxonomy:
    """What a label set adds to ``LABELS``, renames and drops.

    Attributes
    ----------
    added : mapping of str to tuple of str
        New labels to the labels that each was cut out of, by their names in this taxonomy.
    renamed : mapping of str to str
        Labels of ``LABELS`` to their names here.
    dropped : tuple of str
        Labels of ``LABELS`` that are no more; what carried nothing else is ``other``.
    """

    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    renamed: Mapping[str, str] = field(default_factory=dict, hash=False)
    dropped: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of ``LABELS``, the added ones last."""
        kept = (self.renamed.get(label, label) for label in LABELS if label not in self.dropped)
        return (*kept, *self.added)

    @property
    def readable(self) -> tuple[str, ...]:
        """The labels that a file may hold: these, and those of ``LABELS`` that they came from."""
        return tuple(dict.fromkeys((*self.labels, *LABELS)))

    def translate(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return labels of ``LABELS`` or of this taxonomy as they are called here, in order."""
        named = (self.renamed.get(label, label) for label in labels if label not in self.dropped)
        return tuple(dict.fromkeys(named))

    def to_dict(self) -> dict[str, Any]:
        """Return what :func:`taxonomy_of` reads; the parts that are empty are left out."""
        parts = {
            "add": {label: list(sources) for label, sources in self.added.items()},
            "rename": dict(self.renamed),
            "drop": list(self.dropped),
        }
        return {name: part for name, part in parts.items() if part}


DEFAULT = Taxonomy()
"""The label set of the project as it is."""


def read_taxonomy(path: str | Path | None) -> Taxonomy:
    """Read a taxonomy file; None gives the project's own label set.

    Raises
    ------
    DataError
        If it is no JSON, or what it asks for cannot be.
    """
    if path is None:
        return DEFAULT
    with refusing_other_bytes(path):
        content = Path(path).read_text(encoding="utf-8-sig")
    try:
        return taxonomy_of(json.loads(content))
    except json.JSONDecodeError as error:
        raise DataError(
            f"not JSON ({error.msg}); expected an object with any of {', '.join(_PARTS)}",
            path,
            error.lineno,
        ) from None
    except ValueError as error:
        raise DataError(str(error), path) from None


def taxonomy_of(content: Any) -> Taxonomy:
    """Return the taxonomy of a value as JSON gives it.

    Raises
    ------
    ValueError
        If it is none: the message says what was expected.
    """
    if not isinstance(content, dict) or not content.keys() <= set(_PARTS):
        raise ValueError(f"found {content!r:.60}; expected an object with any of add, rename, drop")
    add, rename, drop = content.get("add", {}), content.get("rename", {}), content.get("drop", [])
    if _are_names(add):
        add = {label: [] for label in add}
    if not isinstance(add, dict) or not all(map(_are_names, add.values())):
        raise ValueError("'add' is not a list of names, nor an object of names to lists of names")
    if not isinstance(rename, dict) or not _are_names([*rename.values()]):
        raise ValueError("'rename' is not an object of names to names")
    if not _are_names(drop):
        raise ValueError("'drop' is not a list of names")
    for label in (*rename, *drop):
        if label not in LABELS:
            raise ValueError(f"no label {label!r} to rename or drop; there are {', '.join(LABELS)}")
        if label in rename and label in drop:
            raise ValueError(f"{label!r} is renamed and dropped; do one of the two")
    for label in (*add, *rename.values()):
        # Columns are called after labels (p_NAME), and files name them with | between.
        if not label.isidentifier() or label in _TAKEN:
            raise ValueError(
                f"{label!r} cannot name a label; use letters, digits and _, a letter first, and"
                f" none of {', '.join(_TAKEN)}"
            )
    found = Taxonomy(
        {label: tuple(rename.get(s, s) for s in sources) for label, sources in add.items()},
        dict(rename),
        tuple(drop),
    )
    labels = found.labels
    # A name that meant something else before cannot be told from it in a file.
    taken = [label for label in (*add, *rename.values()) if label in LABELS]
    if taken or len(set(labels)) < len(labels):
        twice = taken or [label for label in labels if labels.count(label) > 1]
        raise ValueError(f"{twice[0]!r} is the name of a label already; take another name")
    if not labels:
        raise ValueError("every label is dropped, and none is added")
    for label, sources in found.added.items():
        missing = [s for s in sources if s not in labels or s == label]
        if missing:
            raise ValueError(
                f"{label!r} is said to be cut out of {missing[0]!r}, which is no other label of"
                f" this taxonomy; it has {', '.join(labels)}"
            )
    return found


def _are_names(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
