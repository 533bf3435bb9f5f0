"""The gate: a worse model is refused with its figures; floors rise, and fall for a reason."""

import json
import shutil
from dataclasses import replace

import pytest

import directive_clf as dc
from directive_clf import behaviour, gate, persistence, registry, versioning
from directive_clf.calibration import Calibration
from directive_clf.data import read_paragraphs, write_paragraphs
from directive_clf.training import train

from ..conftest import ROOT

CASES = ROOT / "training_data" / "behaviour" / "cases.jsonl"


@pytest.fixture(scope="module")
def parts():
    """Training text of two sizes, and a gold set that neither holds."""
    everything = read_paragraphs(ROOT / "training_data")
    return {"few": everything[3::60], "many": everything[1::6], "gold": everything[::30]}


@pytest.fixture(scope="module")
def shelf(parts, gazetteer, tmp_path_factory):
    """A registry with a worse and a better version, none promoted."""
    folder = tmp_path_factory.mktemp("gate")
    for name, part in parts.items():
        write_paragraphs(part, folder / f"{name}.jsonl")
    phrases = folder / "gazetteer.tsv"
    phrases.write_text("".join(f"{k}\t{p}\n" for p, k in gazetteer.phrases.items()))
    for name, data, own in (("worse", "few", []), ("better", "many", [phrases])):
        train(
            [folder / f"{data}.jsonl"],
            own,
            models=folder / "models",
            version=name,
            behaviour=[CASES],
            n_jobs=1,
        )
    return folder


@pytest.fixture
def models(shelf, tmp_path):
    shutil.copytree(shelf / "models", tmp_path / "models")
    return tmp_path / "models"


@pytest.fixture
def gold(shelf):
    return [shelf / "gold.jsonl"]


def champion(models):
    return registry.read_registry(models).aliases.get("champion")


def floors(models):
    return json.loads((models / "floors.json").read_text())


def test_the_whole_way(models, gold):
    """Promote the better, be refused the worse, force it with a reason, roll back."""
    verdict = gate.promote("better", models, gold=gold)
    assert verdict.reasons == []
    before = floors(models)
    with pytest.raises(dc.PromotionError) as refused:
        gate.promote("worse", models, gold=gold)
    assert champion(models) == "better"
    assert floors(models) == before
    reasons = " ".join(refused.value.reasons)
    assert "macro-F1 falls by 0." in reasons
    assert "more than the paired bootstrap explains (95 % interval -0." in reasons
    assert "under its floor" in reasons
    assert "behaviour: minimum_functionality, plain passes" in reasons
    gate.promote("worse", models, gold=gold, allow_regression="to see what happens", by="Ann")
    assert champion(models) == "worse"
    entry = registry.read_registry(models).history[-1]
    assert entry["allow_regression"] == "to see what happens"
    assert entry["reasons"] == refused.value.reasons
    assert entry["figures"]["against"]["version"] == "better"
    assert floors(models)["figures"]["macro_f1"] < before["figures"]["macro_f1"]
    assert versioning.rollback(models) == "better"
    assert dc.load(models=models).version == "better"


def test_floors_rise_and_do_not_fall(models, gold):
    """A promotion raises floors to the low end of what it shows; one that passes lowers none."""
    gate.promote("worse", models, gold=gold)
    low = floors(models)
    gate.promote("better", models, gold=gold)
    high = floors(models)
    for kind in ("figures", "behaviour"):
        assert all(high[kind][name] >= low[kind][name] for name in low[kind])
    assert high["figures"]["macro_f1"] > low["figures"]["macro_f1"]
    high["figures"]["f1 other"] = 0.1
    high["behaviour"]["direction, hard"] = 0.0
    (models / "floors.json").write_text(json.dumps(high))
    gate.promote("better", models, gold=gold)
    assert floors(models)["figures"]["f1 other"] > 0.1


