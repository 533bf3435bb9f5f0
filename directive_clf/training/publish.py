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

import numpy as np

from .. import drift, persistence, registry
from ..classifier import Classifier, choose_labels
from ..data import Paragraph, data_sha256, read_paragraphs
from ..evaluation import confusions, evaluate
from ..exceptions import TrainingError
from ..gazetteer import read_gazetteer
from ..labels import GUIDE_VERSION, OTHER, main_label
from .card import write_card
from .fitting import Fitted, Parameters, fit, folds, held_out_unknown

__all__ = ["shipped_data", "shipped_gazetteer", "train"]

GOLDEN_PER_KIND = 4
"""Golden paragraphs for each language and main label: 48 of them run in two milliseconds."""

_CHECKOUT = Path(__file__).parents[2]

LIBRARIES = ("numpy", "scipy", "scikit-learn")


def train(
    data: Sequence[str | Path],
    gazetteer: Sequence[str | Path],
    *,
    models: str | Path | None = None,
    version: str | None = None,
    gold: Sequence[str | Path] = (),
    parameters: Parameters = Parameters(),
    promote: bool = False,
    n_jobs: int = -1,
    progress: bool = False,
) -> Path:
    """Train a model and write it as a new version.

    Parameters
    ----------
    data : sequence of path-like
        Files and folders of labelled paragraphs; see :func:`directive_clf.read_paragraphs`.
    gazetteer : sequence of path-like
        Files ``class<TAB>phrase``; may be empty.
    models : path-like, optional
        The registry to write to.
    version : str, optional
        The name of the version; by default the next ``directive-N``.
    gold : sequence of path-like
        Labelled paragraphs to measure on. Nothing is fitted on them; their figures enter the
        manifest and the model card.
    parameters : Parameters
    promote : bool
        Make the new version the champion.
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
    version = registry.check_name(version or registry.next_version(models))
    path = registry.models_folder(models) / version
    if path.parent == registry.INSTALLED:
        raise TrainingError("the shipped models are not written to: name a registry with --models")
    persistence.check_free(path)
    # Sorted, so that the order of rows and files is nothing that a model depends on.
    paragraphs = sorted(read_paragraphs(*data), key=lambda p: p.id)
    measured_on = read_paragraphs(*gold) if gold else []
    fitted = fit(
        paragraphs,
        read_gazetteer(*gazetteer),
        version=version,
        parameters=parameters,
        n_jobs=n_jobs,
        progress=progress,
    )
    facts = _facts(fitted, paragraphs, measured_on, parameters)
    facts["data"]["shipped"] = list(map(Path, data)) == [_CHECKOUT / "training_data"]
    persistence.save(
        fitted.classifier,
        path,
        golden=_golden(paragraphs),
        card=write_card(version, facts),
        facts=facts,
    )
    if promote:
        registry.promote(version, models)
    return path


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


def _facts(
    fitted: Fitted,
    paragraphs: Sequence[Paragraph],
    gold: Sequence[Paragraph],
    parameters: Parameters,
) -> dict[str, Any]:
    classifier = fitted.classifier
    named = choose_labels(fitted.probabilities, classifier.thresholds_, classifier.labels)
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
            "cross_validation": evaluate(
                paragraphs, named, fitted.probabilities, classifier.labels
            ),
            "confusions": confusions(paragraphs, named)[:8],
            "confusions_with_other": _share_with_other(paragraphs, named),
        },
    }
    main = list(map(main_label, named))
    _, parts = folds(paragraphs, parameters.n_folds)
    facts["reference"] = drift.make_reference(
        [p.text for p in paragraphs],
        [p.lang for p in paragraphs],
        main,
        fitted.probabilities,
        held_out_unknown([p.text for p in paragraphs], parts, parameters.min_df),
        [guess == main_label(p.labels) for p, guess in zip(paragraphs, main, strict=True)],
        [p.register or "" for p in paragraphs],
        classifier.labels,
    )
    if gold:
        facts["metrics"]["gold"] = _measure(classifier, gold)
        facts["gold"] = {"sha256": data_sha256(gold), "paragraphs": len(gold)}
    return facts


def _measure(classifier: Classifier, gold: Sequence[Paragraph]) -> dict[str, Any]:
    predictions = classifier.classify_many(p.text for p in gold)
    probabilities = np.array([[*prediction.probabilities.values()] for prediction in predictions])
    named = [prediction.labels for prediction in predictions]
    return evaluate(gold, named, probabilities, classifier.labels)


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


def _share_with_other(
    paragraphs: Sequence[Paragraph], named: Sequence[tuple[str, ...]]
) -> float | None:
    """Return the share of the mistakes in which ``other`` is the truth or the answer."""
    wrong = confusions(paragraphs, named)
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
