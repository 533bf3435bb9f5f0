"""Scored tables to what they stress: shares of labels by source, month and issuer, and how sure.

The tables are read once, row by row; of each row some numbers are kept, and of the texts only those
that are shown. Boilerplate is put aside: the shares of the other labels are of the rest.
"""

from __future__ import annotations

import email.utils
import heapq
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import drift, persistence, prevalence, registry
from .batch import PROBABILITY
from .exceptions import ArtifactError, DataError, ModelNotFoundError
from .labels import BOILERPLATE, OTHER
from .scored import iter_scored_rows, labels_of_row

__all__ = ["FEWEST", "measure_emphasis", "month_of"]

SOURCES = ("source", "publisher", "outlet", "site", "来源", "媒体")
ISSUERS = ("issuer", "issuing_body", "发布机构", "发文机关", "发文单位")
"""What columns are called, where none is named: the first that is there, whatever its case."""

UNDATED = "undated"
UNNAMED = "unnamed"

FEWEST = 20
"""Paragraphs of a part that is told: the interval of a smaller one spans all there is."""

MOST_PARTS = 300
"""Parts of a column that are told, the largest first."""

MOST_SERIES = 8
"""Sources (and issuers) whose months are told one by one, the largest first."""

CANDIDATES = 400
"""The surest paragraphs of a label that are kept while reading, of which the told ones are chosen:
copies of one text count once."""

SHOWN = 600
"""Characters of a text that are shown."""

CHUNK = 4096

_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(0?[1-9]|1[0-2])(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)")
_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ENGLISH = re.compile(
    rf"\b({'|'.join(_NAMES)})[a-z]*\.?\b[^\d]*(?:\d{{1,2}},?\s+)?((?:19|20)\d\d)", re.I
)


def month_of(date: Any) -> str:
    """Return the month of a date as ``YYYY-MM``; ``undated`` where it names none.

    Dates may be ISO's, ``2026/3/4``, ``20260304``, ``2026年3月4日``, ``4 March 2026``,
    ``March 4, 2026`` or those of mail and feeds.
    """
    text = "" if date is None else str(date)
    for pattern in (_MONTH, _COMPACT):
        if found := pattern.search(text):
            return f"{found[1]}-{int(found[2]):02}"
    if found := _ENGLISH.search(text):
        return f"{found[2]}-{_NAMES.index(found[1].lower()) + 1:02}"
    parsed = email.utils.parsedate(text)
    return f"{parsed[0]}-{parsed[1]:02}" if parsed and parsed[0] > 1900 else UNDATED


