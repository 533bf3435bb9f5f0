"""Files in, rows out: every paragraph and line gives a row, and a file is written whole or not."""

import csv
import io
import json
import re
from collections import Counter

import pytest

from directive_clf import reading, score_files
from directive_clf.batch import ANSWERED, PROBABILITY, STATUSES
from directive_clf.exceptions import DataError
from directive_clf.labels import LABELS
from directive_clf.reading import NAMES
from directive_clf.scoring import iter_scored
from directive_clf.shaping import Shape, columns_of

DAM = "The 1,200-km line entered service on Tuesday after six years of construction."
AD = "Open your account today and get a free gift."
ZH = "国资委要求中央企业加大研发投入，攻克关键核心技术。"

FIELDS = set(columns_of(LABELS, Shape(with_text=True), ()))


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_jsonl(folder, name, *rows):
    return write(folder, name, "".join(json.dumps(row) + "\n" for row in rows))


def write_csv(folder, name, *rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return write(folder, name, out.getvalue())


@pytest.fixture
def score(classifier):
    """All rows of inputs, each of them checked to be of the stated form."""

    def run(*inputs, **options):
        rows = list(iter_scored(classifier, inputs, **options))
        for row in rows:
            assert set(row) >= FIELDS
            assert row["status"] in STATUSES
            assert row["model"] == classifier.version
            answered = row["status"] in ANSWERED
            assert (row["main"] is not None) == answered
            assert [row[PROBABILITY + label] is not None for label in LABELS] == [answered] * 5
            assert not (answered and row["error"])
        return rows

    return run


# Articles -----------------------------------------------------------------------------------------

ARTICLES = {
    "plain": f"{DAM}\n\n{AD}\n",
    "windows": f"\r\n{DAM}\r\n\r\n{AD}",
    "old mac": f"{DAM}\r\r{AD}\r",
    "indented": f"\u3000\u3000{ZH}\n\u3000\u3000{DAM}\n",
    "wrapped": "The 1,200-km line entered service on Tuesday,\nafter six years of construction in\n"
    "the mountains of the west, the ministry said.\n\nBack To Top\n",
    "no line end": DAM,
}


@pytest.mark.parametrize("name", ARTICLES)
def test_offsets_slice_the_article(tmp_path, score, name):
    """Of an article, ``[start:end]`` is the paragraph as it stands there, in order, and no text
    that holds a letter is left out."""
    article = ARTICLES[name]
    rows = score(write(tmp_path, "a.txt", article))
    assert [row["paragraph"] for row in rows] == list(range(len(rows)))
    left, before = "", 0
    for row in rows:
        assert "".join(row["text"].split()) == "".join(article[row["start"] : row["end"]].split())
        assert before <= row["start"] < row["end"]
        left += article[before : row["start"]]
        before = row["end"]
    assert not any(map(str.isalnum, left + article[before:]))


def test_rows_of_an_article_are_named_after_it(tmp_path, score):
    """The rows of an article share its file name, and their ids count its paragraphs."""
    rows = score(write(tmp_path, "a.b.txt", ARTICLES["plain"]))
    assert [(row["id"], row["document_id"]) for row in rows] == [
        ("a.b.txt:0", "a.b.txt"),
        ("a.b.txt:1", "a.b.txt"),
    ]
    assert [row["main"] for row in rows] == ["major_projects", "marketing_boilerplate"]


def test_rows_say_what_the_classifier_says(tmp_path, score, classifier):
    """A row holds the prediction of its text, as the library gives it, whatever stands beside."""
    path = write_jsonl(tmp_path, "t.jsonl", *({"text": t} for t in (DAM, AD, ZH, "x")))
    for row in score(path):
        expected = classifier.classify(row["text"]).to_dict()
        probabilities = expected.pop("probabilities")
        assert {label: row[PROBABILITY + label] for label in LABELS} == probabilities
        assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize("content", ["", "\n \r\n\u3000", "\ufeff"])
def test_a_blank_article_is_one_row(tmp_path, score, content):
    """An article without a paragraph is not lost: one row says that it is empty."""
    (row,) = score(write(tmp_path, "a.txt", content))
    assert (row["id"], row["status"], row["flags"]) == ("a.txt:0", "empty", ["empty"])
    assert (row["start"], row["end"], row["labels"]) == (0, 0, [])


def test_a_byte_order_mark_does_not_shift_offsets(tmp_path, score):
    """Offsets count the characters of the text without its BOM."""
    (row,) = score(write(tmp_path, "a.txt", "\ufeff" + DAM))
    assert (row["text"], row["start"], row["end"]) == (DAM, 0, len(DAM))


TRADITIONAL = "國資委要求中央企業加大研發投入，攻克關鍵核心技術。"
ENCODED = {
    "gb18030": ZH.encode("gb18030"),
    "big5": TRADITIONAL.encode("big5"),
    "utf-8": ZH.encode(),
    "utf-8-sig": ZH.encode("utf-8-sig"),
    "utf-16": ZH.encode("utf-16"),
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.html"])
def test_every_usual_encoding_is_read(tmp_path, score, encoding, name):
    """An article, a table and a page in UTF-8, GB18030, Big5 or UTF-16 are read to the character,
    and are not flagged."""
    body = ENCODED[encoding].decode(encoding)
    content = {"a.txt": body, "a.csv": f"id,正文\n1,{body}\n", "a.html": f"<p>{body}</p>"}[name]
    (row,) = score(write(tmp_path, name, content.encode(encoding)), furniture=True)
    assert (row["text"], row["flags"], row["status"]) == (body, [], "ok")
    assert row["main"] == "innovation_push"


def test_bytes_of_no_encoding_are_flagged(tmp_path, score):
    """Wrong bytes do not stop a run, and do not pass for text either: the row is flagged."""
    bad = write(tmp_path, "bad.txt", DAM.encode() + b" \xff\xfe\xfd " + DAM.encode())
    rows = score(bad, write(tmp_path, "good.txt", ZH))
    assert [row["status"] for row in rows] == ["ok"] * len(rows)
    assert rows[0]["flags"] == ["damaged"]
    assert rows[-1]["flags"] == []


def test_one_wrong_byte_costs_one_character(tmp_path, score):
    """One wrong byte leaves the other paragraphs, and the rest of its own, as they are."""
    path = write(tmp_path, "a.txt", f"{DAM}\n\nCaf".encode() + b"\xe9 open.\n\n" + AD.encode())
    rows = score(path)
    assert [row["text"] for row in rows] == [DAM, "Caf\ufffd open.", AD]
    assert [row["flags"] for row in rows] == [[], ["damaged"], []]


def test_a_very_long_text_is_flagged(tmp_path, score):
    """A text longer than what is read is one row, flagged, with all its characters counted."""
    (row,) = score(write_jsonl(tmp_path, "t.jsonl", {"text": "word " * 300_000}))
    assert (row["status"], row["flags"]) == ("truncated", ["truncated"])
    assert row["end"] == 1_500_000


# Tables -------------------------------------------------------------------------------------------


def test_ids_of_a_jsonl_are_kept_as_they_are(tmp_path, score):
    """An id and a document_id of the input come back unchanged: text, number, zero, half a pair."""
    ids = ["p-1", "", 0, 17, "\ud800", None, "国"]
    path = write_jsonl(
        tmp_path, "t.jsonl", *({"id": i, "document_id": i, "text": f"{DAM} {i}"} for i in ids)
    )
    rows = score(path)
    for line, (given, row) in enumerate(zip(ids, rows, strict=True), 1):
        made = given in (None, "")
        assert row["id"] == (f"t.jsonl:{line}" if made else given)
        assert row["document_id"] == ("t.jsonl" if made else given)
        assert type(row["id"]) is (str if made else type(given))


def test_ids_of_a_csv_are_kept(tmp_path, score):
    """An id and a document_id of a CSV come back as their cells stand."""
    path = write_csv(
        tmp_path, "t.csv", ["document_id", "text", "id"], ["d", DAM, "007"], ["", AD, 0]
    )
    assert [(row["id"], row["document_id"]) for row in score(path)] == [
        ("007", "d"),
        ("0", "t.csv"),
    ]


def test_a_row_of_a_table_is_its_cell(tmp_path, score):
    """The text of a table is not cut or trimmed: the offsets span the cell."""
    cell = f"  {DAM}\r\n\r\n“{ZH}”, and more "
    for path in (
        write_csv(tmp_path, "t.csv", ["text"], [cell]),
        write_jsonl(tmp_path, "t.jsonl", {"text": cell}),
    ):
        (row,) = score(path)
        assert (row["text"], row["start"], row["end"]) == (cell, 0, len(cell))
        assert row["paragraph"] is None


@pytest.mark.parametrize("name", NAMES["text"])
def test_usual_names_of_the_text_are_known(tmp_path, score, name):
    """The text is found under each usual name, in both kinds of table."""
    assert score(write_csv(tmp_path, "t.csv", ["id", name], [1, DAM]))[0]["text"] == DAM
    assert score(write_jsonl(tmp_path, "t.jsonl", {name: DAM}))[0]["text"] == DAM


def test_the_text_column_can_be_named(tmp_path, score):
    """A named column goes before the usual names; where it lacks, the row is bad."""
    path = write_csv(tmp_path, "t.csv", ["text", "abstract"], [AD, DAM])
    assert score(path, text="abstract")[0]["text"] == DAM
    (row,) = score(path, text="summary")
    assert row["error"] == "t.csv:2: expected a column 'summary'; found 'text', 'abstract'"


BAD_JSONL = {
    "half a line": ('{"text": "A', r"not JSON \(column 12: Invalid .*\); expected an object"),
    "no JSON": ("A dam.", r"not JSON \(column 1: Expecting value\); expected an object"),
    "deep": ("[" * 200_000, r"not JSON \(maximum recursion depth .*\); expected an object"),
    "deep inside": (
        '{"text": "A", "x": ' + '{"x":' * 200_000,
        r"not JSON \(maximum recursion depth .*\); expected an object",
    ),
    "a long number": ('{"text": %s}' % ("9" * 5000), r"not JSON \(Exceeds the limit .*"),
    "a list": ('["A dam."]', r'found \["A dam\."\]; expected an object'),
    "null": ("null", "found null; expected an object"),
    "no text": ('{"txt": "A"}', "expected a column 'text'; found 'txt'"),
    "nothing": ("{}", "expected a column 'text'; found none"),
    "zeros": ("\0\0", r"not JSON \(column 1: Expecting value\); expected an object"),
}


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        ("null", "empty", "no text is there, in 'text'"),
        ("NaN", "empty", "no text is there, in 'text'"),
        ("5", "not_text", "'text' is 5; expected a text"),
        ("true", "not_text", "'text' is true; expected a text"),
        ('["A"]', "not_text", "'text' is [\"A\"]; expected a text"),
    ],
)
def test_a_value_that_is_no_text_is_told(tmp_path, score, value, status, reason):
    """A missing text is empty, and any other value is not text; both say where."""
    (row,) = score(write(tmp_path, "t.jsonl", f'{{"text": {value}}}'))
    assert (row["status"], row["error"]) == (status, f"t.jsonl:1: {reason}")


