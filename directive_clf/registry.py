"""The folder of models: versions, and the aliases that name them.

``registry.json`` maps aliases to version folders beside it, records where each version comes from
(its lineage), and keeps a history of every move. ``champion`` is what :func:`load` gives when
nothing is named. The shipped registry stands in ``models/``; another one is named by the
environment variable ``DIRECTIVE_CLF_MODELS`` or by a ``models`` argument. This module reads;
``versioning`` writes.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import persistence
from ._version import __version__
from .classifier import Classifier
from .exceptions import ArtifactError, ModelNotFoundError

__all__ = [
    "CHAMPION",
    "ENVIRONMENT",
    "INSTALLED",
    "PREVIOUS",
    "REGISTRY",
    "REGISTRY_FORMAT",
    "Registry",
    "check_name",
    "load",
    "models_folder",
    "next_version",
    "read_registry",
    "resolve",
    "versions",
]

CHAMPION = "champion"
"""The alias of the version in use."""

PREVIOUS = "previous"
"""The alias of the version that a roll-back returns to."""

CHALLENGER = "challenger"
"""The alias of the version that is to be the next, where the user says so."""

RESERVED = (CHAMPION, PREVIOUS, CHALLENGER)
_FILES = (".json", ".sig", ".part", ".lock")

ENVIRONMENT = "DIRECTIVE_CLF_MODELS"
REGISTRY = "registry.json"
REGISTRY_FORMAT = 2
"""Format 1 had aliases alone; it is still read."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
INSTALLED = Path(__file__).parent / "models"
"""Where a wheel carries the shipped registry. In a source tree it stands beside the package."""


@dataclass(frozen=True)
class Registry:
    """What ``registry.json`` holds.

    Attributes
    ----------
    aliases : dict
        Alias to version.
    versions : dict
        Version to its record: ``sha256`` (of the manifest), ``added`` (UTC), ``by``, ``parent``
        (the champion when it was trained), ``data``, ``code_commit``, ``parameters``,
        ``libraries``.
    history : list of dict
        Every move of an alias, oldest first: ``at`` (UTC), ``by``, ``move``, ``alias``, ``from``,
        ``to``, ``why``, and the figures it was decided on.
    """

    aliases: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


def models_folder(models: str | Path | None = None) -> Path:
    """Return the registry in use: `models`, else the environment's, else the shipped one."""
    named = models or os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    return INSTALLED if INSTALLED.exists() else INSTALLED.parents[1] / "models"


def versions(models: str | Path | None = None) -> list[str]:
    """Return the names of the versions in a registry, ``directive-2`` before ``directive-10``."""
    folder = models_folder(models)
    named = (place.parent.name for place in folder.glob(f"*/{persistence.MANIFEST}"))
    # Every other piece is digits, so that pieces at the same place are of the same type.
    return sorted(filter(_NAME.fullmatch, named), key=_by_number)


def _by_number(name: str) -> list[str | int]:
    return [int(piece) if piece.isdigit() else piece for piece in re.split(r"([0-9]+)", name)]


def next_version(models: str | Path | None = None) -> str:
    """Return the first of ``directive-1``, ``directive-2``, … that is free."""
    now = read_registry(models_folder(models))
    # A name that a version once had, or that is an alias, is not given to another.
    pruned = [name for entry in now.history for name in entry.get("versions", ())]
    names = [*versions(models), *now.versions, *now.aliases, *pruned]
    taken = [re.fullmatch(r"directive-([0-9]+)", name) for name in names]
    return f"directive-{1 + max((int(m.group(1)) for m in taken if m), default=0)}"


def check_name(version: str) -> str:
    """Return `version` if it can name a version, which is a folder of the registry.

    Raises
    ------
    ModelNotFoundError
        If it is an alias, or anything but letters, digits, ``.``, ``_``, ``-``, a letter or digit
        first.
    """
    if not _NAME.fullmatch(version) or version in RESERVED or version.endswith(_FILES):
        raise ModelNotFoundError(
            f"{version!r} cannot name a version; use letters, digits, '.', '_' and '-',"
            f" a letter or digit first, and none of {', '.join(RESERVED)}, which are aliases; and"
            f" not the ending of a file ({', '.join(_FILES)})"
        )
    return version


