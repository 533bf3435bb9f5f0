"""The article as a page: what it shows, that it works by hand, and that no article can harm."""

import html
import json
import re
from dataclasses import replace

import pypdfium2
import pytest
from click.testing import CliRunner

import directive_clf as dc
from directive_clf.article import Article
from directive_clf.cli import cli
from directive_clf.labels import LABELS, OTHER
from directive_clf.report import palette
from directive_clf.report.article import render_file
from directive_clf.report.marking import Reason, find_reasons, iter_segments
from directive_clf.result import Prediction

from ..browser import print_page
from ..conftest import ROOT

LINE = "The 1,200-km line entered service on Tuesday after six years of construction."
AD = "Open your account today and get a free gift."
ZH = "国资委要求中央企业加大研发投入，攻克关键核心技术。"
EXAMPLE = (ROOT / "examples" / "article.txt").read_text(encoding="utf-8")
EVIL = "<script>parent.ran=1</script><img src=x onerror='parent.ran=2'>\"'</style></p>{{7*7}}"


@pytest.fixture(scope="module")
def article(classifier):
    return dc.classify_article(EXAMPLE, classifier=classifier)


@pytest.fixture(scope="module")
def page(article):
    return dc.render(article).html


def invoke(*args, status=0, **options):
    result = CliRunner().invoke(cli, [*map(str, args)], catch_exceptions=False, **options)
    assert result.exit_code == status, result.output
    return result


def made_of(*labels, names=LABELS):
    """An article with a paragraph for each tuple of labels, as some model could give them."""
    paragraphs = []
    for i, found in enumerate(labels):
        p = dict.fromkeys(names, 0.1) | dict.fromkeys(found, 0.9)
        prediction = Prediction(found, p, (), "nowhere-1")
        paragraphs.append(dc.ArticleParagraph(f"Paragraph {i}.", 0, 1, prediction))
    return Article("", tuple(paragraphs))


# What is shown ------------------------------------------------------------------------------------


def test_all_paragraphs_stand_in_order(browser, page, article):
    """Every paragraph is on the page, whole and in reading order, with the names of its labels."""
    shown = browser.run(
        page,
        'return all(".p").map(p => [p.querySelector(".text").textContent,'
        ' [...p.querySelectorAll(".why .chip")].map(e => e.textContent)])',
    )
    assert shown == [
        [
            p.text,
            [palette.label_name(label) for label in p.prediction.labels or (p.prediction.main,)],
        ]
        for p in article.paragraphs
    ]


def test_boilerplate_is_folded_and_can_be_reached(browser, page, article):
    """Boilerplate is out of sight until its fold, or all, is opened; nothing else is."""
    is_ad = [p.prediction.main == "marketing_boilerplate" for p in article.paragraphs]
    seen, one, every = browser.run(
        page,
        """const seen = () => all(".p").map(isSeen);
        const first = seen();
        click(".fold > label"); const second = seen();
        click(".every"); return [first, second, seen()];""",
    )
    assert seen == [not ad for ad in is_ad]
    assert sum(one) > sum(seen)
    assert all(every)


@pytest.mark.parametrize("name", [*LABELS, OTHER])
def test_a_label_is_shown_alone(browser, page, article, name):
    """The filter leaves just the paragraphs that carry the label, main or not, folded ones too."""
    i = [*LABELS, OTHER].index(name)
    shown = browser.run(page, f'click("label[for=only-{i}]"); return all(".p").map(isSeen);')
    assert shown == [
        name in (p.prediction.labels or (p.prediction.main,))
        and (p.prediction.main != "marketing_boilerplate" or i == 4)
        for p in article.paragraphs
    ]


