"""Agreement of annotators, against cases worked by hand."""

import random

import pytest

import directive_clf as dc
from directive_clf.agreement import agreement, disagreements, read_reading

INN, GOV, LOC = ("innovation_push",), ("governance_party_oversight",), ("localisation",)


def named(*labels):
    return {f"p{i}": label for i, label in enumerate(labels)}


def test_cohens_kappa_by_hand():
    """Of ten they give seven the same label, where chance would give five."""
    a = named(INN, INN, INN, INN, INN, GOV, GOV, GOV, GOV, GOV)
    b = named(INN, INN, INN, INN, GOV, GOV, GOV, GOV, INN, INN)
    found = agreement({"a": a, "b": b}, resamples=50)
    chance = 0.5 * 0.6 + 0.5 * 0.4
    assert found["observed"]["value"] == pytest.approx(0.7)
    assert found["kappa"]["value"] == pytest.approx((0.7 - chance) / (1 - chance), abs=1e-4)
    assert found["kappa"]["low"] < found["kappa"]["value"] < found["kappa"]["high"]
    assert found["confused"] == [["governance_party_oversight", "innovation_push", 3]]


def test_the_same_and_chance():
    """Who says the same agrees at 1; who says anything agrees at about 0."""
    rng = random.Random(0)
    a = named(*(rng.choice([INN, GOV, LOC, ()]) for _ in range(800)))
    b = named(*(rng.choice([INN, GOV, LOC, ()]) for _ in range(800)))
    same = agreement({"a": a, "b": a, "c": a}, resamples=0)
    assert [same[k]["value"] for k in ("observed", "kappa", "alpha", "alpha_sets")] == [1] * 4
    apart = agreement({"a": a, "b": b}, resamples=0)
    assert all(abs(apart[k]["value"]) < 0.1 for k in ("kappa", "alpha", "alpha_sets"))
    assert (
        agreement({"a": named(INN, INN), "b": named(INN, INN)}, resamples=0)["kappa"]["value"] == 1
    )


def test_sets_agree_in_part():
    """A second label that one leaves out costs sets something, main labels nothing."""
    a, b = named(INN + GOV, GOV, LOC, ()), named(INN, GOV, LOC, ())
    found = agreement({"a": a, "b": b}, resamples=0)
    assert found["kappa"]["value"] == 1
    assert 0.5 < found["alpha_sets"]["value"] < 1
    assert disagreements({"a": a, "b": b}) == ["p0"]


def test_only_what_all_read_counts():
    """Paragraphs that one of them did not read are left out; none in common is refused."""
    assert agreement({"a": named(INN, GOV), "b": {"p1": GOV, "x": INN}}, resamples=0)["n"] == 1
    with pytest.raises(dc.DataError, match="no paragraph in common"):
        agreement({"a": named(INN), "b": {"x": INN}})
    with pytest.raises(dc.DataError, match="needs two or more"):
        agreement({"a": named(INN)})


def test_a_reading_is_read_or_refused_by_line(tmp_path):
    """Lines give labels, main first; a fault is told with its line."""
    place = tmp_path / "r.tsv"
    place.write_text("a\tlocalisation|innovation_push\t1\nb\tother\n\nc\t\n")
    assert read_reading(place) == {"a": LOC + INN, "b": (), "c": ()}
    for line, message in [("a", "expected id<TAB>labels"), ("a\tx", "unknown label"),
                          ("b\tother\nb\tother", "stood before")]:  # fmt: skip
        place.write_text("\n" + line + "\n")
        with pytest.raises(dc.DataError, match=rf"r\.tsv:[23]: .*{message}"):
            read_reading(place)
