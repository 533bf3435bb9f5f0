"""Resume: a run that was stopped at any moment, and gone on with, leaves what an undisturbed one
leaves, byte for byte, and nothing half-written under its name."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from directive_clf import DataError, score_files
from directive_clf.spool import Spool

from ..conftest import ROOT

# Kills itself in front of the nth step that changes the disk, or finds the disk full there.
DRIVER = """
import errno, io, os, pathlib, signal, sys
import pyarrow.parquet
import directive_clf as dc
from directive_clf import batch

mode, pile, out, options, first, last = sys.argv[1:]
options = eval(options)
folder = pathlib.Path(out).parent
batch.shared_scorer(batch.model_folder())  # the children find the model loaded
steps = 0

def at(n, do):
    def stepped(*args, **kwargs):
        global steps
        steps += 1
        if steps == n:
            if mode != "full":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), out)
        return do(*args, **kwargs)
    return stepped

def child(n):
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    for owner, name in ((os, "fsync"), (os, "truncate"), (pathlib.Path, "replace"),
                        (pathlib.Path, "unlink"), (dc.spool.Spool, "append")):
        setattr(owner, name, at(n, getattr(owner, name)))
    try:
        dc.score_files(pile, out, resume=True, commit_seconds=0, **options)
    except OSError as error:
        os._exit(9 if error.errno == errno.ENOSPC else 8)
    os._exit(0)

import directive_clf.spool
def left():
    return {path.name: path.read_bytes() for path in folder.iterdir()}

n = int(first)
if mode == "anew":  # each time from the beginning, and to the end in one go
    child(0)
    whole = left()
    status = 1
    while status:
        for path in folder.iterdir():
            path.unlink()
        status = child(n)
        for path in folder.iterdir():
            if not path.name.startswith(".") and path.read_bytes() != whole[path.name]:
                print("early", n, path)
        child(0)
        if left() != whole:
            print("other", n, set(left()) ^ set(whole))
        n += 1
else:  # each time from where the last one stopped
    while n <= int(last) and child(n) != 0:
        if os.path.exists(out):
            print("early", n, os.path.getsize(out))
        n += 1
print("steps", n)
"""


@pytest.fixture
def pile(tmp_path, monkeypatch):
    """A folder of an article, tables of different columns, and things that cannot be scored."""
    folder = tmp_path / "pile"
    folder.mkdir()
    (folder / "a.txt").write_text(
        "A dam.\n\nOpen your account.\n\n国资委。\n" * 3, encoding="utf-8"
    )
    rows = [f"{i},2026-03-{i % 28 + 1:02},The line no {i} entered service,{i}\n" for i in range(60)]
    (folder / "b.csv").write_text("id,date,text,n\n" + "".join(rows))
    lines = [json.dumps({"text": f"The {i}th board", "x": i % 3}) for i in range(40)] + ["{"]
    (folder / "c.jsonl").write_text("\n".join(lines))
    (folder / "d.parquet").write_bytes(b"none")
    return folder


@pytest.fixture
def driver(tmp_path):
    """Runs the driver, with chunks of sixteen rows."""

    def run(mode, pile, out, options, first=1, last=10_000):
        code = f"from directive_clf import reading; reading.CHUNK = 16\n{DRIVER}"
        done = subprocess.run(
            [sys.executable, "-c", code, mode, pile, out, repr(options), str(first), str(last)],
            capture_output=True, text=True, timeout=300,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def left_in(folder):
    """The names and the contents of what a run left."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


