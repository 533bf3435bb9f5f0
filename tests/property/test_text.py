"""Laws of the tokeniser and the terms, for any text at all."""

from hypothesis import given
from hypothesis import strategies as st

from directive_clf import features, text
from directive_clf.gazetteer import Gazetteer

ANY = st.text(st.characters(), max_size=200)
MIXED = st.text(st.sampled_from("aB é国務.,'’-_~@^$<> \n0９５½ﬁ한か\u200b\ud800"), max_size=60)
GAZETTEER = Gazetteer({"国 务": "x", "a b": "y", "国": "z"})


@given(ANY | MIXED)
def test_folding_keeps_length_and_is_idempotent(one):
    """A folded text has the length of the original, and folding it again changes nothing."""
    folded = text.normalize(one)
    assert len(folded) == len(one)
    assert text.normalize(folded) == folded


@given(ANY | MIXED)
def test_tokens_stand_where_they_say(one):
    """Spans are in order, do not overlap, and hold what folds to the token's value."""
    tokens = text.iter_tokens(one)
    assert [token.value for token in tokens] == text.tokenize(one)
    for before, token in zip(tokens, tokens[1:]):
        assert before.end <= token.start
    for token in tokens[1:-1]:
        assert text.normalize(one[token.start : token.end]) == token.value
        assert not any(map(str.isspace, token.value))


@given(ANY | MIXED)
def test_no_letter_or_digit_is_lost(one):
    """Every letter and digit of a text stands in a token."""
    kept = "".join(token.value for token in text.iter_tokens(one)[1:-1])
    for char in text.normalize(one):
        assert not (char.isalpha() or char.isdecimal()) or char in kept


@given(ANY | MIXED, ANY | MIXED)
def test_terms_are_of_one_kind(a, b):
    """A term is a token, an n-gram or a class, and its form tells which."""
    tokens = text.tokenize(f"{a} {b}")
    for term in features.terms(tokens, GAZETTEER):
        forms = [
            term in tokens,
            " " in term,
            term in map(features.class_term, "xyz"),
        ]
        assert sum(forms) == 1


@given(MIXED)
def test_repeating_adds_no_kind_of_term(one):
    """Saying a thing twice adds nothing but the n-grams at the seam."""
    once = set(features.terms(text.tokenize(one), GAZETTEER))
    twice = set(features.terms(text.tokenize(f"{one} {one}"), GAZETTEER))
    assert {term for term in once if " " not in term} == {t for t in twice if " " not in t}
