"""The gate before a promotion: whether a candidate may take the champion's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import behaviour, evaluation, persistence, registry, versioning
from .behaviour import Case
from .classifier import Classifier
from .comparison import compare
from .data import Paragraph, read_gold
from .evaluation import Answers
from .exceptions import ArtifactError, DataError, DirectiveClfError, PromotionError
from .floors import find_violations, raised, read_floors, shown_by, write_floors
from .registry import CHAMPION, PREVIOUS

__all__ = ["CALIBRATION_MARGIN", "Verdict", "judge", "promote", "rollback", "verify"]

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
    floors : dict or None
        The floors after its promotion; None where it was not measured.
    """

    reasons: list[str]
    figures: dict[str, Any]
    floors: dict[str, Any] | None


def judge(
    candidate: Classifier,
    champion: Classifier | None,
    gold: Sequence[Paragraph],
    *,
    floors: Mapping[str, Any] | None = None,
    cases: Sequence[Case] = (),
    renamed: Mapping[str, str] = {},
) -> Verdict:
    """Measure a candidate against the champion, the floors and the behaviour cases.

    Parameters
    ----------
    candidate, champion : Classifier
        Of two with different labels, what is compared is the answers within the labels of both.
    gold : sequence of Paragraph
        Of two documents or more: intervals come from drawing documents.
    floors : mapping, optional
        What :func:`directive_clf.floors.read_floors` gives.
    cases : sequence of Case
    renamed : mapping of str to str
        Labels of the champion to what the candidate calls them.

    Raises
    ------
    DataError
        If the gold set has fewer than two documents.
    """
    if len({p.group for p in gold}) < 2:
        raise DataError(
            f"the gold set has {len(gold)} paragraphs of one document or none; nothing can be"
            " judged on it: name more"
        )
    cases = behaviour.of_labels(cases, candidate.labels)
    answers = evaluation.answers_of(candidate, gold)
    measured = evaluation.evaluate(answers, by=())["all"]
    passed = behaviour.shares(cases, behaviour.run_cases(candidate, cases))
    names = ("macro_f1", "accuracy", "expected_calibration_error")
    figures: dict[str, Any] = {name: measured[name] for name in names}
    figures["behaviour"] = {group: f"{hits}/{n}" for group, (hits, n) in passed.items()}
    reasons = []
    if champion is not None:
        before, after = _comparable(evaluation.answers_of(champion, gold), answers, renamed)
        difference = compare(before, after)
        figures["against"] = {
            "version": champion.version,
            **({} if after is answers else {"labels": list(after.labels)}),
            **{k: difference[k] for k in ("macro_f1", "mcnemar", "expected_calibration_error")},
        }
        reasons += _losses(difference, champion.version)
        reasons += _worse_behaviour(candidate, champion, cases, passed)
    violated = find_violations(floors, measured, gold, passed) if floors is not None else {}
    shown = shown_by(measured, gold, passed)
    return Verdict([*reasons, *violated.values()], figures, raised(floors, shown, violated))


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
    replaced. Floors rise before the alias moves, and fall after it: whenever the process is killed,
    the registry gives the old champion or the new one, and no floor has fallen for nothing.

    Parameters
    ----------
    version : str
        A version of the registry or an alias, such as ``"challenger"``.
    models : path-like, optional
        The registry.
    gold : sequence of path-like
        Labelled paragraphs. Only a registry without a champion, where there is nothing to compare
        with, is content with none.
    cases : sequence of path-like
        Files of behaviour cases beside those that the candidate and the champion carry.
    allow_regression : str
        A reason to promote it whatever the gate says. It is kept in the history, with what the gate
        said, and the floors that it fell under are lowered to what it shows.
    by, why : str
        Kept in the history.

    Raises
    ------
    PromotionError
        With every reason, if it is refused. Nothing has changed then.
    ArtifactError
        If the candidate does not load; no reason helps then.
    """
    allow_regression = allow_regression.strip()
    with versioning.locked(models) as folder:
        path = versioning.inside(folder, version)
        candidate = registry.load(path.name, models=folder)
        now = registry.read_registry(folder).aliases.get(CHAMPION)
        rival = None if now == path.name else now
        floors = read_floors(folder)
        reasons: list[str] = []
        verdict = Verdict([], {}, None)
        if gold:
            manifest = persistence.read_manifest(path)
            paragraphs = read_gold(*gold, manifest=manifest)
            renamed = manifest.get("taxonomy", {}).get("rename", {})
            champion, reasons = _champion(rival, folder, candidate)
            carriers = [(path, candidate.labels)]
            if champion is not None and rival:
                carriers.append((folder / rival, champion.labels))
            suite = _cases(carriers, cases, candidate.labels)
            verdict = judge(
                candidate, champion, paragraphs, floors=floors, cases=suite, renamed=renamed
            )
            reasons += verdict.reasons
        elif rival is not None:
            reasons.append(
                f"no gold file: nothing shows that {path.name} is as good as {rival}; name"
                " labelled paragraphs with --gold"
            )
        if reasons and not allow_regression:
            raise PromotionError(path.name, reasons)
        facts: dict[str, Any] = {"figures": verdict.figures} if verdict.figures else {}
        if reasons:
            facts |= {"allow_regression": allow_regression, "reasons": reasons}
        facts |= {"floors": verdict.floors or floors}
        targets = {CHAMPION: path.name} | ({PREVIOUS: rival} if rival else {})
        if verdict.floors and not reasons:
            write_floors(folder, verdict.floors)
        versioning.move(folder, "promote", targets, by=by, why=why, facts=facts)
        if verdict.floors and reasons:
            write_floors(folder, verdict.floors)
    return Verdict(reasons, verdict.figures, verdict.floors)


def rollback(models: str | Path | None = None, **who: Any) -> str:
    """Make the champion before this one the champion again, with the floors it left behind.

    Parameters and errors are those of :func:`directive_clf.versioning.rollback`.
    """
    version = versioning.rollback(models, **who)
    with versioning.locked(models) as folder:
        moves = registry.read_registry(folder).history
        kept = [m.get("floors") for m in moves if m["move"] == "promote" and m["to"] == version]
        if kept and kept[-1]:
            write_floors(folder, kept[-1])
    return version


def verify(
    models: str | Path | None = None, names: tuple[str, ...] = (), **options: Any
) -> list[str]:
    """Return everything that is wrong with a registry: its versions, its file, its floors.

    Parameters are those of :func:`directive_clf.versioning.verify`.
    """
    faults = versioning.verify(models, names, **options)
    if not names:
        try:
            read_floors(registry.models_folder(models))
        except ArtifactError as error:
            faults.append(str(error))
    return faults


def _champion(
    rival: str | None, folder: Path, candidate: Classifier
) -> tuple[Classifier | None, list[str]]:
    """Return the champion to compare with, and why there is none that could be."""
    if rival is None:
        return None, []
    try:
        champion = registry.load(rival, models=folder)
    except DirectiveClfError as error:
        return None, [f"the champion cannot be measured against: {error}"]
    if not set(champion.labels) & set(candidate.labels):
        return None, [
            f"{rival} has the labels {', '.join(champion.labels)}; {candidate.version} has"
            f" {', '.join(candidate.labels)}, and they have none in common: they cannot be compared"
        ]
    return champion, []


def _comparable(
    before: Answers, after: Answers, renamed: Mapping[str, str]
) -> tuple[Answers, Answers]:
    """Return two models' answers within the labels that both have; theirs where all are."""
    if before.labels == after.labels:
        return before, after
    theirs = {renamed.get(label, label) for label in before.labels}
    shared = tuple(label for label in after.labels if label in theirs)
    if shared == after.labels == tuple(renamed.get(label, label) for label in before.labels):
        return before.within(shared, renamed), after
    return before.within(shared, renamed), after.within(shared)


