"""Light inference repeats the fitted scikit-learn pipeline."""

import random

import numpy as np
import pytest

from directive_clf.data import read_paragraphs

from ..conftest import ROOT

ODD = [
    "",
    " \t\n",
    "zzz qqq",
    "\ud800 lone surrogate \udfff",
    "e\u0301 combining, \u200bzero\u200dwidth, \u202eright-to-left\u202c",
    "ﬁ ﬄ Ǆ ß İ ı ſ Å ½ ² ⅷ",
    "𠀀𠀁 漢字 𝒇𝒂𝒏𝒄𝒚 𝟙𝟚𝟛 🇨🇳👩‍🔬",
    "한국어 ひらがな カタカナ ﾊﾝｶｸ עברית العربية ๑๒๓",
    "0" * 500 + "," + "1.5.6,7",
    "a" * 3000,
    "国" * 3000,
    "'''' -- __ ~ @ ^ $ ^ ^ $ $ ~ing @works_kind ~<a",
    "\x00\x01\x7f\x85\ufeff\uffff",
]


def scrambled(texts, n):
    """Paste pieces of texts together at random places: words and n-grams nobody wrote."""
    rng = random.Random(0)
    for _ in range(n):
        a, b, c = rng.sample(texts, 3)
        cut = rng.randrange(1, 60)
        yield (
            a[cut : cut + 80]
            + b[: rng.randrange(40)]
            + rng.choice(ODD)
            + c[-rng.randrange(1, 90) :]
        )


@pytest.fixture(scope="module")
def texts():
    """Every shipped paragraph, odd Unicode, and a thousand scrambled texts."""
    written = [p.text for p in read_paragraphs(ROOT / "training_data")]
    return [*written, *ODD, *scrambled(written, 1000)]


def test_scores_equal_the_pipelines(fitted, texts):
    """Folded tables give scikit-learn's scores to 1e-6, on thousands of texts."""
    expected = fitted.pipeline.decision_function(fitted.vectorizer.transform(texts))
    found = fitted.classifier.decision_function(texts)
    assert len(texts) > 7000
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
