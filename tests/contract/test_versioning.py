"""Moves in a registry: who, when and why; whole or not at all; one writer at a time."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import directive_clf as dc
from directive_clf import gate, persistence, registry, versioning
from directive_clf.data import write_paragraphs

from ..conftest import ROOT

SMALL = ROOT / "tests" / "artifacts" / "format-1"
PUBLISH = """
import shutil, sys
from pathlib import Path
from directive_clf import gate, persistence, registry, versioning
from directive_clf.data import write_paragraphs
folder, source, name = sys.argv[1:4]
print("ready", flush=True)
model = persistence.load(source)
model.version = name
with versioning.locked(folder) as place:
    def write(path):
        persistence.save(model, path, golden=["A dam opened."], card="# card", facts={})
    versioning.add(place, write, name)
gate.promote(name, folder, allow_regression="a test")
print("done", flush=True)
"""


def publish(folder, name):
    """Save a small model under a name, record and promote it, in this process."""
    model = persistence.load(SMALL)
    model.version = name
    with versioning.locked(folder) as place:
        versioning.add(
            place,
            lambda path: persistence.save(
                model, path, golden=["Dam."], card="# card", facts={}, behaviour="{}\n"
            ),
            name,
        )


def start(folder, name):
    command = [sys.executable, "-c", PUBLISH, str(folder), str(SMALL), name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def models(tmp_path):
    """A registry with three versions, the first promoted."""
    for name in ("a-1", "a-2", "a-3"):
        publish(tmp_path / "models", name)
    gate.promote("a-1", tmp_path / "models", by="Ann", why="the first")
    return tmp_path / "models"


def aliases(models):
    return registry.read_registry(models).aliases


def force(name, models, **who):
    gate.promote(name, models, allow_regression="a test", **who)


def test_promote_and_roll_back(models):
    """A roll-back goes to the champion before, again one further, and no further than the first."""
    force("a-2", models)
    force("a-3", models)
    assert aliases(models) == {"champion": "a-3", "previous": "a-2"}
    assert versioning.rollback(models) == "a-2"
    assert aliases(models) == {"champion": "a-2", "previous": "a-1"}
    assert versioning.rollback(models) == "a-1"
    assert aliases(models) == {"champion": "a-1"}
    with pytest.raises(dc.ModelNotFoundError, match="nothing to roll back to"):
        versioning.rollback(models)
    force("a-3", models)
    assert versioning.rollback(models) == "a-1"


def test_a_roll_back_does_not_put_a_damaged_version_in_service(models):
    """The version gone back to is loaded first; if it is damaged, nothing moves."""
    force("a-2", models)
    (models / "a-1" / "vocabulary.txt").write_text("x")
    with pytest.raises(dc.ArtifactError, match=r"vocabulary\.txt"):
        versioning.rollback(models)
    assert aliases(models)["champion"] == "a-2"


def test_history_says_who_when_and_why(models):
    """Every move is kept with its time, author and reason, and with why a regression was let by."""
    force("a-2", models, by="Bo", why="more text")
    versioning.rollback(models, by="Cy", why="false alarms")
    history = registry.read_registry(models).history
    kept = [(e["by"], e["move"], e["from"], e["to"], e["why"]) for e in history]
    assert kept == [
        ("Ann", "promote", None, "a-1", "the first"),
        ("Bo", "promote", "a-1", "a-2", "more text"),
        ("Cy", "rollback", "a-2", "a-1", "false alarms"),
    ]
    assert history[1]["allow_regression"] == "a test"
    assert all(e["at"].endswith("Z") and e["at"].startswith("20") for e in history)


def test_lineage_is_recorded(models):
    """The registry knows each version's manifest, its parent and when it came."""
    force("a-2", models)
    publish(models, "a-4")
    record = registry.read_registry(models).versions["a-4"]
    assert record["sha256"] == persistence.read_manifest(models / "a-4")["sha256"]
    assert record["parent"] == "a-2"
    assert {"added", "by", "data", "code_commit", "parameters", "libraries"} <= set(record)


