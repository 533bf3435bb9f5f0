"""Labelled paragraphs in and out: what is read, what stops a read, and where it says it stopped."""

import csv
import hashlib
import json
import re

import pandas as pd
import pytest

from directive_clf.data import (
    Paragraph,
    data_sha256,
    guess_lang,
    paragraph_id,
    read_paragraphs,
    write_paragraphs,
)
from directive_clf.exceptions import DataError, DirectiveClfError
from directive_clf.labels import LABELS

SUFFIXES = ".jsonl, .csv, .tsv, .parquet"

GOOD = '{"text": "A dam.", "labels": ["major_projects"]}\n'


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def stops_at(path, line, reason):
    """The pattern of a whole message: the place, then the reason, and nothing behind it."""
    place = f"{path}:{line}: " if line else f"{path}: "
    return "^" + re.escape(place) + reason + "$"


# What a good file gives ---------------------------------------------------------------------------


def test_jsonl_gives_every_field_as_it_stands(tmp_path):
    """JSONL: each field of a paragraph is read as written, fields beyond ours are kept apart."""
    row = {
        "id": "p1",
        "text": " A dam.\r\nIt stands. ",
        "labels": ["major_projects", "localisation"],
        "lang": "en",
        "register": "news",
        "document_id": "d1",
        "order": 3,
        "date": "2024-05",
        "source": "unknown to us",
    }
    path = write(tmp_path, "a.jsonl", json.dumps(row))
    extra = {"source": row.pop("source")}
    (found,) = read_paragraphs(path)
    assert found == Paragraph(**{**row, "labels": tuple(row["labels"]), "extra": extra})
    assert (found.get("source"), found.get("order"), found.get("none")) == (
        "unknown to us",
        3,
        None,
    )


def test_what_is_beyond_our_fields_is_written_again_and_changes_no_hash(tmp_path):
    """A column of the file's own survives reading and writing; no model depends on it."""
    row = {
        "id": "p",
        "text": "A dam.",
        "labels": [],
        "lang": "en",
        "source": "a paper",
        "hard": True,
    }
    read = read_paragraphs(write(tmp_path, "a.jsonl", json.dumps(row)))
    write_paragraphs(read, tmp_path / "b.jsonl")
    assert json.loads((tmp_path / "b.jsonl").read_text()) == row
    bare = read_paragraphs(write(tmp_path, "c.jsonl", json.dumps({**row, "source": "another"})))
    assert data_sha256(read) == data_sha256(bare)


def test_optional_fields_are_made_or_none(tmp_path):
    """What a row does not say is made of its text (id, lang) or None; null means not said."""
    path = write(tmp_path, "a.jsonl", '{"text": "国资委", "labels": [], "id": null, "order": null}')
    (found,) = read_paragraphs(path)
    assert (found.id, found.lang, found.order) == (paragraph_id("国资委"), "zh", None)
    assert found.group == found.id


def test_paragraphs_of_a_document_are_one_group(tmp_path):
    """The group, which folds keep together, is the document where there is one."""
    table = write(tmp_path, "a.csv", "text,labels,document_id\nA,,d\nB,,d\nC,,\n")
    groups = [p.group for p in read_paragraphs(table)]
    assert groups == ["d", "d", paragraph_id("C")]


@pytest.mark.parametrize("header", ["text,labels", "text,label", "labels,text", " text , labels "])
def test_csv_labels_stand_in_labels_or_label(tmp_path, header):
    """CSV: the labels stand in the column ``labels``, or ``label``, wherever it is."""
    cells = {"text": "A dam.", "labels": "localisation", "label": "localisation"}
    line = ",".join(cells[name.strip()] for name in header.split(","))
    (found,) = read_paragraphs(write(tmp_path, "a.csv", f"{header}\n{line}\n"))
    assert (found.text, found.labels) == ("A dam.", ("localisation",))


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("localisation|major_projects", ("localisation", "major_projects")),
        ("major_projects|localisation", ("major_projects", "localisation")),
        (" localisation | major_projects |", ("localisation", "major_projects")),
        ("", ()),
        (" ", ()),
        ("other", ()),
    ],
)
def test_csv_splits_labels_at_bars_main_first(tmp_path, cell, labels):
    """CSV: ``|`` stands between labels and their order is kept; empty and ``other`` mean none."""
    (found,) = read_paragraphs(write(tmp_path, "a.csv", f"text,labels\nA dam.,{cell}\n"))
    assert found.labels == labels


