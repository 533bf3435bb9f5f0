"""Names to folders."""

import json
import shutil

import pytest

import directive_clf as dc
from directive_clf import gate, registry


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A registry with two versions of the same model, none promoted."""
    folder = tmp_path / "models"
    for name in ("directive-1", "directive-7"):
        shutil.copytree(registry.resolve(), folder / name)
    monkeypatch.setenv(registry.ENVIRONMENT, str(folder))
    return folder


def test_the_champion_is_the_default(models):
    """``load()`` gives what was promoted, and promoting moves it."""
    gate.promote("directive-7")
    assert registry.resolve() == registry.resolve("champion") == models / "directive-7"
    gate.promote("directive-1", allow_regression="a test")
    assert registry.resolve() == models / "directive-1"


def test_names_and_paths(models):
    """A version is found by name; a path is taken as it is, from any registry."""
    assert registry.resolve("directive-7") == models / "directive-7"
    assert registry.resolve(models / "directive-1") == models / "directive-1"
    assert registry.resolve(str(models / "directive-1")) == models / "directive-1"
    assert dc.load("directive-7", models=models).version


def test_nothing_promoted_says_so(models):
    """Without a champion the message tells what there is and how to get one."""
    with pytest.raises(
        dc.ModelNotFoundError, match=r"'champion'.*directive-1, directive-7; train one"
    ):
        dc.load()


@pytest.mark.parametrize("name", ["directive-9", "..", ".hidden", "a b", "directive-1\n"])
def test_unknown_names_list_the_known(models, name):
    """A name that is none is refused, and no name leads out of the registry."""
    with pytest.raises(dc.ModelNotFoundError, match="found: directive-1, directive-7"):
        dc.load(name)


def test_a_missing_path_is_named(tmp_path):
    """A path that is no folder is named."""
    with pytest.raises(dc.ModelNotFoundError, match="nowhere: no such model folder"):
        dc.load(tmp_path / "nowhere")


def test_an_alias_cannot_lead_out(models):
    """An alias in the file that points elsewhere is not followed."""
    content = {"format": 1, "aliases": {"champion": "../directive-1"}}
    (models / "registry.json").write_text(json.dumps(content))
    with pytest.raises(dc.ModelNotFoundError, match="no model 'champion'"):
        dc.load()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"format": 3, "aliases": {}}',
        '{"format": 2}',
        '{"format": 1}',
        '{"format": 1, "aliases": []}',
    ],
)
def test_a_broken_registry_is_named(models, content):
    """A registry file that cannot be read is named, never guessed around."""
    (models / "registry.json").write_text(content)
    with pytest.raises(dc.ArtifactError, match=r"registry\.json"):
        dc.load()


def test_only_versions_are_promoted(models):
    """Promoting what is no version changes nothing."""
    with pytest.raises(dc.ModelNotFoundError, match="no model 'directive-9'"):
        gate.promote("directive-9")
    assert not (models / "registry.json").exists()


def test_versions_count_on(models):
    """The next version is one above the highest; parts of unfinished writes are no versions."""
    shutil.copytree(models / "directive-1", models / ".directive-8.123.part")
    assert registry.versions() == ["directive-1", "directive-7"]
    assert registry.next_version() == "directive-8"
