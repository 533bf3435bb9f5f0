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
"""

from __future__ import annotations

import hashlib
import io
import json
import operator
import shutil
import tokenize
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ._version import ARTIFACT_FORMAT, __version__
from .calibration import Calibration
from .classifier import Classifier
from .exceptions import ArtifactError
from .files import beside
from .gazetteer import Gazetteer
from .model import LinearModel

__all__ = ["check_free", "load", "read_manifest", "save"]

MANIFEST = "manifest.json"
FILES = ("arrays.npz", "vocabulary.txt", "gazetteer.tsv", "golden.jsonl", "MODEL_CARD.md")

GOLDEN_TOLERANCE = 1e-6
"""How far a score may stand from its golden value: room for another processor's rounding."""

# What numpy, zipfile and json raise on malformed input, and what its values then provoke here.
_MALFORMED = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RecursionError,
    MemoryError,
    zipfile.BadZipFile,
    tokenize.TokenError,
)

_REMEDY = "get the folder anew (reinstall the package, or train again); do not use this copy"


def save(
    classifier: Classifier,
    path: str | Path,
    *,
    golden: list[str],
    card: str,
    facts: Mapping[str, Any],
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
        part.rename(path)
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
    with _naming(place):
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
    with _naming(place):
        if manifest.get("sha256") != _manifest_sha256(manifest):
            raise ValueError("its content does not match its own SHA-256")
        _check_manifest(manifest)
    return manifest


def load(path: str | Path) -> Classifier:
    """Load a model folder: hashes and format are checked, golden predictions are run.

    Raises
    ------
    ArtifactError
        If a file is missing, truncated or edited, the format is newer than this version of the
        package, or a golden prediction is not reproduced. There is no fallback.
    """
    path = Path(path)
    manifest = read_manifest(path)
    contents = {name: _read(path / name) for name in FILES}
    for name, content in contents.items():
        if _sha256(content) != manifest["files"].get(name):
            raise ArtifactError(
                f"{path / name}: its content ({len(content)} bytes) does not match the SHA-256 in"
                f" {MANIFEST}: the file was truncated or edited; {_REMEDY}"
            )
    with _naming(path / "vocabulary.txt"):
        vocabulary = contents["vocabulary.txt"].decode().split("\n")
        if not vocabulary[0] or not all(map(operator.lt, vocabulary, vocabulary[1:])):
            raise ValueError("terms must stand in order, each once, and none can be empty")
    with _naming(path / "arrays.npz"):
        arrays = _read_arrays(contents["arrays.npz"])
        _check_arrays(arrays, len(vocabulary), len(manifest["labels"]))
    with _naming(path / "gazetteer.tsv"):
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
    with _naming(path / "golden.jsonl"):
        _check_golden(classifier, contents["golden.jsonl"].decode())
    return classifier


@contextmanager
def _naming(place: Path) -> Iterator[None]:
    """Turn whatever a malformed file provokes into an error that names it."""
    try:
        yield
    except _MALFORMED as error:
        reason = str(error) or type(error).__name__
        raise ArtifactError(f"{place}: {reason}; {_REMEDY}") from None


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    """Raise ValueError if a value that loading relies on is missing or of another type."""
    labels = manifest["labels"]
    if not isinstance(labels, list) or not labels or len(set(labels)) < len(labels):
        raise ValueError(f"labels are {labels!r}; expected a list of distinct names")
    if not all(isinstance(label, str) and label for label in labels):
        raise ValueError(f"labels are {labels!r}; expected names")
    if type(manifest["power"]) not in (int, float) or not 0 <= manifest["power"] <= 1:
        raise ValueError(f"power is {manifest['power']!r}; expected a number from 0 to 1")
    if not isinstance(manifest["version"], str) or not manifest["version"]:
        raise ValueError(f"version is {manifest['version']!r}; expected a name")
    if not isinstance(manifest["files"], dict):
        raise ValueError(f"files are {manifest['files']!r}; expected an object")


def _check_arrays(arrays: Mapping[str, Any], n_terms: int, n_labels: int) -> None:
    """Raise ValueError if an array is not what the vocabulary and the labels ask for."""
    shapes = {"weights": (n_terms,), "coef": (n_terms, n_labels)}
    shapes |= dict.fromkeys(("intercept", "slope", "offset", "thresholds"), (n_labels,))
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"{name} has shape {array.shape}; expected {shape}, of finite numbers")
    if not (arrays["weights"] > 0).all():
        raise ValueError("weights must be above zero")


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
    scores = classifier.decision_function(texts).tolist()
    return "".join(
        json.dumps(
            {"text": text, "scores": row, "labels": list(prediction.labels)}, ensure_ascii=False
        )
        + "\n"
        for text, row, prediction in zip(
            texts, scores, classifier.classify_many(texts), strict=True
        )
    )


def _check_golden(classifier: Classifier, content: str) -> None:
    """Raise ValueError at the first golden prediction that is not reproduced."""
    golden = [json.loads(line) for line in content.split("\n") if line]
    if not golden:
        raise ValueError("no golden prediction: nothing shows that the model is what it was")
    texts = [row["text"] for row in golden]
    scores = classifier.decision_function(texts)
    predictions = classifier.classify_many(texts)
    for line, (row, score, prediction) in enumerate(
        zip(golden, scores, predictions, strict=True), 1
    ):
        gap = float(np.abs(score - row["scores"]).max())
        if not gap <= GOLDEN_TOLERANCE or list(prediction.labels) != row["labels"]:
            raise ValueError(
                f"line {line}: the model gives {list(prediction.labels)} (scores off by {gap:.2g})"
                f" where {row['labels']} was kept: the model was changed, or directive_clf"
                f" {__version__} reads text otherwise than the version that trained it"
            )


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise ArtifactError(f"{place}: {reason}; a model is a whole folder; {_REMEDY}") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _manifest_sha256(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != "sha256"}
    return _sha256(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode())