@pytest.mark.parametrize("labels", [[], ["other"]])
def test_jsonl_other_is_no_label(tmp_path, labels):
    """JSONL: ``[]`` and ``["other"]`` both mean that no label applies."""
    path = write(tmp_path, "a.jsonl", json.dumps({"text": "A dam.", "labels": labels}))
    assert read_paragraphs(path)[0].labels == ()


def test_csv_cells_hold_newlines_quotes_and_commas(tmp_path):
    """CSV: a quoted cell keeps its line ends, quotes and commas, and later rows their lines."""
    path = write(
        tmp_path, "a.csv", 'text,labels\r\n"Said ""no"",\r\n\r\nthen\nleft.",\r\nB,bogus\r\n'
    )
    with pytest.raises(DataError, match=stops_at(path, 6, "unknown label 'bogus'; expected .*")):
        read_paragraphs(path)
    path.write_bytes(path.read_bytes().replace(b"bogus", b""))
    assert read_paragraphs(path)[0].text == 'Said "no",\r\n\r\nthen\nleft.'


def test_csv_reads_what_the_csv_module_writes(tmp_path):
    """CSV: what Python's writer writes comes back, Chinese and long cells too."""
    texts = ['a "b" c', "国资委，要求", "x\ny", "z, z", "long " * 50_000]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *((text, "localisation") for text in texts)])
    assert [p.text for p in read_paragraphs(tmp_path / "a.csv")] == texts


def test_csv_reading_types_order(tmp_path):
    """CSV: ``order`` is a whole number, and an empty optional cell is not said."""
    path = write(tmp_path, "a.csv", "text,labels,order,date\nA,,12,\nB,,,2024\n")
    assert [(p.order, p.date) for p in read_paragraphs(path)] == [(12, None), (None, "2024")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.JSONL", "a.CSV"])
def test_a_byte_order_mark_is_no_part_of_the_data(tmp_path, name):
    """A BOM before the first line is skipped, and the case of the file's ending does not matter."""
    content = "text,labels\nA dam.,major_projects\n" if name.lower() == "a.csv" else GOOD
    (found,) = read_paragraphs(write(tmp_path, name, "\ufeff" + content))
    assert (found.text, found.labels) == ("A dam.", ("major_projects",))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path, end):
    """Lines may end in any of the three ways, and blank ones are skipped but counted."""
    jsonl = end.join(['{"text": "A", "labels": []}', "", '{"text": "B", "labels": []}', "{}"])
    path = write(tmp_path, "a.jsonl", jsonl)
    with pytest.raises(DataError, match=stops_at(path, 4, "expected a field 'text'; found none")):
        read_paragraphs(path)
    table = write(tmp_path, "a.csv", end.join(["text,labels", "A,", "", "B,"]))
    assert [p.text for p in read_paragraphs(table)] == ["A", "B"]


