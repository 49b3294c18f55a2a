"""Pages that list items: by selectors, or a changelog that its headings split. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from lxml import etree

from news.cleaning import one_line
from news.crawling.dates import read_moment
from news.crawling.decoding import decoded
from news.crawling.entries import MAX_CONTENT, Entry, Listing, Moment, Unreadable, listing_of
from news.crawling.trees import page_tree, select, text_of

#: What each kind of source may name, and what it must.
SELECTORS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "page": (frozenset({"item", "title", "link", "date", "body"}), frozenset({"item"})),
    "changelog": (frozenset({"item", "date", "body"}), frozenset()),
    "sitemap": (frozenset({"path"}), frozenset()),
}
#: A changelog's own headings, where its source does not say which.
_HEADINGS: Final = "h2"
_BLOCKS: Final = frozenset(
    "p div li ul ol tr table h1 h2 h3 h4 h5 h6 section article blockquote pre br hr dd dt".split()  # noqa: SIM905
)


def read_page(
    body: bytes,
    content_type: str,
    url: str,
    now: datetime,
    *,
    selectors: Mapping[str, str],
    rendered: bool = False,
) -> Listing:
    """Items of a page: each element of `item`, with the title, link and date found in it. Unreadable."""
    root = page_tree(decoded(body, content_type), rendered=rendered)
    lang = _lang(root)
    items = select(root, selectors["item"])
    entries = [_entry(item, selectors, lang, now) for item in items]
    note = "" if any(entry.url for entry in entries) else f"{len(items)} items, none with a link"
    return listing_of([entry for entry in entries if entry.url], base=_base(root, url), note=note)


def _entry(item: Any, selectors: Mapping[str, str], lang: str, now: datetime) -> Entry:
    link = _first(item, selectors.get("link", "a[href]"))
    if link is None and item.tag == "a":
        link = item
    title = _first(item, selectors["title"]) if "title" in selectors else None
    if title is None:
        title = _first(item, "h1, h2, h3, h4") if link is None or len(text_of(link)) > 200 else link
    written = _date_text(item, selectors.get("date", "time"))
    return Entry(
        url=(link.get("href") or "").strip() if link is not None else "",
        title=text_of(title) if title is not None else "",
        published=read_moment(written, latest=now),
        changed=written,
        lang=lang,
    )


def read_changelog(
    body: bytes,
    content_type: str,
    url: str,
    now: datetime,
    *,
    selectors: Mapping[str, str],
    rendered: bool = False,
) -> Listing:
    """Sections of a page, each from one heading to the next; its words are the item. Unreadable."""
    root = page_tree(decoded(body, content_type), rendered=rendered)
    container = _first(root, selectors["body"]) if "body" in selectors else root
    if container is None:
        raise Unreadable(f"selector {selectors['body']!r} finds nothing")
    headings = select(container, selectors.get("item", _HEADINGS))
    if not headings:
        raise Unreadable(f"selector {selectors.get('item', _HEADINGS)!r} finds no heading")
    lang, seen, entries = _lang(root), set[str](), []
    for heading, lines in _sections(container, headings):
        title = _title(heading)
        name = _anchor(heading, title)
        while name in seen:  # two sections may bear the same heading
            name += "-"
        seen.add(name)
        moment, written = _section_moment(heading, lines, selectors, now)
        content = "".join(f"<p>{html.escape(line)}</p>" for line in lines)[:MAX_CONTENT]
        entries.append(
            Entry(
                *(url, name, title),
                published=moment,
                changed=written,
                lang=lang,
                content=content,
                whole=True,
            )
        )
    return listing_of(entries, base=url)


def _sections(container: Any, headings: list[Any]) -> Iterator[tuple[Any, list[str]]]:
    """Each heading and the lines below it, wherever they are nested. Words of the headings are not lines."""
    order = {heading: number for number, heading in enumerate(headings)}
    below: list[list[str]] = [[] for _ in headings]
    lines: list[str] = []  # what stands before the first heading belongs to nobody
    within: Any = None
    for event, element in etree.iterwalk(container, events=("start", "end")):
        ends = event == "end"
        if element in order:
            within = None if ends else element
            lines = below[order[element]]
        if element.tag in _BLOCKS or not lines:
            lines.append("")
        words = element.tail if ends else element.text
        if words and within is None and not (ends and element is container):
            lines[-1] += words
    for heading, found in zip(headings, below, strict=True):
        yield heading, [line for line in (one_line(text, 5_000) for text in found) if line]


def _section_moment(
    heading: Any, lines: list[str], selectors: Mapping[str, str], now: datetime
) -> tuple[Moment, str]:
    """Of the heading; else of the `date` selector within it or its parent; else of the first line."""
    title = text_of(heading)
    parent = heading.getparent()
    near = _date_text(heading, "time") or (
        _date_text(parent, selectors["date"]) if "date" in selectors and parent is not None else ""
    )
    for written in (near, title, *lines[:1]):
        moment = read_moment(written, latest=now)
        if moment.at is not None:
            return moment, str(moment)
    return Moment(), ""


def _date_text(element: Any, selector: str) -> str:
    found = _first(element, selector)
    return "" if found is None else (found.get("datetime") or found.get("content") or text_of(found))[:300]


def _title(heading: Any) -> str:
    """Its words, without the sign that links to it."""
    return " ".join(word for word in text_of(heading).split() if word not in ("#", "¶", "§"))


def _first(element: Any, selector: str) -> Any:
    found = select(element, selector)
    return found[0] if found else None


def _anchor(heading: Any, title: str) -> str:
    """The heading's id, else its words."""
    given = heading.get("id") or next((one.get("id") for one in heading.iter() if one.get("id")), "")
    return (given or re.sub(r"[^\w.]+", "-", title.lower()).strip("-") or "section")[:200]


def _lang(root: Any) -> str:
    return (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:12]


def _base(root: Any, url: str) -> str:
    base = root.find(".//base[@href]")
    return url if base is None else base.get("href") if "//" in base.get("href") else url