OPTIONS = {
    "o.jsonl": {},
    "o.csv": {"with_text": True},
    "o.parquet": {"long": True},
    "documents.jsonl": {"per_document": True},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("mode", ["kill", "full"])
def test_stopped_at_every_step(pile, tmp_path, driver, name, mode):
    """Stopped in front of every single step that changes the disk, by SIGKILL or for want of
    space, each time a little later and gone on with: the files are those of an undisturbed run,
    and the output never stood there but whole."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    whole.mkdir()
    out.mkdir()
    score_files(pile, whole / name, **OPTIONS[name])
    wanted = left_in(whole)
    said = driver(mode, pile, out / name, OPTIONS[name])
    assert int(said[-1].removeprefix("steps ")) >= 15
    early = [line.split() for line in said[:-1]]
    assert {int(size) for _, _, size in early} <= {len(wanted[name])}
    assert left_in(out) == wanted


def test_stopped_once_at_every_step(pile, tmp_path, driver):
    """For every step: killed in front of it, and gone on with in one go, a run leaves the same."""
    out = tmp_path / "out"
    out.mkdir()
    (steps,) = driver("anew", pile, out / "o.csv", OPTIONS["o.csv"])
    assert int(steps.removeprefix("steps ")) >= 30


def command(*args):
    return [sys.executable, str(ROOT / "scripts" / "score.py"), *map(str, args)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_from_outside(tmp_path, paragraphs, jobs):
    """The command, killed with SIGKILL at random moments until it has a chance to finish, leaves
    the output of a run that was let be."""
    table = tmp_path / "t.jsonl"
    with table.open("w", encoding="utf-8") as out:
        for i in range(4):
            for p in paragraphs:
                out.write(json.dumps({"id": f"{i}-{p.id}", "text": f"{p.text} {i}"}) + "\n")
    score_files(table, tmp_path / "whole.jsonl")
    target = tmp_path / "out" / "o.jsonl"
    target.parent.mkdir()
    rng = random.Random(jobs)
    for _ in range(6):
        run = subprocess.Popen(
            command(table, "-o", target, "--resume", "--jobs", jobs), stderr=subprocess.DEVNULL
        )
        with run:
            time.sleep(rng.uniform(0.2, 2.0))
            run.kill()
        if target.exists():
            break
    subprocess.run(command(table, "-o", target, "--resume"), check=True, capture_output=True)
    assert target.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["o.jsonl"]


def test_a_killed_run_leaves_no_process(tmp_path, paragraphs):
    """The processes of ``--jobs`` end with the run that is killed."""
    table = tmp_path / "t.jsonl"
    lines = (json.dumps({"text": f"{p.text} {i}"}) for i in range(40) for p in paragraphs)
    table.write_text("\n".join(lines))
    code = (
        "import os; from directive_clf import parallel, score_files; call = parallel._call\n"
        "def said(*args):\n"
        "    open(f'{os.getpid()}.pid', 'w').close()\n"
        "    return call(*args)\n"
        "parallel._call = said\n"
        "score_files('t.jsonl', 'o.jsonl', jobs=2)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) as run:
        while len(pids := [int(path.stem) for path in tmp_path.glob("*.pid")]) < 2:
            assert run.poll() is None
            time.sleep(0.05)
        run.kill()
    deadline = time.monotonic() + 30
    while any(map(is_running, pids)):
        assert time.monotonic() < deadline, "a process is left"
        time.sleep(0.1)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that ended stays until it is asked for, in a container without an init.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("limit", [100, 4096, 30_000])
@pytest.mark.parametrize("name", ["o.jsonl", "o.csv"])
def test_no_room_on_the_disk(pile, tmp_path, name, limit):
    """A write that the system refuses (a limit on the size of files, here) is one line and status
    1; with room again, ``--resume`` ends in the output of an undisturbed run."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    whole.mkdir()
    out.mkdir()
    score_files(pile, whole / name)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
        "from directive_clf import reading, scoring; reading.CHUNK = 8;"
        "scoring.COMMIT_SECONDS = 0; scoring.score_files.__kwdefaults__['commit_seconds'] = 0;"
        "from directive_clf.cli import main; main('score')"
    )
    arguments = [str(pile), "-o", str(out / name), "--resume"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr
    assert done.stderr.startswith(f"error: {out / name}: ")
    # Where there was no room to note anything, there is nothing to go on with.
    assert ("--resume" in done.stderr) == (limit > 100)
    assert not (out / name).exists()
    score_files(pile, out / name, resume=True)
    assert left_in(out) == left_in(whole)


# What is refused ----------------------------------------------------------------------------------


@pytest.fixture
def stopped(pile, tmp_path, driver):
    """An output of which a part was written."""
    out = tmp_path / "o.jsonl"
    driver("kill", pile, out, {}, 12, 12)
    assert not out.exists()
    return out


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"split": True}, "option split"),
        ({"with_text": True}, "option with_text"),
        ({"only": "localisation"}, "option only"),
    ],
)
def test_another_run_is_not_gone_on_with(pile, stopped, options, named):
    """A run with another option is refused by its name, and the stopped one can still go on."""
    with pytest.raises(DataError, match=rf"the run to resume had another {named}; .*without"):
        score_files(pile, stopped, resume=True, **options)
    assert score_files(pile, stopped, resume=True).rows == 60 + 41 + 9 + 1


