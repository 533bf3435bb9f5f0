#!/usr/bin/env python3
"""Rate and memory of scoring files, beside plain loops of pandas and scikit-learn in the same run.

``python benchmarks/batch.py [--write benchmarks/BATCH.md]``, an hour; ``--quick`` leaves out the
large piles. Every figure comes from a process of its own, the contestants take turns, and the
median of the rounds counts. What is read from it are the ratios: seconds differ between machines.
"""

import argparse
import csv
import datetime
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from speed import ROOT, fit_peers, peak_memory, peers

ROUNDS = 3
LOOP_ROWS = 10_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
COMPARED = 20_000
FORMATS = ["t.csv", "t.csv.gz", "t.csv.zst", "t.jsonl", "t.parquet", "articles"]
OUTPUTS = ["o.jsonl", "o.csv", "o.parquet"]
BIG = {"100 MB": 100_000_000, "1 GB": 1_000_000_000}


def paragraphs(n):
    """Deal the sentences of the training paragraphs anew: as long, and next to none twice."""
    rng = random.Random(0)
    pools = []
    for lang, between in (("en", " "), ("zh", "")):
        lines = (ROOT / "training_data" / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
        cut = [re.split(r"(?<=[.!?])\s+|(?<=[。！？])(?!$)", json.loads(x)["text"]) for x in lines]
        pools.append(([len(one) for one in cut], [s for one in cut for s in one if s], between))
    for _ in range(n):
        lengths, sentences, between = pools[rng.random() < 0.45]
        yield between.join(rng.choices(sentences, k=rng.choice(lengths)))


def make(path, n):
    """Write a pile of `n` paragraphs; its kind by its name."""
    found = ((f"p{i}", "2026-03-04", text) for i, text in enumerate(paragraphs(n)))
    head = ("id", "date", "text")
    if path.name == "articles":  # of eight paragraphs
        path.mkdir()
        texts = [text for *_, text in found]
        for i in range(0, n, 8):
            (path / f"{i:07}.txt").write_text("\n\n".join(texts[i : i + 8]), encoding="utf-8")
        return
    if path.suffix in (".parquet", ".gz", ".zst"):
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet as pq

        table = pa.table(dict(zip(head, map(list, zip(*found)))))
        if path.suffix == ".parquet":
            pq.write_table(table, path)
        else:
            kind = {".gz": "gzip", ".zst": "zstd"}[path.suffix]
            with pa.CompressedOutputStream(str(path), kind) as out:
                pyarrow.csv.write_csv(table, out)
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        if path.suffix == ".csv":
            csv.writer(out).writerows([head, *found])
        else:
            out.writelines(json.dumps(dict(zip(head, row))) + "\n" for row in found)


def ours(source, output, jobs):
    """Score a pile; print seconds, rows and the peak of the largest process, without the start."""
    import directive_clf as dc

    summary = dc.score_files(source, output, jobs=int(jobs))
    print(summary.seconds, summary.rows, summary.peak_memory / 2**20)


def loop(name, folder, source, output):
    """Do the same as its users would: pandas reads and writes, scikit-learn scores."""
    import joblib
    import numpy as np
    import pandas as pd

    from directive_clf import LABELS

    pipeline = joblib.load(Path(folder) / f"{name}.joblib")
    start = time.perf_counter()
    rows = 0
    for chunk in pd.read_csv(source, chunksize=LOOP_ROWS):
        p = pipeline.predict_proba(chunk["text"])
        table = pd.DataFrame(p.round(6), columns=[f"p_{label}" for label in LABELS])
        best = p.argmax(axis=1)
        table["main"] = np.where(p.max(axis=1) >= 0.5, np.array(LABELS)[best], "other")
        table["labels"] = [
            "|".join(label for label, value in zip(LABELS, row) if value >= 0.5) for row in p
        ]
        out = pd.concat([chunk.drop(columns="text").reset_index(drop=True), table], axis=1)
        out.to_csv(output, mode="a" if rows else "w", header=not rows, index=False)
        rows += len(out)
    print(time.perf_counter() - start, rows, peak_memory())


def spin(jobs):
    """Print what this machine gives to so many processes that only count."""
    from joblib import Parallel, delayed

    Parallel(n_jobs=int(jobs))(delayed(counting)() for _ in range(int(jobs)))  # they are up
    start = time.perf_counter()
    Parallel(n_jobs=int(jobs), batch_size=1)(delayed(counting)() for _ in range(40))
    print(time.perf_counter() - start)


def counting():
    return sum(i * i % 7 for i in range(1_500_000))


def shares(source, output):
    """Print the share of time in each step of one process."""
    import directive_clf as dc
    from directive_clf import batch, model, reading, scoring

    spent = dict.fromkeys(("reading", "features", "scoring", "rows and writing"), 0.0)

    def timed(owner, name, step, less=()):
        do = getattr(owner, name)

        def wrapped(*args, **kwargs):
            start, inner = time.perf_counter(), sum(spent[one] for one in less)
            try:
                return do(*args, **kwargs)
            finally:
                inner = sum(spent[one] for one in less) - inner
                spent[step] += time.perf_counter() - start - inner

        setattr(owner, name, wrapped)

    chunks = reading.iter_chunks

    def timed_chunks(*args):
        found = chunks(*args)
        while True:
            start = time.perf_counter()
            chunk = next(found, None)
            spent["reading"] += time.perf_counter() - start
            if chunk is None:
                return
            yield chunk

    scoring.iter_chunks = timed_chunks
    timed(model.text, "tokenize", "features")
    timed(batch.Scorer, "score", "scoring", less=("features",))
    batch.shared_scorer(batch.model_folder())
    total = dc.score_files(source, output).seconds
    spent["rows and writing"] = total - sum(spent.values())
    print(json.dumps({step: took / total for step, took in spent.items()}))


def run(*args):
    command = [sys.executable, __file__, "--child", *map(str, args)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ).stdout
    return out.splitlines()[-1]


def figures(*args):
    return [float(value) for value in run(*args).split()]


def median(rows):
    return [statistics.median(column) for column in zip(*rows)]


def report(folder, quick):
    fit_peers(folder)
    yield "## Beside a loop of pandas and scikit-learn\n"
    make(folder / "compared.csv", COMPARED)
    names = ["directive_clf", *peers()]
    found = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            args = ("ours", folder / "compared.csv", folder / "o.csv", 1)
            if name != names[0]:
                args = ("loop", name, folder, folder / "compared.csv", folder / "l.csv")
            found[name].append(figures(*args))
    medians = {name: median(rows) for name, rows in found.items()}
    own = COMPARED / medians[names[0]][0]
    yield "| CSV to CSV, one process | rows a second | our rate is | peak MiB |"
    yield "| --- | --- | --- | --- |"
    for name, (seconds, _, peak) in medians.items():
        rate = COMPARED / seconds
        yield f"| {name} | {rate:,.0f} | {own / rate:.1f} × | {peak:.0f} |"
    yield "\n## Size\n"
    yield "| paragraphs, CSV to JSONL | seconds | rows a second | peak MiB |"
    yield "| --- | --- | --- | --- |"
    for size in SIZES[:-1] if quick else SIZES:
        make(source := folder / f"{size}.csv", size)
        rounds = range(ROUNDS if size < 10**6 else 1)
        seconds, _, peak = median([figures("ours", source, folder / "o.jsonl", 1) for _ in rounds])
        yield f"| {size:,} | {seconds:.2f} | {size / seconds:,.0f} | {peak:.0f} |"
    yield "\n## Two processes\n"
    source = folder / "100000.csv"
    rounds = [
        [figures("ours", source, folder / "o.jsonl", j)[0] for j in (1, 2)]
        + [figures("spin", j)[0] for j in (1, 2)]
        for _ in range(ROUNDS)
    ]
    gain = statistics.median(one / two for one, two, *_ in rounds)
    possible = statistics.median(one / two for *_, one, two in rounds)
    yield f"100,000 paragraphs with `--jobs 2`: {gain:.2f} times the rate of one process, start of"
    yield "the processes included. Two processes that only count, in turn with it, reach"
    yield f"{possible:.2f} times one on this machine."
    yield "\n## Formats\n"
    yield "| in (to JSONL) | rows a second | | out (from CSV) | rows a second |"
    yield "| --- | --- | --- | --- | --- |"
    ins, outs = [], []
    for name in FORMATS:
        make(folder / name, COMPARED)
    for name in FORMATS:
        rounds = [figures("ours", folder / name, folder / "o.jsonl", 1) for _ in range(ROUNDS)]
        seconds, rows, _ = median(rounds)
        ins.append((name.removeprefix("t"), rows / seconds))
    for name in OUTPUTS:
        rounds = [figures("ours", folder / "t.csv", folder / name, 1) for _ in range(ROUNDS)]
        outs.append((name.removeprefix("o"), COMPARED / median(rounds)[0]))
    for i, (name, rate) in enumerate(ins):
        other = f"{outs[i][0]} | {outs[i][1]:,.0f}" if i < len(outs) else " | "
        yield f"| {name} | {rate:,.0f} | | {other} |"
    yield "\n## Where the time goes\n"
    rounds = [json.loads(run("shares", source, folder / "o.jsonl")) for _ in range(ROUNDS)]
    yield "| step | share |\n| --- | --- |"
    for step in rounds[0]:
        yield f"| {step} | {statistics.median(one[step] for one in rounds):.0%} |"
    if quick:
        return
    yield "\n## Memory\n"
    yield "| CSV of | rows | seconds | peak MiB |\n| --- | --- | --- | --- |"
    for name, size in BIG.items():
        make_big(folder / "big.csv", folder / "1000000.csv", size)
        seconds, rows, peak = figures("ours", folder / "big.csv", folder / "o.jsonl", 1)
        yield f"| {name} | {rows:,.0f} | {seconds:.0f} | {peak:.0f} |"


def make_big(path, source, size):
    """Write a CSV of so many bytes: that of a million paragraphs, numbered through."""
    number = 0
    csv.field_size_limit(2**31 - 1)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "date", "text"))
        while out.tell() < size:
            with source.open(encoding="utf-8", newline="") as lines:
                rows = csv.reader(lines)
                next(rows)
                for row in rows:
                    number += 1
                    writer.writerow((number, row[1], f"{row[2]} {number}"))
                    if number % 1000 == 0 and out.tell() >= size:
                        break


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="no million paragraphs, no gigabyte")
    parser.add_argument("--write", type=Path, help="write the report there, too")
    args = parser.parse_args()
    if args.child:
        name, *rest = args.child
        {"ours": ours, "loop": loop, "spin": spin, "shares": shares}[name](*rest)
        return
    import sklearn

    about = (
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()},"
        f" scikit-learn {sklearn.__version__}, {os.cpu_count()} cores,"
        f" {datetime.date.today().isoformat()}. Medians of {ROUNDS} rounds, but for a million"
        " paragraphs and a gigabyte: one. Paragraphs are sentences of training_data dealt anew, so"
        " that next to none comes twice."
    )
    lines = [about, ""]
    with tempfile.TemporaryDirectory() as folder:
        for line in report(Path(folder), args.quick):
            print(line, flush=True)
            lines.append(line)
    if args.write:
        head = f"# Batch scoring\n\nMade by `python benchmarks/batch.py --write {args.write}`.\n\n"
        args.write.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