def test_a_version_that_was_replaced_is_refused(models):
    """Another sound model under a recorded name is not loaded: its manifest is not the recorded."""
    shutil.rmtree(models / "a-2")
    shutil.copytree(models / "a-3", models / "a-2")
    with pytest.raises(dc.ArtifactError, match="not the model that the registry recorded"):
        dc.load("a-2", models=models)
    assert any("recorded" in fault for fault in versioning.verify(models))


def test_a_version_is_never_overwritten(models):
    """Adding a version that exists changes nothing."""
    before = (models / "a-1" / "manifest.json").read_bytes()
    with pytest.raises(dc.ArtifactError, match="a version is never changed"):
        publish(models, "a-1")
    assert (models / "a-1" / "manifest.json").read_bytes() == before


def test_tags(models):
    """A tag names a version, can be promoted by, moved and removed, and is no version's name."""
    versioning.tag("challenger", "a-2", models)
    versioning.tag("mine", "a-3", models)
    assert dc.load("mine", models=models).version == "a-3"
    force("challenger", models)
    assert aliases(models)["champion"] == "a-2"
    versioning.tag("mine", None, models)
    assert "mine" not in aliases(models)
    for alias, version, message in [
        ("champion", "a-2", "moved by promote"),
        ("a-2", "a-3", "is a version"),
        ("mine", "a-9", "no version 'a-9'"),
        ("mine", None, "no alias 'mine'"),
        ("../x", "a-2", "cannot name"),
    ]:
        with pytest.raises(dc.ModelNotFoundError, match=message):
            versioning.tag(alias, version, models)
    versioning.tag("old", "a-1", models)
    with pytest.raises(dc.ModelNotFoundError, match="is an alias"):
        publish(models, "old")


@pytest.mark.parametrize("name", [*sorted(p.name for p in SMALL.iterdir()), "behaviour.jsonl"])
def test_verify_names_each_file_that_was_touched(models, name):
    """One byte more or less in any file of a version, or the file gone: load refuses it and verify
    names it."""
    place = models / "a-2" / name
    whole = place.read_bytes()
    for content in (whole[:-2] + b"\x01" + whole[-1:], whole + b"x", None):
        if content is None:
            place.unlink()
        else:
            place.write_bytes(content)
        (fault,) = versioning.verify(models)
        assert name in fault
        gone = content is None and name == "manifest.json"  # then there is no version
        with pytest.raises(dc.DirectiveClfError, match="a-2" if gone else re.escape(name)):
            dc.load("a-2", models=models)
        place.write_bytes(whole)
    assert versioning.verify(models) == []


def test_verify_has_a_line_for_every_fault(models):
    """Several faults at once: all are told, each once."""
    (models / "a-1" / "arrays.npz").write_bytes(b"")
    (models / "a-1" / "MODEL_CARD.md").unlink()
    (models / "a-2" / "notes.txt").write_text("mine")
    (models / ".a-9.12345678.part").mkdir()
    shutil.rmtree(models / "a-3")
    faults = versioning.verify(models)
    wanted = ["arrays.npz", "MODEL_CARD.md", "notes.txt", "a-3", "a-9.12345678.part"]
    assert [sum(name in fault for fault in faults) for name in wanted] == [1] * 5
    assert len(faults) == 5


def test_an_alias_of_nothing_is_a_fault(models):
    """An alias whose version is gone is named."""
    shutil.rmtree(models / "a-1")
    assert any("'champion' names 'a-1'" in fault for fault in versioning.verify(models))


