"""``directive-clf models``: the registry, its versions, and which of them is in service."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .. import gate, persistence, registry, versioning
from ..evaluation import figure
from .difference import diff
from .options import MODELS

__all__ = ["models"]

BY = click.option("--by", metavar="NAME", help="Who, for the history. [default: the user]")
WHY = click.option("--why", default="", metavar="TEXT", help="Why, for the history.")
FILES = click.Path(path_type=Path)


@click.group()
def models() -> None:
    """List, inspect and verify versions; promote one, or roll back.

    A registry is a folder of versions and one registry.json. The shipped one is read-only where the
    package is installed; --models names another.

    \b
    Examples:
      directive-clf models list
      directive-clf models promote challenger --gold gold.jsonl --models my_models
      directive-clf models rollback --models my_models --why "too many false alarms"
    """  # noqa: D301


models.add_command(diff)


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print registry.json as it is read.")
@MODELS
def list_(as_json: bool, models: Path | None) -> None:
    """List the versions with their aliases, newest last."""
    folder = registry.models_folder(models)
    now = registry.read_registry(folder)
    there = registry.versions(folder)
    if as_json:
        rows = {"aliases": now.aliases, "versions": {v: now.versions.get(v, {}) for v in there}}
        click.echo(json.dumps({**rows, "history": now.history}, ensure_ascii=False, indent=1))
        return
    for version in there:
        record = now.versions.get(version, {})
        names = ", ".join(alias for alias, named in now.aliases.items() if named == version)
        shown = _headline(persistence.read_manifest(folder / version))
        click.echo(f"{version:20} {names:24} {record.get('added', ''):21} {shown}".rstrip())
    if not there:
        click.echo(f"no version in {folder}; train one with: directive-clf train", err=True)


@models.command()
@click.argument("version", required=False)
@click.option("--card", is_flag=True, help="Print the model card.")
@MODELS
def show(version: str | None, card: bool, models: Path | None) -> None:
    """Show where VERSION (the champion) comes from, its figures, and its moves."""
    path = registry.resolve(version, models)
    manifest = persistence.read_manifest(path)
    if card:
        click.echo((path / "MODEL_CARD.md").read_text(encoding="utf-8"), nl=False)
        return
    now = registry.read_registry(path.parent)
    record = now.versions.get(path.name, {})
    rows = {
        "version": manifest["version"],
        "aliases": ", ".join(a for a, named in now.aliases.items() if named == path.name) or "none",
        "folder": path,
        "SHA-256": manifest["sha256"],
        "added": " by ".join(filter(None, [record.get("added"), record.get("by")])) or "unknown",
        "parent": record.get("parent") or "none",
        "labels": ", ".join(manifest["labels"]),
        **_lineage(manifest),
        "figures": _headline(manifest),
    }
    for name, value in rows.items():
        click.echo(f"{name:12}{value}")
    for entry in now.history:
        if path.name in (entry.get("to"), entry.get("from")):
            click.echo(_moved(entry))


@models.command()
@click.argument("versions", nargs=-1)
@click.option("--public-key", metavar="PEM", type=FILES, help="Each must be signed by its holder.")
@MODELS
def verify(versions: tuple[str, ...], public_key: Path | None, models: Path | None) -> None:
    """Hash every file of VERSIONS (of all, and the registry), and run every golden prediction.

    Prints a line a fault, and exits with 1 if there is any.
    """
    faults = gate.verify(models, versions, public_key=public_key)
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    n = len(versions) or len(registry.versions(models))
    click.echo(f"{n} version{'s' if n != 1 else ''} verified", err=True)


@models.command()
@click.argument("version")
@click.option(
    "--gold", multiple=True, metavar="PATH", type=FILES,
    help="Labelled paragraphs to measure on; may be repeated.",
)  # fmt: skip
@click.option(
    "--behaviour", multiple=True, metavar="FILE", type=FILES,
    help="Behaviour cases of your own, beside those the version carries; may be repeated.",
)  # fmt: skip
@click.option(
    "--allow-regression", default="", metavar="WHY",
    help="Promote whatever the gate says, for this reason, which is kept; floors are lowered.",
)  # fmt: skip
@BY
@WHY
@MODELS
def promote(
    version: str,
    gold: tuple[Path, ...],
    behaviour: tuple[Path, ...],
    allow_regression: str,
    by: str | None,
    why: str,
    models: Path | None,
) -> None:
    """Make VERSION the champion, if it passes the gate.

    \b
    It is refused, with the reasons and their figures, when on the gold file
    - macro-F1 falls against the champion, beyond what the paired bootstrap explains;
    - a figure is under its floor in floors.json, or a share of behaviour cases is;
    - the expected calibration error rises by more than 0.02;
    or when it does not reproduce its golden predictions. Floors rise with each promotion.
    """  # noqa: D301
    verdict = gate.promote(
        version, models, gold=gold, cases=behaviour, allow_regression=allow_regression,
        by=by, why=why,
    )  # fmt: skip
    for reason in verdict.reasons:
        click.echo(f"allowed: {reason}", err=True)
    found = verdict.figures
    if found:
        click.echo(f"macro_f1={figure(found['macro_f1'])}  accuracy={figure(found['accuracy'])}")
    if "against" in found:
        d = found["against"]["macro_f1"]
        click.echo(
            f"against {found['against']['version']}: macro_f1 {d['value']:+.3f}"
            f" [{d['low']:+.3f}, {d['high']:+.3f}]"
        )
    click.echo(f"champion: {registry.resolve(None, models).name}")


@models.command()
@BY
@WHY
@MODELS
def rollback(by: str | None, why: str, models: Path | None) -> None:
    """Make the champion before this one the champion again; again goes back one further."""
    click.echo(f"champion: {gate.rollback(models, by=by, why=why)}")


@models.command()
@click.argument("alias")
@click.argument("version", required=False)
@click.option("--delete", is_flag=True, help="Remove the alias.")
@BY
@WHY
@MODELS
def tag(
    alias: str,
    version: str | None,
    delete: bool,
    by: str | None,
    why: str,
    models: Path | None,
) -> None:
    """Point ALIAS (challenger, or one of your own) at VERSION."""
    if delete == (version is not None):
        raise click.UsageError("name a version, or --delete the alias")
    versioning.tag(alias, version, models, by=by, why=why)


@models.command()
@click.option(
    "--keep", type=click.IntRange(min=0), metavar="N",
    help="Remove versions too: all but the newest N, those with an alias, and former champions.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print what would go, and remove nothing.")
@BY
@WHY
@MODELS
def prune(keep: int | None, dry_run: bool, by: str | None, why: str, models: Path | None) -> None:
    """Remove what unfinished writes left, and with --keep old versions."""
    for path in versioning.prune(models, keep=keep, dry_run=dry_run, by=by, why=why):
        click.echo(f"{'would remove' if dry_run else 'removed'} {path}")


@models.command()
@click.argument("version")
@click.option("--key", "key", required=True, metavar="PEM", type=FILES, help="Ed25519 private key.")
@MODELS
def sign(version: str, key: Path, models: Path | None) -> None:
    """Sign VERSION with a key of your own; `verify --public-key` and `load(public_key=)` check it.

    Keys: openssl genpkey -algorithm ed25519 -out private.pem;
    openssl pkey -in private.pem -pubout -out public.pem
    """
    from .. import signing

    with versioning.locked(models) as folder:
        click.echo(signing.sign(registry.resolve(version, folder), key))


def _headline(manifest: Mapping[str, Any]) -> str:
    """Return the macro-F1 that a manifest tells; an early one has it as a bare number."""
    found = []
    for kind, part in manifest.get("metrics", {}).items():
        value = part.get("all", {}).get("macro_f1") if isinstance(part, dict) else None
        if value is not None:
            shown = figure(value) if isinstance(value, dict) else f"{value:.3f}"
            found.append(f"{kind} macro_f1={shown}")
    return "  ".join(found)


def _lineage(manifest: Mapping[str, Any]) -> dict[str, Any]:
    data = manifest.get("data", {})
    return {
        "data": f"{data.get('paragraphs')} paragraphs, SHA-256 {data.get('sha256')}",
        "code": manifest.get("code_commit"),
        "parameters": _pairs(manifest.get("parameters", {})),
        "libraries": _pairs(manifest.get("libraries", {})),
    }


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _moved(entry: Mapping[str, Any]) -> str:
    """Return a line for a move of an alias."""
    line = (
        f"{entry['at']} {entry['move']} {entry['alias']}: {entry.get('from')} -> {entry.get('to')}"
        f" by {entry['by']}"
    )
    line += f", {entry['why']}" if entry.get("why") else ""
    allowed = entry.get("allow_regression")
    return line + (f"; regression allowed: {allowed}" if allowed else "")
