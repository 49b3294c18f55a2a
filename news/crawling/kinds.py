"""Which parser reads which kind of source, and what a source may say to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cssselect import HTMLTranslator, SelectorError

from news.crawling.entries import Listing
from news.crawling.feeds import read_feed, read_json_feed
from news.crawling.pages import SELECTORS, read_changelog, read_page
from news.crawling.sitemaps import read_sitemap

_MAX_SELECTOR: Final = 200


@dataclass(frozen=True, slots=True)
class SelectorFault:
    """What is wrong with a source's selectors: which `key` ("" = all of them), the `value`, and the `fault`:
    "not_an_object", "unknown", "missing", "not_a_text", "no_selector", "no_path"."""

    key: str
    value: Any
    fault: str
    known: tuple[str, ...] = ()


def read_listing(
    kind: str,
    body: bytes,
    content_type: str,
    url: str,
    now: datetime,
    *,
    selectors: Mapping[str, str],
    rendered: bool = False,
) -> Listing:
    """What a listing of that kind holds. rendered: body is a page as a browser showed it. Unreadable;
    KeyError: there is no such kind."""
    match kind:
        case "feed":
            return read_feed(body, content_type, url, now)
        case "json_feed":
            return read_json_feed(body, content_type, url, now)
        case "sitemap":
            return read_sitemap(body, content_type, url, now, path=selectors.get("path", ""))
        case "page":
            return read_page(body, content_type, url, now, selectors=selectors, rendered=rendered)
        case "changelog":
            return read_changelog(body, content_type, url, now, selectors=selectors, rendered=rendered)
    raise KeyError(kind)


def selector_faults(kind: str, selectors: Any) -> list[SelectorFault]:
    """What a source of that kind may not say; [] = it is as it should be."""
    allowed, needed = SELECTORS.get(kind, (frozenset[str](), frozenset[str]()))
    known = tuple(sorted(allowed))
    if not isinstance(selectors, dict):
        return [SelectorFault("", selectors, "not_an_object", known)]
    faults = [
        SelectorFault(key, value, "unknown", known) for key, value in selectors.items() if key not in allowed
    ]
    faults += [SelectorFault(key, "", "missing", known) for key in sorted(needed - set(selectors))]
    for key in sorted(allowed & set(selectors)):
        if fault := _fault(key, selectors[key]):
            faults.append(SelectorFault(key, selectors[key], fault, known))
    return faults


def _fault(key: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_SELECTOR:
        return "not_a_text"
    if key == "path":
        return "" if value.startswith("/") else "no_path"
    try:
        HTMLTranslator().css_to_xpath(value)
    except (SelectorError, RecursionError):
        return "no_selector"
    return ""