def test_a_folder_is_its_files_by_name(tmp_path):
    """Of a folder, the .jsonl and .csv files are read, by name; other files and folders are not."""
    write(tmp_path, "b.jsonl", '{"text": "B", "labels": []}')
    write(tmp_path, "a.csv", "text,labels\nA,\n")
    write(tmp_path, "LABEL_GUIDE.md", "no data")
    (tmp_path / "c.jsonl").mkdir()
    assert [p.text for p in read_paragraphs(tmp_path)] == ["A", "B"]
    assert [p.text for p in read_paragraphs(tmp_path / "b.jsonl", tmp_path / "a.csv")] == ["B", "A"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_an_empty_file_holds_no_paragraph(tmp_path, name):
    """An empty file, and a CSV of its header alone, give no paragraph and no error."""
    assert read_paragraphs(write(tmp_path, name, "")) == []
    assert read_paragraphs(write(tmp_path, "h.csv", "\ntext,labels\n")) == []


def test_the_label_set_can_be_another(tmp_path):
    """`labels` says which labels may stand there."""
    path = write(tmp_path, "a.jsonl", '{"text": "A", "labels": ["mine"]}')
    assert read_paragraphs(path, labels=("mine",))[0].labels == ("mine",)


# What stops a read --------------------------------------------------------------------------------

KNOWN = ", ".join(LABELS)

BAD_JSONL = {
    "unknown label": ('{"text": "B", "labels": ["x"]}', f"unknown label 'x'; expected .*{KNOWN}"),
    "label with a space": (
        '{"text": "B", "labels": [" localisation"]}',
        "unknown label ' localisation'; expected .*",
    ),
    "other beside a label": (
        '{"text": "B", "labels": ["localisation", "other"]}',
        "'other' stands beside a label; it means that no label applies",
    ),
    "label twice": (
        '{"text": "B", "labels": ["localisation", "localisation"]}',
        r"a label stands twice in \['localisation', 'localisation'\]; name each label once",
    ),
    "labels are text": (
        '{"text": "B", "labels": "localisation"}',
        "'labels' is 'localisation'; expected a list of strings",
    ),
    "labels are null": (
        '{"text": "B", "labels": null}',
        "'labels' is None; expected a list of strings",
    ),
    "labels hold a number": (
        '{"text": "B", "labels": [1]}',
        r"'labels' is \[1\]; expected a list of strings",
    ),
    "no text": ('{"labels": []}', "expected a field 'text'; found 'labels'"),
    "no labels": ('{"text": "B", "id": "1"}', "expected a field 'labels'; found 'text', 'id'"),
    "empty text": (
        '{"text": "", "labels": []}',
        "'text' is empty; expected a paragraph: drop the row",
    ),
    "blank text": (
        '{"text": " \\u3000\\n", "labels": []}',
        "'text' is empty; expected a paragraph: drop the row",
    ),
    "text is a number": ('{"text": 5, "labels": []}', "'text' is 5; expected a string"),
    "text is null": ('{"text": null, "labels": []}', "'text' is None; expected a string"),
    "id is a number": (
        '{"text": "B", "labels": [], "id": 7}',
        "'id' is 7; expected a string",
    ),
    "order is text": (
        '{"text": "B", "labels": [], "order": "7"}',
        "'order' is '7'; expected a whole number",
    ),
    "order is true": (
        '{"text": "B", "labels": [], "order": true}',
        "'order' is True; expected a whole number",
    ),
    "order is a fraction": (
        '{"text": "B", "labels": [], "order": 1.0}',
        "'order' is 1.0; expected a whole number",
    ),
    "not JSON": (
        '{"text": "B", labels: []}',
        r"not JSON \(column 15: Expecting property name .*\); expected an object",
    ),
    "half a line": (
        '{"text": "B',
        r"not JSON \(column 12: Invalid .*\); expected an object",
    ),
    "a list": ('["B"]', r"found \[\"B\"\]; expected an object"),
    "a string": ('"B"', 'found "B"; expected an object'),
    "deep": ("[" * 200_000, r"not JSON \(maximum recursion depth .*\); expected an object"),
    "a number too long": (
        '{"text": "B", "labels": [], "order": %s}' % ("9" * 5000),
        r"not JSON \(Exceeds the limit .*\); expected an object",
    ),
}


@pytest.mark.parametrize("case", BAD_JSONL)
def test_a_faulty_jsonl_line_stops_the_read(tmp_path, case):
    """JSONL: the first fault stops the read and says where, what was found, what was expected."""
    line, reason = BAD_JSONL[case]
    path = write(tmp_path, "a.jsonl", GOOD + "\n" + line + "\n")
    with pytest.raises(DataError, match=stops_at(path, 3, reason)):
        read_paragraphs(path)


BAD_CSV = {
    "unknown label": ("text,labels\nA,\nB,x\n", 3, "unknown label 'x'; expected .*"),
    "a known and an unknown label": (
        "text,labels\nB,localisation|x\n",
        2,
        "unknown label 'x'; expected .*",
    ),
    "other beside a label": (
        "text,labels\nB,other|localisation\n",
        2,
        "'other' stands beside a label; it means that no label applies",
    ),
    "empty text": (
        "text,labels\n,localisation\n",
        2,
        "'text' is empty; expected a paragraph: drop the row",
    ),
    "no column for labels": (
        "text,tag\nA,x\n",
        2,
        "expected a column 'labels'; found 'text', 'tag'",
    ),
    "labels and label": (
        "text,label,labels\nA,localisation,\n",
        2,
        "expected either 'labels' or 'label'; found 'text', 'label', 'labels'",
    ),
    "no column for text": (
        "body,labels\nA,\n",
        2,
        "expected a field 'text'; found 'body', 'labels'",
    ),
    "no header": ("A dam.,x\nB,\n", 2, "expected a column 'labels'; found 'A dam.', 'x'"),
    "a name twice": (
        "text,labels, labels\nA,,localisation\n",
        2,
        "several columns are named 'labels'; expected each name once",
    ),
    "a comma too many": (
        "text,labels\nA, B,localisation\n",
        2,
        "found 3 cells; expected 2, as the header has",
    ),
    "a cell too few": ("text,labels\nA\n", 2, "found 1 cells; expected 2, as the header has"),
    "order in words": (
        "text,labels,order\nA,,first\n",
        2,
        "'order' is 'first'; expected a whole number",
    ),
    "a quote never closed": (
        'text,labels\nA,\n"B,\nC,\nD,\n',
        3,
        r"not CSV \(unexpected end of data\); expected each quote to be closed, or doubled",
    ),
    "text behind a quote": (
        'text,labels\n"B" b,\n',
        2,
        r"not CSV \(.*\); expected each quote to be closed, or doubled",
    ),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_faulty_csv_row_stops_the_read(tmp_path, case):
    """CSV: as JSONL; the line is that on which the row begins."""
    content, line, reason = BAD_CSV[case]
    path = write(tmp_path, "a.csv", content)
    with pytest.raises(DataError, match=stops_at(path, line, reason)):
        read_paragraphs(path)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_bytes_that_are_not_utf8_stop_the_read(tmp_path, name):
    """A file in another encoding is refused, at the first line that shows it."""
    start = "text,labels\n" if name == "a.csv" else GOOD
    path = write(tmp_path, name, start.encode() + "国资委,\n".encode("gb18030"))
    reason = "found bytes that are not UTF-8; save the file as UTF-8"
    with pytest.raises(DataError, match=stops_at(path, 2, reason)):
        read_paragraphs(path)


def test_a_text_stands_once_whatever_its_spaces(tmp_path):
    """The same text again, spaced otherwise or labelled otherwise, stops the read at the second."""
    again = '{"text": " A\\n dam. ", "labels": []}\n'
    path = write(tmp_path, "a.jsonl", GOOD + again)
    reason = re.escape(f"the text 'A dam.' stood before, at {path}:1; each text must stand once")
    with pytest.raises(DataError, match=stops_at(path, 2, reason + ": drop one of the two")):
        read_paragraphs(path)


def test_an_id_stands_once(tmp_path):
    """The same id over another text stops the read at the second."""
    path = write(tmp_path, "a.csv", "id,text,labels\np,A,\nq,B,\np,C,\n")
    reason = re.escape(f"the id 'p' stood before, at {path}:2; each id must stand once")
    with pytest.raises(DataError, match=stops_at(path, 4, reason + ": drop one of the two")):
        read_paragraphs(path)


@pytest.mark.parametrize("names", [("a.jsonl", "b.jsonl"), ("a.jsonl", "a.jsonl")])
def test_a_text_stands_once_in_all_files(tmp_path, names):
    """Duplicates are found across files, and in a file that is named twice."""
    paths = [write(tmp_path, name, GOOD) for name in names]
    reason = re.escape(f"the text 'A dam.' stood before, at {paths[0]}:1; ") + ".*"
    with pytest.raises(DataError, match=stops_at(paths[1], 1, reason)):
        read_paragraphs(*paths)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing.jsonl", "no such file"),
        ("nothing.csv", "no such file"),
        ("notes.txt", f"expected {SUFFIXES}, or a folder of such files"),
        ("nothing", f"expected {SUFFIXES}, or a folder of such files"),
        ("empty", f"the folder holds no file ending in {SUFFIXES}"),
    ],
)
def test_what_is_no_data_file_is_named(tmp_path, name, reason):
    """A path that holds no data is refused by name, never read as an empty set."""
    write(tmp_path, "notes.txt", "A dam.")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=stops_at(tmp_path / name, None, reason)):
        read_paragraphs(tmp_path / name)


