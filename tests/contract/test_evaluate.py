"""Evaluation: figures with intervals, a report that stands alone, and comparisons that explain."""

import json
import math
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn import metrics as reference

import directive_clf as dc
from directive_clf import assessment, comparison, evaluation, mistakes, persistence, registry
from directive_clf.cli import cli
from directive_clf.data import Paragraph, read_paragraphs, write_paragraphs

from ..conftest import ROOT


@pytest.fixture(scope="module")
def gold():
    """Labelled paragraphs of both languages, with columns beyond ours and documents."""
    rows = read_paragraphs(ROOT / "training_data")[5::50]
    return [
        Paragraph(
            text=p.text, labels=p.labels, id=p.id, lang=p.lang, register=p.register,
            document_id=f"d{i // 3}", extra={"source": f"paper {i % 2}", "hard": i % 4 == 0},
        )
        for i, p in enumerate(rows)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def gold_file(gold, tmp_path_factory):
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    write_paragraphs(gold, path)
    return path


@pytest.fixture(scope="module")
def answers(classifier, gold):
    return evaluation.answers_of(classifier, gold)


@pytest.fixture(scope="module")
def rival(fitted):
    """A second model with the same labels."""
    return fitted.classifier


def leaves(value):
    """Every figure in nested values."""
    if isinstance(value, dict):
        if "value" in value:
            yield value
        else:
            for item in value.values():
                yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)


def test_figures_are_scikit_learns(answers):
    """The figures over all are those that scikit-learn computes from the same answers."""
    found = evaluation.evaluate(answers, resamples=0)["all"]
    true, pred = answers.main_true, answers.main_pred
    wanted = {
        "macro_f1": reference.f1_score(true, pred, average="macro"),
        "accuracy": reference.accuracy_score(true, pred),
        "multilabel_macro_f1": reference.f1_score(answers.y_true, answers.y_pred, average="macro"),
        "multilabel_micro_f1": reference.f1_score(answers.y_true, answers.y_pred, average="micro"),
        "average_precision": reference.average_precision_score(
            answers.y_true, answers.probabilities
        ),
        "brier_score": ((answers.probabilities - answers.y_true) ** 2).mean(),
    }
    for name, value in wanted.items():
        assert found[name]["value"] == pytest.approx(value, abs=1e-4)
    report = reference.classification_report(true, pred, output_dict=True)
    for name, part in found["main"].items():
        assert part["support"] == report[name]["support"]
        for kind, theirs in (("precision",) * 2, ("recall",) * 2, ("f1_score", "f1-score")):
            assert part[kind]["value"] == pytest.approx(report[name][theirs], abs=1e-4)
    counts = reference.confusion_matrix(true, pred, labels=list(answers.classes))
    assert found["confusion"]["counts"] == counts.tolist()


def test_every_figure_has_an_interval_that_holds_it(answers):
    """Each figure lies in its interval; calibration error, which is biased upwards in resamples,
    need only lie below its upper end."""
    found = evaluation.evaluate(answers, by=("lang", "source"), resamples=300)
    figures = list(leaves(found))
    assert len(figures) > 150
    for figure in figures:
        if figure["value"] is not None:
            assert figure["low"] <= figure["high"]
            assert figure["value"] <= figure["high"] + 1e-9
    for name, figure in found["all"].items():
        if isinstance(figure, dict) and "low" in figure and "calibration" not in name:
            assert figure["low"] <= figure["value"]


def test_parts_are_the_paragraphs_with_the_value(answers):
    """A part counts each paragraph of its value once; a column that nobody has gives none."""
    found = evaluation.evaluate(
        answers, by=("lang", "source", "hard", "length", "order"), resamples=0
    )
    n = len(answers.paragraphs)
    for column in ("lang", "source", "hard", "length"):
        assert sum(part["n"] for part in found[column].values()) == n
    assert set(found["hard"]) == {"True", "False"}
    assert "order" not in found
    zh = np.flatnonzero([p.lang == "zh" for p in answers.paragraphs])
    alone = evaluation.evaluate(answers.take(zh), resamples=0)["all"]
    assert found["lang"]["zh"]["macro_f1"] == alone["macro_f1"]


def test_documents_are_drawn_whole(classifier):
    """Ten copies of each paragraph as one document tell no more than one: the interval stays."""
    rows = read_paragraphs(ROOT / "training_data")[7::150]
    many = [
        Paragraph(text=p.text, labels=p.labels, id=f"{p.id}{k}", lang=p.lang, document_id=p.id)
        for p in rows
        for k in range(10)
    ]
    widths = []
    for part in (rows, many):
        figure = evaluation.evaluate(evaluation.answers_of(classifier, part))["all"]["accuracy"]
        widths.append(figure["high"] - figure["low"])
    assert widths[0] == pytest.approx(widths[1], rel=0.2)


