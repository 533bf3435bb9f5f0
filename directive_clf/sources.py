"""What a run is given to read: files, folders, globs and standard input, as one list of files."""

from __future__ import annotations

import glob
import gzip
import io
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from .exceptions import DataError

__all__ = ["KINDS", "Source", "find_sources", "kind_of", "open_bytes", "readable_kinds"]

KINDS = {
    ".txt": "article",
    ".md": "article",
    ".html": "page",
    ".htm": "page",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
COMPRESSED = (".gz", ".zst")

FREE_BYTES = 10 << 20
"""Bytes that any file may unpack to, before what it grows by is looked at."""


class Source(NamedTuple):
    """A file to read.

    ``name`` is what its rows are called after; ``path`` is None for standard input.
    """

    path: Path | None
    name: str
    kind: str
    compression: str
    size: int
    mtime: int


def readable_kinds() -> str:
    """Return the endings that are read, for a message."""
    return f"{', '.join(KINDS)} (each also {' or '.join(COMPRESSED)}, but .parquet)"


def kind_of(path: Path) -> tuple[str, str] | None:
    """Return the kind of a file and its compression, by its name; None for any other file."""
    suffix, compression = path.suffix.lower(), ""
    if suffix in COMPRESSED:
        compression, suffix = suffix, Path(path.stem).suffix.lower()
    kind = KINDS.get(suffix)
    return None if kind is None or (compression and kind == "parquet") else (kind, compression)


def find_sources(inputs: Iterable[str | Path], stdin_as: str = "") -> Iterator[Source]:
    """Yield the files of inputs, in order; those of a folder by name, at every depth.

    Parameters
    ----------
    inputs : iterable of path-like
        Files, folders, patterns (``articles/**/*.html``), and ``-`` for standard input. A file
        that is met again is not read again. In folders, files of other kinds and hidden ones are
        passed over.
    stdin_as : str
        A kind of ``KINDS`` for standard input; by default JSON lines where it begins with ``{``,
        else an article.

    Raises
    ------
    DataError
        If an input does not exist, holds no file that is read, or is a file of another kind.
    """
    given = [path for one in inputs for path in _expand(one)]
    counts = Counter(path.name for path in given)
    seen: set[Path] = set()
    for path in given:
        if str(path) == "-":
            yield Source(None, "stdin", stdin_as, "", 0, 0)
        elif path.is_dir():
            # Names below the only folder; where several things are given, with what was given.
            root = path if len(given) == 1 else None
            found = False
            for file in _walk(path):
                found = True
                if seen.isdisjoint((real := file.resolve(), *real.parents)):
                    name = file.relative_to(root) if root else file
                    yield _source(file, name.as_posix())
            if not found:
                raise DataError(f"the folder holds no file ending in {readable_kinds()}", path)
            seen.add(path.resolve())
        elif path.resolve() not in seen:
            seen.add(path.resolve())
            yield _source(path, path.name if counts[path.name] == 1 else path.as_posix())


def _expand(given: str | Path) -> list[Path]:
    """Return what an input stands for, and check it."""
    if not str(given):
        raise DataError("the name of an input is empty; expected a file or folder")
    path = Path(given)
    if str(given) == "-" or path.is_dir():
        return [path]
    if not path.exists():
        pattern = str(given)  # an absolute one, too, which Path.glob() does not take
        matches = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []  # noqa: PTH207
        found = [p for p in map(Path, matches) if p.is_file() and kind_of(p)]
        if not found:
            what = "pattern matches no file that is read" if matches else "no such file or folder"
            raise DataError(what, path)
        return found
    if kind_of(path) is None:
        raise DataError(f"expected a file ending in {readable_kinds()}, or a folder", path)
    return [path]


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    for name in names:
        path = folder / name
        if path.is_dir():
            if not path.is_symlink():  # which may lead round in a circle
                yield from _walk(path)
        elif kind_of(path) is not None:
            yield path


def _source(path: Path, name: str) -> Source:
    kind, compression = kind_of(path) or ("", "")
    try:
        stat = path.stat()
    except OSError:
        return Source(path, name, kind, compression, 0, 0)  # reading it will tell
    return Source(path, name, kind, compression, stat.st_size, stat.st_mtime_ns)


@contextmanager
def open_bytes(source: Source, max_expansion: int) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a file; yield its content, unpacked, and the file itself, whose ``tell()`` is how far.

    Raises
    ------
    OSError, EOFError
        If it cannot be read, or its packing is broken; while it is read, too.
    DataError
        While it is read, if it unpacks to more than `max_expansion` times its size: text does not.
    """
    raw: BinaryIO
    raw = sys.stdin.buffer if source.path is None else source.path.open("rb")
    try:
        if not source.compression:
            yield raw, raw
        else:
            unpacked = _unpack(raw, source.compression)
            yield io.BufferedReader(_Unpacked(unpacked, raw, max_expansion), 1 << 16), raw
    finally:
        if source.path is not None:
            raw.close()


def _unpack(raw: BinaryIO, compression: str) -> Any:
    if compression == ".gz":
        return gzip.GzipFile(fileobj=raw)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(raw, "r"), "zstd")


class _Unpacked(io.RawIOBase):
    """A packed file that may not unpack to anything."""

    def __init__(self, unpacked: Any, raw: BinaryIO, max_expansion: int) -> None:
        self._unpacked = unpacked
        self._raw = raw
        self._most = max_expansion
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._unpacked.read(len(buffer))
        buffer[: len(content)] = content
        self._read += len(content)
        if self._read > FREE_BYTES + self._most * self._raw.tell():
            raise DataError(
                f"unpacks to more than {self._most} times its size; if it is no bomb, raise"
                " --max-expansion"
            )
        return len(content)
