"""What many articles stress: the numbers are right, the page sorts, and nothing in it can harm."""

import csv
import json
import random

import pytest
from click.testing import CliRunner

import directive_clf as dc
from directive_clf import prevalence
from directive_clf.cli import cli
from directive_clf.emphasis import measure_emphasis, month_of
from directive_clf.report.emphasis import write_emphasis
from directive_clf.scored import iter_scored_rows

EVIL = "<script>parent.ran=1</script><img src=x onerror='parent.ran=2'>\"'</style>{{7*7}}"


def invoke(*args, status=0):
    result = CliRunner().invoke(cli, [*map(str, args)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


@pytest.fixture(scope="module")
def scored(paragraphs, tmp_path_factory):
    """Two thousand paragraphs of two sources, four months and two issuers, scored in parquet."""
    folder = tmp_path_factory.mktemp("scored")
    rng = random.Random(0)
    with (folder / "table.jsonl").open("w", encoding="utf-8") as out:
        for i, p in enumerate(paragraphs[:2000]):
            d = i // 5
            row = {"id": f"p{i}", "document_id": f"d{d}", "outlet": f"报 {d % 3}", "text": p.text}
            row |= {"issuer": ["SASAC", "NDRC"][d % 2], "date": f"2026-0{1 + d % 4}-1{d % 9}"}
            if rng.random() < 0.02:
                row |= {"text": None}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    dc.score_files(folder / "table.jsonl", folder / "scored.parquet", with_text=True)
    return folder / "scored.parquet"


@pytest.fixture(scope="module")
def found(scored):
    return measure_emphasis([scored], source="outlet", resamples=100)


@pytest.fixture(scope="module")
def written(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return {p.name: p for p in write_emphasis(found, folder / "report.html")}


@pytest.fixture(scope="module")
def page(written):
    return written["report.html"].read_text(encoding="utf-8")


# Numbers ------------------------------------------------------------------------------------------


def test_parts_are_the_rows_with_the_value(found, scored):
    """Each paragraph with an answer counts once in each column; counts are those of the rows."""
    rows = [row for row in iter_scored_rows(scored) if row["main"] is not None]
    assert found["paragraphs"] == len(rows) < found["rows"]
    assert set(found["parts"]) == {"source", "month", "issuer"}
    for column, name in (("source", "outlet"), ("issuer", "issuer")):
        assert sum(part["paragraphs"] for part in found["parts"][column]) == len(rows)
        for part in found["parts"][column]:
            mine = [row for row in rows if row[name] == part["name"]]
            assert part["paragraphs"] == len(mine)
            assert part["main"]["localisation"] == sum(r["main"] == "localisation" for r in mine)
            ads = sum("marketing_boilerplate" in row["labels"] for row in mine)
            assert part["boilerplate"] == pytest.approx(ads / len(mine))
            named = sum("localisation" in row["labels"] for row in mine)
            raw = part["shares"]["localisation"]["raw"]["value"]
            assert raw == pytest.approx(named / (len(mine) - ads))
    assert [part["name"] for part in found["parts"]["month"]] == [f"2026-0{m}" for m in range(1, 5)]
    series = found["series"]["issuer"]["SASAC"]
    assert [m["name"] for m in series] == ["2026-01", "2026-03"]
    assert sum(m["paragraphs"] for m in series) == found["parts"]["issuer"][0]["paragraphs"] or (
        sum(m["paragraphs"] for m in series) == found["parts"]["issuer"][1]["paragraphs"]
    )


def test_shares_are_corrected_by_what_the_manifest_knows(found, classifier):
    """Every part has all three shares, each inside [0, 1] with an interval that is in order."""
    assert found["methods"] == list(prevalence.METHODS)
    assert f"errors that {classifier.version} made" in found["correction"]
    for part in (found["whole"], *found["parts"]["source"]):
        for by_method in part["shares"].values():
            assert set(by_method) == set(prevalence.METHODS)
            for figure in by_method.values():
                assert 0 <= figure["low"] <= figure["high"] <= 1
                assert 0 <= figure["value"] <= 1


def test_telling_paragraphs_are_sure_and_differ(found):
    """They are the surest of their label, surest first, no two of one document or text."""
    for label, rows in found["telling"].items():
        assert len(rows) == 5, label
        p = [row["probability"] for row in rows]
        assert p == sorted(p, reverse=True)
        assert p[0] > 0.9
        assert len({row["document_id"] for row in rows}) == len({row["text"] for row in rows}) == 5


def test_drift_is_that_of_scoring(found, scored, tmp_path):
    """The verdict is the one that the scoring run itself gives."""
    invoke("score", scored.parent / "table.jsonl", "-o", tmp_path / "s.jsonl", "--drift-report",
           tmp_path / "d.json")  # fmt: skip
    assert found["drift"] == json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv"])
def test_every_kind_of_table_says_the_same(scored, found, suffix, tmp_path):
    """What was written as parquet, JSON lines, CSV or TSV gives the same report."""
    path = tmp_path / f"scored{suffix}"
    dc.score_files(scored.parent / "table.jsonl", path, with_text=True)
    again = measure_emphasis([path], source="outlet", resamples=100)
    assert again.pop("files") == [path.name]
    assert again == {name: value for name, value in found.items() if name != "files"}


def test_without_texts_it_tells_what_it_can(scored, found, tmp_path):
    """Shares need no texts; drift does, and says so. Unnamed sources are the folders."""
    rows = []
    for row in iter_scored_rows(scored):
        del row["text"], row["outlet"], row["issuer"]
        row["document_id"] = f"papers/{row['document_id'][-1]}/{row['document_id']}"
        rows.append(json.dumps(row))
    (tmp_path / "s.jsonl").write_text("\n".join(rows), encoding="utf-8")
    bare = measure_emphasis([tmp_path / "s.jsonl"], resamples=0)
    assert bare["drift"] is None
    assert "no texts; score with --with-text" in bare["no_drift"]
    assert bare["whole"]["main"] == found["whole"]["main"]
    assert all(p["name"].startswith("papers/") for p in bare["parts"]["source"])
    assert list(bare["parts"]) == ["month", "source"]
    assert bare["telling"]["localisation"][0]["text"] is None


def test_errors_can_come_from_an_evaluation(scored, tmp_path, paragraphs):
    """``--confusion`` takes an evaluation's metrics.json in place of the manifest's figures."""
    from directive_clf.data import write_paragraphs

    write_paragraphs(paragraphs[::10], tmp_path / "gold.jsonl")
    invoke("evaluate", "--gold", tmp_path / "gold.jsonl", "--out", tmp_path / "e")
    out = tmp_path / "r.html"
    invoke("report", scored, "--confusion", tmp_path / "e" / "metrics.json", "-o", out,
           "--resamples", 20)  # fmt: skip
    assert "the errors that metrics.json counts" in out.read_text(encoding="utf-8")


def test_without_known_errors_shares_are_raw_and_told_so(scored, tmp_path):
    """A model that is not at hand, or several, give counts alone, with the reason and remedy."""
    rows = [*iter_scored_rows(scored)][:300]
    for name, versions, reason in (
        ("gone", ["gone-1"], "the model gone-1 is not at hand; measure it (evaluate --gold)"),
        ("two", ["gone-1", "gone-2"], "several models scored them (gone-1, gone-2)"),
    ):
        for i, row in enumerate(rows):
            row["model"] = versions[i % len(versions)]
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        found = measure_emphasis([path], resamples=0)
        assert found["methods"] == ["raw"]
        assert reason in found["correction"]
        assert (tmp_path / "r.html") in write_emphasis(found, tmp_path / "r.html")


@pytest.mark.parametrize(
    ("date", "month"),
    [
        ("2026-03-04", "2026-03"), ("2026/3/4", "2026-03"), ("20260304", "2026-03"),
        ("2026年3月4日", "2026-03"), ("2026-03", "2026-03"), ("2026-03-04T10:00:00Z", "2026-03"),
        ("4 March 2026", "2026-03"), ("Mar. 4, 2026", "2026-03"), ("March 2026", "2026-03"),
        ("Wed, 04 Mar 2026 10:00:00 +0800", "2026-03"), (20260304, "2026-03"),
        ("2026", "undated"), ("2026-13-01", "undated"), ("", "undated"), (None, "undated"),
        ("no date", "undated"), ("1234567890", "undated"),
    ],
)  # fmt: skip
def test_dates_of_many_kinds_have_a_month(date, month):
    """The month is found in each usual way to write a date, and in nothing else."""
    assert month_of(date) == month


# The page -----------------------------------------------------------------------------------------


def test_numbers_stand_beside_it(written, found):
    """The CSV has a row a part, month and label, which Excel reads as UTF-8; plots are pictures."""
    assert {"report.html", "report.shares.csv", "report.month.png", "report.month.svg",
            "report.source.png", "report.source-month.svg"} <= set(written)  # fmt: skip
    raw = written["report.shares.csv"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = [*csv.DictReader(raw.decode("utf-8-sig").splitlines())]
    mine = [r for r in rows if (r["part"], r["name"], r["month"]) == ("source", "报 1", "")]
    assert [r["label"] for r in mine] == found["labels"]
    part = next(p for p in found["parts"]["source"] if p["name"] == "报 1")
    for row in mine:
        for method, figure in part["shares"][row["label"]].items():
            assert float(row[method]) == pytest.approx(figure["value"], abs=1e-5)
            assert float(row[f"{method}_low"]) == pytest.approx(figure["low"], abs=1e-5)
    for name, path in written.items():
        if name.endswith(".png"):
            assert path.read_bytes().startswith(b"\x89PNG")
        if name.endswith(".svg"):
            assert path.read_text(encoding="utf-8").startswith("<?xml")


def test_tables_sort_by_any_column(browser, page):
    """A click on a column's name sorts the table by it, a second the other way."""
    orders = browser.run(
        page,
        """const table = all(".sortable")[0], heads = [...table.querySelectorAll("thead th")];
        const column = i => [...table.tBodies[0].rows].map(r => r.children[i].dataset.value
          ?? r.children[i].textContent);
        const found = [];
        for (const i of [0, 1, 4, 4]) {
          heads[i].querySelector("button").click();
          found.push([column(i), heads[i].getAttribute("aria-sort")]);
        }
        return found;""",
    )
    names, counts, down, up = orders
    assert names[0] == sorted(names[0], reverse=True)
    for values, way in (counts, down):
        assert way == "descending"
        assert [*map(float, values)] == sorted(map(float, values), reverse=True)
    assert up[1] == "ascending"
    assert [*map(float, up[0])] == sorted(map(float, up[0]))


def test_the_page_stands_alone(browser, page):
    """It loads nothing, fits a narrow screen, and its headings, tables and pictures have names."""
    loaded, fits, named = browser.run(
        page,
        """return [window.performance.getEntriesByType("resource").length,
          document.documentElement.scrollWidth <= window.innerWidth,
          all("svg[role=img]").every(e => e.getAttribute("aria-label"))
          && all("th").every(e => e.scope)];""",
        420,
    )
    assert (loaded, fits, named) == (0, True, True)


def test_what_articles_say_is_harmless(browser, scored, tmp_path):
    """Names of sources, documents, columns and texts are shown as they are, and nothing runs."""
    rows = []
    for row in [*iter_scored_rows(scored)][:400]:
        for name in ("document_id", "id", "title", "date", "text", "text_hash"):
            row[name] = f"{EVIL}{row[name]}"
        row["outlet"] = row["issuer"] = row[EVIL] = EVIL
        rows.append(json.dumps(row))
    path = tmp_path / "evil<b>.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    page = tmp_path / "r.html"
    invoke("report", path, "--source", "outlet", "--by", EVIL, "-o", page, "--resamples", 5)
    html = page.read_text(encoding="utf-8")
    ran, scripts, others = browser.run(
        html,
        """all("summary").forEach(e => e.click()); await new Promise(r => setTimeout(r, 200));
        return [window.parent.ran ?? null, all("script").length,
          all("img, iframe, object").length];""",
    )
    assert (ran, scripts, others) == (None, 1, 0)
    assert all(p.parent == tmp_path for p in tmp_path.iterdir())


def test_the_policy_lets_only_its_own_script_run(browser, page):
    """A second script in the page, were there a hole, would not run; the sorting does."""
    broken = page.replace("</main>", "<script>parent.ran=7</script></main>")
    assert browser.run(broken, "return window.parent.ran ?? null;") is None
    bare = broken.replace("Content-Security-Policy", "nothing")
    assert browser.run(bare, "return window.parent.ran ?? null;") == 7  # this test can fail


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,text\n1,x\n", "this table was not scored: it has 'id', 'text'; run `score`"),
        ("main,labels,model,status,label,probability,holds\na,a,m,ok,a,1,true\n", "without --long"),
        ("document_id,share_other,main,model,status\nd,1,other,m,ok\n", "without --per-document"),
        ("main,labels,model,status,p_a\na,a,m,ok,much\n", "could not convert"),
        ("main,labels,model,status,p_a\n,,m,empty,\n", "no paragraph with an answer in 1 rows"),
    ],
)
def test_what_cannot_be_reported_is_told(tmp_path, content, message):
    """A table that is no wide table of scored paragraphs is refused with the remedy."""
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    with pytest.raises(dc.DataError) as error:
        measure_emphasis([tmp_path / "t.csv"])
    assert message in str(error.value)


def test_a_missing_column_is_told(scored):
    """A column that is not there is told, with those that are."""
    with pytest.raises(dc.DataError, match=r"no column 'paper'; there are id, document_id"):
        measure_emphasis([scored], source="paper")


def test_csv_comes_back_as_it_was(tmp_path, classifier):
    """Formulas, lists, numbers and empty cells of a scored CSV are read as what was written."""
    texts = ["=SUM(A1)", "-5", "'quoted", "@home", "plain", "", "国资委"]
    lines = [json.dumps({"text": text, "note": text}) for text in texts]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for suffix in (".jsonl", ".csv"):
        dc.score_files(tmp_path / "t.jsonl", tmp_path / f"s{suffix}", with_text=True, explain=2)
    one, other = ([*iter_scored_rows(tmp_path / f"s{suffix}")] for suffix in (".jsonl", ".csv"))
    assert [row["text"] for row in other] == texts
    for a, b in zip(one, other, strict=True):
        a.pop("note"), b.pop("note")
        assert a == b
