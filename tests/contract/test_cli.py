"""The command line: what it prints, where, and with which exit status."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import directive_clf as dc
from directive_clf import registry
from directive_clf.cli import cli
from directive_clf.shaping import Shape, columns_of

ROOT = Path(__file__).parents[2]

DAM = "The 1,200-km line entered service on Tuesday after six years of construction."
AD = "Open your account today and get a free gift."
ZH = "国资委要求中央企业加大研发投入，攻克关键核心技术。"

COMMANDS = ["classify", "data", "evaluate", "models", "report", "score", "train", "view"]


@pytest.fixture
def articles(tmp_path):
    """A folder that holds an article and a table with a faulty line."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(f"{DAM}\n\n{AD}\n\n{ZH}\n", encoding="utf-8")
    (folder / "b.csv").write_text(f'id,text\n7,"{DAM}"\n8,a,b\n9,\n', encoding="utf-8")
    return folder


def invoke(*args, status=0, **options):
    """Run a command in this process; it must exit with that status."""
    result = CliRunner().invoke(cli, [*map(str, args)], catch_exceptions=False, **options)
    assert result.exit_code == status, result.output
    return result


def run(*args, command=("-c", "from directive_clf.cli import main; main()"), **options):
    """Run a command in a process of its own, as a shell does; no traceback, whatever happens."""
    options.setdefault("capture_output", True)
    environment = {**os.environ, "PYTHONWARNINGS": "error", **options.pop("env", {})}
    done = subprocess.run(
        [sys.executable, *command, *map(os.fspath, args)], env=environment, timeout=300, **options
    )
    if done.stderr is not None:
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert b"Exception ignored" not in done.stderr, done.stderr.decode()
    return done


def fails(*args, **options):
    """The message of a run that fails: one ``error: …`` line, status 1, nothing printed."""
    done = run(*args, **options)
    message = done.stderr.decode()
    assert (done.returncode, done.stdout) == (1, b""), message
    assert re.fullmatch(r"error: [^\n]+\n", message)
    return message.removeprefix("error: ").rstrip("\n")


def misused(*args, **options):
    """The message of a run that is misused: status 2, nothing printed."""
    done = run(*args, **options)
    message = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b""), message
    assert "Error: " in message
    return message.split("Error: ")[-1].rstrip("\n")


# classify -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "main"), [(DAM, "major_projects"), (ZH, "innovation_push")])
def test_classify_prints_label_probability_and_beginning(text, main):
    """A line: the main label, its probability, the paragraph's beginning."""
    printed = invoke("classify", text).output
    p = dc.classify(text).probability(main)
    assert printed.startswith(f"{main:27}{p:.2f}")
    assert printed.endswith(f"{text}\n")
    assert printed.count("\n") == 1


def test_classify_prints_all_labels_and_other(classifier, paragraphs):
    """Further labels stand behind the main one; ``other`` has no probability."""
    texts = [p.text for p in paragraphs]
    answers = list(zip(texts, classifier.classify_many(texts)))
    text, both = next((text, p.labels) for text, p in answers if len(p.labels) > 1)
    printed = invoke("classify", "--", text).output
    assert printed.startswith(both[0])
    assert f"  +{both[1]} " in printed
    other = next(text for text, p in answers if p.main == "other")
    assert re.match(rf"other {{28}}{re.escape(other[:10])}", invoke("classify", "--", other).output)


@pytest.mark.parametrize("text", ["", " \u3000", "\n"])
def test_a_blank_text_is_empty_and_not_other(text):
    """A blank text is told to be empty, as an argument and on stdin, which may hold nothing."""
    assert invoke("classify", text).output.split() == ["(empty)"]
    assert invoke("classify", "-", input=text).output.split() == ["(empty)"]
    (row,) = map(json.loads, invoke("classify", "-", "--json", input=text).output.splitlines())
    assert (row["main"], row["flags"]) == (None, ["empty"])


