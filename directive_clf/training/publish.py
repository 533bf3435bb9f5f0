"""From data files to a model version in a registry."""

from __future__ import annotations

import platform
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import behaviour as behaviour_cases
from .. import drift, persistence, registry, versioning
from ..classifier import Classifier, choose_labels
from ..comparison import compare
from ..data import Paragraph, data_sha256, read_paragraphs, translated
from ..evaluation import Answers, answers_of, confusions, evaluate
from ..exceptions import DataError, ModelNotFoundError
from ..gazetteer import read_gazetteer
from ..labels import GUIDE_VERSION, OTHER, main_label
from ..taxonomy import Taxonomy, read_taxonomy
from .card import write_card
from .fitting import Fitted, Parameters, answer_held_out, fit, held_out_unknown
from .texts import (
    SHIPPED,
    TrainingText,
    shipped_behaviour,
    shipped_data,
    shipped_folder,
    shipped_gazetteer,
)

__all__ = ["shipped_behaviour", "shipped_data", "shipped_gazetteer", "train"]

GOLDEN_PER_KIND = 4
"""Golden paragraphs for each language and main label: 48 of them run in two milliseconds."""

RESAMPLES = 200
"""Of the bootstrap of cross-validated figures. Fifteen thousand paragraphs leave narrow intervals,
and a thousand resamples would take as long as the fit."""

_CHECKOUT = Path(__file__).parents[2]

CARD_PARTS = ("lang", "data", "source", "register")
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
    with_shipped: bool = False,
    weights: Mapping[str, float] = {},
    taxonomy: str | Path | None = None,
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
        Files of behaviour cases that the version shall carry. Those that name a label of the
        project which `taxonomy` drops are left out.
    with_shipped : bool
        Fit on the project's paragraphs too. Where one of them has the text or the id of one in
        `data`, that in `data` counts.
    weights : mapping of str to float
        How often each paragraph of a file counts, by the file's name without its ending, or the
        name of a folder; ``"shipped"`` for the project's. 1 where it is not named.
    taxonomy : path-like, optional
        A label set of one's own; see :mod:`directive_clf.taxonomy`. Every file may name labels as
        it calls them, or as the project does.
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
        The folder of the new version. Where it was fitted on paragraphs that are not the project's,
        its manifest says under ``metrics``, ``own`` what they changed: the new model, each
        paragraph held out, against the champion of the registry, or the shipped one.

    Raises
    ------
    DataError
        If a data file is faulty.
    TrainingError
        If the data cannot give a model, or `weights` names what is not there.
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
    label_set = read_taxonomy(taxonomy)
    texts = TrainingText.read(data, with_shipped, weights, label_set)
    paragraphs = texts.paragraphs
    measured_on = []
    if gold:
        measured_on = translated(read_paragraphs(*gold, labels=label_set.readable), label_set)
    if gold and not measured_on:
        raise DataError("no labelled paragraphs to measure on; leave --gold out", gold[0])
    behaviour_cases.read_cases(*behaviour, labels=label_set.readable)  # refused now, not after
    fitted = fit(
        paragraphs,
        read_gazetteer(*gazetteer),
        version=version or "",
        parameters=parameters,
        labels=label_set.labels,
        weights=texts.weights,
        corpora=texts.corpora,
        n_jobs=n_jobs,
        progress=progress,
    )
    facts = _facts(fitted, texts, measured_on, parameters, label_set)
    rows = np.array([i for i, corpus in enumerate(texts.corpora) if corpus != SHIPPED])
    rival = _champion(folder) if len(rows) else None
    if rival is not None:
        facts["metrics"]["own"] = _gain(fitted, paragraphs, rows, rival, label_set)
    has_text = shipped_folder().is_dir()
    facts["given"] = [
        name
        for name, is_given in (
            ("data", any(corpus != SHIPPED for corpus in texts.corpora)),
            ("with-shipped", with_shipped),
            *((f"weight {name}={weight:g}", True) for name, weight in sorted(weights.items())),
            ("taxonomy", taxonomy is not None),
            ("gazetteer", not _is_same(gazetteer, shipped_gazetteer() if has_text else [])),
            ("behaviour", not _is_same(behaviour, shipped_behaviour() if has_text else [])),
        )
        if is_given
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
                behaviour="".join(behaviour_cases.translated(_lines(behaviour), label_set)),
            )

        return versioning.add(folder, write, name, by=by)


def _is_same(paths: Sequence[str | Path], others: Sequence[Path]) -> bool:
    return [Path(path).resolve() for path in paths] == [path.resolve() for path in others]


def _champion(folder: Path) -> Classifier | None:
    """Return the champion of a registry; the shipped one where it has none."""
    for models in (folder, None):
        try:
            return registry.load(models=models)
        except ModelNotFoundError:
            continue
    return None


def _gain(
    fitted: Fitted,
    paragraphs: Sequence[Paragraph],
    rows: NDArray[np.intp],
    rival: Classifier,
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    """Compare the new model, each of some paragraphs held out, with a rival."""
    labels = fitted.classifier.labels
    probabilities, named = answer_held_out(
        fitted.scores, fitted.y_true, fitted.parts, labels, fitted.weights
    )
    after = Answers(paragraphs, named, probabilities, labels).take(rows)
    before = answers_of(rival, after.paragraphs).within(labels, taxonomy.renamed)
    return {
        "against": rival.version,
        "before": evaluate(before, by=(), resamples=RESAMPLES)["all"]["macro_f1"],
        "after": evaluate(after, by=(), resamples=RESAMPLES)["all"]["macro_f1"],
        **compare(before, after, resamples=RESAMPLES),
    }


def _lines(paths: Sequence[str | Path]) -> list[str]:
    """Return the lines of files that are not blank, each with its end."""
    texts = (Path(path).read_text(encoding="utf-8-sig") for path in paths)
    return [line + "\n" for text in texts for line in text.splitlines() if line.strip()]


def _facts(
    fitted: Fitted,
    texts: TrainingText,
    gold: Sequence[Paragraph],
    parameters: Parameters,
    taxonomy: Taxonomy,
) -> dict[str, Any]:
    classifier, paragraphs = fitted.classifier, texts.paragraphs
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
            "shipped": set(texts.corpora) == {SHIPPED},
            **({"files": texts.by_file} if texts.by_file else {}),
        },
        **({"taxonomy": taxonomy.to_dict()} if taxonomy.to_dict() else {}),
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
    facts["reference"] = drift.make_reference(
        [p.text for p in paragraphs],
        [p.lang for p in paragraphs],
        held_out.main_pred.tolist(),
        fitted.probabilities,
        held_out_unknown([p.text for p in paragraphs], fitted.parts, parameters.min_df),
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
