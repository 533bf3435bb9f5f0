"""Everything there is to say about how good a model is: figures, comparison, curve, report."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from . import persistence, registry
from ._version import __version__
from .classifier import Classifier
from .comparison import changes, compare
from .data import Paragraph, data_sha256, read_gold
from .evaluation import answers_of, evaluate
from .exceptions import DataError
from .files import open_whole
from .gazetteer import Gazetteer
from .labels import LABELS
from .mistakes import worst_mistakes
from .report import write_evaluation
from .training.pipeline import Parameters
from .training.validation import Bench, cross_validate, learning_curve, time_split

__all__ = ["COLUMNS", "assess", "assess_data", "read_gold_for", "write_assessment"]

COLUMNS = ("lang", "source", "register", "length", "hard")
"""What figures are broken down by, where the data has it."""


def assess(
    name: str | Path | None,
    gold: Sequence[Paragraph],
    *,
    models: str | Path | None = None,
    against: str | Path | None = None,
    by: Sequence[str] = COLUMNS,
    with_text: bool = True,
    resamples: int = 1000,
) -> dict[str, Any]:
    """Measure a model on labelled paragraphs, alone or against another.

    Parameters
    ----------
    name : str or path-like, optional
        Version, alias or folder; by default the champion.
    gold : sequence of Paragraph
    models : path-like, optional
        The registry.
    against : str or path-like, optional
        A second model.
    by : sequence of str
        See :func:`directive_clf.evaluation.evaluate`.
    with_text : bool
        Keep the texts of mistakes and changes. Without, the result can be shared where the texts
        cannot.
    resamples : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``title``, ``how``, ``date``, ``machine``, ``about``, ``gold``, ``resamples``, ``figures``,
        ``mistakes`` and, with a second model, ``against``; plain values that JSON can hold.
    """
    classifier = registry.load(name, models=models)
    _check(gold, classifier)
    if not with_text and "text" in by:
        raise DataError("a break-down by 'text' would hold the texts; leave it out of 'by'")
    answers = answers_of(classifier, gold)
    found = _frame(f"Evaluation of {classifier.version}", gold, resamples)
    found["how"] = "Nothing of the model was fitted on them, unless they are its training data."
    found["about"] |= _about(registry.resolve(name, models))
    found["figures"] = evaluate(answers, by=by, resamples=resamples)
    found["mistakes"] = worst_mistakes(classifier, answers)
    if against is not None:
        other = registry.load(against, models=models)
        # A label that the other does not have is one that it never gives.
        renamed = _manifest(name, models).get("taxonomy", {}).get("rename", {})
        before = answers_of(other, gold).within(classifier.labels, renamed)
        found["against"] = {
            "version": other.version,
            **compare(before, answers, resamples=resamples),
            "changes": changes(before, answers, other, classifier),
        }
    if not with_text:
        for row in (*found["mistakes"], *found.get("against", {}).get("changes", ())):
            del row["text"]
    return found


def assess_data(
    paragraphs: Sequence[Paragraph],
    gazetteer: Gazetteer,
    *,
    gold: Sequence[Paragraph] = (),
    cross_validated: bool = True,
    curve: bool = False,
    labels: tuple[str, ...] = LABELS,
    time_column: str | None = None,
    by: Sequence[str] = COLUMNS,
    parameters: Parameters = Parameters(),
    resamples: int = 1000,
    n_jobs: int = -1,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure what a training set is worth, by fits on parts of it.

    Parameters
    ----------
    paragraphs : sequence of Paragraph
        The training set.
    gazetteer : Gazetteer
    gold : sequence of Paragraph
        What the learning curve is measured on; by default a fifth of the training documents.
    cross_validated : bool
        Measure by cross-validation too, which keeps documents and near-duplicates together.
    curve : bool
        Measure a learning curve.
    labels : tuple of str
        The label set.
    time_column : str, optional
        Measure a time split by this column.
    by, parameters, resamples, n_jobs, progress
        See :func:`directive_clf.evaluation.evaluate` and
        :func:`directive_clf.training.validation.cross_validate`.

    Returns
    -------
    dict
        As :func:`assess` gives, with ``learning_curve`` and ``time_split`` where they were asked
        for. Without cross-validation it has these two alone.
    """
    if not paragraphs:
        raise DataError("no labelled paragraphs; expected a training set to measure")
    bench = Bench.of([*paragraphs, *gold], gazetteer, labels=labels, parameters=parameters)
    n = len(paragraphs)
    found: dict[str, Any] = {}
    inner = bench.take(np.arange(n)) if gold else bench
    if cross_validated:
        found = _frame("Cross-validation", paragraphs, resamples)
        found["how"] = (
            "Each was answered by a model that saw neither its document nor a near-duplicate of it."
        )
        found["about"] |= {"parameters": asdict(parameters)}
        answers = cross_validate(inner, n_jobs=n_jobs, progress=progress)
        found["figures"] = evaluate(answers, by=by, resamples=resamples)
        found["mistakes"] = []
    if curve:
        test = np.arange(n, n + len(gold)) if gold else None
        found["learning_curve"] = learning_curve(
            bench, test, n_jobs=n_jobs, resamples=resamples, progress=progress
        )
    if time_column is not None:
        found["time_split"] = time_split(inner, time_column, n_jobs=n_jobs, resamples=resamples)
    return found


def read_gold_for(
    name: str | Path | None, *paths: str | Path, models: str | Path | None = None
) -> list[Paragraph]:
    """Read labelled paragraphs to measure a model on; see :func:`directive_clf.data.read_gold`."""
    return read_gold(*paths, manifest=_manifest(name, models))


def _manifest(name: str | Path | None, models: str | Path | None) -> dict[str, Any]:
    return persistence.read_manifest(registry.resolve(name, models))


def write_assessment(found: dict[str, Any], folder: str | Path) -> list[Path]:
    """Write ``metrics.json`` and ``report.html`` to a folder, which is made; return their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    numbers, page = folder / "metrics.json", folder / "report.html"
    with open_whole(numbers) as out:
        out.write(json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n")
    write_evaluation(found, page)
    return [numbers, page]


def _check(gold: Sequence[Paragraph], classifier: Classifier) -> None:
    if not gold:
        raise DataError("no labelled paragraphs; expected one or more to measure on")
    unknown = {label for p in gold for label in p.labels} - set(classifier.labels)
    if unknown:
        raise DataError(
            f"{classifier.version} has no label {', '.join(sorted(unknown))}; it has"
            f" {', '.join(classifier.labels)}"
        )


def _frame(title: str, paragraphs: Sequence[Paragraph], resamples: int) -> dict[str, Any]:
    return {
        "title": title,
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "about": {"directive_clf": __version__},
        "gold": {
            "files": [],
            "sha256": data_sha256(paragraphs),
            "paragraphs": len(paragraphs),
        },
        "resamples": resamples,
    }


def _about(path: Path) -> dict[str, Any]:
    manifest = persistence.read_manifest(path)
    data = manifest.get("data", {})
    return {
        "version": manifest["version"],
        "SHA-256": manifest["sha256"],
        "trained on": f"{data.get('paragraphs')} paragraphs, SHA-256 {data.get('sha256')}",
        "code commit": manifest.get("code_commit"),
        "parameters": manifest.get("parameters"),
        "libraries": manifest.get("libraries"),
    }
