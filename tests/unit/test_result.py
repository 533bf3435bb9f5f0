"""What a prediction says of itself."""

import json
import math
from dataclasses import FrozenInstanceError

import pytest

from directive_clf.result import DAMAGED, EMPTY, TRUNCATED, Prediction

PROBABILITIES = {"localisation": 0.91234567, "major_projects": 0.25}


def test_the_main_label_is_the_first():
    """Labels stand main first."""
    assert Prediction(("major_projects", "localisation"), PROBABILITIES).main == "major_projects"


def test_no_label_is_other_and_no_answer_is_none():
    """``other`` says that no label holds; None says that there was no text. They are not one."""
    assert Prediction((), PROBABILITIES).main == "other"
    assert Prediction((), PROBABILITIES, (TRUNCATED,)).main == "other"
    assert Prediction((), dict.fromkeys(PROBABILITIES, math.nan), (EMPTY,)).main is None


def test_a_probability_is_found_by_its_label():
    """Every label of the model has its probability, whether or not it holds."""
    prediction = Prediction(("localisation",), PROBABILITIES)
    assert prediction.probability("localisation") == 0.91234567
    assert prediction.probability("major_projects") == 0.25


@pytest.mark.parametrize("label", ["other", "localization", "", None])
def test_an_unknown_label_is_refused_with_the_known_ones(label):
    """There is no probability of what is no label, ``other`` included; the message lists them."""
    prediction = Prediction((), PROBABILITIES)
    with pytest.raises(KeyError, match=f"no label {label!r}; it has localisation, major_projects"):
        prediction.probability(label)


def test_to_dict_holds_what_json_can():
    """``to_dict`` gives plain values, rounded to six places, that JSON gives back the same."""
    given = Prediction(("localisation",), PROBABILITIES, (TRUNCATED, DAMAGED), "m-1").to_dict()
    assert given == {
        "main": "localisation",
        "labels": ["localisation"],
        "probabilities": {"localisation": 0.912346, "major_projects": 0.25},
        "flags": ["truncated", "damaged"],
        "model": "m-1",
    }
    assert json.loads(json.dumps(given, allow_nan=False)) == given


def test_to_dict_writes_no_answer_as_null():
    """NaN, which JSON cannot hold, becomes None; so does the main label."""
    given = Prediction((), dict.fromkeys(PROBABILITIES, math.nan), (EMPTY,)).to_dict()
    assert given["probabilities"] == {"localisation": None, "major_projects": None}
    assert (given["main"], given["labels"]) == (None, [])
    json.dumps(given, allow_nan=False)


def test_a_prediction_does_not_change():
    """A prediction is frozen: what was found stays found."""
    prediction = Prediction((), PROBABILITIES)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'labels'"):
        prediction.labels = ("localisation",)
