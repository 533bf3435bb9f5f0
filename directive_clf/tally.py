"""The sums of a run, and what they say to its reader."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import drift
from .batch import FAILED, REMEMBERED, STATUSES

__all__ = ["Summary", "Total", "peak_memory"]


@dataclass
class Summary:
    """What became of a pile.

    Attributes
    ----------
    rows : int
        Paragraphs, and inputs without one.
    statuses, labels : dict of str to int
        How many of each status, and of each main label.
    repeated : int
        Paragraphs that stood before, among the latest ``REMEMBERED`` distinct ones; they are not
        scored again. (After ``resume`` those since.)
    left_out : int
        Paragraphs that ``only`` and ``min_probability`` left out.
    seconds : float
    peak_memory : int or None
        Bytes that the largest process held; None where the system does not say.
    drift : dict or None
        See :func:`directive_clf.drift.report`.
    """

    rows: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    left_out: int = 0
    seconds: float = 0.0
    rows_a_second: float = 0.0
    peak_memory: int | None = None
    drift: dict[str, Any] | None = None

    @property
    def failed(self) -> int:
        """Rows that could not be scored: they are listed in the quarantine."""
        return sum(self.statuses.get(status, 0) for status in FAILED)

    def __str__(self) -> str:
        def counted(counts: dict[str, int]) -> str:
            return ", ".join(f"{n:,} {name}" for name, n in counts.items())

        lines = [counted(self.statuses) or "no rows"]
        if self.labels:
            lines.append(f"main labels: {counted(self.labels)}")
        notes = [f"{self.repeated:,} repeated paragraphs scored once"] if self.repeated else []
        notes += [f"{self.left_out:,} left out"] if self.left_out else []
        notes.append(f"{self.seconds:.1f} s, {self.rows_a_second:,.0f} rows a second")
        if self.peak_memory is not None:
            notes.append(f"peak memory {self.peak_memory / 2**20:,.0f} MiB a process")
        lines.append("; ".join(notes))
        if self.drift is not None:
            lines.append(self.drift["sentence"])
        return "\n".join(lines)


def peak_memory() -> int | None:
    """Return the most memory that this process held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, whose getrusage counts what the parent held
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Total:
    """The sums of a run, which a resumed one goes on with."""

    def __init__(self) -> None:
        self.rows = self.left_out = self.repeated = 0
        self.statuses: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.kinds: dict[str, str] = {}
        self.drift: dict[str, Any] = {}
        self._here = 0
        self._peak: int | None = None
        self._latest: OrderedDict[str, None] = OrderedDict()

    @classmethod
    def of(cls, state: dict[str, Any]) -> Total:
        """Return the sums that a state holds."""
        total = cls()
        if "tally" in state:
            total._add(state["tally"])
        total._here = 0
        return total

    def state(self, place: tuple[int, int]) -> dict[str, Any]:
        """Return the sums, and how far the inputs are read, as JSON values."""
        names = ("rows", "left_out", "repeated", "statuses", "labels", "kinds", "drift")
        return {"place": place, "tally": {name: getattr(self, name) for name in names}}

    def take(self, tally: dict[str, Any], hashes: list[str], peak: int | None) -> None:
        """Add a chunk; chunks come in order."""
        self._add(tally)
        if peak is not None:
            self._peak = max(self._peak or 0, peak)
        for h in hashes:
            if h in self._latest:
                self.repeated += 1
            else:
                if len(self._latest) == REMEMBERED:
                    self._latest.popitem(last=False)  # a plain dict would search for it
                self._latest[h] = None

    def _add(self, tally: dict[str, Any]) -> None:
        self.rows += tally["rows"]
        self._here += tally["rows"]
        self.left_out += tally["left_out"]
        self.repeated += tally.get("repeated", 0)
        self.statuses.update(tally["statuses"])
        self.labels.update(tally["labels"])
        self.drift = drift.add(self.drift, tally.get("drift", {}))
        for name, kinds in tally["kinds"].items():
            self.kinds[name] = "".join(sorted({*self.kinds.get(name, ""), *kinds}))

    def summary(
        self, labels: tuple[str, ...], reference: dict[str, Any] | None, seconds: float
    ) -> Summary:
        """Return the sums as their reader wants them."""
        peaks = [peak for peak in (self._peak, peak_memory()) if peak is not None]
        return Summary(
            rows=self.rows,
            statuses={s: self.statuses[s] for s in STATUSES if self.statuses[s]},
            labels=dict(self.labels.most_common()),
            repeated=self.repeated,
            left_out=self.left_out,
            seconds=seconds,
            rows_a_second=self._here / seconds,
            peak_memory=max(peaks, default=None),
            drift=None if reference is None else drift.report(self.drift, reference, labels),
        )
