"""The walk-through from a team's own paragraphs to a promoted model is what happens."""

import re
import shlex

import pytest
from click.testing import CliRunner

import directive_clf as dc
from directive_clf.cli import cli
from directive_clf.data import write_paragraphs
from directive_clf.training import texts

from ..conftest import ROOT

PAGE = (ROOT / "docs" / "own-labels.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(?:console|sh)\n(.*?)```", PAGE, re.DOTALL)


def commands():
    """Each command of the page with the output that is shown for it; None where none is."""
    for block in BLOCKS:
        if block.startswith("$ "):
            command, _, shown = block[2:].partition("\n")
            yield command, shown
        else:
            yield from ((line, None) for line in block.splitlines())


@pytest.fixture(scope="module")
def done(paragraphs, tmp_path_factory):
    """Every command, run in order in a folder that holds what the page says; and that folder.

    A part of the shipped text stands for all of it: a fit takes seconds.
    """
    folder = tmp_path_factory.mktemp("walk")
    for name in ("docs", "examples", "models"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "shipped").mkdir()
    write_paragraphs(paragraphs, folder / "shipped" / "en.jsonl")
    results = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(texts, "_CHECKOUT", folder / "shipped")
        for command, shown in commands():
            program, *arguments = shlex.split(command)
            assert program == "directive-clf"
            results.append((command, shown, CliRunner().invoke(cli, arguments)))
    return folder, results


def test_every_command_succeeds(done):
    """No command of the page fails, and what is shown below one is what it prints."""
    _, results = done
    assert len(results) >= 12
    for command, shown, result in results:
        assert result.exit_code == 0, (command, result.output, result.exception)
        if shown is not None:
            assert result.stdout == shown


def test_the_new_label_is_in_service(done):
    """At the end the promoted model is the team's, and knows its label."""
    folder, _ = done
    model = dc.load(models=folder / "my_models")
    assert model.version == "gazette-1"
    assert model.labels == (*dc.LABELS, "risk_control")
    text = "A risk officer, hired from outside, reports to the board on credit limits and hedges."
    assert model.classify(text).probability("risk_control") > 0.2


def test_what_is_written_is_there(done):
    """Queue, tasks, page, suggestions and review are files that hold something."""
    folder, _ = done
    for name in ("decide.csv", "decide.json", "changed.html", "next.jsonl", "review.csv"):
        assert (folder / name).stat().st_size > 100
