"""What is read and what is written: formats, packing, limits, columns, rows of labels and of
documents."""

import csv
import gzip
import io
import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from directive_clf import DataError, score_files
from directive_clf.labels import LABELS
from directive_clf.reading import Reading, guess_columns
from directive_clf.scoring import iter_scored
from directive_clf.shaping import Shape, columns_of

DAM = "The 1,200-km line entered service on Tuesday after six years of construction."
AD = "Open your account today and get a free gift."
ZH = "国资委要求中央企业加大研发投入，攻克关键核心技术。"


@pytest.fixture
def score(classifier):
    return lambda *inputs, **options: list(iter_scored(classifier, inputs, **options))


def packed(content, suffix):
    if suffix == ".gz":
        return gzip.compress(content)
    return pa.compress(content, codec="zstd", asbytes=True) if suffix == ".zst" else content


# In -----------------------------------------------------------------------------------------------

CONTENTS = {
    "a.txt": f"{DAM}\n\n{AD}\n",
    "a.md": f"# {DAM}\n\n- {AD}\n",
    "a.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in (DAM, AD)),
    "a.csv": f'id,text\n1,"{DAM}"\n2,{AD}\n',
    "a.tsv": f"id\ttext\n1\t{DAM}\n2\t{AD}\n",
    "a.html": f"<html><body><p>{DAM}</p><p>{AD}</p></body></html>",
}


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", CONTENTS)
def test_every_format_plain_and_packed(tmp_path, score, name, suffix):
    """Every kind of file, packed or not, gives the same two paragraphs."""
    path = tmp_path / (name + suffix)
    path.write_bytes(packed(CONTENTS[name].encode(), suffix))
    rows = score(path, furniture=True)
    assert [row["main"] for row in rows] == ["major_projects", "marketing_boilerplate"]
    assert {row["document_id"] for row in rows} == {name + suffix}


def test_parquet_in(tmp_path, score):
    """Parquet is read with its columns, types that JSON lacks as text."""
    import datetime
    import decimal

    table = {
        "body": [DAM, None, AD],
        "n": [1, 2, 3],
        "when": [datetime.datetime(2026, 3, 4, 5)] * 3,
        "much": [decimal.Decimal("1.50")] * 3,
        "tags": [["a"], [], None],
        "x": [float("nan"), 1.5, None],
    }
    pq.write_table(pa.table(table), tmp_path / "a.parquet", row_group_size=2)
    rows = score(tmp_path / "a.parquet")
    assert [row["status"] for row in rows] == ["ok", "empty", "ok"]
    assert [row["n"] for row in rows] == [1, 2, 3]
    assert rows[0]["when"] == "2026-03-04T05:00:00"
    assert (rows[0]["much"], rows[0]["tags"], rows[0]["x"]) == ("1.50", ["a"], None)


PAGE = f"""<?xml version="1.0" encoding="gb2312"?><html><head><title>A line opens</title>
<meta name="date" content="2026-03-04"><script>var x = "never";</script></head><body>
<nav><a href="/">Home</a></nav><article><h1>A line opens</h1><p>{DAM} The ministry said so in a
<b>statement</b> on its site.</p><p>Work on the next section of it begins in the spring of the year
after this one, officials added, and is to take four years.</p></article>
<footer><button>{AD}</button></footer></body></html>"""


def test_html_main_text_and_furniture(tmp_path, score):
    """A page gives its main text, title and date; with furniture, all that its reader sees."""
    (tmp_path / "a.html").write_text(PAGE)
    main = score(tmp_path / "a.html")
    text = "\n".join(row["text"] for row in main)
    assert "statement on its site" in text
    assert AD not in text
    assert {(row["title"], row["date"]) for row in main} == {("A line opens", "2026-03-04")}
    everything = score(tmp_path / "a.html", furniture=True)
    assert [row["text"] for row in everything if row["text"] in ("Home", AD)] == ["Home", AD]
    assert "marketing_boilerplate" in {row["main"] for row in everything}
    assert not any("never" in row["text"] for row in everything)


def test_a_page_without_text_is_a_row(tmp_path, score):
    """A page in which no main text is found gives a row with the remedy."""
    (tmp_path / "a.html").write_text("<html><body><script>1</script></body></html>")
    (row,) = score(tmp_path / "a.html")
    assert (row["status"], row["main"]) == ("empty", None)
    assert (
        row["error"] == "a.html: no main text was found; --furniture keeps all the text of a page"
    )


