"""From data files to a model version in a registry."""

from __future__ import annotations

import platform
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import behaviour as behaviour_cases
from .. import drift, persistence, registry, versioning
from ..classifier import choose_labels
from ..data import Paragraph, data_sha256, read_paragraphs
from ..evaluation import Answers, answers_of, confusions, evaluate
from ..exceptions import DataError, ModelNotFoundError, TrainingError
from ..gazetteer import read_gazetteer
from ..labels import GUIDE_VERSION, OTHER, main_label
from .card import write_card
from .fitting import Fitted, Parameters, fit, folds, held_out_unknown

__all__ = ["shipped_behaviour", "shipped_data", "shipped_gazetteer", "train"]

GOLDEN_PER_KIND = 4
"""Golden paragraphs for each language and main label: 48 of them run in two milliseconds."""

RESAMPLES = 200
"""Of the bootstrap of cross-validated figures. Fifteen thousand paragraphs leave narrow intervals,
and a thousand resamples would take as long as the fit."""

_CHECKOUT = Path(__file__).parents[2]

CARD_PARTS = ("lang", "source", "register")
"""Columns by which the figures of a model card are broken down, where the data has them."""

LIBRARIES = ("numpy", "scipy", "scikit-learn")


def train(
    data: Sequence[str | Path],
    gazetteer: Sequence[str | Path],
    *,
    models: str | Path | None = None,
    version: str | None = None,
    gold: Sequence[str | Path] = (),
    behaviour: Sequence[str | Path] = (),
    parameters: Parameters = Parameters(),
    by: str | None = None,
    n_jobs: int = -1,
    progress: bool = False,
) -> Path:
    """Train a model and write it as a new version, beside the others.

    Nothing is written before the fit is done; then the registry's lock is held while the folder
    appears, whole, under its name. :func:`directive_clf.gate.promote` puts it in service.

    Parameters
    ----------
    data : sequence of path-like
        Files and folders of labelled paragraphs; see :func:`directive_clf.read_paragraphs`.
    gazetteer : sequence of path-like
        Files ``class<TAB>phrase``; may be empty.
    models : path-like, optional
        The registry to write to.
    version : str, optional
        The name of the version; by default the next ``directive-N`` that is free when the fit is
        done.
    gold : sequence of path-like
        Labelled paragraphs to measure on. Nothing is fitted on them; their figures enter the
        manifest and the model card.
    behaviour : sequence of path-like
        Files of behaviour cases that the version shall carry.
    parameters : Parameters
    by : str, optional
        Who trains, for the registry's records; by default the user of the system.
    n_jobs : int
        Processes for cross-validation.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    Path
        The folder of the new version.

    Raises
    ------
    DataError
        If a data file is faulty.
    TrainingError
        If the data cannot give a model.
    ArtifactError
        If the version exists.
    ModelNotFoundError
        If `version` cannot name one.
    """
    folder = versioning.writable_folder(models)
    if version is not None:
        persistence.check_free(folder / registry.check_name(version))
        if version in registry.read_registry(folder).aliases:
            raise ModelNotFoundError(f"{version!r} is an alias in {folder}; take another name")
    # Sorted, so that the order of rows and files is nothing that a model depends on.
    paragraphs = sorted(read_paragraphs(*data), key=lambda p: p.id)
    measured_on = read_paragraphs(*gold) if gold else []
    if gold and not measured_on:
        raise DataError("no labelled paragraphs to measure on; leave --gold out", gold[0])
    behaviour_cases.read_cases(*behaviour)  # refused now, and not after the fit
    fitted = fit(
        paragraphs,
        read_gazetteer(*gazetteer),
        version=version or "",
        parameters=parameters,
        n_jobs=n_jobs,
        progress=progress,
    )
    facts = _facts(fitted, paragraphs, measured_on, parameters)
    shipped = [_CHECKOUT / "training_data"]
    facts["data"]["shipped"] = [Path(path).resolve() for path in data] == shipped
    facts["given"] = [
        name
        for name, paths, ours in (
            ("data", data, shipped),
            ("gazetteer", gazetteer, shipped_gazetteer() if shipped[0].is_dir() else []),
            ("behaviour", behaviour, shipped_behaviour() if shipped[0].is_dir() else []),
        )
        if [Path(path).resolve() for path in paths] != ours
    ]
    with versioning.locked(models) as folder:
        name = version or registry.next_version(folder)
        fitted.classifier.version = name

        def write(path: Path) -> None:
            persistence.save(
                fitted.classifier,
                path,
                golden=_golden(paragraphs),
                card=write_card(name, facts),
                facts=facts,
                behaviour="".join(_lines(behaviour)),
            )

        return versioning.add(folder, write, name, by=by)


