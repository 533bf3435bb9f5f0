"""Files in, files out: a pile of articles of any size to one table of labelled paragraphs.

Reading, scoring and writing are a stream of chunks: memory holds a few of them, whatever the size
of the pile. With several processes chunks are scored in them and come back in order.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple

from . import _version, drift, persistence
from .batch import ANSWERED, FAILED, Scorer, model_folder, shared_scorer
from .classifier import Classifier
from .exceptions import DataError
from .files import open_whole
from .labels import BOILERPLATE
from .parallel import iter_mapped
from .reading import Chunk, Reading, iter_chunks
from .shaping import FIRST, Shape, columns_of, iter_rows, kinds_of, to_lines
from .sources import Source, find_sources
from .spool import Spool
from .tally import Summary, Total, peak_memory
from .writing import (
    check_suffix,
    document_columns,
    iter_documents,
    iter_lines,
    write_rows,
)

__all__ = ["iter_scored", "score_files"]

COMMIT_SECONDS = 2.0
"""How much work a kill can cost; putting lines on the disk takes some milliseconds."""


class _Task(NamedTuple):
    """How a process scores a chunk; it finds the model by its folder."""

    folder: str
    shape: Shape
    with_drift: bool


class _Scored(NamedTuple):
    """What comes back of a chunk."""

    lines: bytes
    failures: bytes
    tally: dict[str, Any]
    hashes: list[str]
    place: tuple[int, int]
    n_bytes: int
    peak_memory: int | None


def score_files(
    inputs: str | Path | Iterable[str | Path],
    output: str | Path,
    *,
    model: str | os.PathLike[str] | None = None,
    models: str | Path | None = None,
    jobs: int = 1,
    resume: bool = False,
    progress: bool = False,
    drift_report: str | Path | None = None,
    stdin_as: str = "",
    escape_formulas: bool = True,
    byte_order_mark: bool = False,
    commit_seconds: float = COMMIT_SECONDS,
    **options: Any,
) -> Summary:
    """Score a pile of articles and tables, and write a row a paragraph.

    Parameters
    ----------
    inputs : path-like, or iterable of them
        Files, folders, patterns, and ``-`` for standard input; see
        :func:`directive_clf.sources.find_sources` for what is read.
    output : path-like
        Ends in ``.jsonl``, ``.csv``, ``.tsv`` or ``.parquet``. It appears when it is whole. What
        could not be scored is listed beside it, in ``NAME.quarantine.jsonl``.
    model, models
        As in :func:`directive_clf.load`.
    jobs : int
        Processes; -1 for all cores. The output does not depend on it.
    resume : bool
        Go on where a run of the same inputs, options and model was stopped; begin where none was.
        The finished output is that of a run that was not.
    progress : bool
        Show a bar on stderr.
    drift_report : path-like, optional
        Write there, as JSON, how the batch compares with what the model was trained on.
    stdin_as : str
        A kind of :data:`directive_clf.sources.KINDS` for standard input.
    escape_formulas, byte_order_mark : bool
        For CSV; see :func:`directive_clf.writing.write_rows`.
    commit_seconds : float
        How often what is done is put on the disk for `resume`.
    **options
        The fields of :class:`directive_clf.reading.Reading` (``text``, ``split``, ``furniture``,
        …) and of :class:`directive_clf.shaping.Shape` (``long``, ``only``, ``per_document``, …).

    Returns
    -------
    Summary

    Raises
    ------
    DataError
        Before anything is scored: an input is none, an option does not fit another, the output
        cannot be one, or the run to be resumed was another. A file that cannot be read is a row.
    OSError
        If the output cannot be written. What was done is kept for `resume`.
    """
    began = time.perf_counter()
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    reading, shape = _split_options(options)
    path = Path(output)
    folder = model_folder(model, models)
    manifest = persistence.read_manifest(folder)
    labels = tuple(manifest["labels"])
    _check_shape(shape, labels)
    reference = manifest.get("reference")
    if drift_report is not None and reference is None:
        raise DataError(
            f"the model {manifest['version']} keeps no reference of its training, so drift cannot"
            " be told; train a newer one"
        )
    is_stdin = any(str(one) == "-" for one in given)
    if is_stdin and resume:
        raise DataError("standard input cannot be read again; give a file to resume", path)
    is_device = path.exists() and not path.is_file()
    suffix = ".jsonl" if is_device else check_suffix(path)
    n_bytes, fingerprint = _survey(given, stdin_as)
    task = _Task(folder, shape, reference is not None)
    if is_device:
        spool = None
        start = (0, 0)
        total = Total()
    else:
        written = {
            "format": suffix,
            "stdin_as": stdin_as,
            "escape_formulas": escape_formulas,
            "byte_order_mark": byte_order_mark,
        }
        key = {
            **{
                f"option {name}": repr(value)
                for name, value in (asdict(reading) | asdict(shape) | written).items()
            },
            "model": f"{manifest['version']} {manifest['sha256']}",
            "version of the package": _version.__version__,
            "set of inputs": fingerprint,
        }
        spool = Spool(path.resolve(), key, resume)
        total = Total.of(spool.state)
        place = spool.state.get("place", [0, 0])
        start = place[0], place[1]
    sources = find_sources(given, stdin_as)
    if spool is None:
        with open_whole(path) as out:
            for scored in _iter_results(sources, reading, task, jobs, start, n_bytes, progress):
                total.take(scored.tally, scored.hashes, scored.peak_memory)
                out.write(scored.lines.decode())
    else:
        with spool, _naming(path, spool):
            if not spool.is_complete:
                latest = time.monotonic()
                for scored in _iter_results(sources, reading, task, jobs, start, n_bytes, progress):
                    total.take(scored.tally, scored.hashes, scored.peak_memory)
                    spool.append(scored.lines, scored.failures)
                    if time.monotonic() - latest >= commit_seconds:
                        spool.commit(total.state(scored.place))
                        latest = time.monotonic()
                spool.commit(total.state((0, 0)), is_complete=True)
            source = spool.lines
            if (suffix != ".jsonl" or shape.per_document) and source.exists():
                lines = iter_lines(source)
                if shape.per_document:
                    renamed = manifest.get("taxonomy", {}).get("rename", {})
                    furniture = renamed.get(BOILERPLATE, BOILERPLATE)
                    lines = iter_documents(lines, labels, furniture)
                    columns = document_columns(labels, furniture)
                else:
                    carried = [name for name in total.kinds if name not in FIRST]
                    columns = columns_of(labels, shape, carried)
                write_rows(
                    lines, spool.final, suffix, columns, total.kinds,
                    escape_formulas=escape_formulas, byte_order_mark=byte_order_mark,
                )  # fmt: skip
                source = spool.final
            spool.publish(source)
    summary = total.summary(labels, reference, time.perf_counter() - began)
    if drift_report is not None:
        with open_whole(drift_report) as out:
            out.write(json.dumps(summary.drift, ensure_ascii=False, indent=1) + "\n")
    return summary


def iter_scored(
    classifier: Classifier,
    inputs: Iterable[str | Path],
    *,
    stdin_as: str = "",
    **options: Any,
) -> Iterator[dict[str, Any]]:
    """Score files and yield a row a paragraph, in order, with its text.

    Parameters
    ----------
    classifier : Classifier
    inputs : iterable of path-like
    stdin_as : str
    **options
        As those of :func:`score_files`.

    Yields
    ------
    dict
        The columns of :func:`directive_clf.shaping.columns_of`.
    """
    reading, shape = _split_options({"with_text": True, **options})
    _check_shape(shape, classifier.labels)
    _survey(given := list(inputs), stdin_as)
    scorer = Scorer(classifier, shape.explain)
    for chunk in iter_chunks(find_sources(given, stdin_as), reading):
        yield from iter_rows(scorer.score(chunk.table), classifier.labels, shape)


@contextlib.contextmanager
def _naming(path: Path, spool: Spool) -> Iterator[None]:
    """Tell of a fault of the disk which output it hit, and how to go on."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if spool.state:
            reason += "; what was done is kept: go on with --resume"
        raise OSError(error.errno, reason, str(path)) from error


