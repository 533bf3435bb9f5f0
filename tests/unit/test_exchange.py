"""Formats of labelled paragraphs: what tools export is read, and what is written reads back."""

import json
from dataclasses import replace

import pytest

import directive_clf as dc
from directive_clf.annotation import TOOLS, Suggestion
from directive_clf.data import Paragraph
from directive_clf.exchange import FORMATS, guess_format, read_export, write_export

from ..conftest import ROOT

EXPORTS = ROOT / "tests" / "exports"
LOC, GOV, AD = ("localisation", "innovation_push"), ("governance_party_oversight",), (
    "marketing_boilerplate",
)  # fmt: skip

WHOLE = [
    Paragraph(
        "国资委要求中央企业加大研发投入。", ("localisation", "innovation_push"), "a-1", "zh",
        "newswire", "d1", 3, "2026-03-04", {"source": "Gazette", "hard": True},
    ),
    Paragraph('He said: "=1+1", twice;\nthen left.', (), "a-2", "en", None, "d1", 4),
    Paragraph("=SUM(A1) is not a formula here", ("marketing_boilerplate",), "a-3", "en"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form", "expected", "left_out"),
    [
        (
            "label_studio.json",
            "label-studio",
            {"1": [LOC, GOV, AD], "2": [LOC[:1], GOV]},
            {"skipped by the annotator": 1, "nobody answered": 1},
        ),
        ("label_studio_min.json", "label-studio", {"1": [LOC, GOV, AD], "2": [LOC[:1], GOV]}, {}),
        ("doccano.jsonl", "doccano", {"": [LOC, GOV, AD]}, {"no choice was made": 1}),
        (
            "argilla.json",
            "argilla",
            {
                "6f0a0a4e-97f5-4d3c-9bb9-0f3c1a8c6a11": [LOC, GOV, AD],
                "2c6d1e55-7c55-47a4-8a0e-3b9d8a9b4c22": [LOC[:1], GOV],
            },
            {"nobody answered": 1},
        ),
        (
            "argilla_1.json",
            "argilla",
            {"anna": [LOC, GOV]},
            {"discarded by the annotator": 1, "nobody answered": 1},
        ),
        (
            "prodigy.jsonl",
            "prodigy",
            {"gazette-anna": [LOC, GOV]},
            {"answered with 'reject'": 1, "answered with 'ignore'": 1},
        ),
    ],
)
def test_exports_are_read(name, form, expected, left_out):
    """Of each tool's export: every annotator's answers, main label first; ids, documents, dates and
    other columns; and why what is left out is."""
    assert guess_format(EXPORTS / name) == form
    found = read_export(EXPORTS / name)
    assert {k: [p.labels for p in v] for k, v in found.readings.items()} == expected
    assert found.left_out == left_out
    first = next(iter(found.readings.values()))[0]
    assert (first.id, first.document_id, first.date) == ("gaz-1", "gazette-14", "2026-03-04")
    assert first.extra == {"page": 3}


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_reads_back(form, tmp_path):
    """Texts, sets of labels and their order, ids, documents, order, dates and other columns come
    back from every format; CSV gives other columns as texts."""
    place = tmp_path / ("x.json" if form in TOOLS and TOOLS[form].is_array else "x.jsonl")
    if form not in TOOLS:
        place = tmp_path / f"x.{form}"
    write_export(WHOLE, place, form)
    expected = WHOLE
    if form in ("csv", "tsv"):
        extra = {"source": "Gazette", "hard": "true"}
        expected = [replace(WHOLE[0], extra=extra), *WHOLE[1:]]
    assert read_export(place).of() == expected


@pytest.mark.parametrize("form", TOOLS)
def test_what_a_tool_reads_bears_its_ending(form, tmp_path):
    """An array is no JSONL, nor the reverse: a name that says so is refused, with the other."""
    wrong, right = (".jsonl", ".json") if TOOLS[form].is_array else (".json", ".jsonl")
    with pytest.raises(dc.DirectiveClfError, match=rf"name it \*\{right}$"):
        write_export(WHOLE, tmp_path / f"x{wrong}", form)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("form", TOOLS)
def test_suggestions_are_no_answers(form, tmp_path):
    """What a model says stands where the tool shows it, and is taken for nobody's answer where the
    tool tells the two apart (doccano does not)."""
    place = tmp_path / ("x.json" if TOOLS[form].is_array else "x.jsonl")
    told = [Suggestion(("localisation",), 0.4, "m-1"), Suggestion((), 0.9, "m-1"),
            Suggestion((), 0.9, "m-1")]  # fmt: skip
    write_export(WHOLE, place, form, suggestions=told)
    content = place.read_text(encoding="utf-8")
    assert "localisation" in content
    assert "innovation_push" not in content.replace('"id": "innovation_push"', "")
    if form in ("label-studio", "argilla"):
        assert "m-1" in content
        assert read_export(place).readings == {}


def test_tasks_of_label_studio_offer_other():
    """A paragraph that has no label is ``other``, and an empty answer is none."""
    (row,) = [
        TOOLS["label-studio"].write({"text": "t", "labels": [], "id": "1"}, dc.LABELS, None)
    ]  # fmt: skip
    assert row["annotations"][0]["result"][0]["value"]["choices"] == ["other"]


def test_an_empty_answer_is_other_where_that_is_said(tmp_path):
    """Tools export what nobody looked at as they export no choice: it is for the user to say."""
    (tmp_path / "x.jsonl").write_text('{"id": 1, "text": "A fair.", "label": []}\n')
    assert read_export(tmp_path / "x.jsonl").left_out == {"no choice was made": 1}
    (p,) = read_export(tmp_path / "x.jsonl", empty_is_other=True).of()
    assert p.labels == ()


def test_who_answered_twice_meant_the_last(tmp_path):
    """Of two answers of one annotator on one paragraph the later one counts."""
    rows = json.loads((EXPORTS / "label_studio.json").read_text())
    rows[0]["annotations"][1]["completed_by"] = {"id": 1, "email": "anna@example.org"}
    rows[0]["annotations"][0]["completed_by"] = {"id": 1, "email": "anna@example.org"}
    (tmp_path / "x.json").write_text(json.dumps(rows[:1]))
    (p,) = read_export(tmp_path / "x.json").of("anna@example.org")
    assert p.labels == ("localisation",)


def test_several_annotators_are_not_mixed():
    """Answers of several annotators are not taken for one reading: one is named, or all refused."""
    found = read_export(EXPORTS / "label_studio.json")
    with pytest.raises(dc.DataError, match=r"several annotators answered \(1, 2\).*--annotator"):
        found.of()
    with pytest.raises(dc.DataError, match="no annotator 'x'; there are 1, 2"):
        found.of("x")
    assert len(found.of("2")) == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.json", "[", "x.json:1: not JSON"),
        ("x.json", "{}", "expected a JSON array"),
        ("x.json", "[[]]", "cannot tell the format; name one of jsonl, csv"),
        ("x.txt", "a", "cannot tell the format"),
        (
            "x.json",
            '[{"data": {"text": "t"}, "annotations": [{"result": [{"type": "choices",'
            ' "from_name": "labels", "value": {"choices": ["risk"]}}]}]}]',
            "item 1: unknown label 'risk'",
        ),
        ("x.json", '[{"data": {"text": "t"}, "annotations": [1]}]', "item 1: not a row of"),
        (
            "x.jsonl",
            '\n{"text": "t", "label": "localisation", "answer": "accept", "meta": {}}',
            "x.jsonl:2: the row answers one label at a time",
        ),
        ("x.jsonl", '{"text": "", "label": ["localisation"]}', "x.jsonl:1: 'text' is empty"),
    ],
)
def test_what_is_no_export_is_told_with_its_place(tmp_path, name, content, message):
    """A fault is told with the file, the line or the number of the item, and what was expected."""
    (tmp_path / name).write_text(content)
    with pytest.raises(dc.DataError, match=message):
        read_export(tmp_path / name)


def test_an_unknown_format_is_refused(tmp_path):
    """A format that there is not is told with those that there are."""
    with pytest.raises(dc.DataError, match="there are jsonl, csv, tsv, parquet, label-studio"):
        read_export(tmp_path / "x.json", "brat")
    with pytest.raises(dc.DataError, match="cannot tell the format"):
        write_export(WHOLE, tmp_path / "x.brat")
