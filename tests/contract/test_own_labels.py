"""Training on one's own paragraphs and labels: weights, the shipped text, what it changed."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import directive_clf as dc
from directive_clf import gate, persistence
from directive_clf.behaviour import read_cases
from directive_clf.data import write_paragraphs
from directive_clf.taxonomy import Taxonomy
from directive_clf.training import fit, texts, train
from directive_clf.training.fitting import calibrate, choose_thresholds, folds

from ..conftest import ROOT
from .test_cli import invoke

CASES = ROOT / "training_data" / "behaviour" / "cases.jsonl"
TAXONOMY = {
    "add": {"risk_control": ["governance_party_oversight"]},
    "rename": {"marketing_boilerplate": "furniture"},
    "drop": ["major_projects"],
}


@pytest.fixture(scope="module")
def shipped(paragraphs, tmp_path_factory):
    """A twentieth of the shipped text, in the place of all of it."""
    folder = tmp_path_factory.mktemp("shipped")
    write_paragraphs(paragraphs[::2], folder / "en.jsonl")
    return folder


@pytest.fixture(scope="module")
def mine(paragraphs, tmp_path_factory):
    """Paragraphs of one's own: some of them call governance risk control."""
    own = [replace(p, id=f"own{i}", register=None) for i, p in enumerate(paragraphs[1::8])]
    own = [
        replace(p, labels=("risk_control",), text=f"Risk managers report: {p.text}")
        if p.labels[:1] == ("governance_party_oversight",)
        else p
        for p in own
    ]
    place = tmp_path_factory.mktemp("own") / "mine.jsonl"
    write_paragraphs(own, place)
    return place


@pytest.fixture(scope="module")
def trained(shipped, mine, tmp_path_factory):
    """A model with labels of one's own, on one's own text and the shipped one."""
    return trained_in(tmp_path_factory.mktemp("models"), shipped, mine, n_jobs=1)


def trained_in(folder, shipped, mine, n_jobs):
    taxonomy = folder / "labels.json"
    taxonomy.write_text(json.dumps(TAXONOMY))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_CHECKOUT", shipped)
        return train(
            [mine], [], models=folder, version="mine-1", behaviour=[CASES], gold=[mine],
            with_shipped=True, weights={"mine": 3}, taxonomy=taxonomy, n_jobs=n_jobs,
        )  # fmt: skip


def test_same_bytes(trained, shipped, mine, tmp_path):
    """With own text, weights and labels too, the same data gives the same bytes, whatever the order
    of rows and the number of processes."""
    (tmp_path / "shuffled").mkdir()
    lines = mine.read_text(encoding="utf-8").splitlines(keepends=True)
    again = tmp_path / "shuffled" / mine.name
    again.write_text("".join(reversed(lines)), encoding="utf-8")
    other = trained_in(tmp_path, shipped, again, n_jobs=2)
    names = sorted(p.name for p in trained.iterdir())
    assert names == sorted(p.name for p in other.iterdir())
    assert [n for n in names if (trained / n).read_bytes() != (other / n).read_bytes()] == []


LABELS = (
    "innovation_push",
    "governance_party_oversight",
    "localisation",
    "furniture",
    "risk_control",
)


def test_the_model_carries_its_labels(trained):
    """A loaded model answers with the labels of its taxonomy, new ones among them."""
    model = dc.load(trained)
    assert model.labels == LABELS
    text = "Risk managers report: the inspection team faulted the board for lax control."
    assert "risk_control" in model.classify(text).labels
    assert model.classify("Open your account today and get a free gift.").main == "furniture"
    assert set(model.explain(text).score) == set(LABELS)


