"""A label set of one's own: what a file may ask for, and what it makes of labels."""

import json

import pytest

import directive_clf as dc
from directive_clf.behaviour import Case, of_labels, translated
from directive_clf.taxonomy import DEFAULT, read_taxonomy, taxonomy_of

FILE = {
    "add": {"risk_control": ["governance_party_oversight"], "sponsor": []},
    "rename": {"marketing_boilerplate": "furniture"},
    "drop": ["major_projects"],
}


def test_a_file_adds_renames_and_drops(tmp_path):
    """Labels keep the project's order, under their new names, and the added ones stand last."""
    place = tmp_path / "t.json"
    place.write_text(json.dumps(FILE))
    found = read_taxonomy(place)
    assert found.labels == (
        "innovation_push",
        "governance_party_oversight",
        "localisation",
        "furniture",
        "risk_control",
        "sponsor",
    )
    assert taxonomy_of(found.to_dict()) == found
    assert set(dc.LABELS) <= set(found.readable)


def test_labels_are_read_under_either_name():
    """A renamed label is read by both names, a dropped one is no label, order stays."""
    found = taxonomy_of(FILE)
    assert found.translate(("major_projects", "marketing_boilerplate")) == ("furniture",)
    assert found.translate(("risk_control", "innovation_push")) == (
        "risk_control",
        "innovation_push",
    )
    assert found.translate(("major_projects",)) == ()
    assert found.translate(("furniture", "marketing_boilerplate")) == ("furniture",)


def test_without_a_file_the_labels_are_the_projects():
    """No file changes nothing."""
    assert read_taxonomy(None) is DEFAULT
    assert DEFAULT.labels == DEFAULT.readable == dc.LABELS
    assert DEFAULT.to_dict() == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected an object with any of"),
        ({"label": []}, "expected an object with any of"),
        ({"add": "x"}, "'add' is not a list of names"),
        ({"add": {"x": "y"}}, "'add' is not a list of names"),
        ({"rename": ["x"]}, "'rename' is not an object"),
        ({"drop": "localisation"}, "'drop' is not a list"),
        ({"drop": ["risk"]}, "no label 'risk' to rename or drop; there are innovation_push"),
        ({"rename": {"risk": "x"}}, "no label 'risk' to rename"),
        ({"rename": {"localisation": "x"}, "drop": ["localisation"]}, "renamed and dropped"),
        ({"add": ["risk control"]}, "cannot name a label; use letters"),
        ({"add": ["x'); --"]}, "cannot name a label"),
        ({"add": ["other"]}, "'other' cannot name a label"),
        ({"add": ["x"], "rename": {"localisation": "x"}}, "'x' is the name of a label already"),
        ({"rename": {"localisation": "major_projects"}}, "is the name of a label already"),
        ({"add": ["localisation"], "drop": ["localisation"]}, "is the name of a label already"),
        ({"drop": list(dc.LABELS)}, "every label is dropped"),
        ({"add": {"x": ["y"]}}, "'x' is said to be cut out of 'y', which is no other label"),
        ({"add": {"x": ["x"]}}, "no other label of this taxonomy"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, content, message):
    """A file that asks for what cannot be is refused with its name and what was expected."""
    place = tmp_path / "t.json"
    place.write_text(json.dumps(content))
    with pytest.raises(dc.DataError, match=message) as caught:
        read_taxonomy(place)
    assert str(place) in str(caught.value)


def test_what_is_no_json_is_told_with_its_line(tmp_path):
    """Broken JSON is told with file and line."""
    (tmp_path / "t.json").write_text('{\n"add": [}')
    with pytest.raises(dc.DataError, match=r"t\.json:2: not JSON"):
        read_taxonomy(tmp_path / "t.json")


def test_behaviour_cases_follow_the_label_set():
    """Cases are held to under new names; what needs a dropped label is left out."""
    rows = [
        {"label": "marketing_boilerplate", "expected": ["marketing_boilerplate"]},
        {"label": "localisation", "expected": ["localisation", "major_projects"]},
        {"label": "localisation", "expected": "up"},
    ]
    lines = [json.dumps(row) + "\n" for row in rows]
    first, last = translated(lines, taxonomy_of(FILE))
    assert json.loads(first) == {"label": "furniture", "expected": ["furniture"]}
    assert last == lines[2]
    assert translated(lines, DEFAULT) == lines
    case = Case("i", "minimum_functionality", "en", "a", "", "t", expected=("b",))
    assert of_labels([case], ["a"]) == []
    assert of_labels([case], ["a", "b"]) == [case]
