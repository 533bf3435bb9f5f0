"""An article falls into the paragraphs a reader sees, however it was pasted."""

import textwrap

import pytest

from directive_clf.article import classify_article, split_paragraphs

PLAN = (
    "The State-owned Assets Supervision and Administration Commission has asked central "
    "enterprises to raise their spending on basic research. Each firm is to report its progress "
    "to the commission by the end of June, and the results will count towards the pay of its "
    "managers, a person familiar with the matter said."
)
LINE = (
    "Work on the 1,200-km line began in 2021 and employed some 40,000 people at its height. "
    "It entered service on Tuesday, two months ahead of schedule, and is expected to carry a "
    "third of the coal that leaves the province by rail."
)
计划 = (
    "国务院国资委近日召开会议，部署中央企业加快推进科技创新和产业焕新工作。会议要求，各企业要把"
    "基础研究摆在更加突出的位置，持续加大投入力度，着力突破一批关键核心技术，并于六月底前报告进展情况。"
)
工程 = (
    "这条铁路全长约一千二百公里，于二〇二一年开工建设，高峰时期参建人员达到四万余人。全线开通运营后，"
    "预计将承担全省三分之一的煤炭外运任务，有效缓解沿线地区的运输压力，带动相关产业协同发展。"
)


def split(text):
    return [paragraph for paragraph, _, _ in split_paragraphs(text)]


def wrap(text, width=72, first="", rest=""):
    return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)


def wrap_chinese(text, characters=36, first=""):
    """Wrap as Chinese is: anywhere, but never before a mark."""
    lines, line = [], first
    for c in text:
        if len(line) >= characters and c not in "，。、；：”）":
            lines.append(line)
            line = ""
        line += c
    return "\n".join([*lines, line])


@pytest.mark.parametrize(
    "gap", ["\n\n", "\n\n\n\n", "\n   \n", "\n\t\n", "\n\u3000\n", "\n\xa0\n", "\r\n\r\n", "\r\r"]
)
def test_a_blank_line_ends_a_paragraph(gap):
    """Lines of nothing or of white space part paragraphs, wrapped ones too."""
    assert split(PLAN + gap + LINE) == [PLAN, LINE]
    assert split(wrap(PLAN) + gap + wrap(LINE)) == [PLAN, LINE]
    assert split(wrap_chinese(计划) + gap + wrap_chinese(工程)) == [计划, 工程]


@pytest.mark.parametrize("indent", ["  ", "    ", "\t", "\u3000\u3000", "\xa0\xa0", "\u2003"])
@pytest.mark.parametrize("paragraphs", [(PLAN, LINE, PLAN[:200]), (计划, 工程, 计划[:40])])
def test_an_indented_line_starts_a_paragraph(indent, paragraphs):
    """An indent before each paragraph is left out, with blank lines between or without."""
    for gap in ("\n", "\n\n"):
        assert split(gap.join(indent + p for p in paragraphs)) == list(paragraphs)


@pytest.mark.parametrize("indent", ["    ", "\t", "\u3000\u3000"])
def test_an_indent_parts_wrapped_paragraphs(indent):
    """Where lines are wrapped, one that is indented deeper starts a paragraph."""
    english = "\n".join(wrap(p, 72, "    ") for p in (PLAN, LINE))
    assert split(english.replace("    ", indent)) == [PLAN, LINE]
    chinese = "\n".join(wrap_chinese(p, 36, "\u3000\u3000") for p in (计划, 工程))
    assert split(chinese.replace("\u3000\u3000", indent)) == [计划, 工程]


def test_a_wrapped_article_keeps_its_paragraphs():
    """Wrapped prose comes back whole, indented as a block or not; a short heading stands alone."""
    article = "\n\n".join(["Spending rises", wrap(PLAN), "A line opens", wrap(LINE)])
    want = ["Spending rises", PLAN, "A line opens", LINE]
    assert split(article) == want
    assert split(textwrap.indent(article, "        ")) == want
    assert split(article.replace("\n\n", "\n")) == want


def test_short_wrapped_paragraphs_follow_the_rest():
    """Two lines that show nothing alone are read as the rest of the text was wrapped."""
    short = "The order came from the vice-minister in charge of the energy plan, Mr\nWang Li."
    assert split(short) == short.split("\n")
    assert split(f"{wrap(PLAN, 73)}\n\n{short}") == [PLAN, short.replace("\n", " ")]


