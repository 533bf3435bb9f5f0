#!/usr/bin/env python3
"""What a team's own labels gain: ``python benchmarks/own_labels.py GOLD.jsonl``, half an hour.

A publisher of a gold set stands for the team's: half of its documents give "own labels", the other
half is tested on. A throwaway model is fitted on the shipped text and on 20, 40 or 80 of the own
paragraphs, for several weights of these, and compared with the one on the shipped text alone. No
publisher of the gold set has 160 paragraphs, so the larger sizes are of a team that reads all
publishers of a language. Nothing of the gold set is kept.

A second table tells how good a label is that has few paragraphs: of one shipped label only so many
are kept in the training text, and its F1 is measured on documents held out.
"""

import argparse
import os
import platform
from collections import Counter
from datetime import date

import numpy as np
from joblib import Parallel, delayed

from directive_clf import metrics
from directive_clf.classifier import choose_labels
from directive_clf.comparison import compare
from directive_clf.data import read_paragraphs
from directive_clf.evaluation import Answers, signed
from directive_clf.gazetteer import read_gazetteer
from directive_clf.labels import LABELS
from directive_clf.training.fitting import calibrate, choose_thresholds, fit_folds, folds
from directive_clf.training.pipeline import Parameters, TermAnalyzer, count_terms
from directive_clf.training.texts import shipped_data, shipped_gazetteer
from directive_clf.training.validation import Bench

SMALLEST = 36
"""Paragraphs of a publisher that can stand for a team's: half of them are some 20."""

FOLDS = 3
"""Of calibration, a quarter of what training takes: there are many fits."""

FEW = (5, 10, 20, 40, 80, 160)


class Trial:
    """Shipped and gold paragraphs with their terms counted once."""

    def __init__(self, shipped, gold, gazetteer):
        self.paragraphs = [*shipped, *gold]
        self.n_shipped = len(shipped)
        _, self.counts = count_terms([p.text for p in self.paragraphs], TermAnalyzer(gazetteer))
        self.y_true = metrics.to_indicator([p.labels for p in self.paragraphs], LABELS)

    def model(self, own, weight):
        """Fit on the shipped rows and some of the gold ones; return what answers the others."""
        rows = np.concatenate([np.arange(self.n_shipped), own]).astype(int)
        corpora = ["shipped" if i < self.n_shipped else "own" for i in rows]
        counted = np.where(rows < self.n_shipped, 1.0, weight)
        weights = None if weight == 1 else np.tile(counted[:, None], len(LABELS))
        parameters = Parameters(n_folds=FOLDS)
        _, parts = folds([self.paragraphs[i] for i in rows], FOLDS, corpora)
        truth = self.y_true[rows]
        pipeline, scores = fit_folds(self.counts[rows], truth, parts, parameters, weights, n_jobs=1)
        curves = calibrate(scores, truth, weights)
        thresholds = choose_thresholds(curves.probabilities(scores), truth, weights)
        gold = self.counts[self.n_shipped :]
        return curves.probabilities(pipeline.decision_function(gold)), thresholds

    def answers(self, found, test):
        """Return what a model found says of some gold rows."""
        probabilities, thresholds = found
        rows = test - self.n_shipped
        named = choose_labels(probabilities[rows], thresholds, LABELS)
        chosen = [self.paragraphs[i] for i in test]
        return Answers(chosen, named, probabilities[rows], LABELS)


def halves(trial, rows, rng):
    """Part rows by document: those that can be own labels, and those tested on."""
    documents = Counter(trial.paragraphs[i].group for i in rows)
    order = rng.permutation(sorted(documents))
    upto = np.cumsum([documents[d] for d in order])
    own = set(order[upto <= len(rows) / 2].tolist())
    is_own = np.array([trial.paragraphs[i].group in own for i in rows])
    return rows[is_own], rows[~is_own]


def joined(answers):
    """Put the answers of several trials together; a document is one, whatever trial it is of."""
    return Answers(
        [p for a in answers for p in a.paragraphs],
        [named for a in answers for named in a.predicted],
        np.concatenate([a.probabilities for a in answers]),
        LABELS,
    )


