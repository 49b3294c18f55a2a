"""The text of a page, and what it says of itself: title, author, date, address, language. Pure.

Where the page lies about itself nobody else's item is touched: a canonical address counts on the page's own
host only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from news.cleaning import one_line, one_spaced
from news.crawling.dates import read_moment
from news.crawling.decoding import decoded
from news.crawling.entries import MAX_URL, Moment, Unreadable
from news.crawling.trees import page_tree, select, text_of
from news.urls import canonical_url

#: The most that is kept of a text, in characters, and the most elements that the extraction is given: it
#: takes some 0.3 ms for each.
MAX_TEXT: Final = 200_000
MAX_ELEMENTS: Final = 10_000
#: Less than so many characters is no text.
MIN_TEXT: Final = 20
_PAGES: Final = frozenset({"", "text/html", "application/xhtml+xml"})
_PLAIN: Final = frozenset({"text/plain", "text/markdown"})
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
#: Signs that no text has; where they are one in a hundred, something else was sent as a page.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_SAMPLE: Final = 10_000
_LETTER: Final = re.compile(r"[^\W\d_]")
_LANG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page holds. `canonical` "" = it names none of its own host; `lang` BCP 47, "" = unknown."""

    text: str
    title: str = ""
    author: str = ""
    published: Moment = field(default_factory=Moment)
    canonical: str = ""
    lang: str = ""


def read_article(
    body: bytes,
    content_type: str,
    url: str,
    now: datetime,
    *,
    body_at: str = "",
    rendered: bool = False,
) -> Reading:
    """body_at: selector of the element that holds the text, "" = it is found. rendered: a browser showed the
    page and marked what is hidden. Unreadable: no page, or no text in it."""
    kind = content_type.partition(";")[0].strip().lower()
    text = decoded(body, content_type)
    if kind in _PLAIN:
        return Reading(_enough(one_spaced(text)), lang=language("", text))
    if kind not in _PAGES:
        raise Unreadable(f"content type {kind[:60]!r} is no page")
    if len(_CONTROL.findall(text[:_SAMPLE])) * 100 > len(text[:_SAMPLE]):
        raise Unreadable("it is no text, though its content type says so")
    root = page_tree(text, rendered=rendered)
    described = _linked_data(text)
    lang = root.get("lang") or _meta(root, "og:locale")
    found = Reading(
        text="",
        title=one_line(_meta(root, "og:title") or _heading(root), 500),
        author=one_line(_author(root, described), 200),
        published=_published(root, described, now),
        canonical=_canonical(root, url),
    )
    words = _enough(_words(root, url, body_at))
    return Reading(
        words, found.title, found.author, found.published, found.canonical, language(lang or "", words)
    )


def language(stated: str, text: str) -> str:
    """Korean where a third of the letters are, whatever the page's template says; else what is stated."""
    letters = len(_LETTER.findall(text[:5_000]))
    if letters and len(_HANGUL.findall(text[:5_000])) * 3 > letters:
        return "ko"
    match = _LANG.fullmatch(stated.strip())
    return (
        "" if match is None or (stated[:2].lower() == "ko" and letters) else stated.strip().replace("_", "-")
    )


def _words(root: Any, url: str, body_at: str) -> str:
    if body_at:
        chosen = select(root, body_at)
        if not chosen:
            raise Unreadable(f"selector {body_at!r:.100} finds nothing")
        return _block_text(chosen[0])
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        return _block_text(_main(root))
    from trafilatura import bare_extraction  # loading takes seconds, which only crawlers have

    try:
        found: Any = bare_extraction(root, url=url, fast=True, include_comments=False)
    except Exception:  # of a page that its parser does not survive, everything is taken
        found = None
    return one_spaced(found.text or "") if found is not None else _block_text(_main(root))


def _main(root: Any) -> Any:
    for selector in ("article", "main", "body"):
        if len(found := select(root, selector)) == 1:
            return found[0]
    return root


def _block_text(element: Any) -> str:
    """All its words, a line per piece of text."""
    return one_spaced("\n".join(" ".join(piece.split()) for piece in element.itertext() if piece.strip()))


def _enough(text: str) -> str:
    if len(text) < MIN_TEXT:
        raise Unreadable(f"only {len(text)} characters of text")
    return text[:MAX_TEXT]


def _heading(root: Any) -> str:
    heads = select(root, "h1")
    title = root.find(".//title")
    return text_of(heads[0]) if len(heads) == 1 else "" if title is None else text_of(title)


def _author(root: Any, described: Mapping[str, Any]) -> str:
    people = described.get("author")
    names = [
        str(one.get("name", "")) if isinstance(one, dict) else one if isinstance(one, str) else ""
        for one in (people if isinstance(people, list) else [people])
    ]
    return ", ".join(filter(None, names)) or _meta(root, "author") or _meta(root, "dc.creator")


def _published(root: Any, described: Mapping[str, Any], now: datetime) -> Moment:
    """What the page says first: linked data, metadata, a time element of its article."""
    times = select(root, "article time[datetime], main time[datetime], time[datetime]")
    stated = (
        str(described.get("datePublished", "")),
        _meta(root, "article:published_time"),
        _meta(root, "date"),
        _meta(root, "dc.date"),
        times[0].get("datetime") if times else "",
    )
    found = (read_moment(text, latest=now) for text in stated if text)
    return next((moment for moment in found if moment.at is not None), Moment())


def _canonical(root: Any, url: str) -> str:
    for link in root.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            stated = canonical_url(link.get("href") or "", url)
            same_host = _bare(stated) == _bare(url) and len(stated.encode()) <= MAX_URL
            # a page that names the front page as its address names every page so
            return stated if same_host and urlsplit(stated).path.strip("/") else ""
    return ""


def _bare(url: str) -> str:
    return (urlsplit(url).netloc or "").lower().removeprefix("www.")


def _meta(root: Any, name: str) -> str:
    for meta in root.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() == name:
            return (meta.get("content") or "").strip()[:2_000]
    return ""


_SCRIPTS: Final = re.compile(
    r"<script\b[^<>]*application/ld\+json[^<>]*>(?P<json>[^<]{0,200000})</script", re.I
)


def _linked_data(text: str) -> Mapping[str, Any]:
    """The first thing of schema.org that has a day of publication; {} = none. Scripts are not run."""
    for script in _SCRIPTS.finditer(text):
        try:
            told = json.loads(script["json"])
        except (ValueError, RecursionError):
            continue
        for thing in _things(told):
            if "datePublished" in thing:
                return thing
    return {}


def _things(told: Any) -> Iterator[Mapping[str, Any]]:
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, dict):
            yield one
            graph = one.get("@graph")
            yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()
