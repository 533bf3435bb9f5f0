"""A model folder: loaded whole and unchanged, or refused by name."""

import json
import shutil

import numpy as np
import pytest

import directive_clf as dc
from directive_clf import _version, persistence
from directive_clf.registry import resolve

EVERY_FILE = ["manifest.json", *persistence.FILES]


@pytest.fixture
def folder(tmp_path):
    """A copy of the champion that a test may damage."""
    return shutil.copytree(resolve(), tmp_path / "copy")


@pytest.fixture
def edit_manifest(folder):
    """Change the manifest as its writer would, with a right SHA-256."""

    def edit(**changes):
        place = folder / "manifest.json"
        manifest = {**json.loads(place.read_text()), **changes}
        manifest["sha256"] = persistence._manifest_sha256(manifest)
        place.write_text(json.dumps(manifest))

    return edit


def save_small(fitted, path):
    persistence.save(
        fitted.classifier,
        path,
        golden=["The dam.", "国资委", "half \ud83d"],
        card="# card\n",
        facts={"a": 1},
    )


def test_save_and_load_give_the_same(fitted, tmp_path, paragraphs):
    """A loaded model gives the scores and predictions of the one that was saved."""
    save_small(fitted, tmp_path / "m")
    loaded = dc.load(tmp_path / "m")
    texts = [p.text for p in paragraphs]
    assert (loaded.decision_function(texts) == fitted.classifier.decision_function(texts)).all()
    assert loaded.classify_many(texts) == fitted.classifier.classify_many(texts)


def test_saving_twice_gives_the_same_bytes(fitted, tmp_path):
    """Nothing in a folder depends on when or where it was written."""
    for name in ("one", "two"):
        save_small(fitted, tmp_path / name)
    for name in EVERY_FILE:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_version_is_never_overwritten(folder, fitted):
    """Saving to a folder that exists is refused, and leaves it alone."""
    before = sorted((p.name, p.read_bytes()) for p in folder.iterdir())
    with pytest.raises(dc.ArtifactError, match="exists already"):
        save_small(fitted, folder)
    assert sorted((p.name, p.read_bytes()) for p in folder.iterdir()) == before


