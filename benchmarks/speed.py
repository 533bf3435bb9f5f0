#!/usr/bin/env python3
"""Time and memory of labelling, beside plain scikit-learn pipelines fitted on the same paragraphs.

``python benchmarks/speed.py [--write benchmarks/SPEED.md]``, some three minutes. Every figure comes
from a process of its own, the contestants take turns, and the median of the rounds counts. What is
read from it are the ratios: seconds differ between machines.
"""

import argparse
import datetime
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIRST = "The 1,200-km line entered service on Tuesday after six years of construction."
OURS = "directive_clf"
ROUNDS = 5
BULK = 10_000


def peers():
    """Return the unfitted scikit-learn pipelines."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline, make_union

    def words():
        # Chinese characters as words of their own, as we read them.
        token = r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+"
        return TfidfVectorizer(token_pattern=token, ngram_range=(1, 2), min_df=3, sublinear_tf=True)

    def regression():
        return OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear"))

    subwords = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True)
    return {
        "scikit-learn, words and subwords": make_pipeline(
            make_union(words(), subwords), regression()
        ),
        "scikit-learn, words": make_pipeline(words(), regression()),
    }


def texts():
    """Return the paragraphs to label, the same for all."""
    lines = []
    for path in sorted((ROOT / "training_data").glob("*.jsonl")):
        lines += path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:: max(len(lines) // BULK, 1)]]


def contestant(name, folder):
    """Load a contestant, as its users would; return its function from texts to labels."""
    if name == OURS:
        import directive_clf

        return directive_clf.load().classify_many
    import joblib

    return joblib.load(Path(folder) / f"{name}.joblib").predict


def peak_memory():
    """Return the most memory this process held, in MiB (Linux: getrusage counts its parent's)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def child(name, folder, measure):
    """Take one measurement in this process and print it."""
    label = contestant(name, folder)
    label([FIRST])
    if measure == "first":
        print(time.time())
        return
    bodies = texts()
    if measure == "one":
        label(bodies[:200])
        took = []
        for body in bodies[200:1200]:
            start = time.perf_counter()
            label([body])
            took.append(time.perf_counter() - start)
        print(statistics.median(took))
    else:
        start = time.perf_counter()
        label(bodies)
        rate = len(bodies) / (time.perf_counter() - start)
        print(rate, peak_memory())


def measured(name, folder, measure):
    command = [sys.executable, __file__, "--child", name, folder, measure]
    start = time.time()
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    values = [float(value) for value in out.split()]
    return [values[0] - start] if measure == "first" else values


def fit_peers(folder):
    import joblib

    from directive_clf import LABELS, read_paragraphs

    paragraphs = read_paragraphs(ROOT / "training_data")
    y = [[int(label in p.labels) for label in LABELS] for p in paragraphs]
    for name, pipeline in peers().items():
        joblib.dump(pipeline.fit([p.text for p in paragraphs], y), Path(folder) / f"{name}.joblib")


def table(folder):
    names = [OURS, *peers()]
    found = {name: {"first": [], "one": [], "bulk": [], "memory": []} for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name]["first"] += measured(name, folder, "first")
            found[name]["one"] += measured(name, folder, "one")
            rate, memory = measured(name, folder, "bulk")
            found[name]["bulk"].append(rate)
            found[name]["memory"].append(memory)
    medians = {n: {k: statistics.median(v) for k, v in kinds.items()} for n, kinds in found.items()}
    rows = [
        ("start to first label, s", "first", "{:.2f}"),
        ("one paragraph, warm, ms", "one", "{:.3f}"),
        ("paragraphs a second, bulk", "bulk", "{:,.0f}"),
        ("peak memory in bulk, MiB", "memory", "{:.0f}"),
    ]
    yield "| | " + " | ".join(names) + " |"
    yield "| --- " * (len(names) + 1) + "|"
    for title, kind, form in rows:
        ours = medians[OURS][kind]
        cells = []
        for name in names:
            value = medians[name][kind]
            ratio = "" if name == OURS else f" ({value / ours:.2g} ×)"
            cells.append(form.format(value * 1000 if kind == "one" else value) + ratio)
        yield f"| {title} | " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help="write the table there, too")
    args = parser.parse_args()
    if args.child:
        child(*args.child)
        return
    import sklearn

    with tempfile.TemporaryDirectory() as folder:
        fit_peers(folder)
        lines = [*table(folder)]
    bodies = texts()
    about = (
        f"{len(bodies):,} paragraphs of training_data, {sum(map(len, bodies)) // len(bodies)}"
        f" characters each on average; median of {ROUNDS} rounds; in brackets the ratio to"
        f" {OURS}. {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}, scikit-learn {sklearn.__version__},"
        f" {datetime.date.today().isoformat()}."
    )
    text = "\n".join([*lines, "", about])
    print(text)
    if args.write:
        args.write.write_text(
            f"# Speed\n\nMade by `python benchmarks/speed.py --write {args.write}`.\n\n{text}\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
