"""The examples of docs/views.md run, and its pictures are small enough to be looked at."""

import json
import re

import pytest

import directive_clf as dc
from directive_clf.cli import cli

from ..conftest import ROOT

PAGE = (ROOT / "docs" / "views.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_python_runs(block, tmp_path, monkeypatch, paragraphs):
    """Each block of Python runs on a table and a text such as it speaks of."""
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    rows = [
        {"body": p.text, "date": f"2026-0{1 + i % 3}-07"} for i, p in enumerate(paragraphs[:60])
    ]
    pd.DataFrame(rows).to_csv("articles.csv", index=False)
    names = {"text": paragraphs[0].text}
    exec(compile(block, "views.md", "exec"), names)
    if "by_month" in names:
        assert names["by_month"].sum(axis=1).tolist() == pytest.approx([1, 1, 1])
        assert set(names["long"]["labels"]) <= set(dc.LABELS)
        assert (tmp_path / "labelled.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    else:
        assert "<!doctype html>" in names["page"].html


def test_options_are_there():
    """Each option that the page names is one of the command that it stands behind."""
    shown = re.findall(r"directive-clf (\w+)([^\n]*)", PAGE)
    assert {"view", "report", "score", "evaluate"} <= {name for name, _ in shown}
    for name, rest in shown:
        known = {option for p in cli.commands[name].params for option in p.opts}
        assert set(re.findall(r"(?<= )--?[a-z][-a-z]*", rest)) <= known


def test_pictures_are_there_and_small():
    """Each picture that README and docs show is committed, and under 200 kB."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r'src="(docs/pictures/[^"]+)"', readme))
    shown |= {f"docs/{name}" for name in re.findall(r"!\[[^]]*\]\((pictures/[^)]+)\)", PAGE)}
    assert len(shown) == 2
    for name in shown:
        picture = (ROOT / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 200_000


def test_dates_and_columns_are_those_of_the_code():
    """The columns that the page says are found are those that are looked for."""
    from directive_clf.emphasis import ISSUERS, SOURCES

    for name in (*SOURCES, *ISSUERS):
        assert f"`{name}`" in PAGE, json.dumps(name)
