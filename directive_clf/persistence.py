"""One model version as a folder: nothing in it can run code, and nothing in it can change unseen.

``manifest.json``
    What the model is and where it comes from, the SHA-256 of every other file, and its own.
``arrays.npz``
    The numbers, read without pickle.
``vocabulary.txt``
    A term a line, in the order of the arrays' rows.
``gazetteer.tsv``
    ``class<TAB>phrase``, the tokens of a phrase with a space between.
``golden.jsonl``
    Paragraphs with the scores and labels that the model gave them when it was trained.
``MODEL_CARD.md``
    What the model is for, how good it is, where it fails.
``behaviour.jsonl``
    The behaviour cases it is held to, where it has any.
"""

from __future__ import annotations

import hashlib
import io
import json
import operator
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ._version import ARTIFACT_FORMAT, __version__
from .calibration import Calibration
from .classifier import Classifier
from .exceptions import ArtifactError
from .files import beside, sync
from .gazetteer import Gazetteer
from .integrity import REMEDY, check_arrays, check_golden, check_manifest, naming
from .model import LinearModel

__all__ = ["BEHAVIOUR", "MANIFEST", "check_free", "find_faults", "load", "read_manifest", "save"]

MANIFEST = "manifest.json"
FILES = ("arrays.npz", "vocabulary.txt", "gazetteer.tsv", "golden.jsonl", "MODEL_CARD.md")
BEHAVIOUR = "behaviour.jsonl"