def test_a_long_text_is_shortened_and_flagged():
    """A line stays a line however long the text; that it was cut is said."""
    printed = invoke("classify", "-", input="word " * 10_000).output
    assert "(truncated)" in printed
    assert printed.endswith("…\n")
    assert len(printed) < 200


def test_what_steers_a_terminal_is_not_printed():
    """Control characters of a text do not reach the terminal."""
    printed = invoke("classify", "red \x1b[31m\x07 line\r\nnext", color=True).output
    assert printed.endswith("red [31m line next\n")


def test_classify_reads_the_paragraphs_of_stdin():
    """With - each paragraph of standard input gives a line, in order."""
    printed = invoke("classify", "-", input=f"\ufeff{DAM}\r\n\r\n{AD}\r\n").output
    assert [line.split()[0] for line in printed.splitlines()] == [
        "major_projects",
        "marketing_boilerplate",
    ]


def test_classify_json_is_the_prediction(classifier):
    """--json prints an object a paragraph: the text and what ``to_dict`` says."""
    printed = invoke("classify", "-", "--json", input=f"{DAM}\n\n{ZH}").output
    assert [json.loads(line) for line in printed.splitlines()] == [
        {"text": text, **classifier.classify(text).to_dict()} for text in (DAM, ZH)
    ]
    assert ZH in printed


def test_a_text_may_begin_with_a_hyphen_behind_two():
    """-- ends the options, as everywhere."""
    assert invoke("classify", "--", "--json is no option here").output.endswith("option here\n")


# score --------------------------------------------------------------------------------------------


def test_score_prints_a_table(articles):
    """Without -o: a line a paragraph, the faulty line among them."""
    lines = invoke("score", articles, status=3).output.splitlines()
    assert [line.split()[0] for line in lines] == [
        "major_projects",
        "marketing_boilerplate",
        "innovation_push",
        "major_projects",
        "(bad",
        "(empty)",
    ]
    assert lines[0].endswith(DAM)
    assert lines[4].endswith("b.csv:3: found 3 cells; expected 2, as the header has")


def test_score_writes_jsonl_and_counts(articles, tmp_path):
    """With -o: the rows in a file; on stderr counts by status and label, repeats, rate and memory,
    what drift says, and where the list is of what failed; nothing on stdout."""
    out = tmp_path / "out.jsonl"
    result = invoke("score", articles, "-o", out, status=3)
    assert result.stdout == ""
    counts, labels, cost, drift, failed = result.stderr.splitlines()
    assert counts == f"{out}: 4 ok, 1 empty, 1 bad_row"
    assert labels == "main labels: 2 major_projects, 1 marketing_boilerplate, 1 innovation_push"
    assert re.fullmatch(
        r"1 repeated paragraphs scored once; [\d.]+ s, [\d,]+ rows a second;"
        r" peak memory \d+ MiB a process",
        cost,
    )
    assert "too few to tell" in drift
    assert failed == f"{tmp_path / 'out.quarantine.jsonl'}: what could not be scored"
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a.txt:0", "a.txt:1", "a.txt:2", "7", "8", "9"]
    assert list(rows[0]) == columns_of(dc.LABELS, Shape(), [])


def test_score_json_prints_what_o_writes(articles, tmp_path):
    """--json prints the lines of the file that -o writes."""
    invoke("score", articles, "-o", tmp_path / "out.jsonl", status=3)
    printed = invoke("score", articles, "--json", status=3).output
    assert printed == (tmp_path / "out.jsonl").read_text(encoding="utf-8")


def test_score_takes_column_and_split(tmp_path):
    """--text names the column; --split cuts its cells into paragraphs."""
    table = tmp_path / "t.csv"
    table.write_text(f'id,text,abstract\np,{AD},"{DAM}\n\n{AD}"\n')
    printed = invoke("score", table, "--text", "abstract", "--split", "--json").output
    rows = [json.loads(line) for line in printed.splitlines()]
    assert [(row["id"], row["main"]) for row in rows] == [
        ("p:0", "major_projects"),
        ("p:1", "marketing_boilerplate"),
    ]