def test_reasons_come_on_demand(browser, page, article, classifier):
    """Probabilities and terms appear when a paragraph is opened, its words marked in place."""
    found = browser.run(
        page,
        """const words = () => all("#p1 mark").filter(
             e => window.getComputedStyle(e).borderBottomStyle != "none");
        const before = [isSeen(document.querySelector("#p1 .panel")), words().length];
        click("#p1 summary");
        return {before, panel: document.querySelector("#p1 .panel").innerText,
          marks: words().map(e => [e.textContent, window.getComputedStyle(e).borderBottomStyle,
                                   e.className.split(" ")[1], e.title])};""",
    )
    assert found["before"] == [False, 0]
    prediction = article.paragraphs[0].prediction
    for label, p in prediction.probabilities.items():
        assert re.search(rf"{palette.label_name(label)}\s+{p:.2f}", found["panel"])
    assert "in log odds" in found["panel"]
    explanation = classifier.explain(article.paragraphs[0].text)
    top = explanation.top(prediction.labels[0], 1)[0]
    assert f"{top.scores[prediction.labels[0]]:+.2f}" in found["panel"]
    assert found["marks"]
    for _, line, side, title in found["marks"]:
        assert (line, side) in {("solid", "for"), ("dotted", "against")}
        assert f" {side} " in title


def test_marks_are_the_text_and_go_the_right_way(classifier):
    """The pieces of a marked text are the text; a mark has the sign of what the term adds."""
    for text in (LINE, ZH, AD, "Ｃｈｉｐｓ，芯片! Research—and—research\u00a0"):
        explanation = classifier.explain(text)
        reasons = find_reasons(explanation, LABELS)
        pieces = list(iter_segments(text, reasons))
        assert "".join(piece for piece, _ in pieces) == text
        scores = {t.name: t.scores for t in explanation.terms}
        for reason in reasons:
            assert reason.is_for == (scores[reason.term][reason.label] > 0)
    assert any(reason for _, reason in iter_segments(LINE, find_reasons(
        classifier.explain(LINE), ["major_projects"])))  # fmt: skip


def test_the_strongest_of_overlapping_terms_is_marked():
    """Where terms overlap, each letter has the mark of the one that did most, for or against."""
    weak = Reason("a", "state owner", 0.2, ((0, 11),))
    strong = Reason("b", "owner", -0.9, ((6, 11), (12, 17)))
    for reasons in ([weak, strong], [strong, weak]):
        assert list(iter_segments("state owner owner!", reasons)) == [
            ("state ", weak), ("owner", strong), (" ", None), ("owner", strong), ("!", None),
        ]  # fmt: skip


def test_the_bar_is_the_mix(browser, page, article):
    """The bars' widths are the shares of main labels, by paragraphs and by characters."""
    widths, told = browser.run(
        page,
        """return [all(".bar").map(bar => [...bar.children].map(e => [
          e.title.replace(/ \\d+ %$/, ""), e.getBoundingClientRect().width / bar.clientWidth])),
          all(".bar").map(bar => bar.getAttribute("aria-label"))];""",
    )
    mains = [p.prediction.main for p in article.paragraphs]
    length = sum(len(p.text) for p in article.paragraphs)
    for bar, weigh, total in zip(
        widths, (lambda p: 1, lambda p: len(p.text)), (len(mains), length)
    ):
        for name, width in bar:
            mine = [p for p in article.paragraphs if p.prediction.main == name.replace(" ", "_")]
            assert width == pytest.approx(sum(map(weigh, mine)) / total, abs=0.005)
    assert len(told) == 2
    assert all(palette.label_name(name) in told[0] for name in set(mains))


def test_languages_are_told(browser, classifier):
    """Each paragraph says its language, by which a reader's font and voice are chosen."""
    page = dc.render(dc.classify_article(f"{LINE}\n\n{ZH}", classifier=classifier)).html
    langs, font = browser.run(
        page, 'return [all(".text").map(e => e.lang), style("#p2 .text", "font-family")];'
    )
    assert langs == ["en", "zh"]
    assert "PingFang SC" in font


# By keyboard, with a screen reader, on paper, in the dark -----------------------------------------


def test_all_works_by_keyboard(browser, page):
    """Whatever can be clicked is a native control that takes the focus and has a name."""
    found = browser.run(
        page,
        """const controls = all("a[href], input, summary");
        return controls.filter(e => !e.closest(".folded")).map(e => {
          e.focus();
          const name = e.labels && e.labels.length ? e.labels[0].innerText : e.innerText;
          return [document.activeElement === e, name.trim().length > 0];
        });""",
    )
    assert len(found) > 15
    assert all(focus and name for focus, name in found)