def test_other_inputs_are_not_gone_on_with(pile, stopped):
    """A file that changed, or came to the pile, is refused."""
    os.utime(pile / "a.txt", (1, 1))
    with pytest.raises(DataError, match="the run to resume had another set of inputs"):
        score_files(pile, stopped, resume=True)


def test_another_model_is_not_gone_on_with(pile, stopped):
    """A stopped run is not gone on with by another model."""
    other = ROOT / "tests" / "artifacts" / "format-1"
    with pytest.raises(DataError, match="the run to resume had another model"):
        score_files(pile, stopped, resume=True, model=other)


def test_a_part_that_was_touched_is_not_gone_on_with(pile, stopped):
    """Lines that are gone are told, not guessed."""
    os.truncate(stopped.with_name(".o.jsonl.part"), 10)
    with pytest.raises(DataError, match=r"\.o\.jsonl\.part of the run to resume is gone or was"):
        score_files(pile, stopped, resume=True)


def test_without_resume_a_run_begins_anew(pile, stopped, tmp_path):
    """Without ``resume`` what was left is let go."""
    score_files(pile, stopped)
    score_files(pile, tmp_path / "whole.jsonl")
    assert stopped.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_resume_of_nothing_begins(pile, tmp_path):
    """The nightly job can always say ``resume``."""
    assert score_files(pile, tmp_path / "o.jsonl", resume=True).rows == 111
    assert score_files(pile, tmp_path / "o.jsonl", resume=True).rows == 111


def test_the_counts_of_a_resumed_run_are_those_of_all(pile, stopped):
    """Rows, statuses and labels are counted over both halves."""
    whole = score_files(pile, stopped.with_name("w.jsonl"))
    resumed = score_files(pile, stopped, resume=True)
    assert (resumed.rows, resumed.statuses, resumed.labels) == (
        whole.rows, whole.statuses, whole.labels,
    )  # fmt: skip


def test_two_runs_do_not_write_the_same_output(tmp_path):
    """While a run writes an output, another is told to wait."""
    wait = pytest.raises(DataError, match="another run is writing this output; wait for it")
    with Spool(tmp_path / "o.jsonl", {}, False), wait:
        Spool(tmp_path / "o.jsonl", {}, True)
    assert [*Path(tmp_path).iterdir()] == []


def test_standard_input_is_not_resumed(tmp_path):
    """What cannot be read again cannot be gone on with."""
    with pytest.raises(DataError, match="standard input cannot be read again"):
        score_files("-", tmp_path / "o.jsonl", resume=True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_fails_keeps_the_old_output(pile, tmp_path, monkeypatch, jobs):
    """A run that fails before anything was noted leaves the output of the last one, and nothing
    else; the failure is heard through processes, too."""
    out = tmp_path / "o.jsonl"
    out.write_text("old")

    def fail(*args):
        raise MemoryError("no more")

    monkeypatch.setattr("directive_clf.reading._to_table", fail)
    with pytest.raises(MemoryError, match="no more"):
        score_files(pile, out, jobs=jobs)
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.jsonl", "pile"]