def test_a_long_value_does_not_fill_the_message(tmp_path):
    """A message stays readable whatever the file holds."""
    path = write(tmp_path, "a.csv", "word " * 10_000 + "\nA\n")
    with pytest.raises(DataError, match="expected a column 'labels'; found") as caught:
        read_paragraphs(path)
    assert len(str(caught.value)) < len(str(path)) + 300


def test_a_data_error_is_one_of_ours_and_a_value_error(tmp_path):
    """A fault of data can be caught as the package's, or as a ValueError; it keeps its place."""
    path = write(tmp_path, "a.jsonl", "{}")
    with pytest.raises(DirectiveClfError, match="expected a field 'text'") as caught:
        read_paragraphs(path)
    assert isinstance(caught.value, ValueError)
    assert (caught.value.path, caught.value.line) == (path, 1)


# Out, and what stands for a set -------------------------------------------------------------------

SET = [
    Paragraph("A dam.\r\n“Quoted” \\ line", ("major_projects", "localisation"), "p1", "en"),
    Paragraph("国资委要求。", (), "p2", "zh", "notice", "d", 0, "2024-01-02"),
    Paragraph("half a pair \ud83d", ("localisation",), "p3", "en"),
]


def test_what_is_written_reads_back_the_same(tmp_path):
    """JSONL round trip: every field, line ends, Chinese, and half a surrogate pair."""
    write_paragraphs(SET, tmp_path / "a.jsonl")
    assert read_paragraphs(tmp_path / "a.jsonl") == SET
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert "国资委" in lines[1]
    assert "null" not in "".join(lines)


