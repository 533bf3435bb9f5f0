"""The gate before a promotion: whether a candidate may take the champion's place.

Floors stand in ``floors.json`` of the registry: for one gold file, known by its hash, what a
version that was promoted has shown beyond doubt, which is the lower end of its 95 % interval. A
promotion raises them; only one that gives its reason lowers them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import behaviour, evaluation, persistence, registry, versioning
from .behaviour import Case
from .classifier import Classifier
from .comparison import compare
from .data import Paragraph, data_sha256, read_paragraphs
from .exceptions import ArtifactError, DirectiveClfError, PromotionError
from .files import open_whole
from .registry import CHAMPION, PREVIOUS

__all__ = ["CALIBRATION_MARGIN", "Verdict", "judge", "promote", "read_floors"]

FLOORS = "floors.json"
FLOORS_FORMAT = 1
_KINDS = ("figures", "behaviour")

CALIBRATION_MARGIN = 0.02
"""How far the expected calibration error, the mean over the labels, may rise above the champion's.
It is as far as the figure moves between resamples of 500 paragraphs."""


@dataclass(frozen=True)
class Verdict:
    """What the gate found.

    Attributes
    ----------
    reasons : list of str
        Why the candidate is refused, each with its figures; empty where it is not.
    figures : dict
        The figures it was decided on.
    floors : dict
        What the candidate has shown beyond doubt, in the form of ``floors.json``.
    """

    reasons: list[str]
    figures: dict[str, Any]
    floors: dict[str, Any]


def judge(
    candidate: Classifier,
    champion: Classifier | None,
    gold: Sequence[Paragraph],
    *,
    floors: Mapping[str, Any] | None = None,
    cases: Sequence[Case] = (),
) -> Verdict:
    """Measure a candidate against the champion, the floors and the behaviour cases.

    Parameters
    ----------
    candidate, champion : Classifier
    gold : sequence of Paragraph
    floors : mapping, optional
        What :func:`read_floors` gives.
    cases : sequence of Case
    """
    answers = evaluation.answers_of(candidate, gold)
    measured = evaluation.evaluate(answers, by=())["all"]
    shown = _shown(measured, gold)
    figures: dict[str, Any] = {
        "macro_f1": measured["macro_f1"],
        "accuracy": measured["accuracy"],
        "expected_calibration_error": measured["expected_calibration_error"],
    }
    reasons = []
    if champion is not None:
        difference = compare(evaluation.answers_of(champion, gold), answers)
        figures["against"] = {
            "version": champion.version,
            **{k: difference[k] for k in ("macro_f1", "mcnemar", "expected_calibration_error")},
        }
        reasons += _losses(difference, champion.version)
    if cases:
        counts = behaviour.shares(cases, behaviour.run_cases(candidate, cases))
        figures["behaviour"] = {group: f"{hits}/{n}" for group, (hits, n) in counts.items()}
        shown["behaviour"] = {
            group: _down(behaviour.wilson_low(hits, n)) for group, (hits, n) in counts.items()
        }
    if floors is not None:
        reasons += _under(floors, shown, measured, figures.get("behaviour", {}))
    return Verdict(reasons, figures, shown)


def promote(
    version: str,
    models: str | Path | None = None,
    *,
    gold: Sequence[str | Path] = (),
    cases: Sequence[str | Path] = (),
    allow_regression: str = "",
    by: str | None = None,
    why: str = "",
) -> Verdict:
    """Make a version the champion if it passes the gate.

    The lock of the registry is held throughout, so that the champion measured against is the one
    replaced. Floors are written before the alias moves: whenever the process is killed, the
    registry gives the old champion or the new one.

    Parameters
    ----------
    version : str
        A version or an alias, such as ``"challenger"``.
    models : path-like, optional
        The registry.
    gold : sequence of path-like
        Labelled paragraphs. Only a registry without a champion, where there is nothing to compare
        with, is content with none.
    cases : sequence of path-like
        Files of behaviour cases beside those that the candidate carries.
    allow_regression : str
        A reason to promote it whatever the gate says. It is kept in the history, with what the gate
        said, and floors are lowered to what the version shows.
    by, why : str
        Kept in the history.

    Raises
    ------
    PromotionError
        With every reason, if it is refused. Nothing has changed then.
    ArtifactError
        If the candidate does not load; no reason helps then.
    """
    with versioning.locked(models) as folder:
        path = registry.resolve(version, folder)
        candidate = registry.load(path.name, models=folder)
        aliases = registry.read_registry(folder).aliases
        now = aliases.get(CHAMPION)
        place = folder / FLOORS
        floors = read_floors(place)
        reasons: list[str] = []
        verdict = Verdict([], {}, {})
        if gold:
            paragraphs = read_paragraphs(*gold, labels=candidate.labels)
            suite = _cases(path, cases, candidate.labels)
            champion, reasons = _champion(now, folder, candidate)
            verdict = judge(candidate, champion, paragraphs, floors=floors, cases=suite)
            reasons += verdict.reasons
        elif now not in (None, path.name):
            reasons.append(
                f"no gold file: nothing shows that {path.name} is as good as {now}; name labelled"
                " paragraphs with --gold"
            )
        if reasons and not allow_regression:
            raise PromotionError(path.name, reasons)
        if verdict.floors:
            _write_floors(place, _raised(floors, verdict.floors, lower=bool(reasons)))
        facts: dict[str, Any] = {"figures": verdict.figures} if verdict.figures else {}
        if reasons:
            facts |= {"allow_regression": allow_regression, "reasons": reasons}
        targets = {CHAMPION: path.name}
        if now not in (None, path.name):
            targets[PREVIOUS] = now
        versioning.move(folder, "promote", targets, by=by, why=why, facts=facts)
    return Verdict(reasons, verdict.figures, verdict.floors)


def read_floors(place: Path) -> dict[str, Any] | None:
    """Read ``floors.json``; None where there is none.

    Raises
    ------
    ArtifactError
        If it is damaged: a floor that cannot be read is not taken for none.
    """
    try:
        content = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{place}: not a file of floors ({error}); restore it") from None
    if (
        not isinstance(content, dict)
        or content.get("format") != FLOORS_FORMAT
        or not isinstance(content.get("gold"), dict)
        or not all(isinstance(content.get(kind), dict) for kind in _KINDS)
        or not all(isinstance(v, float | int) for kind in _KINDS for v in content[kind].values())
    ):
        raise ArtifactError(
            f"{place}: expected format {FLOORS_FORMAT} with gold, figures and behaviour; restore it"
        )
    return content


def _champion(
    now: str | None, folder: Path, candidate: Classifier
) -> tuple[Classifier | None, list[str]]:
    """Return the champion to compare with, and why there is none that could be."""
    if now in (None, candidate.version):
        return None, []
    try:
        champion = registry.load(now, models=folder)
    except DirectiveClfError as error:
        return None, [f"the champion cannot be measured against: {error}"]
    if champion.labels != candidate.labels:
        return None, [
            f"{now} has the labels {', '.join(champion.labels)}; {candidate.version} has"
            f" {', '.join(candidate.labels)}: they cannot be compared"
        ]
    return champion, []


def _cases(path: Path, more: Sequence[str | Path], labels: tuple[str, ...]) -> list[Case]:
    own = path / persistence.BEHAVIOUR
    return behaviour.read_cases(*([own] if own.exists() else []), *more, labels=labels)


def _shown(measured: Mapping[str, Any], gold: Sequence[Paragraph]) -> dict[str, Any]:
    """Return what a model has shown beyond doubt on a gold file."""
    figures = {"macro_f1": measured["macro_f1"]}
    figures |= {f"f1 {name}": found["f1_score"] for name, found in measured["main"].items()}
    return {
        "format": FLOORS_FORMAT,
        "gold": {"sha256": data_sha256(gold), "paragraphs": len(gold)},
        "figures": {k: f["low"] for k, f in figures.items() if f["low"] is not None},
        "behaviour": {},
    }


def _losses(difference: Mapping[str, Any], champion: str) -> list[str]:
    reasons = []
    f1, error = difference["macro_f1"], difference["expected_calibration_error"]
    if f1["high"] < 0:
        reasons.append(
            f"macro-F1 falls by {-f1['value']:.3f} against {champion}, more than the paired"
            f" bootstrap explains (95 % interval {f1['low']:+.3f} to {f1['high']:+.3f})"
        )
    if error["value"] > CALIBRATION_MARGIN:
        reasons.append(
            f"the expected calibration error rises by {error['value']:.3f} against {champion};"
            f" at most {CALIBRATION_MARGIN} is allowed"
        )
    return reasons


def _under(
    floors: Mapping[str, Any],
    shown: Mapping[str, Any],
    measured: Mapping[str, Any],
    passed: Mapping[str, str],
) -> list[str]:
    """Return a reason for each figure that lies below its floor."""
    reasons = []
    if floors["gold"].get("sha256") != shown["gold"]["sha256"]:
        reasons.append(
            f"the floors were set on another gold file ({floors['gold'].get('paragraphs')}"
            f" paragraphs, SHA-256 {floors['gold'].get('sha256')!s:.12}…); this one has"
            f" {shown['gold']['paragraphs']} ({shown['gold']['sha256']:.12}…)"
        )
    else:
        values = {"macro_f1": measured["macro_f1"]["value"]}
        values |= {f"f1 {k}": found["f1_score"]["value"] for k, found in measured["main"].items()}
        for name, floor in floors["figures"].items():
            value = values.get(name)
            if value is None or value < floor:
                said = "is undefined" if value is None else f"is {value:.3f}"
                reasons.append(f"{name} {said}, under its floor {floor:.3f}")
    for group, floor in floors["behaviour"].items():
        hits, _, n = passed.get(group, "0/0").partition("/")
        if not int(n):
            reasons.append(f"behaviour: no case of {group!r}, which has a floor of {floor:.3f}")
        elif int(hits) / int(n) < floor:
            reasons.append(f"behaviour: {group} passes {hits} of {n}, under its floor {floor:.3f}")
    return reasons


def _raised(old: Mapping[str, Any] | None, shown: dict[str, Any], *, lower: bool) -> dict[str, Any]:
    """Return the floors after a promotion: none falls, unless a regression was allowed."""
    if old is None or lower:
        return shown
    return {
        **shown,
        **{
            kind: {
                **shown[kind],
                **{k: max(v, shown[kind].get(k, v)) for k, v in old[kind].items()},
            }
            for kind in _KINDS
        },
    }


def _write_floors(place: Path, floors: Mapping[str, Any]) -> None:
    with open_whole(place) as out:
        out.write(json.dumps(floors, ensure_ascii=False, indent=1) + "\n")


def _down(share: float) -> float:
    """Round down: a floor that was rounded up would refuse the very model that set it."""
    return int(share * 10000) / 10000