def test_score_takes_several_inputs_in_order(articles):
    """Inputs are read in the order given."""
    printed = invoke("score", articles / "b.csv", articles / "a.txt", "--json", status=3).output
    assert [json.loads(line)["id"] for line in printed.splitlines()][::3] == ["7", "a.txt:0"]


def test_score_of_a_table_without_rows_says_so(tmp_path):
    """An empty table is no fault, and has a row that says that there was nothing."""
    (tmp_path / "t.jsonl").touch()
    result = invoke("score", tmp_path / "t.jsonl", "-o", tmp_path / "out.jsonl")
    assert result.stderr.startswith(f"{tmp_path / 'out.jsonl'}: 1 empty\n")
    assert "the table has no rows" in (tmp_path / "out.jsonl").read_text()


def test_a_terminal_sees_progress(articles, tmp_path):
    """On a terminal a bar tells bytes, time left, rows and their rate; elsewhere there is none."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    out = tmp_path / "out.jsonl"
    done = run("score", articles, "-o", out, capture_output=False, stderr=theirs)
    os.close(theirs)
    assert done.returncode == 3
    shown = b""
    while b"peak memory" not in shown:
        shown += os.read(ours, 4096)
    os.close(ours)
    assert re.search(rb"100%.*300/300 .*<00:00, .*B/s, 6 rows, [\d,]+ a second", shown)
    assert b"%" not in run("score", articles, "-o", out).stderr


@pytest.mark.parametrize("script", ["evaluate", "score", "train"])
def test_the_scripts_are_the_commands(script):
    """``scripts/score.py`` and ``scripts/train.py`` are the commands of their names."""
    done = run("--help", command=(str(ROOT / "scripts" / f"{script}.py"),))
    shown = invoke(script, "--help").output.replace("Usage: cli", "Usage: directive-clf")

    def words(text):  # a line may end at a hyphen
        return "".join(text.split())

    assert words(done.stdout.decode()) == words(shown)


def test_the_score_script_scores(articles, tmp_path):
    """``scripts/score.py INPUT -o OUT`` writes what the command writes."""
    one, two = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    done = run(articles, "-o", one, command=(str(ROOT / "scripts" / "score.py"),))
    assert (done.returncode, done.stdout) == (3, b"")
    invoke("score", articles, "-o", two, status=3)
    assert one.read_bytes() == two.read_bytes()


# Which model --------------------------------------------------------------------------------------


def test_a_model_is_named_by_version_alias_or_path(classifier):
    """--model takes a version, an alias or a folder, and the answer says which one answered."""
    folder = registry.resolve()
    for name in (classifier.version, "champion", str(folder)):
        printed = invoke("classify", "--model", name, "--json", DAM).output
        assert json.loads(printed)["model"] == classifier.version


def test_a_registry_is_named_by_option_or_environment(tmp_path, classifier):
    """--models names another registry, and so does the environment."""
    shutil.copytree(registry.models_folder(), tmp_path / "mine")
    assert DAM in invoke("classify", "--models", tmp_path / "mine", DAM).output
    named = {registry.ENVIRONMENT: str(tmp_path / "none")}
    assert fails("classify", DAM, env=named) == (
        f"no model 'champion' in {tmp_path / 'none'}; found: none;"
        " train one with: directive-clf train --promote"
    )


@pytest.mark.parametrize("command", [("classify", DAM), ("score", "{a}")])
def test_a_model_that_is_not_there_is_told_with_those_that_are(articles, command):
    """An unknown model is an error that lists the known ones, for both commands."""
    args = [part.format(a=articles) for part in command]
    message = fails(*args, "--model", "directive-99")
    assert message.startswith("no model 'directive-99' in ")
    assert re.search(r"found: champion, .*directive-1", message)
    assert fails(*args, "--model", "./nothing").endswith("no such model folder")


def test_a_damaged_model_is_an_error(tmp_path):
    """A folder that is no model, and a registry that cannot be read, are errors that name it."""
    (tmp_path / "m").mkdir()
    assert str(tmp_path / "m") in fails("classify", DAM, "--model", tmp_path / "m")
    (tmp_path / "registry.json").write_text("{")
    assert str(tmp_path / "registry.json") in fails("classify", DAM, "--models", tmp_path)


# Help ---------------------------------------------------------------------------------------------


def examples(*command):
    """The example lines of a help text, as a shell splits them, without what is piped in."""
    printed = invoke(*command, "--help").output
    lines = printed.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    return [shlex.split(line.rpartition("| ")[2]) for line in lines]


def test_version_is_the_packages():
    """--version prints the version of the package."""
    assert invoke("--version").output == f"directive-clf, version {dc.__version__}\n"


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_help_holds_examples_that_parse(command):
    """Every help text shows examples, and each of them is a call that the parser takes."""
    shown = examples(*command)
    assert len(shown) >= 2
    for program, name, *args in shown:
        assert program == "directive-clf"
        assert not command or name == command[0]
        parent = click.Context(cli, **cli.context_settings)  # click keeps what is asked for first
        context = cli.commands[name].make_context(name, args, parent)
        assert isinstance(context, click.Context)
    assert invoke(*command, "-h").output == invoke(*command, "--help").output


@pytest.mark.parametrize("args", examples("classify"), ids=" ".join)
def test_the_examples_of_classify_run(args):
    """The examples of ``classify`` give an answer."""
    assert invoke(*args[1:], input=f"{DAM}\n\n{AD}").output


@pytest.mark.parametrize("args", examples("score"), ids=" ".join)
def test_the_examples_of_score_run(args, articles, tmp_path, monkeypatch):
    """The examples of ``score`` run on files of the names that they use."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(articles / "a.txt", "article.txt")
    Path("table.csv").write_text(f"body\n{AD}\n")
    Path("articles/b.csv").unlink()
    result = invoke(*args[1:])
    if "-o" in args:
        assert Path(args[args.index("-o") + 1]).stat().st_size > 200
    else:
        assert result.stdout


