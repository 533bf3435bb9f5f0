"""Moves in a registry: add, tag, promote, roll back, verify, prune.

Whoever writes holds the registry's lock, which the system lets go when its holder dies. Every write
is a rename of something whole, so that whoever reads needs no lock and sees the state before or the
state after.
"""

from __future__ import annotations

import getpass
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import persistence, registry, signing
from .exceptions import ArtifactError, DirectiveClfError, ModelNotFoundError
from .files import is_part, open_whole
from .registry import CHAMPION, PREVIOUS, RESERVED, Registry, read_registry

__all__ = [
    "add",
    "inside",
    "locked",
    "move",
    "prune",
    "rollback",
    "tag",
    "verify",
    "writable_folder",
]

LOCK = ".registry.lock"
PATIENCE = 600
"""Seconds to wait for another writer. A training holds the lock while it writes its folder, which
takes a second; a promotion while it measures, which takes a minute at most."""


def writable_folder(models: str | Path | None = None) -> Path:
    """Return the registry to write to.

    Raises
    ------
    DirectiveClfError
        If it is the installed one, which belongs to the package.
    """
    folder = registry.models_folder(models)
    if folder == registry.INSTALLED:
        raise DirectiveClfError(
            "the shipped models are not written to: name a registry with --models, or in the"
            f" environment variable {registry.ENVIRONMENT}"
        )
    return folder


@contextmanager
def locked(models: str | Path | None = None) -> Iterator[Path]:
    """Hold the lock of a registry, which is made where there is none; give its folder.

    Raises
    ------
    DirectiveClfError
        If the registry is the installed one, or another process holds the lock for ten minutes.
    """
    from filelock import FileLock, Timeout

    folder = writable_folder(models)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=PATIENCE):
            yield folder
    except Timeout:
        raise DirectiveClfError(
            f"{folder}: another process writes to this registry, and did not end in {PATIENCE} s"
        ) from None


def inside(folder: Path, name: str) -> Path:
    """Return the folder of a version or alias of a registry; a path that leads out is refused."""
    path = registry.resolve(name, folder)
    if path.resolve().parent != folder.resolve():
        raise ModelNotFoundError(f"{name}: not a version of {folder}; train or copy it there")
    return path


def add(
    folder: Path,
    write: Callable[[Path], None],
    version: str,
    *,
    by: str | None = None,
) -> Path:
    """Publish a version and record its lineage; the caller holds the lock.

    Parameters
    ----------
    folder : Path
    write : callable
        Writes the model folder that it is given, whole or not at all.
    version : str
    by : str, optional
        Who; by default the user of the system.
    """
    path = folder / registry.check_name(version)
    persistence.check_free(path)
    if version in read_registry(folder).aliases:
        raise ModelNotFoundError(f"{version!r} is an alias in {folder}; name the version otherwise")
    write(path)
    manifest = persistence.read_manifest(path)
    now = read_registry(folder)
    record = _record(manifest, now.aliases.get(CHAMPION), by)
    _write(folder, replace(now, versions={**now.versions, version: record}))
    return path


def _record(manifest: Mapping[str, Any], parent: str | None, by: str | None) -> dict[str, Any]:
    """Return what the registry keeps of where a version comes from."""
    return {
        "sha256": manifest["sha256"],
        "added": _now(),
        "by": by or _user(),
        "parent": parent,
        "data": {k: manifest.get("data", {}).get(k) for k in ("sha256", "paragraphs")},
        **{k: manifest.get(k) for k in ("code_commit", "parameters", "libraries")},
    }


def tag(alias: str, version: str | None, models: str | Path | None = None, **who: Any) -> None:
    """Point an alias of the user's own, or ``challenger``, at a version; None removes it.

    Raises
    ------
    ModelNotFoundError
        If there is no such version, or the alias cannot be one.
    """
    if alias in (CHAMPION, PREVIOUS):
        raise ModelNotFoundError(f"{alias!r} is moved by promote and rollback, not by hand")
    with locked(models) as folder:
        if alias not in RESERVED:
            registry.check_name(alias)
        if alias in registry.versions(folder):
            raise ModelNotFoundError(f"{alias!r} is a version in {folder}; take another name")
        if version is None and alias not in read_registry(folder).aliases:
            raise ModelNotFoundError(f"no alias {alias!r} in {folder}")
        move(folder, "tag", {alias: version}, **who)


