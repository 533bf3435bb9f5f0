"""What each part of the model is worth: one thing changed, all else equal.

Each paragraph is scored by a model that saw no paragraph of its kind of source, with thresholds
from those scores: that is where choices are made. A gold set, if any, is scored beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from nltk.stem.snowball import EnglishStemmer
from tqdm import tqdm

from .. import features, text
from ..classifier import choose_labels
from ..data import Paragraph
from ..evaluation import Answers, evaluate
from ..gazetteer import Gazetteer
from ..labels import LABELS
from ..metrics import to_indicator
from .fitting import calibrate, choose_thresholds, fit_folds, folds
from .pipeline import Parameters, TermAnalyzer, count_terms

__all__ = ["Row", "ablation", "to_markdown"]

Analyzer = Callable[[str], list[str]]


class Row(NamedTuple):
    """One line of the table; macro-F1 of the main label by language and over all."""

    change: str
    terms: int
    left_out: dict[str, float]
    gold: dict[str, float]


class _Without:
    """The terms without n-grams."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.all = TermAnalyzer(gazetteer)

    def __call__(self, one: str) -> list[str]:
        return [term for term in self.all(one) if " " not in term]


class _Counted:
    """The terms as often as they stand in the text, not once."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def __call__(self, one: str) -> list[str]:
        tokens = text.tokenize(one)
        found = [*tokens, *map(" ".join, features.ngrams(tokens))]
        return found + [features.class_term(m.kind) for m in self.gazetteer.matches(tokens)]


class _Added:
    """The terms, and others of the tokens beside."""

    def __init__(self, gazetteer: Gazetteer, more: Callable[[list[str]], list[str]]) -> None:
        self.all = TermAnalyzer(gazetteer)
        self.more = more

    def __call__(self, one: str) -> list[str]:
        return self.all(one) + self.more(text.tokenize(one))


def _subwords(tokens: list[str]) -> list[str]:
    """Return the character 3- to 5-grams of each distinct word, with its bounds marked."""
    marked = [f"<{token}>" for token in dict.fromkeys(tokens) if token[0].isalpha()]
    return [f"~{m[i : i + n]}" for m in marked for n in (3, 4, 5) for i in range(len(m) - n + 1)]


def _stems(tokens: list[str]) -> list[str]:
    stemmer = EnglishStemmer()
    return [f"stem:{stemmer.stem(token)}" for token in dict.fromkeys(tokens) if token.isascii()]


def _runs_of_three(tokens: list[str]) -> list[str]:
    return [*map(" ".join, dict.fromkeys(zip(tokens, tokens[1:], tokens[2:])))]


def _length(tokens: list[str]) -> list[str]:
    return [f"length:{len(tokens).bit_length()}"] * 3


def _pairs_of_classes(gazetteer: Gazetteer) -> Callable[[list[str]], list[str]]:
    def pairs(tokens: list[str]) -> list[str]:
        kinds = sorted({match.kind for match in gazetteer.matches(tokens)})
        return [f"both:{a}+{b}" for i, a in enumerate(kinds) for b in kinds[i + 1 :]]

    return pairs


def variants(gazetteer: Gazetteer) -> dict[str, tuple[Parameters, Analyzer]]:
    """Return the changes to compare, each with its parameters and its terms."""
    default, shipped = Parameters(), TermAnalyzer(gazetteer)
    plain = TermAnalyzer(Gazetteer())
    return {
        "as shipped": (default, shipped),
        "without the gazetteer": (default, plain),
        "without n-grams": (default, _Without(gazetteer)),
        "terms counted, not once": (default, _Counted(gazetteer)),
        "with subwords of 3 to 5": (default, _Added(gazetteer, _subwords)),
        "with stems (Snowball)": (default, _Added(gazetteer, _stems)),
        "with runs of three words": (default, _Added(gazetteer, _runs_of_three)),
        "with length": (default, _Added(gazetteer, _length)),
        "with pairs of classes": (default, _Added(gazetteer, _pairs_of_classes(gazetteer))),
        "terms of 2 paragraphs": (replace(default, min_df=2), shipped),
        "terms of 3 paragraphs": (replace(default, min_df=3), shipped),
        "C 5": (replace(default, C=5.0), shipped),
        "C 20": (replace(default, C=20.0), shipped),
        "power 0.25, C 3": (replace(default, power=0.25, C=3.0), shipped),
        "power 0.75, C 30": (replace(default, power=0.75, C=30.0), shipped),
        "4 parts": (replace(default, n_parts=4), shipped),
        "4 rounds": (replace(default, n_rounds=4), shipped),
        "in one part": (replace(default, n_parts=1, n_rounds=1), shipped),
        "unscaled": (replace(default, ratio_power=0.0), shipped),
        "4 parts, ratio power 0.25": (replace(default, n_parts=4, ratio_power=0.25), shipped),
        "plain regression": (replace(default, n_parts=1, n_rounds=1, ratio_power=0.0), shipped),
    }


def ablation(
    paragraphs: Sequence[Paragraph],
    gazetteer: Gazetteer,
    gold: Sequence[Paragraph] = (),
    *,
    progress: bool = False,
) -> Iterator[Row]:
    """Fit each variant and yield its row, as soon as it is known."""
    texts = [p.text for p in paragraphs]
    y_true = to_indicator([p.labels for p in paragraphs], LABELS)
    _, parts = folds(paragraphs, Parameters().n_folds)
    compared = variants(gazetteer)
    for change, (parameters, analyzer) in tqdm(compared.items(), disable=not progress):
        vectorizer, counts = count_terms(texts, analyzer)
        pipeline, scores = fit_folds(counts, y_true, parts, parameters)
        calibration = calibrate(scores, y_true)
        thresholds = choose_thresholds(calibration.probabilities(scores), y_true)

        def judge(judged: Sequence[Paragraph], its_scores: np.ndarray) -> dict[str, float]:
            p = calibration.probabilities(its_scores)  # noqa: B023  (called at once)
            named = choose_labels(p, thresholds, LABELS)  # noqa: B023
            found = evaluate(Answers(judged, named, p, LABELS), resamples=0)
            parts = {"all": found["all"], **found["lang"]}
            return {part: figures["macro_f1"]["value"] for part, figures in parts.items()}

        on_gold = {}
        if gold:
            counted = vectorizer.transform([p.text for p in gold])
            on_gold = judge(gold, pipeline.decision_function(counted))
        terms = len(pipeline["weighting"].kept_)
        yield Row(change, terms, judge(paragraphs, scores), on_gold)


def to_markdown(row: Row) -> str:
    """Return a row as a line of a Markdown table: change, terms, then all, en, zh of each set."""
    figures = [f"{value:.3f}" for part in (row.left_out, row.gold) for value in part.values()]
    return "| " + " | ".join([row.change, f"{row.terms:,}", *figures]) + " |"
