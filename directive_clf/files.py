"""Writing files whole or not at all, and reading UTF-8 or nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from .exceptions import DataError

__all__ = ["beside", "is_part", "line_not_utf8", "open_whole", "refusing_other_bytes", "sync"]


def beside(path: Path) -> Path:
    """Return the hidden name under which `path` is written before it takes its own."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def is_part(path: Path) -> bool:
    """Tell whether a path has the name of something that was not finished."""
    return path.name.startswith(".") and path.name.endswith(".part")


def sync(path: Path) -> None:
    """Have a file's content, or a folder's names, on the disk before going on.

    What was renamed into place after that is whole even where the power fails. A system that cannot
    open folders (Windows) orders renames itself.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        if path.is_dir():
            return
        raise
    try:
        with contextlib.suppress(OSError):  # some file systems cannot, and have nothing to order
            os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def open_whole(path: str | Path) -> Iterator[TextIO]:
    r"""Open a UTF-8 text file to write; it appears under its name only if the block succeeds.

    A symbolic link stays, and what it points to is replaced. A device or a pipe holds nothing that
    could be kept, and is written to at once. A lone surrogate becomes its escape (``\ud800``),
    which in JSON reads back as the same.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
        return
    target = path.resolve()
    part = beside(target)
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        sync(target.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError) and error.filename == str(part):
            error.filename = str(path)  # the name that the caller knows
        raise


@contextlib.contextmanager
def refusing_other_bytes(path: str | Path) -> Iterator[None]:
    """Turn bytes that are not UTF-8 into a :class:`DataError` with their place and the remedy."""
    try:
        yield
    except UnicodeDecodeError:
        raise DataError(
            "found bytes that are not UTF-8; save the file as UTF-8", path, line_not_utf8(path)
        ) from None


def line_not_utf8(path: str | Path) -> int | None:
    """Return the first line of a file that is not UTF-8, counted from 1; None if all are."""
    content = Path(path).read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return None