class _Names:
    """Names as numbers, in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.column = array("l")

    def add(self, name: str) -> None:
        self.column.append(self.numbers.setdefault(name, len(self.numbers)))

    def values(self) -> NDArray[np.int64]:
        return np.array(self.column, dtype=np.int64)


class _Rows:
    """What is kept of the rows that have an answer."""

    def __init__(self, labels: tuple[str, ...], columns: Mapping[str, str | None]) -> None:
        self.labels = labels
        self.columns = columns
        self.documents = _Names()
        self.parts = {name: _Names() for name in columns}
        self.main = _Names()
        self.held = array("q")
        self.probabilities = array("d")
        self._bits = {label: 1 << j for j, label in enumerate(labels)}

    def add(self, row: Mapping[str, Any], path: str) -> None:
        self.documents.add(str(row.get("document_id")))
        for name, column in self.columns.items():
            self.parts[name].add(_part_of(name, column, row, path))
        self.main.add(row["main"])
        self.held.append(sum(self._bits[label] for label in row["labels"]))
        self.probabilities.extend(row[PROBABILITY + label] for label in self.labels)

    def predicted(self) -> NDArray[np.bool_]:
        held = np.array(self.held, dtype=np.int64)[:, None]
        return np.asarray((held >> np.arange(len(self.labels))) & 1, dtype=bool)


def measure_emphasis(
    paths: Sequence[str | Path],
    *,
    source: str | None = None,
    by: Sequence[str] = (),
    confusion: str | Path | None = None,
    models: str | Path | None = None,
    telling: int = 5,
    resamples: int = 400,
) -> dict[str, Any]:
    """Read scored tables and measure what they stress.

    Parameters
    ----------
    paths : sequence of path-like
        As :func:`directive_clf.score_files` writes them, a row a paragraph, wide.
    source : str, optional
        The column of the source; by default one of ``SOURCES``, else the folder of the document,
        else the name of the table.
    by : sequence of str
        More columns to part the paragraphs by; by default the issuer, where one of ``ISSUERS`` is
        there.
    confusion : path-like, optional
        The ``metrics.json`` of an evaluation, from which the model's errors are taken; by default
        they come from its manifest.
    models : path-like, optional
        The registry in which the model is looked up.
    telling : int
        Paragraphs of each label that are shown.
    resamples : int
        Of each bootstrap.

    Returns
    -------
    dict
        ``labels``, ``models``, ``files``, ``rows``, ``paragraphs`` (with an answer), ``documents``;
        ``correction``, a sentence on how shares were corrected, and ``methods``, by which of
        :data:`directive_clf.prevalence.METHODS`; ``whole``, and by column the ``parts`` and
        ``left_out`` (how many have under ``FEWEST`` paragraphs or are past ``MOST_PARTS``);
        ``series``, by column and name the months; ``telling``, by label; ``drift``, as
        :func:`directive_clf.drift.report` has it, or None and ``no_drift``, why. A part has
        ``name``, ``paragraphs``, ``documents``, ``boilerplate`` (its raw share), ``main`` (the
        counts) and ``shares``, which :func:`directive_clf.prevalence.estimate` tells.

    Raises
    ------
    DataError
        If a table cannot be read, was not scored, or has no paragraph with an answer.
    """
    rows: _Rows | None = None
    surest: dict[str, list[Any]] = {}
    versions: Counter[str] = Counter()
    reader = _Drift(models)
    n = 0
    for path in map(Path, paths):
        for row in iter_scored_rows(path):
            n += 1
            if row["main"] is None:
                continue
            if rows is None:
                rows = _Rows(labels_of_row(row), _columns(row, source, by, path))
                surest = {label: [] for label in rows.labels}
            rows.add(row, path.name)
            versions[row["model"]] += 1
            _keep_surest(surest, row, n)
            reader.add(row)
    if rows is None:
        raise DataError(f"no paragraph with an answer in {n} rows; nothing can be told")
    known, correction = _confusion(rows.labels, versions, confusion, models)
    meter = _Meter(rows, known, resamples)
    everything = np.arange(len(rows.main.column))
    found: dict[str, Any] = {
        "labels": list(rows.labels),
        "models": dict(versions.most_common()),
        "files": [Path(path).name for path in paths],
        "rows": n,
        "paragraphs": len(everything),
        "documents": len(rows.documents.numbers),
        "correction": correction,
        "methods": list(prevalence.METHODS if known else prevalence.METHODS[:1]),
        "whole": meter.measure("all", everything),
        "parts": {},
        "left_out": {},
        "series": {},
    }
    for name in rows.parts:
        parts = meter.parts(name, everything)
        told = [(part, at) for part, at in parts if len(at) >= FEWEST][:MOST_PARTS]
        found["left_out"][name] = len(parts) - len(told)
        if name == "month":
            told.sort()
        found["parts"][name] = [meter.measure(part, at) for part, at in told]
        if name != "month":
            found["series"][name] = {
                part: [
                    meter.measure(month, inside)
                    for month, inside in sorted(meter.parts("month", at))
                    if len(inside) >= FEWEST and month != UNDATED
                ]
                for part, at in told[:MOST_SERIES]
            }
    found["telling"] = {label: _choose(kept, telling) for label, kept in surest.items()}
    found["drift"], found["no_drift"] = reader.report(rows.labels)
    return found


class _Meter:
    """Measures parts of the rows."""

    def __init__(self, rows: _Rows, confusion: prevalence.Confusion | None, resamples: int) -> None:
        self._rows = rows
        self._confusion = confusion
        self._resamples = resamples
        self._predicted = rows.predicted()
        shape = (-1, len(rows.labels))
        self._probabilities = np.array(rows.probabilities).reshape(shape)
        self._documents = rows.documents.values()
        self._main = rows.main.values()
        self._places = {name: names.values() for name, names in rows.parts.items()}
        self._boilerplate = rows.labels.index(BOILERPLATE) if BOILERPLATE in rows.labels else None

    def parts(self, column: str, at: NDArray[np.intp]) -> list[tuple[str, NDArray[np.intp]]]:
        """Return the parts that some rows fall into by a column, the largest first."""
        places = self._places[column][at]
        order = np.argsort(places, kind="stable")
        numbers, starts = np.unique(places[order], return_index=True)
        names = list(self._rows.parts[column].numbers)
        found = zip(numbers.tolist(), np.split(at[order], starts[1:]))
        named = [(names[number], rows) for number, rows in found]
        return sorted(named, key=lambda part: (-len(part[1]), part[0]))

    def measure(self, name: str, at: NDArray[np.intp]) -> dict[str, Any]:
        """Return the figures of some rows."""
        sources = len(np.unique(self._places["source"][at]))
        shares = prevalence.estimate(
            self._predicted[at],
            self._probabilities[at],
            self._documents[at],
            self._confusion,
            leaving_out=self._boilerplate,
            kinds=sources,
            resamples=self._resamples,
        )
        counts = np.bincount(self._main[at], minlength=len(self._rows.main.numbers))
        by_name = dict(zip(self._rows.main.numbers, counts.tolist()))
        column = None if self._boilerplate is None else self._predicted[at, self._boilerplate]
        return {
            "name": name,
            "paragraphs": len(at),
            "documents": len(np.unique(self._documents[at])),
            "boilerplate": None if column is None else float(column.mean()),
            "main": {label: by_name.get(label, 0) for label in (*self._rows.labels, OTHER)},
            "shares": dict(zip(self._rows.labels, shares.values(), strict=True)),
        }


class _Drift:
    """Counts rows for drift, as long as one model that keeps a reference scored them all."""

    def __init__(self, models: str | Path | None) -> None:
        self._models = models
        self._reference: dict[str, Any] | None = None
        self._version: str | None = None
        self._why_not: str | None = None
        self._waiting: list[Mapping[str, Any]] = []
        self._counts: dict[str, Any] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        if self._why_not is not None:
            return
        if self._version is None:
            self._version = row["model"]
            manifest = _manifest_of(row["model"], self._models)
            self._reference = (manifest or {}).get("reference")
            if self._reference is None:
                self._why_not = f"the model {row['model']} is not at hand, or keeps no reference"
        if not isinstance(row.get("text"), str):
            self._why_not = "the tables have no texts; score with --with-text"
        elif row["model"] != self._version:
            self._why_not = "several models scored them"
        if self._why_not is None:
            self._waiting.append(row)
            if len(self._waiting) == CHUNK:
                self._count()

    def report(self, labels: Sequence[str]) -> tuple[dict[str, Any] | None, str | None]:
        if self._why_not is not None or self._reference is None:
            return None, f"Not told: {self._why_not}."
        self._count()
        return drift.report(self._counts, self._reference, labels), None

    def _count(self) -> None:
        if not self._waiting:
            return
        labels = labels_of_row(self._waiting[0])
        names = ("text", "main", "unknown", *(PROBABILITY + label for label in labels))
        table = {name: [row[name] for row in self._waiting] for name in names}
        counts = drift.count(table, self._reference or {}, labels)
        self._counts = drift.add(self._counts, counts)
        self._waiting = []


def _columns(
    row: Mapping[str, Any], source: str | None, by: Sequence[str], path: Path
) -> dict[str, str | None]:
    """Return which column each part is told by; of the source it may be none."""
    for name in filter(None, (source, *by)):
        if name not in row:
            raise DataError(f"has no column {name!r}; there are {', '.join(row):.300}", path)
    by_case = {name.lower(): name for name in reversed([*row])}

    def guess(usual: Iterable[str]) -> str | None:
        return next((by_case[name] for name in usual if name in by_case), None)

    columns = {"month": "date", "source": source or guess(SOURCES)}
    issuer = guess(ISSUERS)
    columns |= {name: name for name in (by or filter(None, [issuer]))}
    return columns


def _part_of(name: str, column: str | None, row: Mapping[str, Any], path: str) -> str:
    if name == "month":
        return month_of(row.get("date"))
    if column is not None:
        value = row.get(column)
        return UNNAMED if value is None or value == "" else str(value)
    folder, slash, _ = str(row.get("document_id")).rpartition("/")
    return folder if slash else path


def _keep_surest(surest: dict[str, list[Any]], row: Mapping[str, Any], n: int) -> None:
    kept = surest.get(row["main"])
    if kept is None:
        return
    p = row[PROBABILITY + row["main"]]
    text = row.get("text") or ""
    entry = (p, len(text), -n, row)
    if len(kept) < CANDIDATES:
        heapq.heappush(kept, entry)
    elif entry > kept[0]:
        heapq.heapreplace(kept, entry)


def _choose(kept: list[Any], most: int) -> list[dict[str, Any]]:
    """Return the surest paragraphs, one of each text and document; long ones first of equals."""
    seen: set[Any] = set()
    chosen: list[dict[str, Any]] = []
    for p, _, _, row in sorted(kept, key=lambda entry: entry[:3], reverse=True):
        names = {("text", row.get("text_hash")), ("document", row.get("document_id"))}
        if len(chosen) < most and not names & seen:
            seen |= names
            told = ("id", "document_id", "title", "date")
            text = row.get("text")
            chosen.append(
                {
                    **{name: row.get(name) for name in told},
                    "probability": p,
                    "text": text if text is None or len(text) <= SHOWN else text[:SHOWN] + "…",
                }
            )
    return chosen


def _confusion(
    labels: tuple[str, ...],
    versions: Mapping[str, int],
    path: str | Path | None,
    models: str | Path | None,
) -> tuple[prevalence.Confusion | None, str]:
    """Return the errors of the model, if they are known, and a sentence on that."""
    if path is not None:
        known = prevalence.read_confusion(path, labels)
        return known, f"Corrected by the errors that {Path(path).name} counts."
    raw = "The shares are raw counts: "
    remedy = "measure it (evaluate --gold), and name the metrics.json with --confusion."
    if len(versions) > 1:
        return None, raw + f"several models scored them ({', '.join(versions)}); score with one."
    (version,) = versions
    manifest = _manifest_of(version, models)
    if manifest is None:
        return None, raw + f"the model {version} is not at hand; {remedy}"
    figures = manifest.get("metrics", {}).get("cross_validation")
    if figures is None:
        return None, raw + f"the model {version} does not keep its errors; {remedy}"
    known = prevalence.Confusion.of(figures, labels)
    left_out = manifest["metrics"].get("left_out", "document")
    return known, (
        f"Corrected by the errors that {version} made on {figures['all']['n']:,} paragraphs of its"
        f" training text, each answered by a model that had seen nothing of its {left_out}."
    )


def _manifest_of(version: str, models: str | Path | None) -> dict[str, Any] | None:
    try:
        return persistence.read_manifest(registry.resolve(version, models))
    except (ModelNotFoundError, ArtifactError):
        return None