def test_a_shipped_sample_reads_back_the_same(tmp_path, paragraphs):
    """JSONL round trip, on shipped training data."""
    write_paragraphs(paragraphs, tmp_path / "a.jsonl")
    assert read_paragraphs(tmp_path / "a.jsonl") == paragraphs


def test_the_hash_does_not_depend_on_order_or_file(tmp_path):
    """The SHA-256 of a set is the same in any order, and in JSONL and CSV."""
    assert data_sha256(SET) == data_sha256(reversed(SET)) == data_sha256(iter(SET))
    table = write(tmp_path, "a.csv", "id,text,labels\n1,A,localisation|major_projects\n2,B,\n")
    write_paragraphs(reversed(read_paragraphs(table)), tmp_path / "a.jsonl")
    assert data_sha256(read_paragraphs(table)) == data_sha256(read_paragraphs(tmp_path / "a.jsonl"))


@pytest.mark.parametrize(
    "change",
    [{"text": "x"}, {"labels": ()}, {"labels": SET[0].labels[::-1]}, {"id": "x"}, {"order": 1}],
)
def test_the_hash_depends_on_what_is_said(change):
    """The SHA-256 of a set changes with any field, and with the order of the labels."""
    changed = Paragraph(**{**SET[0].__dict__, **change})
    assert data_sha256([changed, *SET[1:]]) != data_sha256(SET)
    assert data_sha256(SET[1:]) != data_sha256(SET)


def test_the_hash_of_nothing_is_that_of_no_bytes():
    """The SHA-256 is plain: of no paragraphs, it is that of no bytes."""
    assert data_sha256([]) == hashlib.sha256(b"").hexdigest()


def test_the_id_of_a_text_is_fixed():
    """An id made of a text never changes: other files refer to it."""
    assert paragraph_id("A dam.") == hashlib.sha1(b"A dam.").hexdigest()[:16]
    assert paragraph_id("\ud800") != paragraph_id("\ud801")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("A dam on the river.", "en"),
        ("国资委要求中央企业加大研发投入。", "zh"),
        ("国资委发布 SASAC 2024 通知", "zh"),
        ("The commission (国资委) asked firms to invest.", "en"),
        ("abcd国", "zh"),
        ("abcde国", "en"),
        ("２０２４年", "zh"),
        ("Ограничения", "en"),
        ("123 — !", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_guessed_from_the_script(text, lang):
    """Chinese from a fifth of the letters on; digits, marks and spaces do not count."""
    assert guess_lang(text) == lang


def test_every_kind_of_table_holds_the_same(tmp_path):
    """The same paragraphs as JSONL, CSV, TSV and parquet, with labels as lists or as one text."""
    rows = [
        {"id": "a", "text": "A dam.", "labels": ["major_projects", "localisation"], "lang": "en"},
        {"id": "b", "text": "你好。", "labels": [], "lang": "zh"},
    ]
    flat = pd.DataFrame([{**row, "labels": "|".join(row["labels"])} for row in rows])
    write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows)))
    flat.to_csv(tmp_path / "b.csv", index=False)
    flat.to_csv(tmp_path / "c.tsv", index=False, sep="\t")
    flat.to_parquet(tmp_path / "d.parquet")
    pd.DataFrame(rows).to_parquet(tmp_path / "e.parquet")
    found = [read_paragraphs(path) for path in sorted(tmp_path.iterdir())]
    assert len(found) == 5
    assert all(part == found[0] for part in found)
    write(tmp_path, "f.parquet", "no parquet")
    with pytest.raises(DataError, match="not a parquet file"):
        read_paragraphs(tmp_path / "f.parquet")