@pytest.mark.parametrize("case", BAD_JSONL)
def test_a_bad_jsonl_line_is_a_row_and_the_run_goes_on(tmp_path, score, case):
    """A faulty line gives a row that says which line and why; the lines around it are scored."""
    line, reason = BAD_JSONL[case]
    good = json.dumps({"id": "good", "text": DAM})
    rows = score(write(tmp_path, "t.jsonl", f"{good}\n\n{line}\n{good}"))
    assert [row["status"] for row in rows] == ["ok", "bad_row", "ok"]
    assert re.fullmatch(rf"t\.jsonl:3: {reason}", rows[1]["error"])
    assert (rows[1]["id"], rows[1]["labels"], rows[1]["text"]) == ("t.jsonl:3", [], None)


def test_a_bad_line_keeps_the_id_it_has(tmp_path, score):
    """Where the id of a bad line can be read, its row has it."""
    jsonl = write_jsonl(tmp_path, "t.jsonl", {"id": 0, "text": None})
    table = write_csv(tmp_path, "t.csv", ["id", "text"], ["p1", DAM, "one more"])
    assert [(row["id"], row["status"]) for row in score(jsonl, table)] == [
        (0, "empty"),
        ("p1", "bad_row"),
    ]


BAD_CSV = {
    "a comma too many": ("A dam, a road,2", "found 3 cells; expected 2, as the header has"),
    "text behind a quote": (
        '"A" dam,2',
        r"not CSV \(.*\); expected each quote to be closed, or doubled",
    ),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_bad_csv_row_is_a_row_and_the_run_goes_on(tmp_path, score, case):
    """A faulty row gives a row that says on which line it begins and why; others are scored."""
    line, reason = BAD_CSV[case]
    rows = score(write(tmp_path, "t.csv", f'text,id\n"A\r\nroad",1\n{line}\nB,3\n'))
    assert [row["status"] for row in rows] == ["ok", "bad_row", "ok"]
    assert re.fullmatch(rf"t\.csv:4: {reason}", rows[1]["error"])
    assert (rows[0]["text"], rows[2]["text"]) == ("A\r\nroad", "B")


def test_a_quote_that_is_never_closed_is_told(tmp_path, score):
    """A quote left open swallows the rows behind it: that is a bad row, where it opens, not a text
    of them all."""
    rows = score(write(tmp_path, "t.csv", 'text,id\nA,1\n"B,2\nC,3\nD,4\n'))
    assert [row["status"] for row in rows] == ["ok", "bad_row"]
    assert rows[1]["error"].startswith("t.csv:3: not CSV (unexpected end of data)")


def test_a_row_that_ends_early_is_scored_if_its_text_is_there(tmp_path, score):
    """A cell that is missing matters only if it is the text."""
    rows = score(write(tmp_path, "t.csv", "id,text,note\n1,A dam.\n2\n"))
    assert [(row["id"], row["status"]) for row in rows] == [("1", "ok"), ("2", "empty")]
    assert rows[1]["error"] == "t.csv:3: no text is there, in 'text'"


def test_a_csv_without_a_header_says_what_it_lacks(tmp_path, score):
    """Without a header no row is taken for a text by chance, and the message stays short."""
    path = write_csv(tmp_path, "t.csv", [DAM * 50, "localisation"], [AD, ""])
    (row,) = score(path)
    assert row["error"].startswith("t.csv:2: expected a column 'text'; found 'The 1,200-km line")
    assert len(row["error"]) < 300


def test_a_column_that_stands_twice_is_told(tmp_path, score):
    """Of two columns of one name none is chosen by chance."""
    rows = score(write(tmp_path, "t.csv", "text,text\nA,B\nC,D\n"))
    assert [row["error"] for row in rows] == [
        f"t.csv:{line}: several columns are named 'text'; expected each name once"
        for line in (2, 3)
    ]


def test_nameless_columns_do_no_harm(tmp_path, score):
    """Columns without a name, as spreadsheets leave them, are let be."""
    rows = score(write(tmp_path, "t.csv", "text,,\nA dam.,,x\n"))
    assert [row["status"] for row in rows] == ["ok"]


@pytest.mark.parametrize("text", ["", "  \u3000", "\n"])
def test_a_blank_text_is_empty(tmp_path, score, text):
    """A blank text gives a row with status ``empty``: no answer, which is not ``other``."""
    paths = (
        write_jsonl(tmp_path, "t.jsonl", {"id": "p", "text": text}),
        write_csv(tmp_path, "t.csv", ["id", "text"], ["p", text]),
    )
    for split in (False, True):
        for row in score(*paths, split=split):
            assert (row["id"], row["status"], row["flags"]) == ("p", "empty", ["empty"])


@pytest.mark.parametrize("name", ["t.jsonl", "t.csv"])
@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_table_is_one_row(tmp_path, score, name, content):
    """A table without a row is not lost: one row says that it is empty."""
    (row,) = score(write(tmp_path, name, content))
    assert (row["id"], row["status"]) == (name, "empty")
    assert row["error"] == f"{name}: the table has no rows"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_with_a_byte_order_mark_and_any_line_end_are_read(tmp_path, score, end):
    """A BOM and the line ends of every system are no part of the data."""
    table = write(tmp_path, "t.csv", "\ufeff" + end.join(["text,id", "A,1", "B,2"]))
    lines = (json.dumps({"text": t}) for t in "AB")
    jsonl = write(tmp_path, "t.jsonl", "\ufeff" + end.join(lines))
    assert [row["text"] for row in score(table, jsonl)] == ["A", "B", "A", "B"]


def test_wrong_bytes_in_a_table_are_flagged(tmp_path, score):
    """Wrong bytes in a cell flag its row, and no other."""
    table = write(tmp_path, "t.csv", b"text,id\nCaf\xe9,1\nB,2\n")
    jsonl = write(tmp_path, "t.jsonl", b'{"text": "Caf\xe9"}\n{"text": "B"}\n')
    assert [row["flags"] for row in score(table, jsonl)] == [["damaged"], []] * 2


def test_no_zero_byte_loses_a_row(tmp_path, score):
    """A NUL in a table costs at most its own row."""
    rows = score(write(tmp_path, "t.csv", b"text,id\nA\0B,1\nC,2\n"))
    assert len(rows) == 2
    assert rows[0]["status"] == "bad_row" or rows[0]["flags"] == ["damaged"]
    assert (rows[1]["id"], rows[1]["status"], rows[1]["flags"]) == ("2", "ok", [])


def test_nothing_is_lost_and_order_is_kept(tmp_path, score):
    """Each line gives one row, in order, through several chunks and with faults among them."""
    lines = [
        ["{", json.dumps({"id": i, "text": ""}), json.dumps({"id": i, "text": f"{i}"})][i % 3]
        for i in range(1537)
    ]
    rows = score(write(tmp_path, "t.jsonl", "\n".join(lines)))
    assert [row["id"] for row in rows] == [i if i % 3 else f"t.jsonl:{i + 1}" for i in range(1537)]
    assert Counter(row["status"] for row in rows) == {"bad_row": 513, "empty": 512, "ok": 512}


def test_the_shipped_data_come_back_row_by_row(tmp_path, score, paragraphs):
    """On shipped paragraphs: as many rows, the same ids, texts and order."""
    rows = [{"id": p.id, "document_id": p.document_id, "text": p.text} for p in paragraphs[:600]]
    scored = score(write_jsonl(tmp_path, "t.jsonl", *rows))
    assert [(row["id"], row["text"]) for row in scored] == [
        (p.id, p.text) for p in paragraphs[:600]
    ]


# --split ------------------------------------------------------------------------------------------


def test_split_cuts_cells_as_articles(tmp_path, score):
    """Split: the offsets slice the cell, ids count its paragraphs, the cell is the document."""
    cell = f"  {DAM}\r\n\r\n{AD}\n"
    path = write_csv(tmp_path, "t.csv", ["id", "text"], ["p", cell], ["q", DAM])
    rows = score(path, split=True)
    assert [(row["id"], row["document_id"], row["paragraph"]) for row in rows] == [
        ("p:0", "p", 0),
        ("p:1", "p", 1),
        ("q:0", "q", 0),
    ]
    assert [cell[row["start"] : row["end"]] for row in rows[:2]] == [DAM, AD]


def test_split_keeps_the_document_of_the_input(tmp_path, score):
    """Split: a document_id of the input is kept; an id that is a number counts on as text."""
    path = write_jsonl(
        tmp_path, "t.jsonl", {"id": 0, "document_id": "d", "text": f"{DAM}\n\n{AD}"}, {"text": None}
    )
    rows = score(path, split=True)
    assert [(row["id"], row["document_id"], row["status"]) for row in rows] == [
        ("0:0", "d", "ok"),
        ("0:1", "d", "ok"),
        ("t.jsonl:2", "t.jsonl:2", "empty"),
    ]


# Inputs and outputs -------------------------------------------------------------------------------


def test_a_folder_is_its_files_by_name(tmp_path, score):
    """Of a folder, the known files are read, by name and at every depth; other files and hidden
    ones are not. A file that is met again is not read again."""
    write(tmp_path, "b.txt", "B")
    write(tmp_path, "c.CSV", "text\nC\n")
    write_jsonl(tmp_path, "a.jsonl", {"text": "A"})
    write(tmp_path, "notes.docx", "no")
    write(tmp_path, ".hidden.txt", "no")
    (tmp_path / "d.txt").mkdir()
    write(tmp_path / "d.txt", "e.md", "E")
    rows = score(tmp_path)
    assert [row["text"] for row in rows] == ["A", "B", "C", "E"]
    assert rows[3]["id"] == "d.txt/e.md:0"
    assert [row["text"] for row in score(str(tmp_path / "b.txt"), tmp_path)] == [*"BACE"]
    assert [row["text"] for row in score(tmp_path, tmp_path / "d.txt")] == [*"ABCE"]


def test_a_pattern_is_its_files_by_name(tmp_path, score):
    """A pattern stands for the files that it matches, in order, whatever the shell left of it."""
    (tmp_path / "x").mkdir()
    for name in ("b.txt", "a.txt", "x/c.txt", "d.docx"):
        write(tmp_path, name, name)
    assert [row["text"] for row in score(f"{tmp_path}/*.txt")] == ["a.txt", "b.txt"]
    assert len(score(f"{tmp_path}/**/*.txt")) == 3
    with pytest.raises(DataError, match="pattern matches no file that is read"):
        score(f"{tmp_path}/*.docx")
    with pytest.raises(DataError, match="no such file or folder"):
        score(f"{tmp_path}/*.csv")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nothing.txt", "no such file or folder"),
        ("notes.docx", r"expected a file ending in \.txt, \.md, .* or a folder"),
        ("empty.txt", r"the folder holds no file ending in \.txt, \.md, .*"),
    ],
)
def test_a_wrong_input_stops_before_anything_is_scored(tmp_path, classifier, name, reason):
    """An input that is none is told by name, before a row is given for those before it."""
    good = write(tmp_path, "good.txt", DAM)
    write(tmp_path, "notes.docx", "no")
    (tmp_path / "empty.txt").mkdir()
    path = tmp_path / name
    with pytest.raises(DataError, match=f"^{re.escape(str(path))}: {reason}$"):
        next(iter_scored(classifier, [good, path]))


