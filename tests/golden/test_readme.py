"""What the README shows is what happens."""

import re
import subprocess
import sys

import pytest

from ..conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", README)
COPIED = re.findall(r"<!-- from ([^\s:]+)[^>]*-->\n\n((?:\|.*\n)+)", README)


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_commands_print_what_is_shown(command, shown):
    """Each command of a console block prints the lines below it."""
    code = "from directive_clf.cli import main; main()"
    arguments = [a.strip('"') for a in re.findall(r'"[^"]*"|\S+', command)][1:]
    out = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, *arguments],
        check=True, capture_output=True, encoding="utf-8", cwd=ROOT,
    )  # fmt: skip
    assert out.stdout == shown


@pytest.mark.parametrize(("source", "table"), COPIED, ids=[source for source, _ in COPIED])
def test_figures_come_from_a_report(source, table):
    """Each line of a table of figures stands in the report that it names."""
    report = (ROOT / source).read_text(encoding="utf-8").splitlines()
    assert set(table.splitlines()) <= set(report)


def test_there_is_something_to_check():
    """The README shows commands with their output, and tables from reports."""
    assert len(CONSOLE) >= 2
    assert len(COPIED) == README.count("<!-- from ") >= 2
