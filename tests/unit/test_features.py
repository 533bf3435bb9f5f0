"""Terms: what counts, and how often."""

from directive_clf import features, text
from directive_clf.gazetteer import Gazetteer

NONE = Gazetteer()


def test_a_term_counts_once():
    """A token and an n-gram count once for a paragraph, however often they stand there."""
    once = features.terms(text.tokenize("dam dam"), NONE)
    often = features.terms(text.tokenize("dam dam dam dam"), NONE)
    assert sorted(once) == sorted(often)
    assert once.count("dam") == once.count("dam dam") == 1


def test_pairs_and_chinese_runs():
    """Neighbours pair across scripts; runs of three are of Chinese characters only."""
    found = features.terms(text.tokenize("the new 国资委"), NONE)
    assert {"<s> the", "the new", "new 国", "国 资", "国 资 委", "委 </s>"} <= set(found)
    assert "the new 国" not in found
    assert "资 委 </s>" not in found


def test_kinds_of_terms_cannot_be_confused():
    """No token or n-gram reads as a class, whatever marks a text holds."""
    found = features.terms(text.tokenize("@ works @works_kind @ <s> </s> @"), NONE)
    assert features.class_term("works_kind") not in found
    single = [term for term in found if " " not in term]
    assert "@" in single
    assert all(len(term) == 1 for term in single if term.startswith("@"))


def test_a_phrase_counts_by_its_class():
    """Each distinct phrase of the gazetteer adds one to its class; phrases may overlap."""
    gazetteer = Gazetteer({"bank of china": "firm", "china": "place", "of china": "firm"})
    found = features.terms(text.tokenize("Bank of China, the Bank of China"), gazetteer)
    assert found.count("@firm") == 2
    assert found.count("@place") == 1
