"""Output that survives a kill at any moment: lines appended beside it, and a note of how far.

``.OUT.part`` holds the lines, ``.OUT.quarantine.part`` those of what failed, and ``.OUT.state``
says how many bytes of each are whole, which input comes next, and for which run. The lines are on
the disk before the note is, and the note is replaced in one step: whatever stands behind its sizes
was half-written, and is cut off. The output takes its name when it is whole.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from .exceptions import DataError

__all__ = ["Spool", "quarantine_name"]


def quarantine_name(output: Path) -> Path:
    """Return where the list stands of what could not be scored: ``a.csv``, ``a.quarantine.jsonl``.

    The list beside an output is of the same run: a run without failures removes an older one.
    """
    return output.with_name(f"{output.stem}.quarantine.jsonl")


class Spool:
    """The lines of a run on their way to an output.

    Parameters
    ----------
    output : Path
    key : mapping of str to str
        What makes the run: its inputs, options and model. Only a run of the same key goes on.
    resume : bool
        Go on where an earlier run stopped, if one did; otherwise begin anew.

    Attributes
    ----------
    state : dict
        What was noted at the last commit; ``{}`` at the beginning. ``is_complete`` in it says that
        all lines are there.

    Raises
    ------
    DataError
        If another run writes the same output now, or the one to be resumed has another key.
    """

    def __init__(self, output: Path, key: Mapping[str, str], resume: bool) -> None:
        self.output = output
        self.lines = _hidden(output, "part")
        self.final = _hidden(output, "final")
        self._failures = _hidden(quarantine_name(output), "part")
        self._note = _hidden(output, "state")
        self._fresh = self._note.with_suffix(".new")
        self._key = dict(key)
        from filelock import FileLock, Timeout  # its holder's death lets go of it

        self._lock = FileLock(self._note.with_suffix(".lock"))
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise DataError("another run is writing this output; wait for it", output) from None
        try:
            self.state = self._begin(resume)
        except BaseException:
            self._release()
            raise
        self._files = [] if self.is_complete else [*map(_append, (self.lines, self._failures))]

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._close()
            if not self.state:  # nothing that could be gone on with
                self._remove()
        finally:
            self._release()

    @property
    def is_complete(self) -> bool:
        """Tell whether all lines were written."""
        return bool(self.state.get("is_complete"))

    def append(self, lines: bytes, failures: bytes = b"") -> None:
        """Add lines; they count when they are committed."""
        for file, content in zip(self._files, (lines, failures), strict=True):
            file.write(content)

    def commit(self, state: Mapping[str, Any], *, is_complete: bool = False) -> None:
        """Put everything added on the disk, and note `state` (JSON values) as how far it is."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        sizes = [file.tell() for file in self._files]
        noted = {**state, "is_complete": is_complete, "sizes": sizes, "key": self._key}
        with self._fresh.open("w", encoding="utf-8") as out:
            json.dump(noted, out)
            out.flush()
            os.fsync(out.fileno())
        self._fresh.replace(self._note)
        self.state = noted

    def publish(self, source: Path) -> None:
        """Give the output its name: `source` is the lines, or what was made of them."""
        self._close()
        target = quarantine_name(self.output)
        if self._failures.exists():
            if self._failures.stat().st_size:
                self._failures.replace(target)
            else:
                target.unlink(missing_ok=True)
        if source.exists():  # it does not where a run was killed behind this line
            source.replace(self.output)
        self._remove()

    def _release(self) -> None:
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def _begin(self, resume: bool) -> dict[str, Any]:
        """Return the state of the run to go on with, its files cut to what it says; or of none."""
        state = self._read_note() if resume else {}
        if not state:
            self._remove()
            return {}
        for name, value in self._key.items():
            if state["key"].get(name) != value:
                raise DataError(
                    f"the run to resume had another {name}; run it as before, or without --resume"
                    " to begin anew",
                    self.output,
                )
        if not state["is_complete"]:
            for path, size in zip((self.lines, self._failures), state["sizes"], strict=True):
                if not path.exists() or path.stat().st_size < size:
                    raise DataError(
                        f"{path.name} of the run to resume is gone or was cut; run without"
                        " --resume to begin anew",
                        self.output,
                    )
                os.truncate(path, size)
        return state

    def _read_note(self) -> dict[str, Any]:
        try:
            state = json.loads(self._note.read_bytes())
        except FileNotFoundError:
            return {}
        return dict(state)

    def _close(self) -> None:
        for file in self._files:
            with contextlib.suppress(OSError):  # what a full disk still holds back is not counted
                file.close()
        self._files = []

    def _remove(self) -> None:
        # The note goes first: lines without one are none.
        for path in (self._note, self._fresh, self.lines, self._failures, self.final):
            path.unlink(missing_ok=True)


def _hidden(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{suffix}")


def _append(path: Path) -> BinaryIO:
    return path.open("ab")
