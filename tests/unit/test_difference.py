"""What two models answer otherwise, and which terms did it."""

import pytest

import directive_clf as dc
from directive_clf.classifier import Classifier
from directive_clf.comparison import drivers, why_changed
from directive_clf.difference import difference, flat_rows
from directive_clf.report import write_difference


@pytest.fixture(scope="module")
def texts(paragraphs, tmp_path_factory):
    from directive_clf.data import write_paragraphs

    place = tmp_path_factory.mktemp("on") / "on.jsonl"
    write_paragraphs(paragraphs[:400], place)
    return place


@pytest.fixture(scope="module")
def found(fitted, classifier, texts):
    return difference(fitted.classifier, classifier, [texts])


def test_what_changed_is_what_the_models_say(found, fitted, classifier, paragraphs):
    """Every paragraph whose labels are others is told, with both answers and what the file says."""
    before = fitted.classifier.classify_many(p.text for p in paragraphs[:400])
    after = classifier.classify_many(p.text for p in paragraphs[:400])
    expected = [
        (p.id, list(a.labels), list(b.labels), list(p.labels))
        for p, a, b in zip(paragraphs, before, after)
        if set(a.labels) != set(b.labels) or a.main != b.main
    ]
    rows = found["changes"]
    assert [(r["id"], r["before"], r["after"], r["true"]) for r in rows] == expected
    assert (found["paragraphs"], found["changed"]) == (400, len(expected))
    assert sum(n for *_, n in found["moves"]) == len(expected)


def test_terms_explain_the_move(found, fitted, classifier):
    """All terms together are the move of the label's log odds; those told moved it most."""
    row = found["changes"][0]
    odds, terms = drivers(fitted.classifier, classifier, row["text"], row["label"], n=10_000)
    moved = sum(t["after"] - t["before"] for t in terms)
    assert moved == pytest.approx(odds[1] - odds[0])
    assert [t["term"] for t in row["terms"]] == [t["term"] for t in terms[: len(row["terms"])]]


def test_models_of_other_labels_differ_too(classifier, texts):
    """A label that only one of the two has is told without log odds of the other."""
    other = Classifier(
        classifier.model, classifier.calibration, classifier.thresholds_,
        ("innovation_push", "governance_party_oversight", "localisation", "works", "furniture"),
        "other-1",
    )  # fmt: skip
    found = difference(classifier, other, [texts])
    assert found["changed"] > 100
    for row in found["changes"]:
        names = (row["label"] in classifier.labels, row["label"] in other.labels)
        assert tuple(value is not None for value in row["log_odds"]) == names
    text = "The 1,200-km line entered service on Tuesday."
    told = why_changed(classifier, other, text, ("major_projects",), ("works",))
    assert told["label"] == "works"
    assert told["log_odds"][0] is None


def test_the_page_and_the_table_hold_the_same(found, tmp_path):
    """The page names every changed text; a row of the table has terms in words."""
    write_difference(found, tmp_path / "d.html")
    page = (tmp_path / "d.html").read_text(encoding="utf-8")
    assert page.count('<td class="text">') == found["changed"]
    assert "<script" not in page
    assert "<th>is</th>" in page
    rows = list(flat_rows(found))
    assert len(rows) == found["changed"]
    assert all("->" in term for term in rows[0]["terms"])


def test_the_same_model_changes_nothing(classifier, texts, tmp_path):
    """A model against itself: no change, and a page that says so."""
    found = difference(classifier, classifier, [texts])
    assert (found["changed"], found["changes"], found["moves"]) == (0, [], [])
    write_difference(found, tmp_path / "d.html")
    assert "0 have other" in (tmp_path / "d.html").read_text(encoding="utf-8")


def test_what_cannot_be_read_is_counted(classifier, tmp_path):
    """Blank and faulty rows are counted, and do not stop it."""
    (tmp_path / "t.csv").write_text("id,text\n1,Dam.\n2,\n3,a,b\n")
    found = difference(dc.load(), classifier, [tmp_path / "t.csv"])
    assert (found["paragraphs"], found["failed"]) == (1, 2)
