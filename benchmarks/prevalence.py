#!/usr/bin/env python3
"""Are corrected shares nearer the truth than counts, and do their intervals hold it: a test.

``python benchmarks/prevalence.py [--gold GOLD.jsonl] [--write benchmarks/PREVALENCE.md]``, some ten
minutes. The training text is answered out of fold, each kind of source by a model that saw none of
it, and samples are drawn from it with a share of a label that is set (the "artificial prevalence
protocol" of Forman 2008):

- *same kinds*: errors are counted on half of the paragraphs, samples come from the other half. Only
  the share of the label moves: what the methods assume.
- *another kind*: errors are counted on all kinds of source but one, samples come from that one.
- *real text*: with ``--gold``, errors are counted on all of the training text, which was written,
  and samples come from labelled real text, answered by the shipped model; then errors are counted
  on a random half of the documents of the real text, and samples come from the other half.
"""

import argparse
import datetime
import platform
from collections import Counter
from pathlib import Path

import numpy as np

import directive_clf as dc
from directive_clf import prevalence
from directive_clf.classifier import choose_labels
from directive_clf.data import read_paragraphs
from directive_clf.evaluation import Answers, answers_of, evaluate
from directive_clf.gazetteer import read_gazetteer
from directive_clf.training import fit
from directive_clf.training.publish import shipped_data, shipped_gazetteer

SHARES = (0.02, 0.05, 0.1, 0.2, 0.4)
SIZE = 400
"""Paragraphs of a sample: what a source writes of the subject in some weeks."""

SMALL = 150
"""Paragraphs of a sample of real text, of which there is less."""

FEWEST = 100
"""Paragraphs of a kind of source that samples are drawn from."""


def draw(truth, share, size, rng):
    """Draw rows of which each has a label with that probability; None where too few have it."""
    yes, no = np.flatnonzero(truth), np.flatnonzero(~truth)
    n = rng.binomial(size, share)
    if n > len(yes) or size - n > len(no):
        return None
    return np.concatenate(
        [rng.choice(yes, n, replace=False), rng.choice(no, size - n, replace=False)]
    )


class Score:
    """Errors and hits of intervals of many estimates."""

    def __init__(self):
        self.errors = {method: [] for method in prevalence.METHODS}
        self.held = {method: [] for method in prevalence.METHODS}
        self.widths = {method: [] for method in prevalence.METHODS}

    def add(self, found, truth, share):
        """Take an estimate: its error is against its sample, its interval for the share set."""
        for method, figure in found.items():
            self.errors[method].append(abs(figure["value"] - truth))
            self.held[method].append(figure["low"] <= share <= figure["high"])
            self.widths[method].append(figure["high"] - figure["low"])

    def row(self, name):
        """Return the row of a table."""
        cells = [name, f"{len(self.errors['raw']):,}"]
        cells += [f"{np.mean(self.errors[m]):.4f}" for m in prevalence.METHODS]
        cells += [f"{100 * np.mean(self.held[m]):.0f} %" for m in prevalence.METHODS]
        cells += [f"{np.mean(self.widths[m]):.3f}" for m in prevalence.METHODS]
        return "| " + " | ".join(cells) + " |"


HEAD = (
    "| share set | samples | error, raw | adjusted | em | holds it, raw | adjusted | em"
    " | width, raw | adjusted | em |\n" + "| --- " * 11 + "|"
)


