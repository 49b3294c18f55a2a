"""Pages as trees, without what their readers do not see. Pure.

What scripts would show or hide, and style sheets in files of their own, are not known here; of a page that a
browser showed, they are: what it hides is marked (news.rendering).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cssselect import SelectorError
from lxml import etree, html

from news.crawling.entries import Unreadable

#: The most of a page that is read: characters of it, elements of it, rules of its own style sheets.
MAX_CHARACTERS: Final = 4_000_000
MAX_ELEMENTS: Final = 50_000
MAX_RULES: Final = 500
#: The attribute that a browser's marks are.
MARK: Final = "data-aigo-hidden"
_SILENT: Final = (
    *("script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "canvas"),
    *("input", "select", "textarea", "button", "audio", "video", "dialog"),
)
_NOTHING: Final = r"0+(?:\.0+)?(?:px|r?em|pt|%|vw|vh)?"
_HIDES: Final = re.compile(
    r"(?:^|[;{\s])(?:"
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden|"
    rf"opacity\s*:\s*{_NOTHING}\s*(?:[;!]|$)|font-size\s*:\s*{_NOTHING}\s*(?:[;!]|$)|"
    rf"(?:max-)?(?:height|width)\s*:\s*{_NOTHING}\s*(?:[;!]|$)|"
    r"color\s*:\s*transparent|text-indent\s*:\s*-\d{3,}|"
    r"(?:left|right|top|bottom|margin(?:-left|-top)?)\s*:\s*-\d{3,}|"
    r"clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01]|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)|"
    r"transform\s*:[^;]*scale\(\s*0\s*\)"
    r")",
    re.I,
)
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_XML_HEAD: Final = re.compile(r"^\s*<\?xml[^<>]*\?>")
#: A position in a selector ("::before") or a state (":hover") is not what an element always is.
_NOT_ALWAYS: Final = re.compile(r"::|:(?!not\(|nth-|first-|last-|only-|empty|root)")


def page_tree(text: str, *, rendered: bool = False) -> Any:
    """The root element of a page, without scripts, comments and what is hidden. Unreadable: it is none, or it
    is larger than is read.

    rendered: it is a DOM in which a browser marked what is hidden, and nothing else is.
    """
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"the page has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(_XML_HEAD.sub("", text.replace("\x00", ""), count=1), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise Unreadable("the page is empty or no HTML") from None
    elements = sum(1 for _ in root.iter())
    if elements > MAX_ELEMENTS:
        raise Unreadable(f"the page has {elements:,} elements, more than {MAX_ELEMENTS:,}")
    _drop([*root.iter(*_SILENT), *(_marked(root) if rendered else _hidden(root))])
    return root


def select(root: Any, selector: str) -> list[Any]:
    """Elements by a CSS selector, in the order of the page. Unreadable: it is no selector."""
    try:
        return list(root.cssselect(selector))
    except (SelectorError, etree.XPathError, RecursionError) as error:
        raise Unreadable(f"selector {selector!r:.100} cannot be used: {error}") from None


def text_of(element: Any) -> str:
    """All its words on one line."""
    return " ".join("".join(element.itertext()).split())


def _marked(root: Any) -> list[Any]:
    return [element for element in root.iter() if MARK in element.attrib]


def _hidden(root: Any) -> list[Any]:
    sheets = "\n".join(style.text or "" for style in root.iter("style"))
    hidden = [element for element in root.iter() if _is_hidden(element)]
    for selector in _hiding_selectors(sheets):
        try:
            hidden += root.cssselect(selector)
        except (SelectorError, etree.XPathError, RecursionError):
            continue
    return hidden


def _drop(hidden: Iterable[Any]) -> None:
    for element in hidden:
        parent = element.getparent()
        if parent is not None and element.tag not in ("html", "body"):
            element.drop_tree()


def _is_hidden(element: Any) -> bool:
    given = element.attrib
    if "hidden" in given or given.get("aria-hidden", "").strip().lower() == "true":
        return True
    return "style" in given and bool(_HIDES.search(_COMMENT.sub("", given["style"][:2_000])))


def _hiding_selectors(sheets: str) -> Iterator[str]:
    """Selectors of the page's own style rules that hide what they select; those for print hide nothing."""
    preludes: list[str] = []
    found = 0
    for piece in re.finditer(r"([^{}]*)([{}])", _COMMENT.sub("", sheets[:500_000])):
        words, sign = piece[1].strip(), piece[2]
        if sign == "{":
            preludes.append(words.rpartition(";")[2].strip())
            continue
        prelude = preludes.pop() if preludes else ""
        if prelude.startswith("@") or any("print" in outer for outer in preludes) or not _HIDES.search(words):
            continue
        for selector in prelude.split(","):
            if selector.strip() and not _NOT_ALWAYS.search(selector) and found < MAX_RULES:
                found += 1
                yield selector.strip()