def save(
    classifier: Classifier,
    path: str | Path,
    *,
    golden: list[str],
    card: str,
    facts: Mapping[str, Any],
    behaviour: str = "",
) -> None:
    """Write a model folder, whole or not at all.

    Parameters
    ----------
    classifier : Classifier
    path : path-like
        The folder to make; it must not exist.
    golden : list of str
        Texts whose scores and labels are kept, and must be reproduced at every load.
    card : str
        The model card, in Markdown.
    facts : mapping
        What else the manifest shall say (data, parameters, metrics, versions); JSON values.
    behaviour : str
        The lines of its behaviour cases; none where it has no cases.

    Raises
    ------
    ArtifactError
        If `path` exists: a version is never changed.
    """
    path = Path(path)
    check_free(path)
    files = {
        "arrays.npz": _arrays(classifier),
        "vocabulary.txt": "\n".join(classifier.model.vocabulary).encode(),
        "gazetteer.tsv": _gazetteer(classifier.model.gazetteer).encode(),
        # A lone surrogate is written as its escape, which reads back as the same.
        "golden.jsonl": _golden(classifier, golden).encode("utf-8", "backslashreplace"),
        "MODEL_CARD.md": card.encode(),
    }
    if behaviour:
        files[BEHAVIOUR] = behaviour.encode()
    manifest = {
        **facts,
        "format": ARTIFACT_FORMAT,
        "version": classifier.version,
        "labels": list(classifier.labels),
        "power": classifier.model.power,
        "package": __version__,
        "files": {name: _sha256(content) for name, content in files.items()},
    }
    manifest["sha256"] = _manifest_sha256(manifest)
    files[MANIFEST] = (
        json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    ).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = beside(path)
    part.mkdir()
    try:
        for name, content in files.items():
            (part / name).write_bytes(content)
            sync(part / name)
        sync(part)
        part.rename(path)
        sync(path.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def check_free(path: str | Path) -> None:
    """Raise :class:`ArtifactError` if `path` exists: a version is never changed."""
    if Path(path).exists():
        raise ArtifactError(f"{path}: exists already; a version is never changed: name another")


def read_manifest(path: str | Path) -> dict[str, Any]:
    """Read and check the manifest of a model folder, and nothing else of it.

    Raises
    ------
    ArtifactError
        If it is missing, not JSON, edited, or of a format that this version does not read.
    """
    place = Path(path) / MANIFEST
    with naming(place):
        manifest = json.loads(_read(place))
        if not isinstance(manifest, dict) or type(manifest.get("format")) is not int:
            raise ValueError(f"no format number; expected {ARTIFACT_FORMAT}")
    found = manifest["format"]
    if found > ARTIFACT_FORMAT:
        raise ArtifactError(
            f"{place}: format {found} is newer than {ARTIFACT_FORMAT}, the newest that"
            f" directive_clf {__version__} reads; upgrade the package"
        )
    if found != ARTIFACT_FORMAT:
        raise ArtifactError(f"{place}: format {found} is not read; expected {ARTIFACT_FORMAT}")
    with naming(place):
        if manifest.get("sha256") != _manifest_sha256(manifest):
            raise ValueError("its content does not match its own SHA-256")
        check_manifest(manifest)
    return manifest


def load(path: str | Path, *, sha256: str | None = None) -> Classifier:
    """Load a model folder: hashes and format are checked, golden predictions are run.

    Parameters
    ----------
    path : path-like
    sha256 : str, optional
        What the manifest's own SHA-256 must be, where somebody recorded it.

    Raises
    ------
    ArtifactError
        If a file is missing, truncated or edited, the format is newer than this version of the
        package, or a golden prediction is not reproduced. There is no fallback.
    """
    path = Path(path)
    manifest = read_manifest(path)
    if sha256 not in (None, manifest["sha256"]):
        raise ArtifactError(
            f"{path / MANIFEST}: not the model that the registry recorded (SHA-256 {sha256:.12}…,"
            f" found {manifest['sha256']:.12}…): the folder was replaced or edited; {REMEDY}"
        )
    contents = {name: _read_checked(path, name, manifest) for name in _listed(manifest)}
    with naming(path / "vocabulary.txt"):
        vocabulary = contents["vocabulary.txt"].decode().split("\n")
        if not vocabulary[0] or not all(map(operator.lt, vocabulary, vocabulary[1:])):
            raise ValueError("terms must stand in order, each once, and none can be empty")
    with naming(path / "arrays.npz"):
        arrays = _read_arrays(contents["arrays.npz"])
        check_arrays(arrays, len(vocabulary), len(manifest["labels"]))
    with naming(path / "gazetteer.tsv"):
        gazetteer = _read_gazetteer(contents["gazetteer.tsv"].decode())
    model = LinearModel(
        vocabulary,
        arrays["weights"],
        arrays["coef"],
        arrays["intercept"],
        manifest["power"],
        gazetteer,
    )
    classifier = Classifier(
        model,
        Calibration(arrays["slope"], arrays["offset"]),
        arrays["thresholds"],
        manifest["labels"],
        manifest["version"],
    )
    with naming(path / "golden.jsonl"):
        check_golden(classifier, contents["golden.jsonl"].decode())
    return classifier


def find_faults(path: str | Path, *, sha256: str | None = None) -> list[str]:
    """Return everything that is wrong with a model folder, a line a fault; none if it loads.

    Every file is hashed, whatever the others are like, and files that the manifest does not list
    are named; then the model is loaded, which runs its golden predictions.
    """
    path = Path(path)
    try:
        manifest = read_manifest(path)
    except ArtifactError as error:
        return [str(error)]
    faults = []
    for name in _listed(manifest):
        try:
            _read_checked(path, name, manifest)
        except ArtifactError as error:
            faults.append(str(error))
    known = {MANIFEST, *_listed(manifest)}
    for found in sorted(p.name for p in path.iterdir() if p.name not in known):
        faults.append(f"{path / found}: not part of the model; remove it")
    if not faults:
        try:
            load(path, sha256=sha256)
        except ArtifactError as error:
            faults.append(str(error))
    return faults


def _listed(manifest: Mapping[str, Any]) -> list[str]:
    """Return the files of a model: those that every one has, and the cases where it has some."""
    return [*FILES, *({BEHAVIOUR} & set(manifest["files"]))]


def _read_checked(path: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    content = _read(path / name)
    if _sha256(content) != manifest["files"].get(name):
        raise ArtifactError(
            f"{path / name}: its content ({len(content)} bytes) does not match the SHA-256 in"
            f" {MANIFEST}: the file was truncated or edited; {REMEDY}"
        )
    return content


def _arrays(classifier: Classifier) -> bytes:
    model, calibration = classifier.model, classifier.calibration
    buffer = io.BytesIO()
    # Uncompressed, and numpy stamps every member with one fixed date: same numbers, same bytes.
    np.savez(
        buffer,
        weights=model.weights,
        coef=model.coef,
        intercept=model.intercept,
        slope=calibration.slope,
        offset=calibration.offset,
        thresholds=classifier.thresholds_,
    )
    return buffer.getvalue()


def _read_arrays(content: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _gazetteer(gazetteer: Gazetteer) -> str:
    return "\n".join(f"{kind}\t{phrase}" for phrase, kind in gazetteer.phrases.items())


def _read_gazetteer(content: str) -> Gazetteer:
    entries = (line.partition("\t") for line in content.split("\n") if line)
    return Gazetteer((phrase, kind) for kind, _, phrase in entries)


def _golden(classifier: Classifier, texts: list[str]) -> str:
    predictions, scores = classifier.classify_scored(texts)
    return "".join(
        json.dumps(
            {"text": text, "scores": row, "labels": list(prediction.labels)}, ensure_ascii=False
        )
        + "\n"
        for text, row, prediction in zip(texts, scores.tolist(), predictions, strict=True)
    )


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ArtifactError(f"{place}: {reason}; a model is a whole folder; {REMEDY}") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _manifest_sha256(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return _sha256(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode())
