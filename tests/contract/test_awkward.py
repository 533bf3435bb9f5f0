"""Pages as people save and paste them: each gives the paragraphs that its reader sees.

``artifacts/awkward`` holds inputs that were written for these tests, and beside each the paragraphs
wanted, a line each: ``NAME.want``, and of pages ``NAME.furniture.want`` with all that is on them.
"""

import pytest

from directive_clf.article import split_paragraphs
from directive_clf.decoding import open_text
from directive_clf.reading import Reading, iter_chunks
from directive_clf.sources import find_sources
from directive_clf.webpage import read_page

from ..conftest import ROOT

FOLDER = ROOT / "tests" / "artifacts" / "awkward"
INPUTS = sorted(p for p in FOLDER.iterdir() if p.suffix != ".want")
PAGES = [p for p in INPUTS if p.suffix == ".html"]
CASES = [(p, False) for p in INPUTS] + [(p, True) for p in PAGES]


def text_of(path, furniture):
    """The text that the offsets of a file's paragraphs point into."""
    with path.open("rb") as raw:
        text = open_text(raw)[0].read()
    return read_page(text, furniture).text if path.suffix == ".html" else text


def test_there_are_twenty():
    """Twenty inputs, each with what is wanted of it, and nothing besides."""
    assert len(INPUTS) == 20
    assert len([*FOLDER.iterdir()]) == len(INPUTS) + len(CASES)


@pytest.mark.parametrize(("path", "furniture"), CASES, ids=lambda v: getattr(v, "name", str(v)))
def test_paragraphs_are_those_wanted(path, furniture):
    """Reading the file gives the paragraphs that stand beside it, in order."""
    want = path.with_suffix(".furniture.want" if furniture else ".want")
    chunks = iter_chunks(find_sources([path]), Reading(furniture=furniture))
    found = [text for chunk in chunks for text in chunk.table["text"]]
    assert found == want.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("path", "furniture"), CASES, ids=lambda v: getattr(v, "name", str(v)))
def test_offsets_point_into_the_text(path, furniture):
    """Each paragraph begins and ends at its offsets, which are in order and apart."""
    text = text_of(path, furniture)
    last = 0
    chunks = iter_chunks(find_sources([path]), Reading(furniture=furniture))
    for chunk in chunks:
        table = chunk.table
        for body, start, end in zip(table["text"], table["start"], table["end"], strict=True):
            assert last <= start < end <= len(text)
            piece = text[start:end].strip("\ufeff\u200b\u3000 ")
            assert body[0] == piece[0]
            assert body[-1] == piece[-1]
            last = end


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("path", [p for p in INPUTS if p.suffix == ".txt"], ids=lambda p: p.name)
def test_line_ends_make_no_difference(path, end):
    """With the line ends of Windows or old Macs each text gives the same paragraphs."""
    text = text_of(path, False).replace("\r\n", "\n").replace("\r", "\n")
    want = [body for body, _, _ in split_paragraphs(text)]
    assert [body for body, _, _ in split_paragraphs(text.replace("\n", end))] == want