def test_prune_removes_what_is_unfinished_and_only_that(models):
    """Leftovers go; versions stay unless asked for, and champions past and present always."""
    force("a-2", models)
    force("a-3", models)
    for name in ("b-1", "b-2"):
        publish(models, name)
    (models / ".a-9.12345678.part").mkdir()
    (models / ".registry.json.12345678.part").write_text("{")
    assert len(versioning.prune(models, dry_run=True)) == 2
    assert [p.name for p in versioning.prune(models)] == [
        ".a-9.12345678.part",
        ".registry.json.12345678.part",
    ]
    assert versioning.prune(models) == []
    assert [p.name for p in versioning.prune(models, keep=1)] == ["b-1"]
    assert registry.versions(models) == ["a-1", "a-2", "a-3", "b-2"]
    assert versioning.verify(models) == []
    kept = registry.read_registry(models).history[-1]["versions"]
    assert kept["b-1"]["parent"] == "a-3"


def test_the_installed_registry_is_not_written_to(models, monkeypatch):
    """What the package brings is read-only, and the message says what to name instead."""
    monkeypatch.setattr(registry, "INSTALLED", models)
    for move in (
        lambda: versioning.rollback(),
        lambda: versioning.tag("mine", "a-1"),
        lambda: versioning.prune(),
        lambda: gate.promote("a-2"),
    ):
        with pytest.raises(dc.DirectiveClfError, match="the shipped models are not written to"):
            move()


def test_a_registry_of_the_first_format_is_read_and_kept(models):
    """Aliases of format 1 hold, and the next move writes the present format."""
    place = models / "registry.json"
    place.write_text(json.dumps({"format": 1, "aliases": {"champion": "a-2"}}))
    assert dc.load(models=models).version == "a-2"
    force("a-3", models)
    assert versioning.rollback(models) == "a-2"
    assert json.loads(place.read_text())["format"] == registry.REGISTRY_FORMAT


def test_a_newer_registry_is_refused_by_name(models):
    """A registry written by a later version of the package is not guessed at."""
    (models / "registry.json").write_text(json.dumps({"format": 9, "aliases": {}}))
    with pytest.raises(dc.ArtifactError, match=r"registry\.json: format 9 is newer than 2"):
        dc.load(models=models)


def test_names_are_not_given_twice(models):
    """The next name is none that a version had, that is an alias, or that files have."""
    publish(models, "directive-1")
    publish(models, "directive-2")
    versioning.tag("directive-3", "a-2", models)
    versioning.prune(models, keep=0)
    assert "directive-2" not in registry.versions(models)
    assert registry.next_version(models) == "directive-4"
    for name in ("registry.json", "floors.json", "a-1.sig"):
        with pytest.raises(dc.ModelNotFoundError, match="not the ending of a file"):
            publish(models, name)


def test_what_lies_elsewhere_is_not_taken_for_what_has_its_name(models, tmp_path):
    """A path outside the registry is neither promoted nor verified under the name of one inside."""
    shutil.copytree(models / "a-2", tmp_path / "a-2")
    for move in (
        lambda: gate.promote(str(tmp_path / "a-2"), models),
        lambda: versioning.verify(models, (str(tmp_path / "a-2"),)),
    ):
        with pytest.raises(dc.ModelNotFoundError, match="not a version of"):
            move()
    force(str(models / "a-2"), models)
    assert aliases(models)["champion"] == "a-2"


def test_a_copied_version_is_recorded_when_it_is_promoted(models):
    """A version that was copied into the registry is pinned to its manifest from then on."""
    publish(models.parent / "other", "c-1")
    shutil.copytree(models.parent / "other" / "c-1", models / "c-1")
    force("c-1", models)
    assert registry.read_registry(models).versions["c-1"]["sha256"]


def test_a_roll_back_passes_over_what_is_gone(models):
    """A former champion that was removed by hand is passed over, not stumbled on."""
    force("a-2", models)
    force("a-3", models)
    shutil.rmtree(models / "a-2")
    assert versioning.rollback(models) == "a-1"


def test_a_registry_that_is_not_there_is_a_fault(tmp_path):
    """Nothing to verify is not all well."""
    (fault,) = versioning.verify(tmp_path / "none")
    assert "no such folder" in fault


# Crashes and company ------------------------------------------------------------------------------


