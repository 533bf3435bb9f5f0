"""Laws of a prediction, for any text at all."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

import directive_clf as dc

CLASSIFIER = dc.load()
ANY = st.text(st.characters(), max_size=300)
WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            "dam",
            "Party",
            "国资委",
            "改革",
            "，",
            "扫码",
            "关注",
            "import",
            "quantum",
            "$3.5bn",
            "\n\n",
            "~",
            "@",
            "ﬁ",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(ANY | WORDS)
def test_a_prediction_is_sound(one):
    """Probabilities are in [0, 1] or all absent; labels are known, distinct and above threshold."""
    p = dc.classify(one)
    values = [*p.probabilities.values()]
    if p.main is None:
        assert p.flags == ("empty",)
        assert all(map(math.isnan, values))
    else:
        assert all(0 <= value <= 1 for value in values)
    assert len(set(p.labels)) == len(p.labels)
    assert set(p.labels) <= set(dc.LABELS)
    json.dumps(p.to_dict(), allow_nan=False)


@given(st.lists(ANY | WORDS, max_size=8))
def test_company_does_not_matter(texts):
    """A text is answered the same alone as among others."""
    assert list(map(repr, dc.classify_many(texts))) == [repr(dc.classify(one)) for one in texts]


@given(ANY | WORDS)
def test_explanations_add_up(one):
    """Intercept and terms sum to the score, and every span lies inside the text."""
    found = CLASSIFIER.explain(one)
    for label in dc.LABELS:
        total = found.intercept[label] + math.fsum(term.scores[label] for term in found.terms)
        assert math.isclose(total, found.score[label], abs_tol=1e-9)
    assert all(0 <= a <= b <= len(one) for term in found.terms for a, b in term.spans)


@given(WORDS)
@settings(max_examples=50)
def test_margins_do_not_matter(one):
    """White space round a text changes nothing."""
    assert repr(dc.classify(one)) == repr(dc.classify(f" \n{one}\t\u3000"))
