"""``directive-clf data …`` and ``models diff --on``: what they print, write and exit with."""

import csv
import json
import re

import pytest

from directive_clf.data import read_paragraphs, write_paragraphs
from directive_clf.exchange import read_export

from ..conftest import ROOT
from .test_cli import fails, invoke, misused, run

EXPORTS = ROOT / "tests" / "exports"
GAZETTE = ROOT / "docs" / "own-labels"
DAM = "The 1,200-km line entered service on Tuesday after six years of construction."
AD = "Open your account today and get a free gift."


def table(place):
    """The rows of a CSV file."""
    return list(csv.DictReader(place.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def mine(tmp_path, paragraphs):
    write_paragraphs(paragraphs[:60], tmp_path / "mine.jsonl")
    return tmp_path / "mine.jsonl"


# check, merge, split ------------------------------------------------------------------------------


def test_check_exits_by_faults(tmp_path, mine):
    """No fault: statistics and status 0; a fault: its line on stderr and status 1."""
    result = invoke("data", "check", mine)
    assert result.stdout.startswith("60 paragraphs, ")
    assert result.stderr.splitlines()[-1].startswith("0 faults, ")
    bad = tmp_path / "bad.csv"
    bad.write_text(f'text,labels\n"{DAM}",major_projects\n"{DAM}",localisation\n{AD},risk\n')
    result = invoke("data", "check", bad, status=1)
    first, second, last = result.stderr.splitlines()
    assert first.startswith(f"{bad}:3: the text stood before, at {bad}:2, labelled major_projects")
    assert first.endswith("decide for one, and drop the other")
    assert second.startswith(f"{bad}:4: unknown label 'risk'")
    assert last == "2 faults, 0 to look at"
    assert json.loads(invoke("data", "check", mine, "--json").stdout)["paragraphs"] == 60


def test_check_finds_what_the_gold_set_shares(mine, tmp_path, paragraphs):
    """--gold: every paragraph that stands there too is a fault at its own line."""
    write_paragraphs(paragraphs[58:70], tmp_path / "g.jsonl")
    result = invoke("data", "check", mine, "--gold", tmp_path / "g.jsonl", status=1)
    assert [line.split(": ")[0] for line in result.stderr.splitlines()[:2]] == [
        f"{mine}:59", f"{mine}:60",
    ]  # fmt: skip


def test_check_of_a_missing_file_is_an_error(tmp_path):
    """A file that is not there, or of another kind, is an error, not a finding."""
    assert fails("data", "check", tmp_path / "no.csv") == f"{tmp_path / 'no.csv'}: no such file"


def test_merge_writes_each_once(mine, tmp_path):
    """Two overlapping files become one, in any format; the inputs stay."""
    before = mine.read_bytes()
    result = invoke("data", "merge", mine, mine, "-o", tmp_path / "all.parquet")
    assert result.stderr == f"{tmp_path / 'all.parquet'}: 60 paragraphs\n"
    assert read_paragraphs(tmp_path / "all.parquet") == read_paragraphs(mine)
    assert mine.read_bytes() == before


def test_split_writes_parts(mine, tmp_path):
    """train, test and, where asked for, calibration; together they are what came in."""
    out = tmp_path / "parts"
    invoke("data", "split", mine, "--out", out, "--test", 0.2, "--calibration", 0.2)
    names = sorted(p.name for p in out.iterdir())
    assert names == ["calibration.jsonl", "test.jsonl", "train.jsonl"]
    assert len(read_paragraphs(out)) == 60
    assert invoke("data", "check", out).exit_code == 0
    assert "expected numbers above 0" in fails(
        "data", "split", mine, "--out", out, "--test", "0.8", "--calibration", "0.4"
    )


# convert ------------------------------------------------------------------------------------------


def test_convert_goes_there_and_back(mine, tmp_path):
    """A training set to a tool and back is the same."""
    invoke("data", "convert", mine, "--to", "label-studio", "-o", tmp_path / "t.json")
    invoke("data", "convert", tmp_path / "t.json", "-o", tmp_path / "back.jsonl")
    assert (tmp_path / "back.jsonl").read_bytes() == mine.read_bytes()


def test_convert_parts_annotators(tmp_path):
    """Several annotators are refused, or taken one by one, or written to a file each; what is left
    out is told."""
    export = EXPORTS / "label_studio.json"
    out = tmp_path / "o.jsonl"
    assert "several annotators answered (1, 2)" in fails("data", "convert", export, "-o", out)
    assert not out.exists()
    result = invoke("data", "convert", export, "-o", out, "--annotator", "2")
    assert result.stderr.splitlines() == [
        f"{out}: 2 paragraphs",
        "left out: 1, nobody answered",
        "left out: 1, skipped by the annotator",
    ]
    invoke("data", "convert", export, "-o", out, "--by-annotator")
    assert [len(read_paragraphs(tmp_path / f"o.{n}.jsonl")) for n in "12"] == [3, 2]


def test_convert_does_not_write_over_what_it_reads(mine):
    """The output cannot be the input."""
    assert "is one of the inputs" in misused("data", "convert", mine, "-o", mine)


# agreement ----------------------------------------------------------------------------------------


def test_agreement_of_one_export(tmp_path):
    """Annotators of one export are compared; the queue has each one's answer, and converts."""
    queue = tmp_path / "decide.csv"
    export = EXPORTS / "argilla.json"
    result = invoke("data", "agreement", export, "--resamples", 0, "--queue", queue)
    assert "| all | 2 | 1.000 |" in result.stdout
    assert result.stderr == f"{queue}: 1 paragraphs to decide\n"
    (row,) = table(queue)
    answers = sorted(value for name, value in row.items() if name.startswith("answer_"))
    assert answers == ["localisation", "localisation|innovation_push"]
    invoke("data", "convert", queue, "--to", "prodigy", "--to-review", "-o", tmp_path / "q.jsonl")
    (task,) = map(json.loads, (tmp_path / "q.jsonl").read_text().splitlines())
    assert "answer" not in task
    assert task["meta"]["paragraph_id"] == "gaz-1"


def test_agreement_of_three_names_pairs(tmp_path, paragraphs):
    """Of more than two, kappa of each pair is told; --by gives a row a value."""
    from dataclasses import replace

    for name, wrong in (("a", 0), ("b", 7), ("c", 9)):
        told = [
            replace(p, labels=("localisation",)) if wrong and i % wrong == 0 else p
            for i, p in enumerate(paragraphs[::20])
        ]
        write_paragraphs(told, tmp_path / f"{name}.jsonl")
    files = [tmp_path / f"{name}.jsonl" for name in "abc"]
    printed = invoke("data", "agreement", *files, "--by", "lang", "--resamples", 5).stdout
    assert re.findall(r"^\| (\w*) \|", printed, re.MULTILINE) == ["en", "zh", "all"]
    assert re.findall(r"^  (\w and \w): ", printed, re.MULTILINE) == [
        "a and b",
        "a and c",
        "b and c",
    ]


def test_agreement_needs_texts_for_a_queue(tmp_path):
    """Readings that hold ids alone can be compared; a queue of them is refused."""
    (tmp_path / "a.tsv").write_text("1\tlocalisation\n2\tother\n")
    (tmp_path / "b.tsv").write_text("1\tlocalisation\n2\tmajor_projects\n")
    files = (tmp_path / "a.tsv", tmp_path / "b.tsv")
    assert "| all | 2 | 0.500" in invoke("data", "agreement", *files, "--resamples", 0).stdout
    message = fails("data", "agreement", *files, "--queue", tmp_path / "q.csv")
    assert message == "no file has the text of '2'; name one that does, for the queue"
    assert "two annotators are called 'a'" in fails("data", "agreement", files[0], files[0])


def test_the_agreement_script_is_the_command():
    """``scripts/agreement.py`` is ``data agreement`` of the shipped readings."""
    done = run("--help", command=(str(ROOT / "scripts" / "agreement.py"),))
    assert b"Measure how far annotators agree" in done.stdout


# audit and suggest --------------------------------------------------------------------------------


def test_audit_writes_a_review_table(paragraphs, tmp_path):
    """The table has a row for each paragraph told, which is printed in short; nothing changes."""
    data, out = tmp_path / "d.jsonl", tmp_path / "review.csv"
    write_paragraphs(paragraphs, data)
    before = data.read_bytes()
    result = invoke("data", "audit", data, "--jobs", 1, "-o", out)
    told, total = map(int, re.findall(r"(\d+) of (\d+) paragraphs", result.stderr)[0])
    rows = table(out)
    assert len(rows) == told > 10
    assert total == len(paragraphs)
    assert list(rows[0])[:5] == ["id", "text", "labels", "suggested", "rival"]
    assert result.stdout.count(" -> ") >= 10
    assert data.read_bytes() == before


def test_suggest_gives_what_a_tool_opens(paragraphs, tmp_path):
    """So many paragraphs of the pool, with the model's answers as suggestions; nothing that is
    labelled already; faults told."""
    pool = tmp_path / "pool.jsonl"
    write_paragraphs(paragraphs[:300], pool)
    with pool.open("a") as out:
        out.write("not JSON\n")
    write_paragraphs(paragraphs[:100], tmp_path / "known.jsonl")
    tasks = tmp_path / "tasks.json"
    result = invoke(
        "data", "suggest", pool, "-n", 20, "--labelled", tmp_path / "known.jsonl",
        "--to", "label-studio", "-o", tasks,
    )  # fmt: skip
    assert "pool.jsonl:301: not JSON" in result.stderr
    assert result.stderr.endswith(f"{tasks}: 20 of 300 paragraphs\n")
    found = json.loads(tasks.read_text(encoding="utf-8"))
    assert all(task["predictions"] and "annotations" not in task for task in found)
    ids = {task["data"]["paragraph_id"] for task in found}
    assert len(ids) == 20
    assert not ids & {p.id for p in paragraphs[:100]}
    assert read_export(tasks).readings == {}
    invoke("data", "suggest", pool, "-n", 5, "-o", tmp_path / "n.csv")
    assert len(read_paragraphs(tmp_path / "n.csv")) == 5


# models diff --on ---------------------------------------------------------------------------------


def test_models_diff_on_tells_what_changed(tmp_path, paragraphs):
    """Two lines a changed paragraph; a table and a page hold as many; other endings are refused."""
    on = tmp_path / "on.jsonl"
    write_paragraphs(paragraphs[:300], on)
    old, new = (str(ROOT / "models" / name) for name in ("directive-1", "directive-2"))
    printed = invoke("models", "diff", old, new, "--on", on).stdout.splitlines()
    n, total = map(int, re.findall(r"(\d+) of (\d+) paragraphs have other labels", printed[0])[0])
    assert total == 300
    assert len(printed) == 1 + 2 * n > 1
    for name in ("d.csv", "d.jsonl", "d.parquet", "d.html"):
        result = invoke("models", "diff", old, new, "--on", on, "-o", tmp_path / name)
        assert result.stdout == ""
    assert len(table(tmp_path / "d.csv")) == n
    assert (tmp_path / "d.html").read_text(encoding="utf-8").count('<td class="text">') == n
    assert "expected a name ending in" in fails(
        "models", "diff", old, new, "--on", on, "-o", tmp_path / "d.txt"
    )
    assert "go with --on" in misused("models", "diff", old, new, "-o", tmp_path / "d.csv")


def test_evaluate_takes_a_label_set(tmp_path):
    """Cross-validation of a set with labels of one's own needs the taxonomy, and says so."""
    data = GAZETTE / "gazette.csv"
    message = fails("evaluate", "--cross-validate", "--data", data, "--out", tmp_path / "r")
    assert "unknown label 'risk_control'" in message
    found = invoke(
        "evaluate", "--cross-validate", "--data", data, "--taxonomy", GAZETTE / "labels.json",
        "--out", tmp_path / "r", "--jobs", 1,
    )  # fmt: skip
    assert re.search(r"risk_control +f1=0\.\d+ ", found.stdout)


@pytest.mark.parametrize("weight", ["mine", "mine=x", "=3"])
def test_a_weight_that_is_none_is_misuse(weight):
    """--weight takes NAME=W."""
    assert "is not NAME=W, such as mine=3" in misused("train", "--weight", weight)