def test_mistakes_are_mistakes_and_their_terms_led_there(classifier, answers):
    """The surest mistakes come first; each term pushed the way the model went."""
    found = mistakes.worst_mistakes(classifier, answers, n=10)
    assert found
    sure = [row["certainty"] for row in found]
    assert sure == sorted(sure, reverse=True)
    for row in found:
        assert (row["true"] or ["other"])[0] != (row["predicted"] or ["other"])[0]
        sign = 1 if row["predicted"] else -1
        assert all(sign * score > 0 for _, score in row["terms"])
        assert all(term in {t.name for t in classifier.explain(row["text"]).terms}
                   for term, _ in row["terms"])  # fmt: skip


def test_a_model_against_itself(answers):
    """A model gains nothing over itself, for certain."""
    found = comparison.compare(answers, answers, resamples=50)
    assert found["macro_f1"] == {"value": 0, "low": 0, "high": 0}
    assert (found["changed"], found["mcnemar"]) == (0, 1)


def test_a_pair_is_compared_on_the_same_resamples(classifier, rival, gold, answers):
    """The paired interval of a difference is narrower than that of two separate bootstraps."""
    other = evaluation.answers_of(rival, gold)
    found = comparison.compare(answers, other)
    one, two = (evaluation.evaluate(a, by=())["all"]["macro_f1"] for a in (answers, other))
    assert found["macro_f1"]["value"] == pytest.approx(two["value"] - one["value"], abs=2e-4)
    apart = math.hypot(one["high"] - one["low"], two["high"] - two["low"])
    assert found["macro_f1"]["high"] - found["macro_f1"]["low"] < apart
    right = [a.main_true == a.main_pred for a in (answers, other)]
    assert found["right_only_before"] == (right[0] & ~right[1]).sum()


def test_changes_are_explained_exactly(classifier, rival, gold, answers):
    """The terms of a change add up to the move of the log odds of the probabilities."""
    other = evaluation.answers_of(rival, gold)
    found = comparison.changes(answers, other, classifier, rival)
    assert len(found) == comparison.compare(answers, other, resamples=2)["changed"] > 0
    for row in found[:20]:
        odds, terms = comparison.drivers(classifier, rival, row["text"], row["label"], n=10**6)
        for k, model in enumerate((classifier, rival)):
            p = model.classify(row["text"]).probability(row["label"])
            assert odds[k] == pytest.approx(math.log(p / (1 - p)), abs=1e-3)
            assert odds[k] == pytest.approx(sum(t[("before", "after")[k]] for t in terms), abs=1e-6)
        assert row["terms"][0]["term"] == terms[0]["term"]


class Page(HTMLParser):
    """What a page would fetch or run, and whether its tags close."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr", "wbr"})

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.fetched += [v for k, v in attrs if k in ("src", "href", "xlink:href", "data")]
        self.fetched += [k for k, _ in attrs if k.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.fetched += [v for k, v in attrs if k in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def two_models(tmp_path_factory, rival):
    """A registry with the champion and the rival."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(registry.resolve(), folder / "one")
    rival.version = "two"
    persistence.save(rival, folder / "two", golden=["Dam."], card="# c", facts={})
    return folder


def evaluate(*args):
    return CliRunner().invoke(cli, ["evaluate", *map(str, args)], catch_exceptions=False)


def test_the_command_writes_numbers_and_a_page(two_models, gold_file, tmp_path):
    """The table is printed; metrics.json and report.html hold the rest; the page fetches nothing,
    runs nothing, and shows the same figures."""
    done = evaluate(
        "one", "--against", "two", "--gold", gold_file, "--models", two_models, "--out", tmp_path
    )
    assert done.exit_code == 0
    assert "macro_f1=0." in done.output
    assert "against two: macro_f1 +0." in done.output
    found = json.loads((tmp_path / "metrics.json").read_text())
    assert {"lang", "source", "register", "length", "hard"} < set(found["figures"])
    text = (tmp_path / "report.html").read_text()
    page = Page()
    page.feed(text)
    assert page.open == []
    assert {v[:1] for v in page.fetched} == {"#"}
    assert not page.tags & {"script", "iframe", "object", "link", "img"}
    assert text.count("<svg") == 2
    assert evaluation.figure(found["figures"]["all"]["macro_f1"]) in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["metrics.json", "report.html"]


def test_what_a_paragraph_says_does_no_harm(two_models, gold, tmp_path):
    """A paragraph, a source and an id that hold markup are shown, not run."""
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    rows = [
        Paragraph(text=f"{p.text} {evil}", labels=(), id=f"{evil}{i}", lang="en",
                  extra={"source": evil})
        for i, p in enumerate(gold[:60])
    ]  # fmt: skip
    write_paragraphs(rows, tmp_path / "evil.jsonl")
    done = evaluate("one", "--gold", tmp_path / "evil.jsonl", "--models", two_models,
                    "--out", tmp_path / "out")  # fmt: skip
    assert done.exit_code == 0
    text = (tmp_path / "out" / "report.html").read_text()
    page = Page()
    page.feed(text)
    assert "&lt;script&gt;" in text
    assert not page.tags & {"script", "img"}