def test_an_empty_name_is_not_this_folder(score):
    """An empty name (an unset variable of a shell) is refused, not read as the current folder."""
    with pytest.raises(DataError, match=r"^the name of an input is empty; expected a file or"):
        score("")


def test_what_is_written_is_what_was_scored_without_the_texts(tmp_path, score):
    """The file holds the rows in order, as strict JSON, without texts; the counts add up."""
    path = write(
        tmp_path,
        "t.jsonl",
        json.dumps({"id": "\ud800", "text": ZH + "\ud800"})
        + '\n{"id": NaN, "text": "", "n": 1e999}\n{\n{"id": "国", "text": "x"}\n',
    )
    rows = score(path)
    summary = score_files(path, tmp_path / "out.jsonl")
    assert summary.statuses == {"ok": 2, "empty": 1, "bad_row": 1}
    assert sum(summary.labels.values()) == 2
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    strict = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    rows[1]["n"] = None  # JSON has no infinity
    assert strict == [{k: v for k, v in row.items() if k != "text"} for row in rows]
    assert '"国"' in lines[3]


def test_what_failed_is_listed_beside(tmp_path):
    """What could not be scored is listed beside the output, and the list is that of the run."""
    write(tmp_path, "a.jsonl", '{\n{"text": 5}\n{"text": ""}\n{"text": "x"}\n')
    write(tmp_path, "b.txt.gz", b"no gzip")
    write(tmp_path, "c.parquet", b"no parquet")
    write(tmp_path, "d.txt", bytes(range(256)) * 20)
    out = tmp_path / "out" / "o.csv"
    out.parent.mkdir()
    summary = score_files(tmp_path, out)
    failed = {"bad_row": 1, "not_text": 2, "undecodable": 2}
    assert summary.statuses == {"ok": 1, "empty": 1, **failed}
    assert summary.failed == 5
    lines = (out.parent / "o.quarantine.jsonl").read_text(encoding="utf-8").splitlines()
    listed = list(map(json.loads, lines))
    assert Counter(row["status"] for row in listed) == failed
    for row, place in zip(listed, ["a.jsonl:1: ", "a.jsonl:2: ", "b.txt.gz: ", "c.parquet: ", ""]):
        assert row["error"].startswith(place)
    score_files(write(tmp_path, "good.txt", DAM), out)
    assert [path.name for path in out.parent.iterdir()] == ["o.csv"]


def test_rows_come_before_the_input_is_read_to_its_end(tmp_path, classifier, monkeypatch):
    """A table is read as it is scored, so that its size does not matter."""
    path = write_jsonl(tmp_path, "a.jsonl", *({"text": "x"} for _ in range(3 * reading.CHUNK)))
    read = []
    seen = reading.iter_jsonl
    monkeypatch.setattr(
        reading, "iter_jsonl", lambda lines: (read.append(1) or row for row in seen(lines))
    )
    next(iter_scored(classifier, [path]))
    assert len(read) == reading.CHUNK


def test_ids_do_not_collide(tmp_path, score):
    """Equal texts, and files of one name in two folders, still give every row an id of its own."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "a.txt", f"{DAM}\n\n{DAM}")
    table = write_jsonl(tmp_path, "t.jsonl", {"text": DAM}, {"text": DAM})
    rows = score(tmp_path / "x", tmp_path / "y", table)
    assert len({row["id"] for row in rows}) == len(rows) == 6
    assert len({row["document_id"] for row in rows}) == 3
