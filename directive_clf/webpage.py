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

_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
}  # fmt: skip
"""Elements inside a line of text; any other begins a block, and ends one."""


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
    from trafilatura import bare_extraction

    try:
        # What was decoded has no use for a declaration of its encoding, and lxml refuses it.
        tree = document_fromstring(_DECLARATION.sub("", html, count=1))
    except ParserError:  # nothing in it
        return Page("")
    lines = _all_lines(tree) if furniture else None
    found: Any = bare_extraction(tree, with_metadata=True, include_comments=False)
    if lines is None:
        text = (found.text if found else None) or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
    title, date = (found.title, found.date) if found else (None, None)
    return Page("\n\n".join(lines), title or None, date or None)


def _all_lines(tree: Any) -> list[str]:
    """Return the text of every block of a page, in order."""
    blocks: list[list[str]] = [[]]
    stack = [(tree, False)]
    while stack:
        element, is_left = stack.pop()
        is_block = element.tag not in _INLINE
        if is_left:
            if is_block:
                blocks.append([])
            blocks[-1].append(element.tail or "")
            continue
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:  # comments have no name
            blocks[-1].append(element.tail or "")
            continue
        if is_block:
            blocks.append([])
        blocks[-1].append(element.text or "")
        stack.append((element, True))
        stack += ((child, False) for child in reversed(element))
    joined = (" ".join("".join(block).split()) for block in blocks)
    return [line for line in joined if line]