def team(trial, seeds, weights, jobs):
    """Yield a row for each kind of team, number of own labels, and weight."""
    gold = np.arange(trial.n_shipped, len(trial.paragraphs))
    publisher = [trial.paragraphs[i].get("source") for i in gold]
    language = [trial.paragraphs[i].lang for i in gold]
    sizes = Counter(publisher)
    one = [gold[np.array(publisher) == p] for p in sorted(sizes) if sizes[p] >= SMALLEST]
    many = [gold[np.array(language) == lang] for lang in sorted(set(language))]
    cells = [("one publisher", one, (20, 40)), ("all of a language", many, (20, 40, 80))]
    tasks = []
    for kind, teams, wanted in cells:
        for rows in teams:
            for seed in range(seeds):
                own, test = halves(trial, rows, np.random.default_rng(seed))
                drawn = np.random.default_rng(seed).permutation(own)
                for n in wanted:
                    if n <= len(own) + 3:  # of 37 a half is 18
                        tasks += [(kind, n, w, np.sort(drawn[:n]), test) for w in weights]
    base = trial.model(np.array([], dtype=int), 1)
    found = Parallel(n_jobs=jobs, verbose=5)(
        delayed(trial.model)(own, weight) for _, _, weight, own, _ in tasks
    )
    cells = {}
    for (kind, n, weight, _, test), model in zip(tasks, found, strict=True):
        before, after = cells.setdefault((kind, n, weight), ([], []))
        before.append(trial.answers(base, test))
        after.append(trial.answers(model, test))
    for (kind, n, weight), (before, after) in cells.items():
        difference = compare(joined(before), joined(after))
        yield [
            kind, str(n), f"{weight:g}", str(len(before)), f"{difference['n']:,}",
            signed(difference["accuracy"]), signed(difference["macro_f1"]),
            signed(difference["multilabel_macro_f1"]),
        ]  # fmt: skip


def few(paragraphs, gazetteer, draws, jobs):
    """Yield, for each number of paragraphs of a label, its F1 on documents held out."""
    rng = np.random.default_rng(0)
    sample = [paragraphs[i] for i in np.sort(rng.choice(len(paragraphs), 8000, replace=False))]
    bench = Bench.of(sample, gazetteer)
    half = bench.folds(np.arange(len(sample)), 2)[0]
    train = np.setdiff1d(np.arange(len(sample)), half)
    holds = bench.y_true

    def f1(j, n, seed):
        of_label = train[holds[train, j]]
        kept = np.random.default_rng(seed).choice(of_label, n, replace=False)
        rows = np.sort(np.concatenate([train[~holds[train, j]], kept]))
        answers = bench.answer(rows, half, n_jobs=1)
        return metrics.f1_score(answers.y_true[:, j], answers.y_pred[:, j])

    tasks = [(j, n, s) for n in FEW for j in range(len(LABELS)) for s in range(draws)]
    found = Parallel(n_jobs=jobs, verbose=5)(delayed(f1)(*task) for task in tasks)
    everything = bench.answer(train, half, n_jobs=jobs)
    by_n = {n: [v for (_, m, _), v in zip(tasks, found, strict=True) if m == n] for n in FEW}
    for n, values in by_n.items():
        values = np.nan_to_num(values)
        spread = np.percentile(values, [10, 90])
        yield [str(n), f"{values.mean():.3f}", f"{spread[0]:.3f} to {spread[1]:.3f}"]
    whole = metrics.f1_score(everything.y_true, everything.y_pred)
    counts = holds[train].sum(axis=0)
    yield [f"all ({counts.min()} to {counts.max()})", f"{whole.mean():.3f}", ""]


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", nargs="?", help="labelled paragraphs with a column source")
    parser.add_argument("--seeds", type=int, default=2, help="splits of each publisher")
    parser.add_argument("--weights", type=float, nargs="*", default=[1, 10])
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    shipped = read_paragraphs(*shipped_data())
    gazetteer = read_gazetteer(*shipped_gazetteer())
    print(
        f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, {date.today().isoformat()}; {len(shipped):,} shipped"
        f" paragraphs, {args.seeds} splits of each publisher or language.\n"
    )
    if args.gold:
        gold = read_paragraphs(args.gold)
        header = ["team", "own labels", "weight", "trials", "tested on", "accuracy",
                  "macro-F1", "macro-F1, all labels"]  # fmt: skip
        table(header, team(Trial(shipped, gold, gazetteer), args.seeds, args.weights, args.jobs))
    header = ["paragraphs of the label", "F1, mean", "F1, 10 to 90 % of labels and draws"]
    table(header, few(shipped, gazetteer, 4, args.jobs))


if __name__ == "__main__":
    main()