def shipped_data() -> list[Path]:
    """Return the training data of this checkout; an installed package has none."""
    folder = _CHECKOUT / "training_data"
    if not folder.is_dir():
        raise TrainingError("the installed package has no training data: name yours with --data")
    return [folder]


def shipped_gazetteer() -> list[Path]:
    """Return the gazetteer of this checkout; an installed package has that of its model."""
    folder = _CHECKOUT / "training_data" / "gazetteer"
    return sorted(folder.glob("*.tsv")) or [registry.resolve() / "gazetteer.tsv"]


def shipped_behaviour() -> list[Path]:
    """Return the behaviour cases of this checkout; an installed package has those of its model."""
    folder = _CHECKOUT / "training_data" / "behaviour"
    found = sorted(folder.glob("*.jsonl"))
    return found or [p for p in [registry.resolve() / persistence.BEHAVIOUR] if p.exists()]


def _lines(paths: Sequence[str | Path]) -> list[str]:
    """Return the lines of files that are not blank, each with its end."""
    texts = (Path(path).read_text(encoding="utf-8-sig") for path in paths)
    return [line + "\n" for text in texts for line in text.splitlines() if line.strip()]


def _facts(
    fitted: Fitted,
    paragraphs: Sequence[Paragraph],
    gold: Sequence[Paragraph],
    parameters: Parameters,
) -> dict[str, Any]:
    classifier = fitted.classifier
    named = choose_labels(fitted.probabilities, classifier.thresholds_, classifier.labels)
    held_out = Answers(paragraphs, named, fitted.probabilities, classifier.labels)
    facts: dict[str, Any] = {
        "guide_version": GUIDE_VERSION,
        "data": {
            "sha256": data_sha256(paragraphs),
            "paragraphs": len(paragraphs),
            "by_language": _counts(p.lang for p in paragraphs),
            "by_main_label": _counts(main_label(p.labels) for p in paragraphs),
            "by_register": _counts(p.register or "unnamed" for p in paragraphs),
            "with_several_labels": sum(len(p.labels) > 1 for p in paragraphs),
        },
        "parameters": asdict(parameters),
        "terms": len(classifier.model.vocabulary),
        "gazetteer_phrases": len(classifier.model.gazetteer),
        "code_commit": _code_commit(),
        "libraries": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in LIBRARIES},
        },
        "thresholds": {
            label: round(float(t), 4)
            for label, t in zip(classifier.labels, classifier.thresholds_, strict=True)
        },
        "metrics": {
            "left_out": fitted.fold_kind,
            "cross_validation": evaluate(held_out, by=CARD_PARTS, resamples=RESAMPLES),
            "confusions": confusions(held_out)[:8],
            "confusions_with_other": _share_with_other(held_out),
        },
    }
    _, parts = folds(paragraphs, parameters.n_folds)
    facts["reference"] = drift.make_reference(
        [p.text for p in paragraphs],
        [p.lang for p in paragraphs],
        held_out.main_pred.tolist(),
        fitted.probabilities,
        held_out_unknown([p.text for p in paragraphs], parts, parameters.min_df),
        (held_out.main_true == held_out.main_pred).tolist(),
        [p.register or "" for p in paragraphs],
        classifier.labels,
    )
    if gold:
        facts["metrics"]["gold"] = evaluate(answers_of(classifier, gold), by=CARD_PARTS)
        facts["gold"] = {"sha256": data_sha256(gold), "paragraphs": len(gold)}
    return facts


def _golden(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Choose golden texts: the first few of each language and main label."""
    taken: Counter[tuple[str, str]] = Counter()
    texts = []
    for p in paragraphs:
        kind = (p.lang, main_label(p.labels))
        if taken[kind] < GOLDEN_PER_KIND:
            taken[kind] += 1
            texts.append(p.text)
    return texts


def _share_with_other(answers: Answers) -> float | None:
    """Return the share of the mistakes in which ``other`` is the truth or the answer."""
    wrong = confusions(answers)
    total = sum(n for _, _, n in wrong)
    return round(sum(n for *pair, n in wrong if OTHER in pair) / total, 4) if total else None


def _counts(values: Any) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _code_commit() -> str | None:
    """Return the commit the code stands at, ``-dirty`` where it was changed; None outside git."""

    def git(*args: str) -> str:
        command = ["git", "-C", str(_CHECKOUT), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    try:
        # An installed package may lie inside the checkout of another project.
        if Path(git("rev-parse", "--show-toplevel")) != _CHECKOUT:
            return None
        commit = git("rev-parse", "HEAD")
        changed = git("status", "--porcelain", "--", "directive_clf", "training_data")
        return commit + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None