def test_an_uneven_right_edge_is_joined():
    """Lines copied from a page in a proportional font vary in length and are joined still."""
    page = (
        "Central enterprises will illuminate all villages in the western hills by filling\n"
        "AMMONIA and METHANOL tankers with fuel made of wind, the SASAC\n"
        "Commission said, while still allowing little mills to fill their initial bills until\n"
        "the end of MARCH. Power companies whose managers have WARNED BEIJING\n"
        "of growing demand will be allowed to build more plants, officials added on\n"
        "Monday."
    )
    assert split(page) == [page.replace("\n", " ")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\v", "\x85"])
def test_any_line_end_ends_a_line(end):
    """Unix, Windows, old Mac and Unicode line ends are one to the splitter."""
    assert split(wrap(PLAN).replace("\n", end)) == [PLAN]
    assert split(f"Spending rises{end}{PLAN}{end}{end}{LINE}{end}") == [
        "Spending rises",
        PLAN,
        LINE,
    ]


@pytest.mark.parametrize("separator", ["\f", "\u2029", "\n\f", "\f\n"])
def test_a_separator_ends_a_paragraph(separator):
    """A form feed or a paragraph separator ends a paragraph as a blank line does."""
    assert split(wrap(PLAN) + separator + wrap(LINE)) == [PLAN, LINE]
    lines = wrap(PLAN).split("\n")
    torn = "\n".join(lines[:2]) + separator + "\n".join(lines[2:])
    assert split(torn)[-1] == " ".join(lines[2:])


@pytest.mark.parametrize("mark", ["-", "*", "•", "–", "\uf0b7", "1.", "(2)", "3)", "b)"])
def test_items_stand_alone(mark):
    """A bullet or number starts a paragraph, which its wrapped lines belong to, hanging or not."""
    plan, line = f"{mark} {PLAN}", f"{mark} {LINE}"
    intro = "The notice asks for:"
    for rest in ("", " " * 3):
        wrapped = [wrap(plan, 72, "", rest), wrap(line, 72, "", rest)]
        assert split("\n".join([intro, *wrapped])) == [intro, plan, line]
        assert split("\n".join([*wrapped, wrap(LINE)])) == [plan, line, LINE]
    assert split(f"{intro}\n{mark} more research\n{mark} less waste") == [
        intro,
        f"{mark} more research",
        f"{mark} less waste",
    ]


@pytest.mark.parametrize(
    "marks", [("一、", "二、"), ("（一）", "（二）"), ("1．", "2．"), ("①", "②"), ("——", "——")]
)
def test_chinese_items_stand_alone(marks):
    """Chinese numbering starts a paragraph, wrapped or a line each."""
    items = [marks[0] + 计划, marks[1] + 工程]
    assert split("\n".join(items)) == items
    assert split("\n".join(map(wrap_chinese, items))) == items


@pytest.mark.parametrize("mark", ["–", "(2)", "15.", "—"])
def test_a_mark_inside_a_sentence_is_no_item(mark):
    """What looks like an item in the midst of a wrapped sentence does not break it."""
    text = (
        "Its board has agreed to spend more on laboratories and on staff by June\n"
        f"{mark} and to spend much less on offices and cars, which had been the aim of\n"
        "every plan since the group was founded."
    )
    assert split(text) == [text.replace("\n", " ")]


def test_a_paragraph_a_line():
    """Lines wider than any wrap are a paragraph each; a line that holds a heading, too."""
    lines = ["Spending rises", PLAN, LINE, "A line opens at last", PLAN[:150], "来源：新华社", 计划]
    assert split("\n".join(lines)) == lines


def test_short_sentences_a_line_are_not_joined():
    """Lines that each close a sentence, and do not fill the width, are a paragraph each."""
    lines = [
        "The ministry published the list of pilot cities for the new scheme.",
        "It names fourteen of them.",
        "Applications close in March, with the first awards in the autumn.",
        "国资委召开中央企业负责人会议，部署下半年重点工作。",
        "会议强调，要全力稳增长。",
    ]
    assert split("\n".join(lines)) == lines


def test_verse_is_not_joined():
    """Lines narrower than any wrap are left as they were broken."""
    lines = ["the ministry said that it", "would spend far more on", "chips, less on cars."]
    assert split("\n".join(lines)) == lines


def test_full_items_are_not_joined():
    """A full last line joins neither the next item nor what stands left of a hanging one."""
    item = "- the first firm is to raise its spending on all kinds of chips and to\n  report on it"
    full = f"{item} to the commission before the end of June at noon"
    whole = full.replace("\n  ", " ")
    assert split(f"{wrap(PLAN)}\n{full}\n{full}\nThe rest may wait.") == [
        PLAN,
        whole,
        whole,
        "The rest may wait.",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["Home", "News", "Markets", "Opinion", "Sign in", "Subscribe now"],
        ["首页", "新闻", "时政", "登录", "返回顶部", "分享到微信"],
        [
            "China urges state firms to speed up breakthroughs in core technology",
            "Shares of chipmakers rally as Beijing pledges a third national fund",
            "iPhone supplier moves a fifth of its output from Shenzhen to Hanoi",
            "Regulator tells banks to lend more to makers of advanced machines",
        ],
        [
            "国资委部署中央企业加快布局战略性新兴产业和未来产业",
            "工信部发布关于推动制造业高端化智能化发展的指导意见",
            "我国自主研制的大型水陆两栖飞机完成首次海上试飞任务",
        ],
    ],
    ids=["navigation", "chinese navigation", "headlines", "chinese headlines"],
)
def test_links_and_headlines_are_not_joined(lines):
    """Navigation and headlines, of one length or not, are a paragraph a line."""
    assert split("\n".join(lines)) == lines