def test_a_failed_save_leaves_nothing(fitted, tmp_path, monkeypatch):
    """When writing fails half-way, neither the version nor a part of it stays."""

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.rename", fail)
    with pytest.raises(OSError, match="disk full"):
        save_small(fitted, tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_missing_file_is_named(folder, name):
    """Without any one of its files a model is refused, and the message names the file."""
    (folder / name).unlink()
    with pytest.raises(dc.ArtifactError, match=f"{name}: no such file"):
        dc.load(folder)


@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_truncated_file_is_named(folder, name):
    """A file cut short is refused by name."""
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(dc.ArtifactError, match=name):
        dc.load(folder)


@pytest.mark.parametrize("name", EVERY_FILE)
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_flipped_bit_is_named(folder, name, place):
    """A single changed bit, anywhere in any file, is refused by name."""
    content = bytearray((folder / name).read_bytes())
    content[int(len(content) * place)] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(dc.ArtifactError, match=name):
        dc.load(folder)


def test_an_edited_manifest_is_refused(folder):
    """A figure changed by hand does not pass for the model's own."""
    place = folder / "manifest.json"
    place.write_text(place.read_text().replace('"guide_version": "', '"guide_version": "9'))
    with pytest.raises(dc.ArtifactError, match=r"manifest\.json: its content does not match"):
        dc.load(folder)


def test_a_newer_format_says_what_to_do(folder, edit_manifest):
    """A folder of a later format names both numbers and the remedy."""
    edit_manifest(format=_version.ARTIFACT_FORMAT + 1)
    with pytest.raises(dc.ArtifactError, match=r"format 2 is newer than 1, .*upgrade the package"):
        dc.load(folder)


@pytest.mark.parametrize(
    "content", ["", "[]", "null", '"x"', "{}", '{"format": "1"}', '{"format": true}']
)
def test_a_manifest_that_is_none_is_refused(folder, content):
    """JSON of another shape, or none, is refused by name and never crashes."""
    (folder / "manifest.json").write_text(content)
    with pytest.raises(dc.ArtifactError, match=r"manifest\.json"):
        dc.load(folder)


@pytest.fixture
def edit_arrays(folder, edit_manifest):
    """Change the arrays as their writer would, with a right SHA-256."""

    def edit(change):
        place = folder / "arrays.npz"
        arrays = dict(np.load(place))
        change(arrays)
        np.savez(place, **arrays)
        files = json.loads((folder / "manifest.json").read_text())["files"]
        edit_manifest(files={**files, place.name: persistence._sha256(place.read_bytes())})

    return edit


def test_golden_predictions_are_run(folder, edit_arrays):
    """A folder whose every hash is right, but which answers otherwise than it did, is refused."""
    edit_arrays(lambda arrays: arrays.update(coef=arrays["coef"] + np.float32(0.1)))
    with pytest.raises(dc.ArtifactError, match=r"golden\.jsonl: line 1: the model gives"):
        dc.load(folder)


def test_pickles_are_never_read(folder, edit_arrays):
    """An array of objects, which only pickle can hold, is refused even with a right hash."""
    edit_arrays(lambda arrays: arrays.update(thresholds=np.array([{}], dtype=object)))
    with pytest.raises(dc.ArtifactError, match=r"arrays\.npz: .*allow_pickle"):
        dc.load(folder)


MANIFESTS = [
    {"labels": None},
    {"labels": []},
    {"labels": ["a", "a"]},
    {"labels": [1, 2]},
    {"labels": "abcde"},
    {"labels": ["only one"]},
    {"power": None},
    {"power": "0.5"},
    {"power": 7},
    {"power": float("nan")},
    {"version": None},
    {"version": ""},
    {"files": None},
    {"files": []},
]


@pytest.mark.parametrize("changes", MANIFESTS, ids=repr)
def test_a_manifest_of_wrong_values_is_refused(folder, edit_manifest, changes):
    """A value that loading relies on, missing or of another type, ends in an error by name."""
    edit_manifest(**changes)
    with pytest.raises(dc.ArtifactError, match=r"(manifest\.json|arrays\.npz): "):
        dc.load(folder)


ARRAYS = [
    lambda arrays: arrays.pop("coef"),
    lambda arrays: arrays.update(coef=arrays["coef"].T),
    lambda arrays: arrays.update(coef=arrays["coef"][:-1]),
    lambda arrays: arrays.update(coef=arrays["coef"].astype(complex)),
    lambda arrays: arrays.update(coef=arrays["coef"] * np.float32("nan")),
    lambda arrays: arrays.update(weights=-arrays["weights"]),
    lambda arrays: arrays.update(slope=np.float64(1)),
    lambda arrays: arrays.update(thresholds=np.array(["x"] * 5)),
]


@pytest.mark.parametrize("change", ARRAYS)
def test_arrays_of_another_make_are_refused(folder, edit_arrays, change):
    """An array that is missing, misshapen or not of finite numbers ends in an error by name."""
    edit_arrays(change)
    with pytest.raises(dc.ArtifactError, match=r"arrays\.npz: "):
        dc.load(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("arrays.npz", b""),
        ("arrays.npz", b"PK\x03\x04"),
        ("arrays.npz", b"\x93NUMPY\x01\x00\x02\x00{}"),
        ("vocabulary.txt", b""),
        ("vocabulary.txt", b"a\na"),
        ("vocabulary.txt", b"\xff"),
        ("gazetteer.tsv", b"\xff"),
        ("golden.jsonl", b""),
        ("golden.jsonl", b"[]"),
        ("golden.jsonl", b'{"text": 5, "scores": [], "labels": []}'),
        ("golden.jsonl", b'{"text": "a", "scores": null, "labels": []}'),
        ("golden.jsonl", b"[" * 100_000),
    ],
)
def test_malformed_files_are_refused(folder, edit_manifest, name, content):
    """A file that is no file of its kind ends in an error by name, even with a right hash."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    edit_manifest(files={**files, name: persistence._sha256(content)})
    with pytest.raises(dc.ArtifactError, match=name):
        dc.load(folder)
