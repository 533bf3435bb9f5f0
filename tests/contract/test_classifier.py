"""The promises of ``classify`` and its kin."""

import pickle

import numpy as np
import pandas as pd
import pytest

import directive_clf as dc
from directive_clf.classifier import MAX_LENGTH, choose_labels

WORKS = "The 1,200-km line entered service on Tuesday after six years of construction."


def test_a_prediction(classifier):
    """A prediction names labels, main first, calibrated probabilities, flags and its model."""
    p = dc.classify(WORKS)
    assert (p.main, p.labels) == ("major_projects", ("major_projects",))
    assert list(p.probabilities) == list(dc.LABELS)
    assert 0 <= p.probability("localisation") < 0.5 < p.probability("major_projects") <= 1
    assert p.flags == ()
    assert p.model == classifier.version


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\u3000", "\u200b\ufeff", "\0"])
def test_blank_is_no_answer(blank):
    """A blank text has no main label, which is not ``other``, and says so."""
    p = dc.classify(blank)
    assert (p.main, p.labels, p.flags) == (None, (), ("empty",))
    assert np.isnan([*p.probabilities.values()]).all()


def test_other_is_an_answer():
    """Where no label holds, labels are empty and the main one is ``other``."""
    p = dc.classify("Stir the soup and add salt; serve hot with bread.")
    assert (p.main, p.labels, p.flags) == ("other", (), ())


def test_long_text_is_cut():
    """A text is read up to the stated length; what is longer is flagged, and changes nothing."""
    long = (WORKS + " ") * (MAX_LENGTH // len(WORKS) + 2)
    cut, longer = dc.classify(long[:MAX_LENGTH]), dc.classify(long)
    assert (cut.flags, longer.flags) == ((), ("truncated",))
    assert cut.probabilities == longer.probabilities


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "drop missing values"),
        (b"text", r"decode it first, as in classify\(value.decode\('utf-8'\)\)"),
        (["a", "b"], r"not list; for several texts call classify_many\(\)"),
        (3.5, "not float"),
    ],
)
def test_classify_takes_one_text(wrong, message):
    """Anything but a string is refused, with what to call instead."""
    with pytest.raises(TypeError, match=message):
        dc.classify(wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("one text", r"not one str; for one text call classify\(\)"),
        (b"bytes", r"not one bytes"),
        (7, "as a list or a Series, not int"),
        ({"a": 1}, "not dict"),
        ({"a"}, "in order, as a list or a Series, not set"),
        (pd.DataFrame({"text": ["a"]}), r"pass one column, as in table\['text'\]"),
        (["a", None], "got NoneType as item 1; each must be a str"),
        (pd.Series(["a", float("nan")]), "got float as item 1"),
    ],
)
def test_classify_many_takes_several(wrong, message):
    """A single string, and items that are none, are refused by place."""
    with pytest.raises(dc.InputTypeError, match=message):
        dc.classify_many(wrong)


@pytest.mark.parametrize("make", [list, tuple, pd.Series, iter, np.array])
def test_classify_many_keeps_length_and_order(make):
    """Lists, Series, arrays and iterators of texts give one prediction each, in order."""
    texts = [WORKS, "", "国资委要求中央企业加大研发投入。", WORKS]
    assert [p.main for p in dc.classify_many(make(texts))] == [dc.classify(t).main for t in texts]


def test_no_texts():
    """No text gives no prediction, and arrays of no rows."""
    clf = dc.load()
    assert dc.classify_many([]) == []
    assert clf.predict_proba([]).shape == clf.predict([]).shape == (0, len(dc.LABELS))


def test_scikit_learn_habits(classifier, paragraphs):
    """``predict_proba``, ``predict`` and ``classes_`` agree with the predictions."""
    texts = [p.text for p in paragraphs[:200]]
    predictions = classifier.classify_many(texts)
    proba, indicator = classifier.predict_proba(texts), classifier.predict(texts)
    assert classifier.classes_.tolist() == list(dc.LABELS)
    for p, row, ones in zip(predictions, proba, indicator, strict=True):
        assert [*p.probabilities.values()] == row.tolist()
        assert set(classifier.classes_[ones == 1]) == set(p.labels)
        assert set(p.labels) == set(classifier.classes_[row >= classifier.thresholds_])


def test_alone_or_together(classifier, paragraphs):
    """A text gets the same probabilities alone as among others, to the last bit."""
    texts = [p.text for p in paragraphs[:300]]
    together = classifier.predict_proba(texts)
    alone = [classifier.predict_proba([text])[0].tolist() for text in texts]
    assert together.tolist() == alone


def test_explanation_is_exact(classifier, paragraphs):
    """Intercept and terms sum to the score of every label, and spans point into the text."""
    for p in paragraphs[:150]:
        found = classifier.explain(p.text)
        score = classifier.decision_function([p.text])[0]
        for label, expected in zip(classifier.classes_, score, strict=True):
            total = found.intercept[label] + sum(term.scores[label] for term in found.terms)
            assert total == pytest.approx(expected, abs=1e-9)
            assert found.score[label] == expected
        for term in found.terms:
            assert term.spans
            assert all(0 <= start <= end <= len(p.text) for start, end in term.spans)


def test_top_terms(classifier):
    """``top`` gives the terms that move a label most, largest first."""
    terms = classifier.explain(WORKS).top("major_projects", 5)
    sizes = [abs(term.scores["major_projects"]) for term in terms]
    assert len(sizes) == 5
    assert sizes == sorted(sizes, reverse=True)


def test_main_label_clears_its_threshold_by_most():
    """Of several labels that hold, the one furthest above its own threshold comes first."""
    rows = np.array([[0.7, 0.6, 0.1], [0.5, 0.2, 0.1], [0.49, 0.19, 0.0]])
    named = choose_labels(rows, np.array([0.5, 0.2, 0.9]), ("a", "b", "c"))
    assert named == [("b", "a"), ("a", "b"), ()]


def test_unknown_label_is_named():
    """Asking for a label that the model does not have says which it has."""
    with pytest.raises(KeyError, match="no label 'other'; it has innovation_push"):
        dc.classify(WORKS).probability("other")


def test_predictions_are_values():
    """Equal predictions are equal and hash alike, those of blank texts too; none can be changed."""
    for text in (WORKS, ""):
        a, b = dc.classify(text), dc.classify(text)
        assert a == b
        assert len({a, b}) == 1
    with pytest.raises(AttributeError):
        a.labels = ()


def test_a_classifier_can_be_sent(classifier):
    """A classifier survives pickling, as worker processes need, and answers the same."""
    sent = pickle.loads(pickle.dumps(classifier))
    assert sent.classify(WORKS) == classifier.classify(WORKS)


def test_an_article_by_another_model(classifier):
    """An article is labelled by the classifier that is handed over."""
    article = dc.classify_article(WORKS, title="Subscribe now", classifier=classifier)
    assert article.paragraphs[0].prediction == classifier.classify(WORKS)
    assert article.title == classifier.classify("Subscribe now")
