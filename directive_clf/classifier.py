"""Text → features → scores → probabilities → labels, composed here and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calibration import Calibration
from .exceptions import InputTypeError
from .model import LinearModel
from .result import EMPTY, TRUNCATED, Prediction

__all__ = ["MAX_LENGTH", "Classifier", "Explanation", "Term", "choose_labels", "is_blank"]

Floats = NDArray[np.float64]

MAX_LENGTH = 20_000
"""Characters of a text that are read. No paragraph is longer: the longest of 1,400 real ones has
under 5,000. What is longer is an article that was not split, or no text at all."""


NO_ANSWER = float("nan")
"""The probability of every label of a blank text. It is one object, so that predictions of blank
texts are equal."""


@dataclass(frozen=True)
class Term:
    """What one term adds to the scores of a paragraph.

    ``spans`` are character offsets ``(start, end)`` into the text; the term counts once, wherever
    it stands. ``scores`` maps each label to what the term adds.

    ``name`` is the folded token or n-gram; ``@…`` a class of the
    gazetteer, ``<s>`` and ``</s>`` the bounds of the paragraph.
    """

    name: str
    spans: tuple[tuple[int, int], ...]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Explanation:
    """The exact make-up of the scores of one paragraph.

    For each label, ``intercept[label] + sum(term.scores[label] for term in terms)`` is
    ``score[label]``, to rounding.
    """

    text: str
    score: Mapping[str, float]
    intercept: Mapping[str, float]
    terms: tuple[Term, ...]

    def top(self, label: str, n: int = 10) -> list[Term]:
        """Return the `n` terms that move the score of `label` most, either way."""
        return sorted(self.terms, key=lambda term: -abs(term.scores[label]))[:n]


class Classifier:
    """Labels paragraphs.

    Made by :func:`directive_clf.load` or by training, not by hand. Safe to share between threads.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_labels,)
        The labels, in the order of every array's last axis.
    thresholds_ : ndarray of shape (n_labels,)
        The probability from which a label holds.
    version : str
        The model's version, as in ``Prediction.model``.
    """

    def __init__(
        self,
        model: LinearModel,
        calibration: Calibration,
        thresholds: Floats,
        labels: Iterable[str],
        version: str,
    ) -> None:
        self.model = model
        self.calibration = calibration
        self.thresholds_ = np.asarray(thresholds, dtype=np.float64)
        self.labels = tuple(labels)
        self.version = version

    def __repr__(self) -> str:
        return f"<Classifier {self.version}: {', '.join(self.labels)}>"

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The labels, as scikit-learn names them."""
        return np.array(self.labels)

    def classify(self, text: str) -> Prediction:
        """Label one paragraph.

        Raises
        ------
        InputTypeError
            If `text` is not a string. (It is a ``TypeError``.)
        """
        _check_text(text, "classify")
        return self._classify([text], self._scores([text]))[0]

    def classify_many(self, texts: Iterable[str]) -> list[Prediction]:
        """Label paragraphs; the result has their length and order.

        Parameters
        ----------
        texts : iterable of str
            A list, a pandas Series, a generator.

        Raises
        ------
        InputTypeError
            If `texts` is a single string, or one of its items is not a string.
        """
        checked = _check_texts(texts, "classify_many")
        return self._classify(checked, self._scores(checked))

    def classify_scored(self, texts: Iterable[str]) -> tuple[list[Prediction], Floats]:
        """Label paragraphs and return their scores too, those of :meth:`decision_function`."""
        checked = _check_texts(texts, "classify_scored")
        scores = self._scores(checked)
        return self._classify(checked, scores), scores

    def decision_function(self, texts: Iterable[str]) -> Floats:
        """Return the unbounded scores of paragraphs, shape ``(n_texts, n_labels)``."""
        return self._scores(_check_texts(texts, "decision_function"))

    def probabilities_and_unknown(self, texts: list[str]) -> tuple[Floats, Floats]:
        """Return calibrated probabilities, and how strange each text is, for use in bulk.

        Parameters
        ----------
        texts : list of str
            Taken to be texts; :meth:`predict_proba` checks.

        Returns
        -------
        probabilities : ndarray of shape (n_texts, n_labels)
            Those of :meth:`predict_proba`.
        unknown : ndarray of shape (n_texts,)
            The share of tokens that are no term of the model, in [0, 1].
        """
        scores, unknown = self.model.scores_and_unknown(text[:MAX_LENGTH] for text in texts)
        return self._probabilities(texts, scores), unknown

    def predict_proba(self, texts: Iterable[str]) -> Floats:
        """Return calibrated probabilities in [0, 1], shape ``(n_texts, n_labels)``.

        Several labels can hold, so rows do not sum to 1. The row of a blank text is NaN.
        """
        checked = _check_texts(texts, "predict_proba")
        return self._probabilities(checked, self._scores(checked))

    def predict(self, texts: Iterable[str]) -> NDArray[np.int64]:
        """Return which labels hold, 1 or 0, shape ``(n_texts, n_labels)``.

        This is scikit-learn's form for several labels; :meth:`classify_many` names them. The row of
        a blank text is 0.
        """
        checked = _check_texts(texts, "predict")
        probabilities = self._probabilities(checked, self._scores(checked))
        return (probabilities >= self.thresholds_).astype(np.int64)

    def explain(self, text: str) -> Explanation:
        """Split the scores of a paragraph into what each of its terms adds, exactly."""
        _check_text(text, "explain")
        read = text[:MAX_LENGTH]
        terms = tuple(
            Term(term, spans, self._by_label(scores))
            for term, spans, scores in self.model.contributions(read)
        )
        return Explanation(
            text=text,
            score=self._by_label(self.model.scores([read])[0]),
            intercept=self._by_label(self.model.intercept),
            terms=terms,
        )

    def _by_label(self, values: Floats) -> dict[str, float]:
        return dict(zip(self.labels, map(float, values), strict=True))

    def _scores(self, texts: list[str]) -> Floats:
        return self.model.scores(text[:MAX_LENGTH] for text in texts)

    def _probabilities(self, texts: list[str], scores: Floats) -> Floats:
        probabilities = self.calibration.probabilities(scores)
        probabilities[[i for i, text in enumerate(texts) if is_blank(text)]] = NO_ANSWER
        return probabilities

    def _classify(self, texts: list[str], scores: Floats) -> list[Prediction]:
        probabilities = self._probabilities(texts, scores)
        named = choose_labels(probabilities, self.thresholds_, self.labels)
        return [
            self._prediction(*row) for row in zip(texts, probabilities.tolist(), named, strict=True)
        ]

    def _prediction(
        self, text: str, probabilities: list[float], named: tuple[str, ...]
    ) -> Prediction:
        if math.isnan(probabilities[0]):  # blank
            return Prediction((), dict.fromkeys(self.labels, NO_ANSWER), (EMPTY,), self.version)
        flags = (TRUNCATED,) if len(text) > MAX_LENGTH else ()
        by_label = dict(zip(self.labels, probabilities, strict=True))
        return Prediction(named, by_label, flags, self.version)


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing: it is empty, or all white space and invisible marks."""
    return not any(char != " " and char.isprintable() for char in text)


def choose_labels(
    probabilities: Floats, thresholds: Floats, labels: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """Return the labels that hold for each row of probabilities, the main one first.

    A label holds from its threshold on. The main one is that which clears its threshold by most, so
    that a label which is seldom certain need not always come second.
    """
    lead = probabilities - thresholds
    order = np.argsort(-lead, axis=1, kind="stable")
    return [
        tuple(labels[i] for i in ranks if row[i] >= 0)
        for row, ranks in zip(lead.tolist(), order.tolist(), strict=True)
    ]


def _check_text(text: Any, caller: str) -> None:
    if isinstance(text, str):
        return
    remedy = f"for several texts call {caller}() on each" if caller == "explain" else ""
    if isinstance(text, bytes | bytearray):
        remedy = f"decode it first, as in {caller}(value.decode('utf-8'))"
    elif text is None:
        remedy = "drop missing values, or pass '' to get a prediction flagged 'empty'"
    raise InputTypeError(
        f"{caller}() takes one text as a str, not {type(text).__name__};"
        f" {remedy or 'for several texts call classify_many()'}"
    )


def _check_texts(texts: Iterable[str], caller: str) -> list[str]:
    found = f"{caller}() takes several texts in order, as a list or a Series, not"
    if isinstance(texts, str | bytes | bytearray):
        raise InputTypeError(f"{found} one {type(texts).__name__}; for one text call classify()")
    if getattr(texts, "ndim", 1) != 1:
        raise InputTypeError(
            f"{found} a table ({type(texts).__name__}); pass one column, as in table['text']"
        )
    if isinstance(texts, Mapping | Set) or not isinstance(texts, Iterable):
        raise InputTypeError(f"{found} {type(texts).__name__}")
    checked = list(texts)
    for i, text in enumerate(checked):
        if not isinstance(text, str):
            raise InputTypeError(
                f"{caller}() got {type(text).__name__} as item {i}; each must be a str"
                f" (replace missing values by '' to get a prediction flagged 'empty')"
            )
    return checked