def _cases(
    carriers: Sequence[tuple[Path, tuple[str, ...]]],
    more: Sequence[str | Path],
    labels: tuple[str, ...],
) -> list[Case]:
    """Return every case that a carrier or a file holds, once: none is set aside by a new suite.

    A carrier comes with its labels; what names a label that the candidate lacks is left out.
    """
    files = [(folder / persistence.BEHAVIOUR, theirs) for folder, theirs in carriers]
    files = [(path, theirs) for path, theirs in files if path.exists()]
    found: dict[tuple[str, str, str | None], Case] = {}
    for path, known in (*files, *((Path(p), labels) for p in more)):
        for case in behaviour.of_labels(behaviour.read_cases(path, labels=known), labels):
            found.setdefault((case.kind, case.text, case.variant), case)
    return list(found.values())


def _losses(difference: Mapping[str, Any], champion: str) -> list[str]:
    reasons = []
    f1, error = difference["macro_f1"], difference["expected_calibration_error"]
    if f1["high"] is not None and f1["high"] < 0:
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


def _worse_behaviour(
    candidate: Classifier,
    champion: Classifier,
    cases: Sequence[Case],
    passed: Mapping[str, tuple[int, int]],
) -> list[str]:
    """Return a reason for each group of which a candidate passes less than chance explains."""
    shared = behaviour.of_labels(cases, champion.labels)
    if len(shared) < len(cases):  # what the champion has no label for is no loss
        passed = behaviour.shares(shared, behaviour.run_cases(candidate, shared))
    theirs = behaviour.shares(shared, behaviour.run_cases(champion, shared))
    return [
        f"behaviour: {group} passes {hits} of {n}, where {champion.version} passes"
        f" {theirs[group][0]}"
        for group, (hits, n) in passed.items()
        if hits / n < behaviour.wilson_low(*theirs[group])
    ]
