#!/usr/bin/env python3
"""How many planted label errors an audit finds: ``python benchmarks/audit.py``, some five minutes.

Of a sample of the shipped text one label in twenty is made wrong: the paragraph gets another main
label alone, drawn evenly, or none. What the audit flags beside those are paragraphs that it thinks
wrong as they were written; here they count against it, though some may be.
"""

import argparse
import platform
from dataclasses import replace
from datetime import date

import numpy as np

from directive_clf.curation import audit
from directive_clf.data import read_paragraphs
from directive_clf.gazetteer import read_gazetteer
from directive_clf.labels import LABELS, OTHER, main_label
from directive_clf.training.texts import shipped_data, shipped_gazetteer


def planted(paragraphs, share, rng):
    """Return paragraphs with wrong labels among them, and what the wrong ones were, by id."""
    rows = rng.choice(len(paragraphs), int(share * len(paragraphs)), replace=False)
    changed, was = list(paragraphs), {}
    for i in rows.tolist():
        p = paragraphs[i]
        wrong = [c for c in (*LABELS, OTHER) if c != main_label(p.labels) and c not in p.labels]
        label = str(rng.choice(wrong))
        was[p.id] = main_label(p.labels)
        changed[i] = replace(p, labels=() if label == OTHER else (label,))
    return changed, was


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=4000, help="paragraphs of a sample")
    parser.add_argument("--share", type=float, default=0.05, help="of wrong labels")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    shipped = read_paragraphs(*shipped_data())
    gazetteer = read_gazetteer(*shipped_gazetteer())
    figures = []
    for seed in range(args.seeds):
        rng = np.random.default_rng(seed)
        rows = np.sort(rng.choice(len(shipped), args.n, replace=False))
        sample, was = planted([shipped[i] for i in rows.tolist()], args.share, rng)
        found = audit(sample, gazetteer, n_jobs=args.jobs)
        hits = np.array([row["id"] in was for row in found])
        right = [row["rival"] == was[row["id"]] for row in found if row["id"] in was]
        k = len(was)
        figures.append(
            [len(found), hits.sum() / k, hits.mean(), hits[:k].mean(), hits[: k // 4].mean(),
             np.mean(right)]
        )  # fmt: skip
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()},"
        f" {date.today().isoformat()}; {args.seeds} samples of {args.n:,} shipped paragraphs,"
        f" {args.share:.0%} of the labels made wrong ({k} of them).\n"
    )
    print("| | mean | lowest to highest |\n| --- | --- | --- |")
    names = {
        "paragraphs told": 0, "of the planted errors, found": 1, "of those told, planted": 2,
        f"of the first {k} told, planted": 3, f"of the first {k // 4} told, planted": 4,
        "of those found, the rival is the label that was there": 5,
    }  # fmt: skip
    for name, j in names.items():
        values = np.array([row[j] for row in figures])
        form = "{:.0f}" if j == 0 else "{:.3f}"
        low, high = form.format(values.min()), form.format(values.max())
        print(f"| {name} | {form.format(values.mean())} | {low} to {high} |")


if __name__ == "__main__":
    main()
