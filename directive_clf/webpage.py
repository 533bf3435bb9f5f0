"""A web page to the text of its article, or to all the text that a reader of the page sees.

The main text is found by trafilatura, the best of the free extractors in its own and others'
comparisons; it is kept well, and works offline.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

__all__ = ["Page", "read_page"]

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_UNSEEN = {"script", "style", "noscript", "template", "title", "svg", "iframe", "object"}
"""Elements whose text no reader sees. The head is none of them: where a page does not say where its
body begins, the parser takes the article for a part of the head."""

_CELLS = {"td", "th"}
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
}  # fmt: skip
"""Elements inside a line of text; any other begins a block, and ends one. (The cells of a row that
holds no blocks are parts of one line, too.)"""

_INVISIBLE = dict.fromkeys(map(ord, "\xad\u200b\u2060\ufeff"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Page(NamedTuple):
    """The text of a page, a blank line between paragraphs, and what the page says of itself."""

    text: str
    title: str | None = None
    date: str | None = None


def read_page(html: str, furniture: bool = False) -> Page:
    """Extract the text of a page.

    Parameters
    ----------
    html : str
    furniture : bool
        Keep navigation, buttons, notices and footers: what ``marketing_boilerplate`` is for.
        Otherwise the main text, as far as it is found.
    """
    from lxml.etree import ParserError
    from lxml.html import document_fromstring
    from trafilatura import bare_extraction, extract_metadata

    try:
        # What was decoded has no use for a declaration of its encoding, and lxml refuses it.
        tree = document_fromstring(_DECLARATION.sub("", html, count=1))
    except ParserError:  # nothing in it
        return Page("")
    found: Any
    if furniture:
        lines = _all_lines(tree)
        found = extract_metadata(tree)
    else:
        found = bare_extraction(tree, with_metadata=True, include_comments=False)
        lines = ((found.text if found else None) or "").splitlines()
    title, date = (found.title, found.date) if found else (None, None)
    text = "\n\n".join(filter(None, (line.translate(_INVISIBLE).strip() for line in lines)))
    return Page(text, title or None, date or None)


def _all_lines(tree: Any) -> list[str]:
    """Return the text of every block of a page, in order."""
    rows = set(filter(_is_plain, tree.iter("tr")))
    blocks: list[list[str]] = [[]]
    stack = [(tree, False)]
    while stack:
        element, is_left = stack.pop()
        is_block = element.tag not in _INLINE and element.getparent() not in rows
        if is_left:
            if is_block:
                blocks.append([])
            blocks[-1].append(element.tail or "")
            continue
        if _is_unseen(element):
            blocks[-1].append(element.tail or "")
            continue
        if is_block:
            blocks.append([])
        elif element.tag in _CELLS and any(map(str.strip, blocks[-1])):
            blocks[-1].append(" | ")
        elif element.tag == "a" and _is_beside_link(element):
            blocks[-1].append(" ")
        blocks[-1].append(element.text or "")
        stack.append((element, True))
        stack += ((child, False) for child in reversed(element))
    joined = (" ".join("".join(block).split()) for block in blocks)
    return [line for line in joined if line]


def _is_unseen(element: Any) -> bool:
    """Tell whether no reader of the page sees an element; comments have no name."""
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or "hidden" in element.attrib:
        return True
    return _HIDDEN.search(element.get("style", "")) is not None


def _is_beside_link(link: Any) -> bool:
    """Tell whether another link stands right before a link, as in a bar of navigation."""
    before = link.getprevious()
    return before is not None and before.tag == "a" and not (before.tail or "").strip()


def _is_plain(row: Any) -> bool:
    """Tell whether a row of a table holds data: no block is in any of its cells."""
    tags = (element.tag for element in row.iterdescendants() if isinstance(element.tag, str))
    return all(tag in _INLINE or tag in _CELLS for tag in tags)
