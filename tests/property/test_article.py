"""What splitting keeps, of any text."""

import re
import textwrap

from hypothesis import assume, given
from hypothesis import strategies as st

from directive_clf.article import classify_article, split_paragraphs

PIECES = (
    *("word", "The", "state-owned", "firms.", "2025", "1.", "(2)", "- ", "—", "• ", "/", "---"),
    *("国资委", "要求", "，", "。", "（一）", "“", "”", "①", " ", "  ", "\t", "\u3000", "\xa0"),
    *("\n", "\n\n", "\r\n", "\r", "\f", "\v", "\x1c", "\x1f", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("\xad", "\u200b", "govern-\nment", "state-\nowned", "\n12\n", "\n- 3 -\n\f", "\n第 4 页\n"),
    *("\fAnnual report\n", "goes on. ", "and so does\n"),
    "the words of a line that is wide enough to be a wrapped one of some width",
    "这一行足够宽，可以是换行的一行，也可以不是换行的一行，请分段。",
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))

_PLAIN = "the of on a plan calls firms raise output chips while lend which Beijing Shanghai"
_MARKED = "provinces, (among Citic) “national champions” state-owned high-end R&D 2.5% 2027 help;"
WORDS = [*_PLAIN.split(), *_MARKED.split(), "short- and medium-term", "by 2030"]
words = st.lists(st.sampled_from(WORDS), min_size=5, max_size=25)
sentences = words.map(lambda chosen: f"It said {' '.join(chosen)}.")
prose = st.lists(sentences, min_size=2, max_size=9).map(" ".join)


class Echo:
    """A classifier whose prediction tells which text it was made of."""

    def classify_many(self, given):
        return [f"label of {text}" for text in given]


def bare(text):
    """A text without white space, hyphens and what is not seen."""
    return re.sub("[-\u2010\xad\u200b\u2060\ufeff]", "", "".join(text.split()))


@given(texts)
def test_paragraphs_are_ordered_slices(text):
    """Spans are in order, not empty and apart, and no slice has a blank margin."""
    last = 0
    for _, start, end in split_paragraphs(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end


@given(texts)
def test_no_letter_or_digit_is_lost(text):
    """Every letter and digit of a text lies in exactly one paragraph."""
    covered = [0] * len(text)
    for _, start, end in split_paragraphs(text):
        for i in range(start, end):
            covered[i] += 1
    assert max(covered, default=0) <= 1
    assert all(n == 1 for c, n in zip(text, covered, strict=True) if c.isalnum())


@given(texts)
def test_a_paragraph_is_its_slice(text):
    """Nothing is put in but white space; what is left out are white space, hyphens and invisible
    marks, and whole lines inside, which stand between two pages."""
    for paragraph, start, end in split_paragraphs(text):
        assert len(paragraph.splitlines()) == 1
        rest = bare(paragraph)
        lines = [bare(line) for line in text[start:end].splitlines() if bare(line)]
        for i, line in enumerate(lines):
            if rest.startswith(line):
                rest = rest[len(line) :]
            else:
                assert 0 < i < len(lines) - 1
        assert rest == ""


@given(texts)
def test_a_split_paragraph_stays_whole(text):
    """A paragraph that was split off is one paragraph, itself."""
    for paragraph, _, _ in split_paragraphs(text):
        assert list(split_paragraphs(paragraph)) == [(paragraph, 0, len(paragraph))]


@given(texts)
def test_line_ends_are_alike(text):
    """Unix, Windows and old Mac line ends give the same paragraphs."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    want = [paragraph for paragraph, _, _ in split_paragraphs(unix)]
    for end in ("\r\n", "\r"):
        assert [p for p, _, _ in split_paragraphs(unix.replace("\n", end))] == want


@given(texts)
def test_classify_article_agrees_with_split_paragraphs(text):
    """The paragraphs of a classified article are those of the splitter, place and all."""
    found = classify_article(Echo(), text).paragraphs
    assert [(p.text, p.start, p.end) for p in found] == list(split_paragraphs(text))
    assert all(p.prediction == f"label of {p.text}" for p in found)


@given(prose, st.integers(45, 110), st.data())
def test_pages_are_mended(paragraph, width, data):
    """A page's end in the midst of a sentence leaves no trace in wrapped prose, whatever is in it:
    a number before it or behind, a running head, blank lines, a form feed."""
    lines = textwrap.wrap(paragraph, width, break_on_hyphens=False)
    torn = [
        i
        for i in range(2, len(lines) - 1)
        if lines[i][0].islower()
        and lines[i - 1][-1] not in ".;"
        and len(lines[i - 1]) >= 0.8 * max(map(len, lines))
    ]
    assume(len(lines) >= 5)
    assume(torn)
    i = data.draw(st.sampled_from(torn))
    between = data.draw(
        st.sampled_from(["12", "12\n\f", "\n- 12 -\n\n\f\n", "Page 3 of 9", "\f12\n"])
    )
    text = "\n".join([*lines[:i], between, *lines[i:]])
    assert list(split_paragraphs(text)) == [(paragraph, 0, len(text))]


@given(prose, st.integers(45, 110), st.booleans())
def test_wrapping_is_undone(paragraph, width, at_hyphens):
    """Prose wrapped at any width comes back whole, if four lines or more tear a sentence."""
    lines = textwrap.wrap(paragraph, width, break_on_hyphens=at_hyphens)
    breaks = zip(lines[1:], lines[2:], strict=False)
    assume(len(lines) >= 4)
    assume(any(a[-1] not in ".;" and b[0].islower() for a, b in breaks))
    wrapped = "\n".join(lines)
    assert list(split_paragraphs(wrapped)) == [(paragraph, 0, len(wrapped))]


@given(st.lists(prose, min_size=2, max_size=5), st.integers(45, 110), st.sampled_from(["", "\n"]))
def test_wrapped_paragraphs_stay_apart(paragraphs, width, gap):
    """Paragraphs of two lines or more, parted by a blank line or an indent, are never joined."""
    indent = "" if gap else "    "
    filled = [textwrap.fill(paragraph, width, initial_indent=indent) for paragraph in paragraphs]
    assume(all("\n" in paragraph for paragraph in filled))
    text, starts = "", []
    for paragraph in filled:
        starts.append(len(text) + len(indent))
        text += paragraph + "\n" + gap
    assert set(starts) <= {start for _, start, _ in split_paragraphs(text)}
