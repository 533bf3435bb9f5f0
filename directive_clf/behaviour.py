"""Behaviour cases: what a model must do, by line of the label guide.

Three kinds (Ribeiro et al., "Beyond accuracy: behavioral testing of NLP models with CheckList",
2020): *minimum functionality*, a text and its main label; *invariance*, two texts that must get
the same labels; *direction*, a change that must raise or lower a probability. They travel with a
model as its ``behaviour.jsonl``; users add their own files.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .classifier import Classifier
from .exceptions import DataError
from .files import refusing_other_bytes
from .labels import LABELS, check_labels, main_label
from .taxonomy import Taxonomy

__all__ = ["Case", "of_labels", "read_cases", "run_cases", "shares", "translated", "wilson_low"]

KINDS = ("minimum_functionality", "invariance", "direction")


@dataclass(frozen=True)
class Case:
    """One thing that a model must do.

    Attributes
    ----------
    id, kind, lang, label, guide : str
        `label` is the label the case is about, `guide` the line of the guide that it stands on.
    text : str
    expected : tuple of str or str, optional
        The labels (minimum functionality), or ``"up"`` or ``"down"`` (direction).
    variant : str, optional
        The second text of invariance and direction.
    hard : bool
        A case that two careful readers could decide otherwise, or that asks for more than words.
    """

    id: str
    kind: str
    lang: str
    label: str
    guide: str
    text: str
    expected: tuple[str, ...] | str | None = None
    variant: str | None = None
    hard: bool = False

    @property
    def named(self) -> set[str]:
        """The labels that a model must have to be held to this."""
        return {self.label, *(self.expected if isinstance(self.expected, tuple) else ())}

    @property
    def group(self) -> str:
        """The group whose share of passes has a floor: kind, plain or hard."""
        return f"{self.kind}, {'hard' if self.hard else 'plain'}"


def read_cases(*paths: str | Path, labels: tuple[str, ...] = LABELS) -> list[Case]:
    """Read behaviour cases from JSONL files.

    Raises
    ------
    DataError
        At the first fault, with its file and line.
    """
    cases: dict[str, Case] = {}
    for path in map(Path, paths):
        try:
            with refusing_other_bytes(path):
                lines = path.read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise DataError(f"{error.strerror}; expected a file of cases", path) from None
        for number, line in enumerate(lines, 1):
            if line.strip():
                case = _to_case(line, labels, path, number)
                if case.id in cases:
                    raise DataError(f"the id {case.id!r} stood before; name another", path, number)
                cases[case.id] = case
    return list(cases.values())


def of_labels(cases: Iterable[Case], labels: Sequence[str]) -> list[Case]:
    """Return the cases that a model with these labels can be held to."""
    known = set(labels)
    return [case for case in cases if case.named <= known]


def translated(lines: Iterable[str], taxonomy: Taxonomy) -> list[str]:
    """Return lines of cases with labels as a taxonomy calls them, without those it cannot have.

    A case that names a dropped label, or expects it to be there, is left out.
    """
    found = []
    for line in lines:
        row: dict[str, Any] = json.loads(line)
        expected = row.get("expected")
        named = [row["label"], *(expected if isinstance(expected, list) else [])]
        if taxonomy.dropped and set(named) & set(taxonomy.dropped):
            continue
        if set(named) & set(taxonomy.renamed):
            (row["label"],) = taxonomy.translate([row["label"]])
            if isinstance(expected, list):
                row["expected"] = list(taxonomy.translate(expected))
            line = json.dumps(row, ensure_ascii=False) + "\n"
        found.append(line)
    return found


def run_cases(classifier: Classifier, cases: Sequence[Case]) -> list[bool]:
    """Return for each case whether the classifier passes it."""
    predictions = iter(
        classifier.classify_many(text for case in cases for text in (case.text, case.variant or ""))
    )
    passed = []
    for case, found, variant in zip(cases, predictions, predictions):
        if case.kind == "minimum_functionality":
            passed.append(found.main == main_label(case.expected or ()))
        elif case.kind == "invariance":
            passed.append(found.labels == variant.labels)
        else:
            rise = variant.probability(case.label) - found.probability(case.label)
            passed.append(rise > 0 if case.expected == "up" else rise < 0)
    return passed


def shares(cases: Iterable[Case], passed: Iterable[bool]) -> dict[str, tuple[int, int]]:
    """Return ``(passed, all)`` of each group of cases, in the order of its name."""
    found: dict[str, tuple[int, int]] = {}
    for case, ok in zip(cases, passed, strict=True):
        hits, n = found.get(case.group, (0, 0))
        found[case.group] = (hits + ok, n + 1)
    return dict(sorted(found.items()))


def wilson_low(hits: int, n: int, z: float = 1.96) -> float:
    """Return the lower end of the 95 % interval of a share, in [0, 1].

    (Wilson, "Probable inference, the law of succession, and statistical inference", 1927)
    """
    share, room = hits / n, z * z / n
    spread = z * math.sqrt((share * (1 - share) + room / 4) / n)
    return (share + room / 2 - spread) / (1 + room)


def _to_case(line: str, labels: tuple[str, ...], path: Path, number: int) -> Case:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise DataError(f"not JSON ({error}); expected a case", path, number) from None
    if not isinstance(row, dict):
        raise DataError(f"found {line[:40]!r}; expected an object", path, number)
    try:
        return _checked(row, labels)
    except (ValueError, TypeError) as error:
        raise DataError(str(error), path, number) from None


def _checked(row: dict[str, Any], labels: tuple[str, ...]) -> Case:
    """Build a case; ValueError or TypeError says what is wrong with it."""
    for name in ("id", "kind", "label", "text"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ValueError(f"{name!r} is {row.get(name)!r:.60}; expected a string")
    if row["kind"] not in KINDS:
        raise ValueError(f"'kind' is {row['kind']!r}; expected any of: {', '.join(KINDS)}")
    check_labels([row["label"]], labels)
    expected, variant = row.get("expected"), row.get("variant")
    if row["kind"] == "minimum_functionality":
        if not isinstance(expected, list):
            raise ValueError(f"'expected' is {expected!r:.60}; expected a list of labels")
        expected = check_labels(expected, labels)
    elif not isinstance(variant, str) or not variant:
        raise ValueError(f"'variant' is {variant!r:.60}; expected the changed text")
    elif row["kind"] == "direction" and expected not in ("up", "down"):
        raise ValueError(f"'expected' is {expected!r:.60}; expected 'up' or 'down'")
    return Case(
        id=row["id"],
        kind=row["kind"],
        lang=row.get("lang", ""),
        label=row["label"],
        guide=row.get("guide", ""),
        text=row["text"],
        expected=expected,
        variant=variant,
        hard=bool(row.get("hard", False)),
    )