@pytest.mark.parametrize("content", [CONTENTS["a.txt"], CONTENTS["a.jsonl"]])
def test_standard_input(content, tmp_path):
    """Standard input is told by its beginning, and can be called a table."""
    command = [sys.executable, "-c", "from directive_clf.cli import main; main('score')"]
    done = subprocess.run(
        [*command, "-", "-o", tmp_path / "o.jsonl"], input=content.encode(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [row["main"] for row in rows] == ["major_projects", "marketing_boilerplate"]
    done = subprocess.run(
        [*command, "-", "--stdin-as", "csv", "--json"],
        input=CONTENTS["a.csv"].encode(), capture_output=True,
    )  # fmt: skip
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["1", "2"]


def test_columns_are_guessed_and_named():
    """Usual names are found whatever their case, in English and Chinese; named ones go first; a
    lone column is the text; no column has two roles."""
    found = guess_columns(("标题", "Body", "x", "ID", "日期", "doc_id"), Reading())
    assert found == {
        "text": "Body", "id": "ID", "document": "doc_id", "title": "标题", "date": "日期",
    }  # fmt: skip
    assert guess_columns(("x",), Reading())["text"] == "x"
    assert guess_columns(("x",), Reading(), is_fixed=False)["text"] == "text"
    assert guess_columns(("x", "y"), Reading())["text"] == "text"
    assert guess_columns(("x", "text", "id"), Reading(text="x", id="text"))["id"] == "text"
    assert guess_columns(("title",), Reading(text="title"))["title"] is None


def test_other_columns_are_carried(tmp_path, score):
    """All other columns come through, and one of our name is called otherwise."""
    (tmp_path / "a.csv").write_text(f"nr,headline,labels,text,date\n1,T,gov,{AD},2026\n")
    (row,) = score(tmp_path / "a.csv", id="nr")
    assert (row["id"], row["title"], row["date"]) == ("1", "T", "2026")
    assert (row["input_labels"], row["labels"]) == ("gov", ["marketing_boilerplate"])


# Limits -------------------------------------------------------------------------------------------

LONG = "word " * 1000


@pytest.mark.parametrize(
    ("name", "content", "statuses"),
    [
        ("a.jsonl", [json.dumps({"text": LONG}), json.dumps({"text": AD})], ["bad_row", "ok"]),
        ("a.csv", ["text", LONG, AD], ["bad_row", "ok"]),
        ("a.csv", ["text", f'"{LONG}"', AD], ["bad_row", "ok"]),
        ("a.csv", ["text", f'"{"x" * 50}\n{"y" * 1020}"', AD], ["bad_row", "ok"]),
        ("a.csv", ["text,x", ",".join("ab" * 999), f"{AD},1"], ["bad_row", "ok"]),
        ("a.html", [f"<p>{LONG}</p>"], ["bad_row"]),
    ],
)
def test_what_is_too_long_is_a_row(tmp_path, score, name, content, statuses):
    """A line, a cell and a page over the limit are rows that say so, and the next is read."""
    (tmp_path / name).write_text("\n".join(content))
    rows = score(tmp_path / name, max_bytes=1024)
    assert [row["status"] for row in rows] == statuses


def test_an_article_of_any_length_is_read(tmp_path, score):
    """An article over the limit is read in pieces: every paragraph, with its place in the whole."""
    article = "".join(f"{DAM} No {i}.\n\n" for i in range(200))
    (tmp_path / "a.txt").write_text(article)
    rows = score(tmp_path / "a.txt", max_bytes=1024)
    assert [row["text"] for row in rows] == [f"{DAM} No {i}." for i in range(200)]
    assert all(article[row["start"] : row["end"]] == row["text"] for row in rows)
    assert [row["paragraph"] for row in rows] == list(range(200))


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_bomb_is_a_row(tmp_path, score, suffix):
    """A file that unpacks to far more than its size is left where that shows."""
    bomb = json.dumps({"text": "x" * 990}).encode() + b"\n"
    bomb *= 40_000
    (tmp_path / f"a.jsonl{suffix}").write_bytes(packed(bomb, suffix))
    status, reason = "", ""
    count = 0
    for row in score(tmp_path / f"a.jsonl{suffix}"):
        status, reason, count = row["status"], row["error"], count + 1
    assert status == "undecodable"
    assert "unpacks to more than 100 times its size" in reason
    assert count < 20_000


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_broken_package_gives_what_is_whole(tmp_path, score, suffix):
    """Of a packed file that ends early the rows before the end come, and one that says so."""
    import random

    lines = "".join(
        json.dumps({"id": i, "text": f"{random.Random(i).random()}"}) + "\n" for i in range(50_000)
    )
    whole = packed(lines.encode(), suffix)
    (tmp_path / f"a.jsonl{suffix}").write_bytes(whole[: len(whole) // 2])
    rows = score(tmp_path / f"a.jsonl{suffix}")
    assert rows[-1]["status"] == "undecodable"
    assert [row["id"] for row in rows[:1000]] == list(range(1000))


# Out ----------------------------------------------------------------------------------------------


@pytest.fixture
def pile(tmp_path):
    folder = tmp_path / "pile"
    folder.mkdir()
    (folder / "a.txt").write_text(CONTENTS["a.txt"] + f"\n{ZH}\n", encoding="utf-8")
    (folder / "b.jsonl").write_text(
        json.dumps({"id": 7, "text": DAM, "x": 1.5, "y": True, "z": {"k": [1]}})
        + "\n{\n"
        + json.dumps({"id": 8, "text": "", "x": 2, "big": 2**70})
        + "\n"
    )
    return folder


def read_csv(path, **options):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, **options))


def test_all_formats_say_the_same(pile, tmp_path):
    """JSON lines, CSV, TSV and parquet hold the same rows and columns, each in its manner."""
    for suffix in ("jsonl", "csv", "tsv", "parquet"):
        score_files(pile, tmp_path / f"o.{suffix}", with_text=True)
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    columns = columns_of(LABELS, Shape(with_text=True), ["x", "y", "z", "big"])
    table = pq.read_table(tmp_path / "o.parquet")
    assert table.column_names == columns
    kinds = dict(zip(table.column_names, map(str, table.schema.types)))
    assert (kinds["x"], kinds["y"], kinds["z"]) == ("double", "bool", "string")
    assert (kinds["id"], kinds["paragraph"], kinds["p_localisation"]) == (
        "string", "int64", "double",
    )  # fmt: skip
    ours = columns_of(LABELS, Shape(with_text=True), [])
    for line, row in zip(lines, table.to_pylist(), strict=True):
        assert {name: row[name] for name in ours[1:]} == {name: line[name] for name in ours[1:]}
        assert row["id"] == str(line["id"])
        assert row["z"] == (json.dumps(line["z"]) if "z" in line else None)
    by_comma = read_csv(tmp_path / "o.csv")
    assert read_csv(tmp_path / "o.tsv", delimiter="\t") == by_comma
    for line, row in zip(lines, by_comma, strict=True):
        assert list(row) == columns
        assert row["labels"] == "|".join(line["labels"])
        assert (row["main"], row["text"]) == (line["main"] or "", line["text"] or "")
        assert row["p_localisation"] == str(line["p_localisation"] or "")
        assert row["y"] == ("true" if line.get("y") else "")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("name", ["o.jsonl", "o.csv", "o.parquet"])
def test_the_output_does_not_depend_on_processes(tmp_path, paragraphs, name, jobs):
    """One process, two, and a second run write the same bytes, in the order of the input."""
    lines = (json.dumps({"id": i, "text": p.text}) for i, p in enumerate(paragraphs * 3))
    (tmp_path / "t.jsonl").write_text("\n".join(lines))
    (tmp_path / "one").mkdir()
    score_files(tmp_path / "t.jsonl", tmp_path / "one" / name)
    summary = score_files(tmp_path / "t.jsonl", tmp_path / name, jobs=jobs)
    assert (tmp_path / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    assert summary.repeated == 2 * len(paragraphs)
    if name == "o.jsonl":
        rows = (json.loads(line) for line in (tmp_path / name).read_text().splitlines())
        assert [row["id"] for row in rows] == list(range(3 * len(paragraphs)))


@pytest.mark.parametrize("start", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_runs_nothing(tmp_path, start):
    """A text that a spreadsheet would run is written with a mark before it, unless that is turned
    off; numbers are left."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["id", "text", "n", start], [start, f"{start} dam", "-1.5", start]])
    (tmp_path / "a.csv").write_bytes(out.getvalue().encode())
    score_files(tmp_path / "a.csv", tmp_path / "o.csv", with_text=True)
    with (tmp_path / "o.csv").open(newline="") as lines:
        head, row = csv.reader(lines)
    assert {"'" + start, f"'{start} dam", "-1.5"} <= set(row)
    assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in head + row)
    score_files(tmp_path / "a.csv", tmp_path / "raw.csv", with_text=True, escape_formulas=False)
    assert f"{start} dam" in (tmp_path / "raw.csv").read_bytes().decode()
    assert f"'{start}" not in (tmp_path / "raw.csv").read_bytes().decode()


def test_excel_reads_chinese(pile, tmp_path):
    """CSV begins with a byte order mark where that is asked for, and only there."""
    score_files(pile, tmp_path / "o.csv", with_text=True, byte_order_mark=True)
    score_files(pile, tmp_path / "p.csv", with_text=True)
    marked = (tmp_path / "o.csv").read_bytes()
    assert marked == b"\xef\xbb\xbf" + (tmp_path / "p.csv").read_bytes()


def test_long_rows(pile, score):
    """A row a paragraph and label, with the same probabilities; one where there is no answer."""
    wide, long = score(pile), score(pile, long=True)
    expected = []
    for row in wide:
        for label in LABELS if row["main"] else [None]:
            p = row[f"p_{label}"] if label else None
            expected.append((row["id"], label, p, label in row["labels"] if label else None))
    keys = ("id", "label", "probability", "holds")
    assert [tuple(row[key] for key in keys) for row in long] == expected


def test_only_some_labels(pile, tmp_path, score):
    """Filters leave paragraphs with the label, and of that certainty; what is left out, and what
    failed, is still counted and listed."""
    assert {row["main"] for row in score(pile, only="major_projects")} == {"major_projects"}
    every = [row for row in score(pile) if row["labels"]]
    certain = sorted(max(row[f"p_{x}"] for x in row["labels"]) for row in every)
    middle = (certain[0] + certain[-1]) / 2
    sure = [row for row in every if max(row[f"p_{x}"] for x in row["labels"]) >= middle]
    assert 0 < len(sure) < len(every)
    assert score(pile, min_probability=middle) == sure
    summary = score_files(pile, tmp_path / "o.jsonl", only=["major_projects"])
    assert (summary.rows, summary.left_out, summary.failed) == (6, 4, 1)
    assert (tmp_path / "o.quarantine.jsonl").read_text().count("\n") == 1
    with pytest.raises(DataError, match="unknown label 'dams' to select; expected innovation"):
        score_files(pile, tmp_path / "o.jsonl", only="dams")


def test_a_row_a_document(tmp_path):
    """Shares are of the main labels of what is no boilerplate and has an answer; paragraphs of a
    document need not stand together; documents come in the order in which they begin."""
    rows = [
        ("b", DAM),
        ("a", AD),
        ("b", AD),
        ("b", ZH),
        ("a", AD),
        ("b", DAM),
        ("c", ""),
        ("b", ""),
    ]
    with (tmp_path / "t.jsonl").open("w", encoding="utf-8") as out:
        for document, text in rows:
            out.write(json.dumps({"document_id": document, "text": text, "title": "T"}) + "\n")
    score_files(tmp_path / "t.jsonl", tmp_path / "o.jsonl", per_document=True)
    b, a, c = (json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines())
    assert (b["document_id"], b["title"], b["main"]) == ("b", "T", "major_projects")
    assert (b["paragraphs"], b["boilerplate"], b["unanswered"]) == (5, 1, 1)
    shares = {name: value for name, value in b.items() if name.startswith("share_")}
    assert shares["share_major_projects"] == pytest.approx(2 / 3, abs=1e-6)
    assert shares["share_innovation_push"] == pytest.approx(1 / 3, abs=1e-6)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert "share_marketing_boilerplate" not in shares
    assert (a["main"], a["share_other"], a["status"]) == ("marketing_boilerplate", None, "ok")
    assert (c["main"], c["unanswered"], c["status"]) == (None, 1, "empty")
    score_files(tmp_path / "t.jsonl", tmp_path / "o.parquet", per_document=True)
    assert pq.read_table(tmp_path / "o.parquet")["paragraphs"].to_pylist() == [5, 2, 1]
    with pytest.raises(DataError, match="a row a document goes with no option about rows"):
        score_files(tmp_path / "t.jsonl", tmp_path / "o.jsonl", per_document=True, long=True)


@pytest.mark.parametrize("name", ["o.xlsx", "o"])
def test_another_ending_is_refused(pile, tmp_path, name):
    """An output of another kind is refused before anything is read."""
    with pytest.raises(DataError, match=r"expected a name ending in \.jsonl, \.csv, \.tsv, \.par"):
        score_files(pile, tmp_path / name)


def test_an_unknown_option_is_refused(pile, tmp_path):
    """A misspelt option is not passed over."""
    with pytest.raises(TypeError, match="no option 'splitt'; there are date, "):
        score_files(pile, tmp_path / "o.jsonl", splitt=True)


MEMORY = """
import sys
from directive_clf import score_files
print(score_files(sys.argv[1], sys.argv[2], with_text=True).peak_memory)
"""


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_memory_does_not_grow_with_the_pile(tmp_path, suffix):
    """Ten times the rows, 108 MB more of text in and out, take under 64 MiB more, which is what the
    scores of the latest 65,536 paragraphs and a group of parquet take: what is read is let go."""
    peaks = []
    for n in (8_000, 80_000):
        with (tmp_path / "t.csv").open("w") as out:
            out.write("text\n")
            out.writelines(f"{DAM} {i} {'x' * 1500}\n" for i in range(n))
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, tmp_path / "t.csv", tmp_path / f"o.{suffix}"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 64 << 20