def _split_options(options: dict[str, Any]) -> tuple[Reading, Shape]:
    """Sort options into how files are read and what is written."""
    of_reading, of_shape = ({f.name for f in fields(kind)} for kind in (Reading, Shape))
    unknown = options.keys() - of_reading - of_shape
    if unknown:
        known = ", ".join(sorted(of_reading | of_shape))
        raise TypeError(f"no option {sorted(unknown)[0]!r}; there are {known}")
    only = options.get("only", ())
    options = {**options, "only": (only,) if isinstance(only, str) else tuple(only)}
    return (
        Reading(**{name: options[name] for name in options.keys() & of_reading}),
        Shape(**{name: options[name] for name in options.keys() & of_shape}),
    )


def _check_shape(shape: Shape, labels: tuple[str, ...]) -> None:
    for label in shape.only:
        if label not in labels:
            raise DataError(f"unknown label {label!r} to select; expected {', '.join(labels)}")
    if shape.per_document and shape != Shape(per_document=True):
        raise DataError(
            "a row a document goes with no option about rows of paragraphs; leave out long, only,"
            " min_probability, with_text and explain"
        )


def _survey(inputs: Iterable[str | Path], stdin_as: str) -> tuple[int, str]:
    """Return the size of all inputs, and what changes when any of them does; each is checked."""
    size = 0
    digest = hashlib.sha256()
    for source in find_sources(inputs, stdin_as):
        size += source.size
        digest.update(repr(source).encode("utf-8", "surrogatepass"))
    return size, digest.hexdigest()