def test_the_help_of_all_lists_the_commands():
    """The first help names every command."""
    assert sorted(cli.commands) == COMMANDS
    assert all(f"\n  {name} " in invoke("--help").output for name in COMMANDS)


# Exit statuses and stderr -------------------------------------------------------------------------


def test_success_is_0_and_quiet(articles):
    """A run that succeeds exits with 0 and says nothing on stderr; the entry point is installed."""
    program = shutil.which("directive-clf", path=str(Path(sys.executable).parent))
    assert program is not None
    done = run("score", articles / "a.txt", command=(program,))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == invoke("score", articles / "a.txt").output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["bogus"], "No such command 'bogus'."),
        (["classify"], "Missing argument 'TEXT'."),
        (["classify", "a", "b"], "Got unexpected extra argument (b)"),
        # click 8.2 and later say it in two ways
        (["classify", "--bogus", "a"], ("No such option '--bogus'.", "No such option: --bogus")),
        (["classify", "a", "--models", __file__], f"Directory {__file__!r} is a file."),
        (["score"], "Missing argument 'INPUT...'."),
        (["score", "{a}", "-o", "{a}"], "is a directory."),
        (["score", "{a}", "-o", "{a}/no/out.jsonl"], "/no is not a folder"),
        (["score", "{a}", "-o", ""], "the name is empty"),
        (["score", "{a}", "-o"], "Option '-o' requires an argument."),
        (["train", "--jobs", "0"], "0 processes fit nothing"),
        (["train", "--jobs", "many"], "'many' is not a valid integer."),
    ],
)
def test_misuse_is_2(articles, args, message):
    """A call that cannot be meant exits with 2 and tells the usage and the fault."""
    assert misused(*(arg.format(a=articles) for arg in args)).endswith(message)