@pytest.mark.parametrize("mark", ["/", "|", "---", "* * *", "＊＊＊", "______", "• • •", "……"])
def test_a_line_of_marks_parts_and_belongs_to_none(mark):
    """A rule or a lone slash ends a paragraph and is in none."""
    assert split(f"by A Writer\n{mark}\nMay 13, 2025") == ["by A Writer", "May 13, 2025"]
    assert split(f"{wrap(PLAN)}\n{mark}\n{wrap(LINE)}") == [PLAN, LINE]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "head",
    [
        [
            "China urges state firms to back national goals",
            "by VT Markets",
            "May 13, 2025",
        ],
        ["Beijing asks more of its champions", "By Li Wei and John Smith Jr.", "3 June 2024 09:30"],
        ["国资委部署中央企业加快科技创新", "2025年5月13日 09:30", "来源：新华社  作者：王某"],
    ],
)
def test_title_byline_and_date_stand_apart(head, gap):
    """Title, byline and date above an article are a paragraph each, wrapped prose or not below."""
    body = [计划, 工程, 计划] if head[0].startswith("国") else [PLAN, LINE, PLAN]
    fold = wrap_chinese if head[0].startswith("国") else wrap
    assert split("\n".join(head) + gap + gap.join(body)) == head + body
    assert split("\n".join(head) + gap + gap.join(map(fold, body))) == head + body


def test_margins_are_left_out():
    """Spaces behind a line or at the ends of a text are in no paragraph."""
    trailing = "   \n".join(wrap(PLAN).split("\n"))
    assert split(f"\n\n  {trailing} \t\xa0\n\n") == [PLAN]


def test_white_space_inside_a_line_is_kept():
    """A no-break space or a run of spaces inside a line is the writer's and stays."""
    text = "Create your account\xa0and  start\u3000trading now."
    assert list(split_paragraphs(text)) == [(text, 0, len(text))]


def test_wrapped_compounds_stay_compounds():
    """No space comes into a compound or between Chinese characters; a hanging hyphen keeps its."""
    text = (
        "Executives of the group said that it had become the first state-\n"
        "owned maker of such machines, with sales in the season of 2024–\n"
        "2025 far above those of the firms that make all the short-\n"
        "and medium-haul aircraft."
    )
    assert split(text) == [
        "Executives of the group said that it had become the first state-owned maker of such "
        "machines, with sales in the season of 2024–2025 far above those of the firms that make "
        "all the short- and medium-haul aircraft."
    ]
    assert split("国资委要求各中央企业持续加大基础研究投入\n力度，于六月底前完成。") == [
        "国资委要求各中央企业持续加大基础研究投入力度，于六月底前完成。"
    ]


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t\u3000\n", "\f\u2028\u2029", "---\n/\n。"])
def test_nothing_gives_nothing(text):
    """A text without a letter or digit has no paragraph."""
    assert split(text) == []


def test_a_giant_line_is_one_paragraph():
    """A line of any length is one paragraph, and stops no other from being found."""
    giant = "科技创新 word " * 20_000 + "end"
    assert split(giant) == [giant]
    assert split(f"Title\n\n{giant}\n\n{wrap(PLAN)}") == ["Title", giant, PLAN]


def test_offsets_point_into_the_text():
    """``text[start:end]`` is the paragraph as it stands, line breaks of wrapping included."""
    body = wrap(PLAN).replace("\n", "\r\n")
    assert list(split_paragraphs(f"\u3000\u3000{body}\r\n\r\nsee more\r\n")) == [
        (PLAN, 2, 2 + len(body)),
        ("see more", len(body) + 6, len(body) + 14),
    ]


def test_classify_article_labels_each_paragraph(classifier):
    """Each paragraph is labelled as it would be by itself, without its line breaks."""
    article = classify_article(classifier, f"{wrap(PLAN)}\n\n{计划}", title=None)
    assert [p.text for p in article.paragraphs] == [PLAN, 计划]
    assert [p.prediction for p in article.paragraphs] == classifier.classify_many([PLAN, 计划])
    assert article.title is None