def test_the_manifest_and_the_card_tell_what_it_was_fitted_on(trained):
    """Label set, files, weights and what they changed stand in the manifest and in the card."""
    manifest = persistence.read_manifest(trained)
    assert manifest["taxonomy"] == TAXONOMY
    assert manifest["data"]["files"]["mine"]["weight"] == 3
    assert manifest["data"]["files"]["shipped"]["weight"] == 1
    own = manifest["metrics"]["own"]
    assert own["n"] == manifest["data"]["files"]["mine"]["paragraphs"]
    assert set(own["f1_score"]) == {*LABELS, "other"}
    assert own["against"] == dc.load().version
    card = (trained / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "adds risk_control (cut out of governance_party_oversight)" in card
    assert "## What the new data changed" in card
    assert "--data DATA --with-shipped --weight mine=3 --taxonomy TAXONOMY" in card


def test_behaviour_cases_that_need_a_dropped_label_stay_out(trained):
    """The version carries the cases that its labels can meet, under their new names."""
    cases = read_cases(trained / "behaviour.jsonl", labels=LABELS)
    ours = read_cases(CASES)
    assert len(cases) == sum("major_projects" not in case.named for case in ours)
    assert any(case.label == "furniture" for case in cases)


def test_every_command_works_with_own_labels(trained, mine, tmp_path):
    """Scoring in all shapes, evaluation with a second model, and the report take other labels."""
    table = tmp_path / "t.jsonl"
    table.write_text('{"text": "Risk managers report a loss."}\n{"text": "Buy now."}\n')
    model = ("--model", trained)
    printed = invoke("score", table, "--json", "--only", "risk_control", *model).output
    assert json.loads(printed)["p_risk_control"] > 0
    out = tmp_path / "documents.csv"
    invoke("score", table, "-o", out, "--per-document", *model)
    assert "share_risk_control" in out.read_text()
    assert "share_furniture" not in out.read_text()
    drift = tmp_path / "drift.json"
    invoke("score", mine, "-o", tmp_path / "o.parquet", "--drift-report", drift, *model)
    assert "risk_control" in drift.read_text()
    found = invoke(
        "evaluate", trained, "--against", "champion", "--gold", mine, "--out", tmp_path / "r"
    ).output
    assert "against directive-" in found
    assert "risk_control" in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_models_of_other_labels_meet_in_the_gate(trained, mine, tmp_path):
    """A champion of other labels is compared within those of both, a renamed one among them; the
    gold file may call labels as either does."""
    models = tmp_path / "models"
    shutil.copytree(trained.parent, models)
    champion = dc.load()
    persistence.save(
        champion, models / champion.version, golden=["Dam."], card="# c", facts={},
        behaviour=CASES.read_text(encoding="utf-8"),
    )  # fmt: skip
    gate.promote(champion.version, models)
    verdict = gate.promote("mine-1", models, gold=[mine], allow_regression="a test")
    shared = [label for label in LABELS if label != "risk_control"]
    assert verdict.figures["against"]["labels"] == shared
    assert dc.load(models=models).version == "mine-1"
    assert dc.load(models=models).labels == LABELS


def test_a_label_with_too_few_paragraphs_is_refused(paragraphs, gazetteer):
    """The number given, the number needed, and what to do are said."""
    holds = [p for p in paragraphs if "localisation" in p.labels]
    few = [p for p in paragraphs if "localisation" not in p.labels] + holds[:5]
    with pytest.raises(dc.TrainingError, match=r"localisation \(5\);.* needs 20: label more"):
        fit(few, gazetteer, version="v")


def test_a_label_of_one_document_is_refused(paragraphs, gazetteer):
    """A label that a fold would have to do without is refused before anything is fitted."""
    plain = [
        replace(p, register=None, document_id="d" if "localisation" in p.labels else None)
        for p in paragraphs
    ]
    with pytest.raises(dc.TrainingError, match="localisation are of one document"):
        fit(plain, gazetteer, version="v")


def test_a_weight_is_worth_copies():
    """Three of a row, and a row of weight 3, give the same curves and thresholds."""
    rng = np.random.default_rng(0)
    truth = rng.random((80, 2)) < 0.4
    scores = rng.normal(size=(80, 2)) + truth
    times = rng.integers(1, 4, size=80)
    weights = np.tile(times[:, None].astype(float), 2)
    copies = np.repeat(np.arange(80), times)
    one = calibrate(scores, truth, weights)
    many = calibrate(scores[copies], truth[copies])
    assert np.allclose(one.slope, many.slope, rtol=1e-3)
    assert np.allclose(one.offset, many.offset, rtol=1e-3, atol=1e-3)
    p = one.probabilities(scores)
    assert np.allclose(
        choose_thresholds(p, truth, weights), choose_thresholds(p[copies], truth[copies])
    )


def test_what_is_not_known_of_a_label_moves_nothing(paragraphs, gazetteer):
    """A paragraph of weight 0 for a label can be anything for it: the label's fit is the same."""
    labels = dc.LABELS
    weights = np.ones((len(paragraphs), len(labels)))
    unknown = [i for i, p in enumerate(paragraphs) if p.labels == ("localisation",)][:30]
    weights[unknown, labels.index("innovation_push")] = 0
    changed = list(paragraphs)
    for i in unknown:
        changed[i] = replace(changed[i], labels=("localisation", "innovation_push"))
    one = fit(paragraphs, gazetteer, version="v", weights=weights, n_jobs=1).classifier
    two = fit(changed, gazetteer, version="v", weights=weights, n_jobs=1).classifier
    assert np.array_equal(one.model.coef, two.model.coef)
    assert np.array_equal(one.thresholds_, two.thresholds_)


def test_own_paragraphs_are_parted_by_document_beside_registers(paragraphs):
    """Shipped text is held out by register, and one's own, of one register, by document."""
    own = [replace(p, register="newswire", document_id=f"d{i // 2}")
           for i, p in enumerate(paragraphs[:60])]  # fmt: skip
    both = [*paragraphs[60:], *own]
    corpora = ["shipped"] * (len(both) - 60) + ["own"] * 60
    kind, parts = folds(both, 12, corpora)
    assert kind == "document or register"
    held = [{both[i].document_id for i in part if corpora[i] == "own"} for part in map(list, parts)]
    assert sum(bool(documents) for documents in held) > 1
    assert sum(map(len, held)) == len(set().union(*held))


def test_own_text_takes_the_place_of_the_shipped(shipped, paragraphs, tmp_path, monkeypatch):
    """Where one's own file has a text of the project's, its labels count, and it counts once."""
    monkeypatch.setattr(texts, "_CHECKOUT", shipped)
    p = paragraphs[0]
    write_paragraphs([replace(p, id="x", labels=("localisation",))], tmp_path / "mine.jsonl")
    found = texts.TrainingText.read([tmp_path / "mine.jsonl"], True, {}, Taxonomy())
    (same,) = [one for one in found.paragraphs if one.text == p.text]
    assert same.labels == ("localisation",)
    assert found.by_file["mine"]["paragraphs"] == 1


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"nine": 2.0}, "no file 'nine' to weigh; the data has mine"),
     ({"mine": 0.0}, "expected numbers above 0"), ({"mine": float("nan")}, "above 0")],
)  # fmt: skip
def test_weights_that_cannot_be_are_refused(mine, tmp_path, weights, message):
    """A file that is not there, and a weight that is no weight, are refused."""
    taxonomy = tmp_path / "t.json"
    taxonomy.write_text('{"add": ["risk_control"]}')
    with pytest.raises(dc.TrainingError, match=message):
        train([mine], [], models=tmp_path, weights=weights, taxonomy=taxonomy)


def test_without_the_shipped_text_the_error_says_where_it_is(tmp_path, monkeypatch, mine):
    """An installation without training data says so, and what to do."""
    monkeypatch.setattr(texts, "_CHECKOUT", tmp_path)
    with pytest.raises(dc.TrainingError, match="name yours with --data, or install the package"):
        texts.shipped_data()
