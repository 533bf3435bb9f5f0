#!/usr/bin/env python3
"""Whether ``data suggest`` saves labels: ``python benchmarks/suggest.py``, some twenty minutes.

A team begins with a few labelled paragraphs of one half of the kinds of source of the shipped text,
and labels fifty more at a time out of a pool of the other half; each time a model is fitted on all
that is labelled and measured on documents of that other half which were held out. The fifty are
drawn at random, or chosen by the model that was fitted before: by certainty alone, or as
``data suggest`` does. Everything else is the same for all three.
"""

import argparse
import platform
from datetime import date

import numpy as np
from joblib import Parallel, delayed

from directive_clf import metrics
from directive_clf.calibration import certainty
from directive_clf.curation.suggest import choose
from directive_clf.data import read_paragraphs
from directive_clf.gazetteer import read_gazetteer
from directive_clf.labels import LABELS, OTHER
from directive_clf.training.texts import shipped_data, shipped_gazetteer
from directive_clf.training.validation import Bench

WAYS = ("random", "least certain", "suggest")
START, STEP, ROUNDS = 200, 50, 6
POOL, TEST = 2500, 2500


def trial(bench, seed, way):
    """Return the answers on the test rows after each round."""
    rng = np.random.default_rng(seed)
    registers = rng.permutation(sorted({p.register for p in bench.paragraphs}))
    new = set(registers[: len(registers) // 2].tolist())
    is_new = np.array([p.register in new for p in bench.paragraphs])
    # Documents, and near-copies, of the new kinds are on one side each.
    groups = rng.permutation(np.unique(bench.groups[is_new]))
    for_test = set(groups[: len(groups) // 2].tolist())
    to_test = np.array([g in for_test for g in bench.groups.tolist()])
    test = rng.choice(np.flatnonzero(is_new & to_test), TEST, replace=False)
    pool = rng.choice(np.flatnonzero(is_new & ~to_test), POOL, replace=False)
    known = np.flatnonzero(~is_new & ~np.isin(bench.groups, bench.groups[is_new]))
    labelled = rng.choice(known, START, replace=False)
    texts = [p.text for p in bench.paragraphs]
    found = []
    for _ in range(ROUNDS + 1):
        answers = bench.answer(np.sort(labelled), np.concatenate([test, pool]), n_jobs=1)
        found.append(answers.take(np.arange(len(test))))
        on_pool = answers.take(np.arange(len(test), len(test) + len(pool)))
        if way == "random":
            taken = rng.permutation(len(pool))[:STEP]
        else:
            mains = on_pool.main_pred.tolist()
            places = [LABELS.index(m) if m != OTHER else -1 for m in mains]
            unsure = 1 - certainty(on_pool.probabilities, places)
            if way == "suggest":
                taken = choose(
                    [texts[i] for i in pool], unsure, mains, STEP, classes=(*LABELS, OTHER)
                )
            else:
                taken = np.argsort(-unsure, kind="stable")[:STEP]
        labelled = np.concatenate([labelled, pool[taken]])
        pool = np.delete(pool, taken)
    return found


def f1(answers, weights=None):
    return metrics.macro_f1(answers.main_true, answers.main_pred, answers.classes, weights)


def interval(values, rng):
    """Return a mean over trials with its 95 % bootstrap interval."""
    values = np.asarray(values)
    drawn = values[rng.integers(len(values), size=(5000, len(values)))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{values.mean():+.3f} [{low:+.3f}, {high:+.3f}]"


def worth(curves, rng):
    """Yield, for numbers of suggested labels, how many random ones reach the same F1.

    Both are read from curves that are means over trials, which rise: a single one is ragged, and
    the first time that it touches a value is no fair count.
    """
    sizes = STEP * np.arange(ROUNDS + 1)

    def equal(rows, k):
        random, chosen = (curves[way][rows].mean(axis=0) for way in ("random", "suggest"))
        return np.interp(chosen[k], np.maximum.accumulate(random), sizes)

    n = len(curves["random"])
    for k in range(1, ROUNDS):
        drawn = [equal(rng.integers(n, size=n), k) - sizes[k] for _ in range(5000)]
        low, high = np.percentile(drawn, [2.5, 97.5])
        yield sizes[k], equal(np.arange(n), k) - sizes[k], low, high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    bench = Bench.of(read_paragraphs(*shipped_data()), read_gazetteer(*shipped_gazetteer()))
    tasks = [(seed, way) for seed in range(args.trials) for way in WAYS]
    done = Parallel(n_jobs=args.jobs, verbose=5)(
        delayed(trial)(bench, seed, way) for seed, way in tasks
    )
    found = dict(zip(tasks, done, strict=True))
    curves = {
        way: np.array([[f1(a) for a in found[seed, way]] for seed in range(args.trials)])
        for way in WAYS
    }
    rng = np.random.default_rng(0)
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()},"
        f" {date.today().isoformat()}; {args.trials} trials; {START} labels to begin with, a pool"
        f" of {POOL:,}, tested on {TEST:,}. Macro-F1 of the main label; 95 % bootstrap"
        " intervals over trials.\n"
    )
    print("| new labels | random | least certain, against random | suggest, against random |")
    print("| --- | --- | --- | --- |")
    for k in range(ROUNDS + 1):
        base = curves["random"][:, k]
        cells = [interval(curves[way][:, k] - base, rng) for way in WAYS[1:]]
        print(f"| {k * STEP} | {base.mean():.3f} | {' | '.join(cells)} |")
    print("\n| suggested labels | random labels more that reach the same |\n| --- | --- |")
    for size, saved, low, high in worth(curves, rng):
        print(f"| {size} | {saved:+.0f} [{low:+.0f}, {high:+.0f}] |")


if __name__ == "__main__":
    main()