def test_a_version_that_set_the_floors_passes_them(models, gold):
    """Floors do not refuse the very version that set them."""
    gate.promote("better", models, gold=gold)
    assert gate.promote("better", models, gold=gold).reasons == []


def test_floors_are_those_of_their_gold_file(models, gold, shelf):
    """On another gold file the floors say nothing, and the gate says so."""
    gate.promote("worse", models, gold=gold)
    with pytest.raises(dc.PromotionError, match="floors were set on another gold file"):
        gate.promote("better", models, gold=[shelf / "few.jsonl"])
    gate.promote("better", models, gold=[shelf / "few.jsonl"], allow_regression="a new gold file")
    assert floors(models)["gold"]["paragraphs"] == len(read_paragraphs(shelf / "few.jsonl"))


def test_without_gold_only_the_first_is_promoted(models):
    """The first champion needs no comparison; the second does."""
    gate.promote("worse", models)
    with pytest.raises(dc.PromotionError, match="no gold file"):
        gate.promote("better", models)
    gate.promote("worse", models)  # as it is


def test_own_cases_count(models, gold, tmp_path):
    """Cases of the user's own are run beside those that the version carries, and get a floor."""
    case = {
        "id": "mine-1",
        "kind": "minimum_functionality",
        "label": "localisation",
        "text": "Zorp.",
        "expected": ["localisation"],
        "hard": True,
    }
    (tmp_path / "mine.jsonl").write_text(json.dumps(case))
    own = behaviour.read_cases(models / "better" / "behaviour.jsonl")
    assert own == behaviour.read_cases(CASES)
    counts = [
        gate.promote("better", models, gold=gold, cases=cases).figures["behaviour"]
        for cases in ([], [tmp_path / "mine.jsonl"])
    ]
    group = "minimum_functionality, hard"
    hits, n = map(int, counts[0][group].split("/"))
    assert counts[1][group] == f"{hits}/{n + 1}"


def test_a_candidate_that_does_not_load_is_refused_whatever_the_reason(models, gold):
    """Golden predictions and hashes are no matter of opinion."""
    (models / "better" / "golden.jsonl").write_text("{}\n")
    with pytest.raises(dc.ArtifactError, match=r"golden\.jsonl"):
        gate.promote("better", models, gold=gold, allow_regression="please")
    assert champion(models) is None


def test_worse_calibration_is_refused(models, gold, parts):
    """A model whose probabilities mean nothing is refused, though its labels are the same."""
    better = dc.load("better", models=models)
    shy = dc.load("better", models=models)
    was = better.calibration
    shy.calibration = Calibration(was.slope / 4, was.offset / 4)
    shy.thresholds_ = 1 / (1 + (1 / better.thresholds_ - 1) ** 0.25)
    verdict = gate.judge(shy, better, parts["gold"])
    assert len(verdict.reasons) == 1
    assert "expected calibration error rises by 0." in verdict.reasons[0]
    assert "at most 0.02 is allowed" in verdict.reasons[0]


@pytest.mark.parametrize("content", ["", "[]", '{"format": 9}', '{"format": 1, "gold": {}}'])
def test_floors_that_cannot_be_read_stop_a_promotion(models, gold, content):
    """A damaged file of floors is not taken for none."""
    (models / "floors.json").write_text(content)
    with pytest.raises(dc.ArtifactError, match=r"floors\.json"):
        gate.promote("better", models, gold=gold)
    assert champion(models) is None


def test_other_labels_cannot_be_compared(models, gold):
    """A champion of other labels is named as a reason, not compared."""
    gate.promote("worse", models)
    place = models / "registry.json"
    content = json.loads(place.read_text())
    shutil.rmtree(models / "worse")
    model = dc.load("better", models=models)
    model.version, model.labels = "worse", ("i", "g", "l", "p", "m")
    persistence.save(model, models / "worse", golden=["Dam."], card="# c", facts={})
    content["versions"].pop("worse")
    place.write_text(json.dumps(content))
    with pytest.raises(dc.PromotionError, match="they cannot be compared"):
        gate.promote("better", models, gold=gold)


