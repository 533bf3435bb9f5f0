"""The folded table gives what the formula says."""

import copy
import pickle
import threading

import numpy as np
import pytest

from directive_clf import features, model, text
from directive_clf.gazetteer import Gazetteer

GAZETTEER = Gazetteer(
    {"dam": "works", "three gorges dam": "works", "国 资 委": "body", "sluice": "works"}
)
VOCABULARY = ["the", "dam", "<s> the", "the dam", "国 资", "国 资 委", "@works", "@body", "@"]


def small(power=0.5):
    n = len(VOCABULARY)
    rng = np.random.default_rng(0)
    return model.LinearModel(
        VOCABULARY,
        rng.uniform(0.5, 2, n).astype(np.float32),
        rng.normal(size=(n, 2)).astype(np.float32),
        np.array([0.25, -1.0]),
        power,
        GAZETTEER,
    )


def by_formula(linear, one):
    """The score as the module docstring writes it, term by term."""
    found = [t for t in features.terms(text.tokenize(one), GAZETTEER) if t in VOCABULARY]
    rows = [VOCABULARY.index(t) for t in found]
    weights = linear.weights[rows].astype(float)
    return (
        linear.intercept + weights @ linear.coef[rows] / max(weights.sum(), 1e-300) ** linear.power
    )


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    "one",
    [
        "the dam",
        "The Three Gorges Dam, the dam",
        "damage to the dams",
        "國資委 the sluice",
        "dam 国资委国资委",
    ],
)
def test_scores_follow_the_formula(one, power):
    """A paragraph's score is the weighted sum over its terms, by the power of summed weights."""
    linear = small(power)
    np.testing.assert_allclose(linear.scores([one])[0], by_formula(linear, one), rtol=0, atol=1e-9)


def test_no_known_term_scores_the_intercept():
    """A text of which the model knows no term scores the intercept, without a warning."""
    assert small().scores(["zzz", ""]).tolist() == [[0.25, -1.0]] * 2


def test_no_text_scores_an_empty_array():
    """No text gives no rows, and the axis of labels stays."""
    assert small().scores([]).shape == (0, 2)


def test_contributions_sum_to_the_score():
    """Intercept and contributions give the score back, exactly to rounding."""
    linear = small()
    one = "The dam: the Three Gorges Dam of 国资委"
    total = linear.intercept + sum(c.scores for c in linear.contributions(one))
    np.testing.assert_allclose(total, linear.scores([one])[0], rtol=0, atol=1e-9)


def test_contributions_name_their_places():
    """Each term is shown with every place where it stands in the original text."""
    one = "The DAM and the dam"
    places = {c.term: [one[a:b] for a, b in c.spans] for c in small().contributions(one)}
    assert places["dam"] == ["DAM", "dam"]
    assert places["the dam"] == ["The DAM", "the dam"]
    assert places["@works"] == ["DAM", "dam"]


def test_chunks_are_bounded(monkeypatch):
    """Texts are summed in runs bounded in number and in characters; the answers do not change."""
    texts = ["the dam"] * 7 + ["the " * 50, "国资委"] + ["dam"] * 5
    expected = small().scores(texts)
    monkeypatch.setattr(model, "CHUNK", 3)
    monkeypatch.setattr(model, "CHUNK_LENGTH", 40)
    runs = list(model._chunks(texts))
    assert [one for run in runs for one in run] == texts
    assert all(len(run) <= 3 and (len(run) == 1 or sum(map(len, run)) <= 40) for run in runs)
    assert (small().scores(texts) == expected).all()


def test_a_model_can_be_sent():
    """A model survives pickling and deep copies, and answers the same."""
    linear = small()
    for copied in (pickle.loads(pickle.dumps(linear)), copy.deepcopy(linear)):
        assert (copied.scores(["the dam 国资委"]) == linear.scores(["the dam 国资委"])).all()


def test_threads_share_a_model():
    """Many threads that score with one model at once all get the right scores."""
    linear = small()
    texts = [f"the dam {'sluice ' * (i % 3)} w{i}" for i in range(200)]
    expected = linear.scores(texts)
    wrong = []

    def work(offset):
        for i in range(len(texts)):
            k = (i + offset) % len(texts)
            if not (linear.scores([texts[k]])[0] == expected[k]).all():
                wrong.append(texts[k])

    threads = [threading.Thread(target=work, args=(n * 31,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