def _iter_results(
    sources: Iterable[Source],
    reading: Reading,
    task: _Task,
    jobs: int,
    start: tuple[int, int],
    n_bytes: int,
    progress: bool,
) -> Iterator[_Scored]:
    from tqdm import tqdm

    chunks = iter_chunks(sources, reading, start)
    results = iter_mapped(functools.partial(_score_chunk, task), chunks, jobs)
    bar = tqdm(total=n_bytes or None, unit="B", unit_scale=True, disable=not progress)
    rows = 0
    began = time.perf_counter()
    with bar:
        for scored in results:
            yield scored
            if progress:
                rows += scored.tally["rows"]
                rate = rows / (time.perf_counter() - began)
                bar.set_postfix_str(f"{rows:,} rows, {rate:,.0f} a second", refresh=False)
                bar.update(scored.n_bytes - bar.n)


def _score_chunk(task: _Task, chunk: Chunk) -> _Scored:
    scorer = shared_scorer(task.folder, task.shape.explain)
    labels = scorer.classifier.labels
    table = scorer.score(chunk.table)
    rows = [*iter_rows(table, labels, task.shape)]
    statuses = Counter(table["status"])
    failed = [i for i, status in enumerate(table["status"]) if status in FAILED]
    kept = ("id", "document_id", "status", "error")
    failures = [{name: table[name][i] for name in kept} for i in failed]
    per_row = len(labels) if task.shape.long else 1
    selecting = bool(task.shape.only or task.shape.min_probability)
    tally: dict[str, Any] = {
        "rows": len(table["status"]),
        "statuses": statuses,
        "labels": Counter(main for main in table["main"] if main is not None),
        "left_out": len(table["status"]) - len(rows) if selecting and per_row == 1 else 0,
        "kinds": kinds_of(table, labels, task.shape),
    }
    if task.with_drift:
        tally["drift"] = drift.count(table, _reference(task.folder), labels)
    hashes = [h for h, status in zip(table["text_hash"], table["status"]) if status in ANSWERED]
    return _Scored(
        to_lines(rows), to_lines(failures), tally, hashes, chunk.place, chunk.n_bytes, peak_memory()
    )


@functools.lru_cache(maxsize=4)
def _reference(folder: str) -> dict[str, Any]:
    return dict(persistence.read_manifest(folder)["reference"])