def test_texts_can_be_kept_out(two_models, gold, gold_file, tmp_path):
    """With --no-text neither file holds a paragraph."""
    evaluate("one", "--against", "two", "--gold", gold_file, "--models", two_models,
             "--out", tmp_path, "--no-text")  # fmt: skip
    for name in ("metrics.json", "report.html"):
        content = (tmp_path / name).read_text()
        assert not [p.id for p in gold if len(p.text) > 60 and p.text[:50] in content]


def test_csv_and_unknown_labels(two_models, tmp_path):
    """A CSV does as well; a label that the model lacks is named."""
    (tmp_path / "gold.csv").write_text("text,labels\nThe dam opened.,major_projects\nHello.,\n")
    done = evaluate("one", "--gold", tmp_path / "gold.csv", "--models", two_models, "--out",
                    tmp_path / "out")  # fmt: skip
    assert "2 paragraphs" in done.output
    with pytest.raises(dc.DataError, match="has no label risk; it has innovation_push"):
        assessment.assess(
            "one", [Paragraph("Dam.", ("risk",), "x", "en")], models=two_models
        )  # fmt: skip
    with pytest.raises(dc.DataError, match="no labelled paragraphs"):
        assessment.assess("one", [], models=two_models)


def test_a_training_set_without_gold(paragraphs, tmp_path):
    """Cross-validation, learning curve and time split come from the training set alone."""
    write_paragraphs(paragraphs, tmp_path / "mine.jsonl")
    done = evaluate("--cross-validate", "--learning-curve", "--time-split", "date", "--data",
                    tmp_path / "mine.jsonl", "--jobs", "1", "--out", tmp_path / "out")  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    sizes = [point["per_label"] for point in found["learning_curve"]["points"]]
    assert sizes[:3] == [8, 16, 32]
    assert sizes[-1] is None
    f1 = [point["macro_f1"]["value"] for point in found["learning_curve"]["points"]]
    assert f1[-1] > f1[0] + 0.1
    assert found["learning_curve"]["doubling"]["value"] > 0
    split = found["time_split"]
    assert split["train"] + split["test"] == sum(p.date is not None for p in paragraphs)
    assert re.fullmatch(r"\d{4}.*", split["cut"])
    assert "doubling the training text" in done.output
    assert (tmp_path / "out" / "report.html").read_text().count("<svg") == 3


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--out", "x"], "name labelled paragraphs with --gold"),
        (["--gold", "g", "--cross-validate", "--out", "x"], "for a --learning-curve only"),
        (["--gold", "g", "--out", "x", "--jobs", "0"], "0 processes fit nothing"),
        (["m", "--cross-validate", "--out", "x"], "takes no model"),
        (["--gold", "g"], "Missing option '--out'"),
    ],
)
def test_misuse_is_told(args, message):
    """Options that make no sense together exit with 2 and the remedy."""
    done = evaluate(*args)
    assert done.exit_code == 2
    assert message in done.output


def test_columns_of_any_kind_part_the_figures(classifier, gold):
    """Numbers come in their order and before texts; lists and mixtures are shown as they are."""
    odd = [2, 10, "a", ["x"], None, True]
    rows = [replace(p, extra={"odd": odd[i % 6]}) for i, p in enumerate(gold)]
    found = evaluation.evaluate(evaluation.answers_of(classifier, rows), by=("odd",), resamples=0)
    assert list(found["odd"]) == ["True", "2", "10", "['x']", "a"]
    with pytest.raises(dc.DataError, match="a column named 'all'"):
        evaluation.evaluate(evaluation.answers_of(classifier, rows), by=("all",))


def test_one_document_has_no_interval(classifier, gold):
    """Of one document there is nothing to resample, and no interval is made up."""
    rows = [replace(p, document_id="d") for p in gold[:30]]
    figure = evaluation.evaluate(evaluation.answers_of(classifier, rows))["all"]["accuracy"]
    assert (figure["low"], figure["high"]) == (None, None)
    assert "[" not in evaluation.figure(figure)


def test_an_interval_holds_a_calibration_error(answers):
    """Calibration error, which resampling adds to, lies in its interval."""
    for part in evaluation.evaluate(answers, by=("lang", "source"))["source"].values():
        figure = part["expected_calibration_error"]
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_a_training_set_that_cannot_be_measured_is_told(tmp_path):
    """Too little data is an error of ours, with the remedy."""
    rows = [
        {"text": f"The dam of {n}.", "labels": ["major_projects"], "date": "2020"}
        for n in "abcdefgh"
    ]
    for content, message in (([], "no labelled paragraphs"), (rows, "on none or on all of them")):
        (tmp_path / "few.jsonl").write_text("\n".join(map(json.dumps, content)))
        with pytest.raises(dc.DirectiveClfError, match=message):
            evaluate("--cross-validate", "--data", tmp_path / "few.jsonl", "--out", tmp_path / "o")


def test_texts_cannot_come_in_by_a_column(two_models, gold):
    """Without texts, a break-down by text is refused."""
    with pytest.raises(dc.DataError, match="would hold the texts"):
        assessment.assess("one", gold, models=two_models, by=("text",), with_text=False)