def test_structure_is_told(browser, page):
    """One heading, a main region, and a name for each paragraph, table header and picture."""
    assert browser.run(
        page,
        """return [all("h1").length, all("main").length,
          all(".p").every(e => e.getAttribute("aria-label")),
          all("th").every(e => e.scope),
          all("[role=img]").every(e => e.getAttribute("aria-label")),
          new Set(all("[id]").map(e => e.id)).size == all("[id]").length,
          document.documentElement.lang];""",
    ) == [1, 1, True, True, True, True, "en"]


@pytest.mark.parametrize("width", [320, 420, 1100])
def test_no_width_needs_scrolling_sideways(browser, classifier, width):
    """The page fits any screen; a word or an address longer than the screen is broken."""
    text = f"{EXAMPLE}\n\n{'https://example.org/' + 'a' * 300}\n\n{'研' * 300}"
    page = dc.render(dc.classify_article(text, classifier=classifier)).html
    assert browser.run(
        page,
        'click(".every"); return document.documentElement.scrollWidth <= window.innerWidth;',
        width,
    )


def test_it_prints(tmp_path, page, article):
    """On paper all but boilerplate is there, in the labels' colours, without the controls."""
    document = pypdfium2.PdfDocument(print_page(tmp_path, page))
    text = " ".join(" ".join(p.get_textpage().get_text_range() for p in document).split())
    assert "Control systems for substations" in text
    assert "Open a free demo account Related" not in text
    assert "Unfold all" not in text
    image = document[0].render(scale=1).to_numpy().reshape(-1, 3)
    colours = {tuple(pixel) for pixel in image[:, ::-1].tolist()}
    style = palette.label_styles(LABELS)["localisation"]
    assert tuple(int(style.colour[i : i + 2], 16) for i in (1, 3, 5)) in colours
    document.close()


def test_it_has_a_dark_face(browser, page):
    """Where the reader prefers dark, paper and ink change places."""
    dark = page.replace("(prefers-color-scheme: dark)", "all")
    found = [browser.run(p, 'return [style("body", "background-color"), style("body", "color")];')
             for p in (page, dark)]  # fmt: skip
    assert found == [
        ["rgb(255, 255, 255)", "rgb(28, 28, 28)"],
        ["rgb(22, 24, 27)", "rgb(236, 236, 236)"],
    ]


# Colours ------------------------------------------------------------------------------------------

NINE = (*LABELS, *(f"own_{i}" for i in range(9)))


def test_contrast_is_that_of_wcag():
    """The formula gives the ratios that WCAG's own examples have."""
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert palette.contrast("#ffffff", "#ff0000") == pytest.approx(4.0, abs=0.01)


def test_every_text_can_be_read():
    """All text on all grounds has WCAG's 4.5 to 1, light and dark, for labels of any number."""
    styles = palette.label_styles(NINE)
    for style in styles.values():
        assert palette.contrast(style.ink, style.colour) >= 4.5
    for theme in (palette.LIGHT, palette.DARK):
        assert palette.contrast(theme["soft"], theme["paper"]) >= 4.5
        for style in styles.values():
            ground = palette.blend(style.colour, theme["paper"], palette.TINT)
            assert palette.contrast(theme["ink"], ground) >= 4.5


# Machado, Oliveira & Fernandes, "A physiologically-based model for simulation of color vision
# deficiency" (2009), at full severity.
VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
               (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
               (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
               (0.004733, 0.691367, 0.303900)),
}  # fmt: skip