def test_killed_at_any_moment(models):
    """Publishing and promoting, killed at twenty moments: the registry loads what it loaded before
    or the new version, the leftover is named by verify and removed by prune, and the next writer
    is not held up by the dead one's lock."""
    timed = start(models, "warm-up")
    began = time.perf_counter()
    assert timed.wait(60) == 0
    timed.stdout.close()
    lasting = time.perf_counter() - began
    rng = random.Random(0)
    seen = set()
    for n in range(20):
        before = aliases(models)["champion"]
        process = start(models, f"k-{n}")
        time.sleep(lasting * (n + rng.random()) / 20)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        finished = process.stdout.read()
        process.stdout.close()
        now = aliases(models)["champion"]
        assert now in (before, f"k-{n}")
        assert now == f"k-{n}" or "done" not in finished
        assert dc.load(models=models).version == now
        left = [p.name for p in models.iterdir() if p.name.endswith(".part")]
        faults = versioning.verify(models)
        assert len(faults) == len(left)
        assert all(any(name in fault for fault in faults) for name in left)
        assert sorted(p.name for p in versioning.prune(models)) == sorted(left)
        assert versioning.verify(models) == []
        seen.add((now == before, bool(left), f"k-{n}" in registry.versions(models)))
    assert len(seen) > 1  # the moments were spread over the work


def test_training_killed_at_any_moment(models, paragraphs, tmp_path):
    """A training that is killed, wherever it stands, leaves the versions as they were, or one more
    that is whole."""
    write_paragraphs(paragraphs[::2], tmp_path / "data.jsonl")
    command = [sys.executable, "-c", "from directive_clf.cli import main; main()", "train"]
    command += ["--data", tmp_path / "data.jsonl", "--models", models, "--jobs", "1"]
    command += ["--gazetteer", SMALL / "gazetteer.tsv"]
    began = time.perf_counter()
    assert subprocess.run([*map(str, command)], stdout=subprocess.DEVNULL).returncode == 0
    lasting = time.perf_counter() - began
    there = set(registry.versions(models))
    for n in range(6):
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL)
        time.sleep(lasting * (n + 0.5) / 6)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        assert len(set(registry.versions(models)) - there) <= 1
        there = set(registry.versions(models))
        versioning.prune(models)
        assert versioning.verify(models) == []
        assert dc.load(models=models).version == "a-1"


def test_two_at_once_take_turns(models):
    """Four processes publish and promote at once: every version is there, every move is kept, and
    the champion is the last one promoted."""
    processes = [start(models, f"p-{n}") for n in range(4)]
    assert [process.wait(120) for process in processes] == [0] * 4
    for process in processes:
        process.stdout.close()
    now = registry.read_registry(models)
    assert {f"p-{n}" for n in range(4)} <= set(now.versions) & set(registry.versions(models))
    moves = [entry for entry in now.history if entry["to"].startswith("p-")]
    assert len(moves) == 4
    assert all(one["to"] == two["from"] for one, two in zip(moves, moves[1:]))
    assert now.aliases["champion"] == moves[-1]["to"]
    assert versioning.verify(models) == []


def test_readers_are_not_disturbed(models):
    """While others promote back and forth, every load gives a whole model of one of the two."""
    code = (
        "import sys; from directive_clf import gate\n"
        "for n in range(12): gate.promote(f'a-{1 + n % 2}', sys.argv[1], allow_regression='x')"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(models)])
    loaded = set()
    while process.poll() is None:
        loaded.add(dc.load(models=models).version)
    assert process.returncode == 0
    assert loaded <= {"a-1", "a-2"}


def test_a_full_disk_leaves_the_registry(models, monkeypatch):
    """No room while the registry is written: the old one stays, and no part of a new one."""

    def full(*_):
        raise OSError(28, "No space left on device")

    before = (models / "registry.json").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        force("a-2", models)
    monkeypatch.undo()
    assert (models / "registry.json").read_bytes() == before
    assert not [p for p in Path(models).iterdir() if p.name.endswith(".part")]