def test_a_version_under_another_name_is_compared_too(models, gold):
    """A worse version is refused whatever its manifest calls it: the champion's name, say."""
    gate.promote("better", models, gold=gold)
    worse = dc.load("worse", models=models)
    worse.version = "better"
    persistence.save(worse, models / "copied", golden=["Dam."], card="# c", facts={})
    with pytest.raises(dc.PromotionError, match="macro-F1 falls by"):
        gate.promote("copied", models, gold=gold)


def test_an_easy_suite_does_not_help(models, gold):
    """The cases of the champion are run on a candidate that carries none or easier ones."""
    gate.promote("better", models, gold=gold)
    worse = dc.load("worse", models=models)
    worse.version = "easy"
    persistence.save(worse, models / "easy", golden=["Dam."], card="# c", facts={})
    with pytest.raises(dc.PromotionError) as refused:
        gate.promote("easy", models, gold=gold)
    assert any("where better passes" in reason for reason in refused.value.reasons)


def test_a_roll_back_brings_back_the_floors(models, gold):
    """Floors that a forced promotion lowered are those of before once it is rolled back."""
    gate.promote("better", models, gold=gold)
    before = floors(models)
    gate.promote("worse", models, gold=gold, allow_regression="a test")
    assert floors(models) != before
    assert gate.rollback(models) == "better"
    assert floors(models) == before


def test_floors_fall_after_the_move_and_only_those_that_were_violated(models, gold, monkeypatch):
    """A forced promotion that dies before its move has lowered nothing; what it met stays."""
    gate.promote("better", models, gold=gold)
    before = floors(models)

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(versioning, "move", die)
        with pytest.raises(KeyboardInterrupt):
            gate.promote("worse", models, gold=gold, allow_regression="a test")
    assert floors(models) == before
    verdict = gate.promote("worse", models, gold=gold, allow_regression="a test")
    after = floors(models)
    for name, floor in before["behaviour"].items():
        violated = any(f"{name} passes" in r and "floor" in r for r in verdict.reasons)
        assert (after["behaviour"][name] < floor) == violated


def test_a_blank_reason_is_none(models, gold):
    """Spaces are no reason."""
    gate.promote("better", models, gold=gold)
    with pytest.raises(dc.PromotionError):
        gate.promote("worse", models, gold=gold, allow_regression="  ")


def test_a_class_that_the_gold_lacks_sets_no_floor(models, tmp_path, parts):
    """False alarms of a class that is not in the gold set are no floor for the next."""
    some = [p for p in parts["gold"] if "major_projects" not in p.labels]
    write_paragraphs(some, tmp_path / "some.jsonl")
    gate.promote("better", models, gold=[tmp_path / "some.jsonl"])
    assert "f1 major_projects" not in floors(models)["figures"]
    assert "f1 localisation" in floors(models)["figures"]


def test_too_little_gold_is_refused(models, tmp_path, parts):
    """An empty gold file, or one document, cannot judge; nothing moves."""
    (tmp_path / "empty.jsonl").write_text("")
    one = [replace(p, document_id="d") for p in parts["gold"]]
    write_paragraphs(one, tmp_path / "one.jsonl")
    for name in ("empty", "one"):
        with pytest.raises(dc.DataError, match="of one document or none"):
            gate.promote("better", models, gold=[tmp_path / f"{name}.jsonl"], allow_regression="x")
    assert champion(models) is None


def test_damaged_floors_are_a_fault(models, gold):
    """Verifying a registry reads its floors too."""
    gate.promote("better", models, gold=gold)
    assert gate.verify(models) == []
    (models / "floors.json").write_text("{")
    assert any("floors.json" in fault for fault in gate.verify(models))
