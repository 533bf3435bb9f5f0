"""The folder of models: versions, and the aliases that name them.

``registry.json`` maps aliases to version folders beside it. ``champion`` is what :func:`load`
gives when nothing is named. The shipped registry stands in ``models/``; another one is named by the
environment variable ``DIRECTIVE_CLF_MODELS`` or by a ``models`` argument.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from . import persistence
from .classifier import Classifier
from .exceptions import ArtifactError, ModelNotFoundError
from .files import open_whole

__all__ = [
    "CHAMPION",
    "check_name",
    "load",
    "models_folder",
    "next_version",
    "promote",
    "resolve",
    "versions",
]

CHAMPION = "champion"
"""The alias of the version in use."""

ENVIRONMENT = "DIRECTIVE_CLF_MODELS"
REGISTRY = "registry.json"
REGISTRY_FORMAT = 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
INSTALLED = Path(__file__).parent / "models"
"""Where a wheel carries the shipped registry. In a source tree it stands beside the package."""


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
    taken = [re.fullmatch(r"directive-([0-9]+)", name) for name in versions(models)]
    return f"directive-{1 + max((int(m.group(1)) for m in taken if m), default=0)}"


def check_name(version: str) -> str:
    """Return `version` if it can name a version, which is a folder of the registry.

    Raises
    ------
    ModelNotFoundError
        If it is an alias, or anything but letters, digits, ``.``, ``_``, ``-``, a letter or digit
        first.
    """
    if not _NAME.fullmatch(version) or version == CHAMPION:
        raise ModelNotFoundError(
            f"{version!r} cannot name a version; use letters, digits, '.', '_' and '-',"
            f" a letter or digit first, and not {CHAMPION!r}, which is an alias"
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
    aliases = _read_aliases(folder)
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
    name: str | os.PathLike[str] | None = None, *, models: str | Path | None = None
) -> Classifier:
    """Load a model: a version (``"directive-1"``), an alias, or the path of a model folder.

    Parameters
    ----------
    name : str or path-like, optional
        By default the promoted version, ``"champion"``.
    models : path-like, optional
        The registry to look in.

    Raises
    ------
    ModelNotFoundError
        If there is no such model.
    ArtifactError
        If the folder is damaged, edited, or of a newer format.
    """
    return persistence.load(resolve(name, models))


def promote(version: str, models: str | Path | None = None) -> None:
    """Make `version` the champion of a registry: the file is replaced whole, or not at all."""
    folder = models_folder(models)
    there = versions(folder)
    if version not in there:
        raise ModelNotFoundError(
            f"no version {version!r} in {folder}; found: {', '.join(there) or 'none'}"
        )
    content = {"format": REGISTRY_FORMAT, "aliases": {**_read_aliases(folder), CHAMPION: version}}
    with open_whole(folder / REGISTRY) as out:
        out.write(json.dumps(content, indent=1) + "\n")


def _read_aliases(folder: Path) -> dict[str, str]:
    place = folder / REGISTRY
    try:
        content = json.loads(place.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{place}: not a registry ({error}); restore the file") from None
    aliases = content.get("aliases") if isinstance(content, dict) else None
    if (
        not isinstance(aliases, dict)
        or not all(isinstance(version, str) for version in aliases.values())
        or content.get("format") != REGISTRY_FORMAT
    ):
        raise ArtifactError(
            f"{place}: expected format {REGISTRY_FORMAT} and aliases, each the name of a version;"
            " restore the file"
        )
    return dict(aliases)
