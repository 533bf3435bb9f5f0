"""Drift: a batch of what the model was trained on is like it, another is not, and small ones are
left alone."""

import argparse
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from directive_clf import DataError, drift, gate, read_paragraphs, registry, score_files
from directive_clf.calibration import certainty
from directive_clf.labels import OTHER
from directive_clf.training import train

from ..conftest import ROOT


@pytest.fixture(scope="module")
def models(paragraphs, tmp_path_factory):
    """A registry with a model of a tenth of the shipped paragraphs."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "data.jsonl").write_text(
        "".join(
            json.dumps({"id": p.id, "text": p.text, "labels": p.labels, "register": p.register})
            + "\n"
            for p in paragraphs
        )
    )
    gate.promote(train([folder / "data.jsonl"], [], models=folder, n_jobs=1).name, folder)
    return folder


def reported(texts, tmp_path, models, **options):
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    report = tmp_path / "drift.json"
    summary = score_files(
        table, tmp_path / "o.jsonl", models=models, drift_report=report, **options
    )
    assert json.loads(report.read_text(encoding="utf-8")) == summary.drift
    return summary.drift


@pytest.fixture(scope="module")
def others():
    """Shipped paragraphs that the model has not seen, with their labels."""
    return read_paragraphs(ROOT / "training_data")[5::10]


def test_a_batch_of_the_same_kind_is_like(others, tmp_path, models):
    """Paragraphs of the same sources, which the model has not seen, are called like it, and the
    accuracy to expect is that which it has, within three points."""
    found = reported([p.text for p in others], tmp_path, models)
    assert found["is_unlike"] is False
    assert found["sentence"].startswith("The batch is like what the model knows.")
    assert set(found["languages"]) == {"en", "zh"}
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    right = [row["main"] == (p.labels[0] if p.labels else OTHER) for row, p in zip(rows, others)]
    assert abs(found["expected_accuracy"] - np.mean(right)) < 0.03


@pytest.mark.parametrize("kind", ["code", "another language"])
def test_a_batch_of_another_kind_is_unlike(tmp_path, models, kind):
    """Source code, and a language that the model does not know, are called unlike, with the cause,
    and less accuracy is expected of them."""
    if kind == "code":
        texts = re.split(r"\n\s*\n", inspect.getsource(argparse))
    else:
        said = "le conseil des ministres a examiné hier soir un projet qui tend à réformer"
        texts = [f"{said[i % 7 :]} {said[: i % 11]}" for i in range(300)]
    found = reported(texts, tmp_path, models)
    assert found["is_unlike"] is True
    assert "more words that the model does not know" in found["sentence"]
    assert found["expected_accuracy"] < 0.8


def test_too_few_tell_nothing(others, tmp_path, models):
    """Of less than a hundred paragraphs nothing is said."""
    found = reported([p.text for p in others if p.lang == "en"][:99], tmp_path, models)
    assert found["is_unlike"] is None
    assert found["sentence"].startswith("99 paragraphs are too few to tell")


def test_the_report_does_not_depend_on_processes(others, tmp_path, models):
    """Counts of chunks add up to those of the batch, whoever counted them."""
    texts = [p.text for p in others] * 3
    one, two = (reported(texts, tmp_path, models, jobs=jobs) for jobs in (1, 2))
    assert one == two
    assert one["paragraphs"] == len(texts)


def test_a_model_without_a_reference_says_so(tmp_path):
    """A model that keeps no reference is named, before anything is scored."""
    (tmp_path / "a.txt").write_text("A dam.")
    old = ROOT / "tests" / "artifacts" / "format-1"
    with pytest.raises(DataError, match="model format-1 keeps no reference of its training"):
        score_files(
            tmp_path / "a.txt", tmp_path / "o.csv", model=old, drift_report=tmp_path / "d.json"
        )
    assert not (tmp_path / "o.csv").exists()


def test_the_reference_is_of_held_out_paragraphs(models, paragraphs):
    """The manifest counts each training paragraph once, in each measure, by language."""
    manifest = json.loads((Path(registry.resolve(models=models)) / "manifest.json").read_text())
    reference = manifest["reference"]
    for lang, part in reference.items():
        n = sum(p.lang == lang for p in paragraphs)
        assert part["n"] == n
        for name in drift.MEASURES:
            assert sum(part[name]) == n
            if name != "labels":
                assert len(part[name]) == len(part["edges"][name]) + 1
        assert sum(part["right"]) == round(
            manifest["metrics"]["cross_validation"]["lang"][lang]["accuracy"]["value"] * n
        )


def test_the_index_is_that_of_the_formula():
    """The population stability index of counts that share no bin edge effects, by hand."""
    expected = (0.5 - 0.25) * np.log(0.5 / 0.25) + (0.5 - 0.75) * np.log(0.5 / 0.75)
    assert abs(drift._index([5_000_000, 5_000_000], [2_500_000, 7_500_000]) - expected) < 1e-6
    assert drift._index([3, 4, 5], [3, 4, 5]) == 0


def test_certainty_is_of_the_answer():
    """The certainty of a label is its probability; of other, that no label holds."""
    p = np.array([[0.9, 0.5], [0.2, 0.1]])
    assert certainty(p, [0, -1]).tolist() == pytest.approx([0.9, 0.72])


def test_sums_of_counts():
    """Counts of languages that only one part has are kept."""

    def counts(*values):
        return {name: [*values] for name in drift.MEASURES}

    total = drift.add({"en": counts(1, 2)}, {"en": counts(3, 4), "zh": counts(5)})
    assert total["en"]["labels"] == [4, 6]
    assert total["zh"]["length"] == [5]