def resolve(name: str | os.PathLike[str] | None = None, models: str | Path | None = None) -> Path:
    """Return the folder of a version, an alias or a path; by default, of the champion.

    A path object, or a text with a path separator, is a path; any other text is looked up in the
    registry.

    Raises
    ------
    ModelNotFoundError
        If there is none; the message lists what there is.
    """
    if name is not None and (not isinstance(name, str) or re.search(r"[/\\]", name)):
        path = Path(name)
        if not path.is_dir():
            raise ModelNotFoundError(f"{path}: no such model folder")
        return path
    folder = models_folder(models)
    aliases = read_registry(folder).aliases
    wanted = name or CHAMPION
    version = aliases.get(wanted, wanted)
    there = versions(folder)
    if version not in there:
        what = repr(wanted) if version == wanted else f"{wanted!r}, which is {version!r},"
        known = ", ".join([*sorted(set(aliases) - {wanted}), *there]) or "none"
        remedy = "; train one with: directive-clf train --promote" if name is None else ""
        if name is not None and Path(name).is_dir():
            remedy = f"; for the folder of that name, write ./{name}"
        raise ModelNotFoundError(f"no model {what} in {folder}; found: {known}{remedy}")
    return folder / version


def load(
    name: str | os.PathLike[str] | None = None,
    *,
    models: str | Path | None = None,
    public_key: str | Path | None = None,
) -> Classifier:
    """Load a model: a version (``"directive-1"``), an alias, or the path of a model folder.

    Parameters
    ----------
    name : str or path-like, optional
        By default the promoted version, ``"champion"``.
    models : path-like, optional
        The registry to look in.
    public_key : path-like, optional
        A PEM file; only a version that was signed with its private half is loaded (see
        ``models sign``).

    Raises
    ------
    ModelNotFoundError
        If there is no such model.
    ArtifactError
        If the folder is damaged, edited, of a newer format, not the one that the registry recorded,
        or not signed as asked.
    """
    path = resolve(name, models)
    record = read_registry(path.parent).versions.get(path.name, {})
    if public_key is not None:
        from . import signing

        signing.check_signature(path, public_key)
    return persistence.load(path, sha256=record.get("sha256"))


def read_registry(folder: str | Path) -> Registry:
    """Read ``registry.json`` of a folder; an empty registry where there is none.

    Raises
    ------
    ArtifactError
        If it is damaged, or of a format that this version of the package does not read.
    """
    place = Path(folder) / REGISTRY
    try:
        content = json.loads(place.read_bytes())
    except FileNotFoundError:
        return Registry()
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{place}: not a registry ({error}); restore the file") from None
    found = content.get("format") if isinstance(content, dict) else None
    if type(found) is int and found > REGISTRY_FORMAT:
        raise ArtifactError(
            f"{place}: format {found} is newer than {REGISTRY_FORMAT}, the newest that"
            f" directive_clf {__version__} reads; upgrade the package"
        )
    if found not in (1, REGISTRY_FORMAT) or not _is_sound(content):
        raise ArtifactError(
            f"{place}: expected format {REGISTRY_FORMAT} and aliases, each the name of a version;"
            " restore the file"
        )
    kept = {name: content[name] for name in ("aliases", "versions", "history") if name in content}
    return Registry(**kept)


def _is_sound(content: dict[str, Any]) -> bool:
    """Tell whether the values are of the types that :class:`Registry` has."""
    aliases, records = content.get("aliases"), content.get("versions", {})
    history = content.get("history", [])
    return (
        isinstance(aliases, dict)
        and isinstance(records, dict)
        and isinstance(history, list)
        and all(isinstance(version, str) for version in aliases.values())
        and all(isinstance(row, dict) for row in (*records.values(), *history))
        and all(isinstance(row.get("sha256", ""), str) for row in records.values())
        and all(isinstance(row.get("added", ""), str) for row in records.values())
        and all(_is_move(row) for row in history)
    )


def _is_move(row: dict[str, Any]) -> bool:
    """Tell whether a row of the history is one: a prune, or an alias that was moved."""
    if not all(isinstance(row.get(name), str) for name in ("at", "by", "move")):
        return False
    if row["move"] == "prune":
        return isinstance(row.get("versions"), dict)
    ends = [row.get(name, 0) for name in ("from", "to")]
    return isinstance(row.get("alias"), str) and all(e is None or isinstance(e, str) for e in ends)