def test_classify_article_labels_a_title(classifier):
    """A title is labelled by itself and is no paragraph; an empty one is still a title."""
    article = classify_article(classifier, LINE, title="A line opens")
    assert article.title == classifier.classify("A line opens")
    assert [p.text for p in article.paragraphs] == [LINE]
    empty = classify_article(classifier, "", title="").title
    assert empty is not None
    assert empty.flags == classifier.classify("").flags


def test_classify_article_of_nothing(classifier):
    """An empty article has no paragraph, and keeps its text."""
    article = classify_article(classifier, " \n")
    assert (article.text, article.paragraphs, article.title) == (" \n", (), None)


@pytest.mark.parametrize(
    ("text", "title", "message"),
    [
        (None, None, "text as a str, not NoneType"),
        (["a"], None, "text as a str, not list"),
        ("a", b"b", "title as a str, not bytes"),
    ],
)
def test_classify_article_takes_text(classifier, text, title, message):
    """What is not a string is refused by name and type."""
    with pytest.raises(TypeError, match=message):
        classify_article(classifier, text, title)


PROSE = f"{PLAN} {LINE} {PLAN}"


@pytest.mark.parametrize(
    "between",
    ["12", "- 12 -", "Page 12 of 30", "\f12", "12\n\f", "\n\n12\n\n\f\n\n", "xii", "第 12 页"],
)
def test_a_page_number_in_a_sentence_goes(between):
    """A number between two pages is taken out of the sentence that it tears."""
    lines = wrap(PROSE).split("\n")
    i = next(i for i in range(2, len(lines)) if lines[i][0].islower())
    text = "\n".join([*lines[:i], between, *lines[i:]])
    assert list(split_paragraphs(text)) == [(PROSE, 0, len(text))]


def test_a_running_head_in_a_sentence_goes():
    """A line that comes again at the ends of pages goes with their numbers, whatever its number."""
    lines = wrap(PROSE + " " + PROSE).split("\n")
    torn = [i for i in range(2, len(lines)) if lines[i][0].islower()][:6:3]
    for n, i in reversed([*enumerate(torn, 7)]):
        lines[i:i] = ["", f"{n}", f"\fSector Review {n}", ""]
    assert split("\n".join(lines)) == [PROSE + " " + PROSE]


def test_a_number_elsewhere_stays():
    """Between whole paragraphs, or where the next line begins anew, a number is a line like any."""
    for head, tail in ((wrap(PLAN), wrap(LINE)), (wrap(PLAN)[:-1], wrap(LINE))):
        assert split(f"{head}\n\n12\n\n{tail}")[1] == "12"
    lines = wrap(PROSE).split("\n")
    i = next(i for i in range(2, len(lines)) if lines[i][0].islower())
    item = "\n".join([*lines[:i], "12", f"- {lines[i]}", *lines[i + 1 :]])
    assert any(body.endswith(" 12") or body == "12" for body in split(item))
    short = "Results of the year\n2024\nwere better than feared"
    assert split(short) == short.split("\n")


def test_a_line_that_comes_once_is_no_running_head():
    """Between the halves of a sentence only numbers go, and heads that come again."""
    lines = wrap(PROSE).split("\n")
    i = next(i for i in range(2, len(lines)) if lines[i][0].islower())
    text = "\n".join([*lines[:i], "", "\fA figure of the line", "", *lines[i:]])
    assert "A figure of the line" in split(text)


def test_a_cut_word_is_whole_again():
    """A hyphen of wrapping goes where the word stands elsewhere or its half is none, only there."""
    text = (
        "Central enterprises will raise their spending, the owner told the govern-\n"
        "ment and those who attended a meeting at the new centre for modernisa-\n"
        "tion of grids, where switchgear made at home stood beside the switch-\n"
        "gear that used to be imported. A laboratory of the north-\n"
        "west, which is state-\n"
        "owned, showed its work."
    )
    found = " ".join(split(text))
    assert "government and" in found
    assert "modernisation of" in found
    assert "the switchgear that" in found
    assert "state-" in found
    assert "north-" in found
    assert "govern-ment and" in split(text + "\n\nIt wrote govern-ment.")[0]


def test_invisible_marks_are_left_out():
    """Soft hyphens and marks of no width are in no paragraph; its offsets still are its place."""
    text = "\ufeffThe min\xadistry asked\u200b for more re\xadsearch.\n\n国\u200b资委\u2060要求。"
    found = list(split_paragraphs(text))
    assert [body for body, _, _ in found] == [
        "The ministry asked for more research.",
        "国资委要求。",
    ]
    assert text[found[1][1] : found[1][2]] == "国\u200b资委\u2060要求。"
