"""Files are written whole or not at all."""

import os
import threading

import pytest

from directive_clf.files import beside, line_not_utf8, open_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(path, *pieces, fault=None):
    """Write pieces, then fail."""
    with open_whole(path) as out:
        out.writelines(pieces)
        if fault:
            raise fault


def test_a_file_appears_when_it_is_complete(tmp_path):
    """While it is written, the old file stands; afterwards the new one alone, as UTF-8 with LF."""
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with open_whole(path) as out:
        out.write("国\n")
        out.flush()
        assert path.read_text() == "old"
    assert path.read_bytes() == "国\n".encode()
    assert names(tmp_path) == ["a.jsonl"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path, fault):
    """A fault in the block, an interrupt too, leaves the old file and nothing beside it."""
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with pytest.raises(fault, match="stop"):
        write(path, "half", fault=fault("stop"))
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.jsonl"]


def test_a_failed_first_write_leaves_no_file(tmp_path):
    """Where there was no file, a fault leaves none."""
    with pytest.raises(ValueError, match="stop"):
        write(tmp_path / "a", "half", fault=ValueError("stop"))
    assert names(tmp_path) == []


def test_a_file_that_cannot_take_its_name_leaves_nothing(tmp_path, monkeypatch):
    """A fault at the last step, when the file takes its name, is as any other."""

    def fail(self, target):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr("pathlib.Path.replace", fail)
    path = tmp_path / "a"
    with pytest.raises(PermissionError, match=f"Permission denied: {str(path)!r}"):
        write(path, "new")
    assert names(tmp_path) == []


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    """A missing folder is told by the caller's path, not by the hidden one beside it."""
    path = tmp_path / "no" / "a"
    with pytest.raises(FileNotFoundError, match=f"No such file or directory: {str(path)!r}"):
        write(path, "new")


@pytest.mark.parametrize("place", ["folder", "file/a"])
def test_what_cannot_be_a_file_is_refused(tmp_path, place):
    """A folder, or a place below a file, is refused and stays as it is."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    path = tmp_path / place
    with pytest.raises(OSError, match=f"directory: {str(path)!r}"):
        write(path, "new")
    assert names(tmp_path) == ["file", "folder"]
    assert names(tmp_path / "folder") == []
    assert (tmp_path / "file").read_text() == "old"


def test_a_link_stays_a_link(tmp_path):
    """Through a symbolic link, the file that it points to is replaced."""
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "a", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert names(tmp_path / "there") == ["a"]


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    """A pipe (as /dev/stdout, /dev/null) stays what it is, and gets what is written."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write(pipe, "row\n")
    reader.join(60)
    assert got == ["row\n"]
    assert pipe.is_fifo()
    assert names(tmp_path) == ["pipe"]


def test_half_a_surrogate_pair_is_written_as_its_escape(tmp_path):
    """A lone surrogate, which UTF-8 cannot hold, does not stop a write."""
    write(tmp_path / "a", '"\ud800"')
    assert (tmp_path / "a").read_text() == r'"\ud800"'


def test_the_name_beside_is_hidden_and_in_the_same_folder(tmp_path):
    """The unfinished file stands in the same folder, where a rename is one step, hidden."""
    part = beside(tmp_path / "a.jsonl")
    assert part.parent == tmp_path
    assert part.name.startswith(".a.jsonl.")
    assert part.suffix == ".part"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", None),
        ("\ufeffa\n国".encode(), None),
        (b"\xff", 1),
        (b"a\nb\r\nc \xe5\x9b", 3),
        (b"a\n" * 70_000 + b"\xb9\xfa", 70_001),
    ],
)
def test_the_line_that_is_not_utf8_is_found(tmp_path, content, line):
    """The first line that is not UTF-8 is counted from 1, however far it stands."""
    (tmp_path / "a").write_bytes(content)
    assert line_not_utf8(tmp_path / "a") == line