def move(
    folder: Path,
    kind: str,
    targets: Mapping[str, str | None],
    *,
    by: str | None = None,
    why: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Point aliases at versions and keep who, when and why; the caller holds the lock.

    Parameters
    ----------
    folder : Path
    kind : str
        ``"promote"``, ``"rollback"`` or ``"tag"``.
    targets : mapping
        Alias to version, or to None, which removes the alias. The history keeps the first.
    by, why : str
    facts : mapping, optional
        What else the history shall keep: figures, the reason for a regression.
    """
    there = registry.versions(folder)
    for version in targets.values():
        if version is not None and version not in there:
            known = ", ".join(there) or "none"
            raise ModelNotFoundError(f"no version {version!r} in {folder}; found: {known}")
    now = read_registry(folder)
    records = dict(now.versions)
    for version in filter(None, targets.values()):  # one that was copied here is known from now on
        if version not in records:
            manifest = persistence.read_manifest(folder / version)
            records[version] = _record(manifest, None, by)
    aliases = {**now.aliases, **{k: v for k, v in targets.items() if v is not None}}
    for alias in [alias for alias, version in targets.items() if version is None]:
        aliases.pop(alias, None)
    alias, version = next(iter(targets.items()))
    entry = {
        "at": _now(),
        "by": by or _user(),
        "move": kind,
        "alias": alias,
        "from": now.aliases.get(alias),
        "to": version,
        "why": why,
        **(facts or {}),
    }
    history = [*now.history, entry]
    _write(folder, replace(now, aliases=aliases, versions=records, history=history))


def champions(now: Registry) -> list[str]:
    """Return the versions that a roll-back goes through, the champion last.

    A promotion puts a version on top; a roll-back takes the top away.
    """
    stack: list[str] = []
    for entry in now.history:
        if entry.get("alias") != CHAMPION:
            continue
        if entry["move"] == "rollback":
            del stack[-1:]
        elif entry["to"] not in stack[-1:]:
            stack = stack or [v for v in [entry.get("from")] if v]
            stack.append(entry["to"])
    return stack or [v for v in [now.aliases.get(CHAMPION)] if v]


def rollback(models: str | Path | None = None, **who: Any) -> str:
    """Make the version before the champion the champion again, and return its name.

    Again goes back one further. The version is loaded first, so that a damaged one is not put in
    service.

    Raises
    ------
    ModelNotFoundError
        If there is no version to go back to.
    ArtifactError
        If it does not load.
    """
    with locked(models) as folder:
        *stack, last = champions(read_registry(folder)) or [""]
        there = registry.versions(folder)
        stack = [*(version for version in stack if version in there), last]
        if len(stack) < 2:
            raise ModelNotFoundError(
                f"{folder}: nothing to roll back to; the champion is the first, or there is none"
            )
        *older, version, _ = stack
        registry.load(version, models=folder)
        move(
            folder,
            "rollback",
            {CHAMPION: version, PREVIOUS: older[-1] if older else None},
            **who,
        )
    return version


def verify(
    models: str | Path | None = None,
    names: tuple[str, ...] = (),
    *,
    public_key: str | Path | None = None,
) -> list[str]:
    """Return everything that is wrong with a registry, a line a fault.

    Parameters
    ----------
    models : path-like, optional
    names : tuple of str
        Versions or aliases to look at; by default all, and the registry itself: aliases and records
        of versions that are not there, and what unfinished writes left behind.
    public_key : path-like, optional
        Every version must be signed by its holder.
    """
    folder = registry.models_folder(models)
    if not folder.is_dir():
        return [f"{folder}: no such folder; name a registry with --models"]
    try:
        now = read_registry(folder)
    except ArtifactError as error:
        return [str(error)]
    there = registry.versions(folder)
    faults = []
    for name in [inside(folder, name).name for name in names] or there:
        record = now.versions.get(name, {})
        faults += persistence.find_faults(folder / name, sha256=record.get("sha256"))
        if public_key is not None:
            try:
                signing.check_signature(folder / name, public_key)
            except ArtifactError as error:
                faults.append(str(error))
    if names:
        return faults
    place = folder / registry.REGISTRY
    for alias, version in now.aliases.items():
        if version not in there:
            faults.append(f"{place}: the alias {alias!r} names {version!r}, which is not there")
    for version in sorted(set(now.versions) - set(there)):
        manifest = folder / version / persistence.MANIFEST
        faults.append(f"{manifest}: no such file, though {registry.REGISTRY} records the version")
    faults += [f"{path}: left by a write that did not end; models prune" for path in _parts(folder)]
    return faults


def prune(
    models: str | Path | None = None,
    *,
    keep: int | None = None,
    dry_run: bool = False,
    **who: Any,
) -> list[Path]:
    """Remove what unfinished writes left, and on request old versions; return what was removed.

    Parameters
    ----------
    models : path-like, optional
    keep : int, optional
        Remove versions too, all but the newest `keep`, those that an alias names and those that a
        roll-back could return to.
    dry_run : bool
        Remove nothing.
    """
    with locked(models) as folder:
        now = read_registry(folder)
        # The lock is ours, so no writer is at work: whatever is unfinished stays so.
        doomed = _parts(folder)
        if keep is not None:
            if keep < 0:
                raise DirectiveClfError(f"keep is {keep}; expected 0 or more")
            spared = {*now.aliases.values(), *champions(now)}
            old = registry.versions(folder)
            spared |= set(old[len(old) - keep :])
            doomed += [folder / version for version in old if version not in spared]
        if dry_run or not doomed:
            return doomed
        versions = [path.name for path in doomed if not is_part(path)]
        if versions:
            entry = {"at": _now(), "by": who.get("by") or _user(), "move": "prune"}
            kept = dict(now.versions)
            entry |= {"versions": {v: kept.pop(v, {}) for v in versions}}
            entry |= {"why": who.get("why", "")}
            _write(folder, replace(now, versions=kept, history=[*now.history, entry]))
        for path in doomed:
            signing.signature_path(path).unlink(missing_ok=True)
            _remove(path)
    return doomed


def _remove(path: Path) -> None:
    """Remove a file or folder; a version first loses its name, so that no half of it is left."""
    if path.is_dir() and not path.is_symlink():
        if not is_part(path):
            path = path.rename(path.with_name(f".{path.name}.pruned.part"))
        shutil.rmtree(path)
    else:
        path.unlink()


def _parts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if is_part(path)) if folder.is_dir() else []


def _write(folder: Path, now: Registry) -> None:
    content = {"format": registry.REGISTRY_FORMAT, **asdict(now)}
    with open_whole(folder / registry.REGISTRY) as out:
        out.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return "unknown"
