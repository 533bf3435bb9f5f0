"""Training: the same data, code and seed give the same bytes."""

import json
import random
import re
from dataclasses import replace

import numpy as np
import pytest

import directive_clf as dc
from directive_clf import gate
from directive_clf.data import write_paragraphs
from directive_clf.prevalence import Confusion
from directive_clf.training import fit, train
from directive_clf.training.fitting import choose_thresholds, folds

from ..conftest import ROOT

GAZETTEER = sorted((ROOT / "training_data" / "gazetteer").glob("*.tsv"))


@pytest.fixture(scope="module")
def trained(paragraphs, tmp_path_factory):
    """The same training run twice, with one process and with two, rows in another order."""
    base = tmp_path_factory.mktemp("trained")
    orders = {1: paragraphs, 2: random.Random(0).sample(paragraphs, len(paragraphs))}
    for n, ordered in orders.items():
        write_paragraphs(ordered, base / f"data{n}.jsonl")
    return [
        train(
            [base / f"data{n}.jsonl"],
            GAZETTEER,
            models=base / f"models{n}",
            version="v",
            gold=[base / f"data{n}.jsonl"],
            n_jobs=n,
        )
        for n in (1, 2)
    ]


def test_same_bytes(trained):
    """Every file of a version is the same to the last byte, whatever the order of the rows and the
    number of processes."""
    one, two = trained
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in two.iterdir())
    assert [n for n in names if (one / n).read_bytes() != (two / n).read_bytes()] == []


def test_a_trained_version_loads(trained):
    """A version loads from its registry under its name, promoted as asked."""
    models = trained[0].parent
    gate.promote("v", models)
    assert dc.load(models=models).version == dc.load("v", models=models).version == "v"


def test_the_card_is_whole(trained):
    """The model card has figures of both kinds, and no section of it is empty."""
    card = (trained[0] / "MODEL_CARD.md").read_text()
    sections = card.split("\n## ")[1:]
    assert len(sections) >= 7
    assert all(len(section.split("\n", 1)[1].strip()) > 80 for section in sections)
    assert not re.search(r"\b(nan|None)\b", card)


def test_the_manifest_tells_all(trained):
    """The manifest names data, commit, libraries, seed, parameters, metrics and file hashes."""
    manifest = json.loads((trained[0] / "manifest.json").read_text())
    assert {
        "format",
        "version",
        "labels",
        "guide_version",
        "data",
        "code_commit",
        "libraries",
        "parameters",
        "metrics",
        "files",
    } <= set(manifest)
    assert manifest["parameters"]["random_state"] == 0
    assert manifest["metrics"]["gold"]["all"]["n"] == manifest["data"]["paragraphs"]


def test_the_manifest_knows_the_errors_of_each_kind(trained):
    """A version keeps, for each kind of source, what corrects shares; they add up to its data."""
    manifest = json.loads((trained[0] / "manifest.json").read_text())
    known = Confusion.of(manifest["metrics"]["cross_validation"], manifest["labels"])
    assert len(known.n) == len(manifest["data"]["by_register"]) > 10
    assert known.n.sum() == manifest["data"]["paragraphs"]


def test_an_existing_version_stops_training_first(trained):
    """A taken name is refused before anything is read or fitted."""
    with pytest.raises(dc.ArtifactError, match="exists already"):
        train(["no such file.jsonl"], [], models=trained[0].parent, version="v")


@pytest.mark.parametrize("name", ["../out", "a b", ".hidden", "a/b"])
def test_a_version_stays_in_its_registry(tmp_path, name):
    """A name that would lead out of the registry, or be hidden in it, is refused at once."""
    with pytest.raises(dc.ModelNotFoundError, match="cannot name a version; use letters"):
        train(["no such file.jsonl"], [], models=tmp_path, version=name)


def test_half_characters_do_no_harm(paragraphs, tmp_path):
    """Lone surrogates in texts, as broken tools leave them, stop neither training nor loading."""
    broken = [replace(p, text=f"\ud83d {p.text} \ude00") for p in paragraphs]
    write_paragraphs(broken, tmp_path / "data.jsonl")
    path = train([tmp_path / "data.jsonl"], [], models=tmp_path, n_jobs=1)
    assert dc.load(path).classify("\ud83d dam").flags == ()


def test_one_document_cannot_be_judged(paragraphs, gazetteer):
    """Data of a single document is refused: no part of it could be left out."""
    one = [replace(p, register=None, document_id="d") for p in paragraphs]
    with pytest.raises(dc.TrainingError, match="all paragraphs are of one document"):
        fit(one, gazetteer, version="v")


def test_gold_without_a_label(paragraphs, tmp_path):
    """A class that a gold set lacks leaves a dash in the card and null in the manifest."""
    write_paragraphs(paragraphs, tmp_path / "data.jsonl")
    write_paragraphs([p for p in paragraphs if not p.labels][:20], tmp_path / "gold.jsonl")
    path = train(
        [tmp_path / "data.jsonl"], [], models=tmp_path, gold=[tmp_path / "gold.jsonl"], n_jobs=1
    )
    assert "NaN" not in (path / "manifest.json").read_text()
    assert "| F1 `localisation` | –" in (path / "MODEL_CARD.md").read_text()


def test_too_few_paragraphs(paragraphs, gazetteer):
    """A label with too few paragraphs is refused with the number found and the number needed."""
    few = [p for p in paragraphs if "localisation" not in p.labels]
    with pytest.raises(
        dc.TrainingError, match=r"localisation \(0\); each label, and other, needs 20"
    ):
        fit(few, gazetteer, version="v")


def test_folds_leave_whole_kinds_out(paragraphs):
    """No register stands on both sides of a fold, and every row is held out once."""
    kind, parts = folds(paragraphs, 6)
    assert kind == "register"
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(paragraphs)))
    for part in parts:
        held_out = set(part.tolist())
        inside = {p.register for i, p in enumerate(paragraphs) if i in held_out}
        outside = {p.register for i, p in enumerate(paragraphs) if i not in held_out}
        assert not inside & outside


def test_folds_without_registers_keep_documents_whole(paragraphs):
    """Where data names no kinds of source, documents are what a fold does not split."""
    plain = [
        dc.Paragraph(p.text, p.labels, p.id, p.lang, document_id=f"d{i // 3}")
        for i, p in enumerate(paragraphs)
    ]
    kind, parts = folds(plain, 6)
    assert kind == "document"
    for part in parts:
        held_out = set(part.tolist())
        assert {plain[i].group for i in held_out}.isdisjoint(
            p.group for i, p in enumerate(plain) if i not in held_out
        )


def test_thresholds_give_the_best_f1():
    """No other cut of the probabilities has a higher F1 than the chosen threshold."""
    from directive_clf.metrics import f1_score

    rng = np.random.default_rng(1)
    truth = rng.random((200, 1)) < 0.3
    p = np.clip(truth * 0.3 + rng.random((200, 1)) * 0.7, 0, 1)
    chosen = choose_thresholds(p, truth)[0]
    best = max(f1_score(truth[:, 0], p[:, 0] >= cut) for cut in p[:, 0])
    assert f1_score(truth[:, 0], p[:, 0] >= chosen) == best


def test_probabilities_are_calibrated(fitted):
    """Out of fold, what is said and what is true differ by a few points at most."""
    from directive_clf.metrics import expected_calibration_error

    for truth, p in zip(fitted.y_true.T, fitted.probabilities.T, strict=True):
        assert expected_calibration_error(truth, p) < 0.06