@pytest.mark.parametrize("output", ["a.txt", "../link"])
def test_an_input_is_never_written_over(articles, output):
    """An output that is one of the inputs, by another name too, is refused and stays as it is."""
    before = (articles / "a.txt").read_bytes()
    (articles.parent / "link").symlink_to(articles / "a.txt")
    for given in (articles, articles / "a.txt"):
        message = misused("score", given, "-o", articles / output)
        assert message.endswith(f"{output} is one of the inputs; name another file")
    assert (articles / "a.txt").read_bytes() == before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["score", "{a}/no.txt"], "{a}/no.txt: no such file or folder"),
        (["score", "{a}/a.txt", "{a}/no.txt"], "{a}/no.txt: no such file or folder"),
        (["score", "{a}/../x.docx"], "(each also .gz or .zst, but .parquet), or a folder"),
        (["score", "{a}/../none"], "(each also .gz or .zst, but .parquet)"),
        (["score", ""], "the name of an input is empty; expected a file or folder"),
        (["train", "--data", "{a}/no.jsonl"], "{a}/no.jsonl: no such file"),
        (["train", "--data", "{a}"], "{a}/b.csv:2: expected a column 'labels'; found 'id', 'text'"),
        (["train", "--data", "{a}/../no.jsonl", "--gold", "x"], "no.jsonl: no such file"),
    ],
)
def test_a_fault_is_1_and_one_line(articles, args, message):
    """What was found to be wrong is one ``error: …`` line and exit status 1."""
    (articles / ".." / "x.docx").touch()
    (articles / ".." / "none").mkdir()
    given = fails(*(arg.format(a=articles) for arg in args))
    assert given.endswith(message.format(a=articles))


def test_a_fault_of_the_system_is_told_without_its_number(articles, tmp_path):
    """An error of the operating system names the file that was asked for, and what is wrong."""
    out = tmp_path / ("x" * 250 + ".jsonl")
    assert fails("score", articles, "-o", out) == f"{out}: File name too long"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles"]


def test_a_failed_score_keeps_the_old_output(articles, tmp_path):
    """A run that fails leaves the output of the last one, and nothing beside it."""
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    fails("score", articles, tmp_path / "no.txt", "-o", out)
    fails("score", articles, "-o", out, "--model", "no")
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles", "out.jsonl"]


def test_what_could_not_be_scored_makes_it_3(tmp_path):
    """A faulty line is a row, not a failure: the output is whole, and the exit status is 3."""
    (tmp_path / "t.jsonl").write_text("{\n[]\n" + "[" * 200_000)
    done = run("score", tmp_path / "t.jsonl", "-o", tmp_path / "out.jsonl")
    assert done.returncode == 3
    assert done.stderr.decode().startswith(f"{tmp_path / 'out.jsonl'}: 3 bad_row\n")
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 3
    assert run("score", tmp_path / "t.jsonl").returncode == 3


def test_the_help_tells_every_exit_status():
    """--help of score names each exit status."""
    told = " ".join(invoke("score", "--help").output.split()).partition("Exit status: ")[2]
    assert re.match(r"0 .*; 3 .*; 1 .*; 2 .*; 130 ", told)


# Streams and locales ------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_away_ends_the_run_in_silence(tmp_path, options):
    """A broken pipe (``| head -1``) is silent, for the table and for JSON."""
    (tmp_path / "t.jsonl").write_text(json.dumps({"text": DAM}) + "\n" + '{"text": "x"}\n' * 20_000)
    program = [sys.executable, "-c", "from directive_clf.cli import main; main()"]
    writer = subprocess.Popen(
        [*program, "score", str(tmp_path / "t.jsonl"), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with writer:
        assert b"major_projects" in writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == b""


def test_a_device_is_written_to_and_not_replaced(articles):
    """``-o /dev/stdout`` writes to the standard output, which stays what it is."""
    done = run("score", articles, "-o", "/dev/stdout")
    assert done.returncode == 3
    assert done.stdout.decode() == invoke("score", articles, "--json", status=3).output


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("classify x >&-", 0),
        ("classify - <&-", 0),
        ("score no.txt 2>&-", 1),
        ("score no.txt >&- 2>&-", 1),
        ("classify 2>&-", 2),
        ("classify x >/dev/full", 1),
    ],
)
def test_streams_that_are_closed_or_full_give_no_traceback(tmp_path, command, status):
    """A stream that is closed, or takes no more, changes neither the status nor the form."""
    program = f"{shlex.quote(sys.executable)} -c 'from directive_clf.cli import main; main()'"
    done = subprocess.run(
        f"{program} {command}", shell=True, capture_output=True, cwd=tmp_path, timeout=300
    )
    assert done.returncode == status
    full = b"error: No space left on device\n" if "full" in command else b""
    assert done.stderr == full