def measure(answers, rows_of, confusion_of, kinds, size, times, rng, resamples):
    """Return the scores by share, and of all, of samples of parts of the answers."""
    scores = {share: Score() for share in SHARES}
    for part, rows in rows_of.items():
        confusion = confusion_of(part)
        for j, label in enumerate(answers.labels):
            for share in SHARES:
                for _ in range(times):
                    drawn = draw(answers.y_true[rows, j], share, min(size, len(rows) // 2), rng)
                    if drawn is None:
                        continue
                    chosen = rows[drawn]
                    found = prevalence.estimate(
                        answers.y_pred[chosen][:, [j]],
                        answers.probabilities[chosen][:, [j]],
                        chosen,
                        prevalence.Confusion((label,), confusion.n, confusion.counts[:, [j]]),
                        kinds=kinds,
                        resamples=resamples,
                        random_state=int(rng.integers(2**31)),
                    )
                    scores[share].add(found[label], answers.y_true[chosen, j].mean(), share)
    whole = Score()
    for score in scores.values():
        for method in prevalence.METHODS:
            whole.errors[method] += score.errors[method]
            whole.held[method] += score.held[method]
            whole.widths[method] += score.widths[method]
    return [
        HEAD,
        *(s.row(f"{k:.2f}") for k, s in scores.items() if s.errors["raw"]),
        whole.row("all"),
    ]


def confusion_of(answers, column="register"):
    figures = evaluate(answers, by=(column,), resamples=0)
    return prevalence.Confusion.of(figures, answers.labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--gold", type=Path, help="labelled real paragraphs, with a column source")
    parser.add_argument("--write", type=Path, help="write the tables there, as Markdown")
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--times", type=int, default=20, help="samples a label and share")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    paragraphs = sorted(read_paragraphs(*shipped_data()), key=lambda p: p.id)
    fitted = fit(paragraphs, read_gazetteer(*shipped_gazetteer()), version="benchmark")
    named = choose_labels(
        fitted.probabilities, fitted.classifier.thresholds_, fitted.classifier.labels
    )
    answers = Answers(paragraphs, named, fitted.probabilities, fitted.classifier.labels)
    half = half_of(answers, 0)
    known, unseen = np.flatnonzero(half), np.flatnonzero(~half)
    lines = ["## Same kinds", ""]
    confusion = confusion_of(answers.take(known))
    n_kinds = len(confusion.n)
    lines += measure(
        answers, {"": unseen}, lambda _: confusion, n_kinds, SIZE, args.times, rng, args.resamples
    )
    registers = np.array([p.register or "" for p in paragraphs])
    parts = {
        name: np.flatnonzero(registers == name)
        for name, n in sorted(Counter(registers.tolist()).items())
        if n >= FEWEST
    }
    lines += ["", "## Another kind of source", ""]
    lines += measure(
        answers, parts, lambda part: confusion_of(answers.take(np.flatnonzero(registers != part))),
        1, SIZE, 1, rng, args.resamples,
    )  # fmt: skip
    if args.gold:
        lines += real(args, rng, confusion_of(answers))
    system = (
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()},"
        f" {datetime.date.today().isoformat()}. {len(paragraphs):,} paragraphs of training_data,"
        f" {n_kinds} kinds of source; {args.resamples} resamples an interval of 95 %."
    )
    text = "\n".join([system, "", *lines, ""])
    print(text)
    if args.write:
        kept = args.write.read_text(encoding="utf-8") if args.write.exists() else ""
        head = kept.split("<!-- figures -->")[0]
        args.write.write_text(f"{head}<!-- figures -->\n\n{text}", encoding="utf-8")


def real(args, rng, confusion):
    """Return the tables of real text, answered by the shipped model."""
    classifier = dc.load()
    gold = read_paragraphs(args.gold)
    answers = answers_of(classifier, gold)
    everything = np.arange(len(gold))
    sources = [p.get("source") or "" for p in gold]
    n_sources = len(set(sources))
    lines = ["", f"## Real text, {classifier.version}", ""]
    lines += measure(
        answers, {"": everything}, lambda _: confusion, n_sources, SMALL, args.times, rng,
        args.resamples,
    )  # fmt: skip
    halves = {k: half_of(answers, k) for k in range(args.times)}
    own = {
        k: confusion_of(answers.take(np.flatnonzero(half)), "source") for k, half in halves.items()
    }
    lines += ["", "## Real text, errors counted on half of it", ""]
    lines += measure(
        answers, {k: np.flatnonzero(~half) for k, half in halves.items()}, own.__getitem__,
        n_sources, SMALL, 1, rng, args.resamples,
    )  # fmt: skip
    lines += ["", f"The {len(gold)} paragraphs as they are, in {n_sources} sources:", ""]
    found = prevalence.estimate(
        answers.y_pred, answers.probabilities, answers.groups, confusion, kinds=n_sources
    )
    lines += ["| label | true | raw | adjusted | em |", "| --- | --- | --- | --- | --- |"]
    for j, (label, by_method) in enumerate(found.items()):
        shown = [f"{f['value']:.3f} [{f['low']:.3f}, {f['high']:.3f}]" for f in by_method.values()]
        lines.append(f"| {label} | {answers.y_true[:, j].mean():.3f} | {' | '.join(shown)} |")
    return lines


def half_of(answers, seed):
    """Tell which rows are of a random half of the documents."""
    names, place = np.unique(answers.groups, return_inverse=True)
    return np.random.default_rng(seed).permutation(len(names))[place] % 2 == 0


if __name__ == "__main__":
    main()