def lab(colour, vision):
    """CIELAB of a colour, as a reader of that vision sees it."""
    srgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb]
    seen = [min(max(sum(a * b for a, b in zip(row, linear)), 0), 1) for row in vision]
    xyz = [
        (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.95047,
        0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2],
        (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.08883,
    ]
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_differ_for_every_reader(vision):
    """The shipped labels' colours are far apart (CIELAB over 15), however colours are seen."""
    colours = [style.colour for style in palette.label_styles(LABELS).values()]
    seen = [lab(colour, VISIONS[vision]) for colour in colours]
    apart = [
        sum((a - b) ** 2 for a, b in zip(one, other)) ** 0.5
        for i, one in enumerate(seen)
        for other in seen[:i]
    ]
    assert min(apart) > 15


def test_other_labels_have_a_face(browser):
    """A model with labels of its own, more than there are colours, gets a look for each."""
    names = (*NINE[5:], 'with "quotes" and <b>')
    page = dc.render(made_of(*((name,) for name in names), (), names=names)).html
    looks, texts = browser.run(
        page,
        """return [all(".p .chip").map(e => { const s = window.getComputedStyle(e);
          return s.backgroundColor + s.backgroundImage; }),
          all(".p .chip").map(e => e.textContent)];""",
    )
    assert len(set(looks)) == len(names) + 1
    assert texts == [palette.label_name(name) for name in (*names, OTHER)]


# Harmless -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evil_rows(classifier):
    """A scored row whose every text is an attack."""
    p = classifier.classify(EVIL)
    row = {"id": EVIL, "document_id": EVIL, "title": EVIL, "date": EVIL, "text": f"{EVIL} {LINE}"}
    row |= {"main": "localisation", "labels": ["localisation"], "flags": [EVIL], "model": EVIL}
    return [{**row, "status": "ok", **{f"p_{label}": 0.5 for label in p.probabilities}}]


def run_and_look(browser, page):
    """Load a page and let it try; return what ran, what stands there and what was loaded."""
    return browser.run(
        page,
        """all("summary").forEach(e => e.click()); await new Promise(r => setTimeout(r, 200));
        return [window.parent.ran ?? null, all("script, img, iframe, object, link").length,
                window.performance.getEntriesByType("resource").length];""",
    )


def test_an_article_full_of_scripts_is_harmless(browser, classifier, evil_rows, tmp_path):
    """Nothing that an article, its title, source or label says becomes markup, runs or loads."""
    (tmp_path / "evil.jsonl").write_text(json.dumps(evil_rows[0]) + "\n", encoding="utf-8")
    (tmp_path / "evil.html").write_text(
        f"<title>{html.escape(EVIL)}</title><article><p>{LINE * 5}</p>"
        f"<p>&lt;script&gt;parent.ran=3&lt;/script&gt;"
        f" {LINE * 5}</p>{EVIL}</article>",
        encoding="utf-8",
    )
    pages = [
        dc.render(dc.classify_article(EVIL, classifier=classifier), title=EVIL).html,
        render_file(tmp_path / "evil.jsonl").html,
        render_file(tmp_path / "evil.html", furniture=True).html,
        dc.render(made_of((EVIL,), names=(EVIL,))).html,
    ]
    for page in pages:
        assert run_and_look(browser, page) == [None, 0, 0]
    assert "parent.ran=1" in pages[0]  # it is there, as text


def test_the_policy_is_a_second_wall(browser, page):
    """Were a script or a picture to get into the page, the browser would not run or load it."""
    broken = page.replace(
        "</main>", "<script>parent.ran=4</script><img src=x onerror='parent.ran=5'></main>"
    )
    ran, there, loaded = run_and_look(browser, broken)
    assert (ran, loaded) == (None, 0)
    assert there == 2
    bare = re.sub(r"<meta http-equiv.*\n", "", broken)
    assert run_and_look(browser, bare)[0] is not None  # this test can fail


def test_a_notebook_shows_it_in_a_frame(browser, article):
    """The notebook's view is the page, in a frame that may do nothing, with its text escaped."""
    found = dc.render(article)
    shown = found._repr_html_()
    assert shown.startswith("<iframe")
    assert " sandbox " in shown
    assert browser.run(
        f"<!doctype html><body>{shown}</body>",
        'return document.querySelector("iframe").srcdoc;',
    ) == found.html.replace("\r", "\n")
    assert "Kazan" in repr(found)


# The command --------------------------------------------------------------------------------------


def test_the_command_shows_text_pages_and_tables(classifier, tmp_path):
    """A text, a web page, standard input and each kind of scored table give an article's page."""
    (tmp_path / "a.txt").write_text(f"{LINE}\n\n{AD}\n\n{ZH}\n", encoding="utf-8")
    (tmp_path / "b.html").write_text(
        f"<html><head><title>A line opens</title></head><body><nav>Sign in</nav><article>"
        f"<p>{LINE} {LINE}</p><p>{ZH * 4}</p></article></body></html>",
        encoding="utf-8",
    )
    out = tmp_path / "page.html"
    invoke("view", tmp_path / "a.txt", "-o", out)
    want = out.read_text(encoding="utf-8")
    assert LINE.split()[-1] in re.sub("<[^>]+>", "", want)
    assert "of boilerplate" in want
    invoke("view", "-", "-o", out, input=f"{LINE}\n\n{AD}\n\n{ZH}\n")
    assert out.read_text(encoding="utf-8") == want
    invoke("view", tmp_path / "b.html", "-o", out)
    page = out.read_text(encoding="utf-8")
    assert '<h1 lang="en">A line opens</h1>' in page
    assert "Sign in" not in page
    invoke("view", tmp_path / "b.html", "--furniture", "-o", out)
    assert "Sign in" in out.read_text(encoding="utf-8")
    for suffix in (".jsonl", ".csv", ".tsv", ".parquet"):
        scored = tmp_path / f"scored{suffix}"
        invoke("score", tmp_path / "a.txt", "--with-text", "-o", scored)
        invoke("view", scored, "-o", out)
        assert out.read_text(encoding="utf-8") == want, suffix


def test_a_document_of_a_table_is_chosen(tmp_path):
    """Of a table of several documents one is named; without, or wrongly, those there are told."""
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(f"Document {name}. {LINE}", encoding="utf-8")
    scored, out = tmp_path / "scored.jsonl", tmp_path / "page.html"
    invoke("score", *(tmp_path / f"{n}.txt" for n in "abc"), "--with-text", "-o", scored)
    invoke("view", scored, "--document", "b.txt", "-o", out)
    text = re.sub("<[^>]+>", "", out.read_text(encoding="utf-8"))
    assert "Document b" in text
    assert "Document a" not in text
    with pytest.raises(dc.DataError, match=r"several documents \(a\.txt, b\.txt, c\.txt\); choose"):
        render_file(scored)
    with pytest.raises(dc.DataError, match=r"no document 'd\.txt'; there are a\.txt"):
        render_file(scored, document="d.txt")


def test_a_table_keeps_its_answers(tmp_path, classifier):
    """A scored table is shown with the answers in it; without its model, without terms, told so."""
    row = {"document_id": "d", "title": None, "date": None, "text": LINE, "main": "localisation",
           "labels": ["localisation"], "flags": [], "model": "gone-7", "status": "ok"}  # fmt: skip
    row |= {f"p_{label}": 0.5 for label in classifier.labels}
    (tmp_path / "s.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    page = render_file(tmp_path / "s.jsonl").html
    assert "The model gone-7 is not at hand" in page
    assert 'class="chip l2">localisation</span> 0.50' in page
    assert "in log odds" not in page


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda p: p.write_text("id,text\n1,x\n"),
            r"no scored table \(unpacked\); run `score --with-text`",
        ),
        (lambda p: p.write_text("main\nx\n"), "no scored table"),
    ],
)
def test_what_cannot_be_shown_is_told(tmp_path, make, message):
    """A table that was not scored is refused with the remedy."""
    make(tmp_path / "t.csv")
    with pytest.raises(dc.DataError, match=message):
        render_file(tmp_path / "t.csv")


def test_a_table_without_texts_is_told(tmp_path):
    """A table scored without its texts is refused with the remedy, as is an empty article."""
    (tmp_path / "a.txt").write_text(LINE, encoding="utf-8")
    invoke("score", tmp_path / "a.txt", "-o", tmp_path / "s.csv")
    with pytest.raises(dc.DataError, match="no texts; score it anew with --with-text"):
        render_file(tmp_path / "s.csv")
    (tmp_path / "e.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(dc.DataError, match="no main text was found"):
        render_file(tmp_path / "e.html")
    assert (
        "a.txt is one of the inputs"
        in invoke("view", tmp_path / "a.txt", "-o", tmp_path / "a.txt", status=2).output
    )


def test_render_wants_an_article(article, classifier):
    """Anything else is refused with what to call; an article of nothing is a page all the same."""
    with pytest.raises(dc.InputTypeError, match=r"not str; classify_article\(text\)"):
        dc.render("text")
    assert "An empty article" in dc.render(dc.classify_article("", classifier=classifier)).html
    titled = replace(article, title=replace(classifier.classify("x"), labels=("localisation",)))
    assert "The title: localisation" in dc.render(titled, title="A line opens").html