POSIX = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize(
    "locale",
    [POSIX, {"PYTHONUTF8": "1"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
)
def test_json_is_utf8_in_every_locale(tmp_path, locale):
    """Chinese arguments, names of files and texts come through where the locale knows no Chinese,
    and what is printed as JSON is UTF-8; half a surrogate pair is an escape."""
    text = f"{ZH} café 😀"
    expected = dc.classify(text).to_dict()
    printed = run("classify", "--json", text.encode(), env=locale).stdout.decode()
    assert json.loads(printed) == {"text": text, **expected}
    assert text in printed
    table = tmp_path / "文.jsonl"
    table.write_text(json.dumps({"id": "\ud800 😀", "text": text}))
    printed = run("score", "--json", os.fsencode(table), env=locale).stdout.decode()
    assert json.loads(printed)["id"] == "\ud800 😀"
    assert json.loads(printed)["main"] == expected["main"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "utf-8"])
def test_a_terminal_without_chinese_gets_a_table(tmp_path, encoding):
    """What a terminal cannot show does not stop a table."""
    (tmp_path / "a.txt").write_text(f"{ZH}\n\nCafé 😀 open\n", encoding="utf-8")
    done = run("score", tmp_path / "a.txt", env={"PYTHONIOENCODING": encoding})
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 2
    assert done.stdout.startswith(b"innovation_push")


def test_a_c_locale_writes_the_same_file(articles, tmp_path):
    """The file that -o writes does not depend on the locale."""
    invoke("score", articles, "-o", tmp_path / "a.jsonl", status=3)
    done = run("score", articles, "-o", tmp_path / "b.jsonl", env=POSIX)
    assert done.returncode == 3
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_bytes_that_are_no_text_are_read_as_far_as_they_go():
    """Wrong bytes on stdin and in an argument give an answer, not a traceback."""
    for done in (
        run("classify", "--json", "-", input=b"Caf\xe9 \0 open"),
        run("classify", "--json", b"Caf\xe9 open"),
    ):
        assert done.returncode == 0
        assert json.loads(done.stdout)["text"].startswith("Caf\ufffd ")


def test_train_to_classify(paragraphs, tmp_path):
    """Own paragraphs in a CSV become a version, a champion, and labels, in two commands."""
    rows = [["text", "label"], *([p.text, "|".join(p.labels)] for p in paragraphs)]
    with (tmp_path / "mine.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    options = ("--models", tmp_path / "models")
    gold = ("--gold", tmp_path / "mine.csv")
    done = run(
        "train", "--data", tmp_path / "mine.csv", *gold, "--promote", "--jobs", "1", *options
    )
    assert (done.returncode, done.stderr) == (0, b"")
    *figures, own, path = done.stdout.decode().splitlines()
    assert re.fullmatch(r"own +all  n=\d+ +macro_f1 .* -> .* against directive-\d+", own)
    assert path == str(tmp_path / "models" / "directive-1")
    assert [line.split()[:2] for line in figures] == [
        [kind, part] for kind in ("cross_validation", "gold") for part in ("all", "en", "zh")
    ]
    assert invoke("classify", DAM, *options).stdout.startswith("major_projects")
    assert "are not the project's own" in (Path(path) / "MODEL_CARD.md").read_text(encoding="utf-8")
