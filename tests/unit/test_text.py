"""The tokeniser: folding keeps length, tokens keep their place."""

import pytest

from directive_clf import text


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ministry", "ministry"),
        ("São Paulo", "sao paulo"),
        ("ＡＢＣ１２", "abc00"),
        ("“national” ‘plan’", "\"national\" 'plan'"),
        ("2025–2030", "0000-0000"),
        ("國務院國資委", "国务院国资委"),
        ("İstanbul", "istanbul"),
        ("ﬁnal", "ﬁnal"),
        ("½ and 한국", "½ and 한국"),
        ("", ""),
    ],
)
def test_normalize_folds(written, folded):
    """Case, accents, width, digits, marks and traditional characters fold, one to one."""
    assert text.normalize(written) == folded
    assert len(text.normalize(written)) == len(written)


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("State-owned firms' R&D", ["state", "owned", "firms", "'", "r", "&", "d"]),
        ("China's plan.", ["china's", "plan", "."]),
        ("1,200-km line", ["0,000", "km", "line"]),
        ("推进6G技术", ["推", "进", "0", "g", "技", "术"]),
        ("AI时代", ["ai", "时", "代"]),
        ("   ", []),
        ("a_b", ["a", "b"]),
    ],
)
def test_tokenize(written, tokens):
    """Words, single Chinese characters, numbers by shape and marks are tokens; hyphens are not."""
    assert text.tokenize(written) == [text.START, *tokens, text.END]


def test_tokens_keep_their_place():
    """A token's span holds, in the original text, what was folded to its value."""
    written = "國資委 urged “Großfirmen” to spend ＵＳ＄2,500."
    for token in text.iter_tokens(written)[1:-1]:
        assert text.normalize(written[token.start : token.end]) == token.value


@pytest.mark.parametrize(
    ("token", "answer"), [("资", True), ("〇", True), ("a", False), ("か", False), ("。", False)]
)
def test_is_cjk(token, answer):
    """Ideographs are Chinese characters; kana, letters and marks are not."""
    assert text.is_cjk(token) is answer
