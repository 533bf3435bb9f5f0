"""The label set: its order, and what may stand together."""

import re

import pytest

from directive_clf.labels import LABELS, OTHER, check_labels, main_label


def test_the_labels_and_their_order_are_fixed():
    """Arrays of every model follow this order: changing it makes old models lie."""
    assert LABELS == (
        "innovation_push",
        "governance_party_oversight",
        "localisation",
        "major_projects",
        "marketing_boilerplate",
    )
    assert OTHER == "other"
    assert OTHER not in LABELS


@pytest.mark.parametrize(
    ("labels", "main"),
    [((), "other"), (("localisation",), "localisation"), (iter(["a", "b"]), "a"), ([], "other")],
)
def test_the_main_label_is_the_first_or_other(labels, main):
    """The first label is the main one; where there is none, the paragraph is ``other``."""
    assert main_label(labels) == main


@pytest.mark.parametrize("labels", [(), LABELS, LABELS[::-1], ("localisation",)])
def test_known_labels_keep_their_order(labels):
    """Labels that may stand together come back as they were, as a tuple."""
    assert check_labels(list(labels)) == check_labels(iter(labels)) == labels


def test_other_alone_is_no_label():
    """``["other"]`` is a way to write that no label applies."""
    assert check_labels(["other"]) == ()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["localization"], f"unknown label 'localization'; expected any of: {', '.join(LABELS)}"),
        (["localisation", "Other"], "unknown label 'Other'; expected any of: "),
        ([""], "unknown label ''; expected any of: "),
        (["localisation"] * 2, "a label stands twice in ['localisation', 'localisation']; name"),
        (["other", "localisation"], "'other' stands beside a label; it means that no label"),
        (["localisation", "other"], "'other' stands beside a label; it means that no label"),
    ],
)
def test_labels_that_cannot_stand_are_named(labels, message):
    """An unknown label, one twice, and ``other`` beside another are each refused by name."""
    with pytest.raises(ValueError, match=re.escape(message)):
        check_labels(labels)


def test_another_label_set_can_be_checked():
    """`known` says what may stand there, and the message lists it."""
    assert check_labels(["b", "a"], ("a", "b")) == ("b", "a")
    with pytest.raises(ValueError, match=r"unknown label 'localisation'; expected any of: a, b$"):
        check_labels(["localisation"], ("a", "b"))
