"""The list of phrases by class: how it is read, and what it finds."""

import re

import pytest

from directive_clf.exceptions import DataError
from directive_clf.gazetteer import Gazetteer, read_gazetteer
from directive_clf.text import tokenize

BANKS = Gazetteer(
    {
        "bank of china": "firm",
        "people ' s bank of china": "body",
        "bank": "firm",
        "国 资 委": "body",
    }
)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def found(gazetteer, text):
    return sorted((m.start, m.end, m.phrase, m.kind) for m in gazetteer.matches(tokenize(text)))


def test_phrases_overlap():
    """Every phrase is found, one inside another too; tokens are counted from the start mark."""
    gazetteer = Gazetteer([("bank of china", "firm"), ("china bank", "firm"), ("bank", "word")])
    assert found(gazetteer, "Bank of China Bank") == [
        (1, 2, "bank", "word"),
        (1, 4, "bank of china", "firm"),
        (3, 5, "china bank", "firm"),
        (4, 5, "bank", "word"),
    ]


def test_phrases_that_begin_alike_are_told_apart():
    """Of phrases with the same first two tokens, each that is there is found, at every place."""
    gazetteer = Gazetteer([("a b", "x"), ("a b c", "y"), ("a b d", "z")])
    assert found(gazetteer, "a b c, a b") == [
        (1, 3, "a b", "x"),
        (1, 4, "a b c", "y"),
        (5, 7, "a b", "x"),
    ]


def test_a_phrase_is_whole_tokens():
    """A phrase is never found inside a word, nor cut off by the end of the text."""
    gazetteer = Gazetteer([("dam", "work"), ("three gorges dam", "work")])
    assert found(gazetteer, "Damage at Three Gorges") == []


def test_a_match_says_which_tokens_it_is():
    """``tokens[start:end]``, joined, is the phrase, for matches of one token and of more."""
    tokens = tokenize("国资委 met the Bank of China")
    matches = BANKS.matches(tokens)
    assert {m.phrase for m in matches} == {"国 资 委", "bank", "bank of china"}
    for match in matches:
        assert " ".join(tokens[match.start : match.end]) == match.phrase


@pytest.mark.parametrize("text", ["", "nothing here", "国资"])
def test_no_phrase_no_match(text):
    """A text without a phrase gives no match, and an empty gazetteer finds nothing."""
    assert BANKS.matches(tokenize(text)) == []
    assert Gazetteer().matches(tokenize("Bank of China")) == []
    assert len(Gazetteer()) == 0


def test_a_file_is_a_class_and_a_phrase_a_line(tmp_path):
    """A phrase is read as a text is cut: case, width and script fold; comments are skipped."""
    path = write(
        tmp_path,
        "g.tsv",
        "# bodies\r\n\r\nbody\t國資委\r\nfirm\tBank of  CHINA\r\nwork\tX-1 — dam\n",
    )
    gazetteer = read_gazetteer(path)
    assert gazetteer.phrases == {"国 资 委": "body", "bank of china": "firm", "x 0 dam": "work"}
    assert len(gazetteer) == 3
    assert found(gazetteer, "国资委") == [(1, 4, "国 资 委", "body")]


def test_a_byte_order_mark_is_no_part_of_the_first_class(tmp_path):
    """A BOM before the first line is skipped."""
    assert read_gazetteer(write(tmp_path, "g.tsv", "\ufeffbody\tx\n")).phrases == {"x": "body"}


def test_the_later_file_wins(tmp_path):
    """Where files disagree on a phrase, that of the later file holds: a user corrects ours."""
    ours = write(tmp_path, "a.tsv", "firm\tBank\nfirm\tDam\n")
    theirs = write(tmp_path, "b.tsv", "work\tDAM\n")
    assert read_gazetteer(ours, theirs).phrases == {"bank": "firm", "dam": "work"}
    assert read_gazetteer(theirs, ours).phrases == {"bank": "firm", "dam": "firm"}
    assert read_gazetteer().phrases == {}


@pytest.mark.parametrize(
    "line", ["body Bank", "body\t", "body\t  ", "\tBank", "two words\tBank", "1\tBank", "Bank"]
)
def test_a_faulty_line_stops_the_read(tmp_path, line):
    """A line without a tab, a class or a phrase stops the read: where, what, what was expected."""
    path = write(tmp_path, "g.tsv", f"# bodies\nbody\tx\n{line}\n")
    message = f"{path}:3: found {line.rstrip()!r}; expected a class name, a tab and a phrase"
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        read_gazetteer(path)


def test_bytes_that_are_not_utf8_stop_the_read(tmp_path):
    """A file in another encoding is refused, at the first line that shows it."""
    path = write(tmp_path, "g.tsv", b"body\tx\n" + "body\t国资委\n".encode("gb18030"))
    message = f"{path}:2: found bytes that are not UTF-8; save the file as UTF-8"
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        read_gazetteer(path)


def test_the_shipped_lists_read_without_a_fault(gazetteer):
    """The shipped gazetteer is one that its reader takes, and it is not small."""
    assert len(gazetteer) > 1000
    assert all(phrase == " ".join(tokenize(phrase)[1:-1]) for phrase in gazetteer.phrases)
