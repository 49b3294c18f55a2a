"""Sitemaps, their indexes and their news (https://www.sitemaps.org/protocol.html). Pure."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

from aigo.lib.addresses import FetchError
from aigo.lib.unpacking import Unpacker
from news.crawling.dates import read_moment
from news.crawling.entries import Entry, Listing, Unreadable, listing_of

#: As many as one file may hold.
MAX_URLS: Final = 50_000
#: Further sitemaps of an index that are read: those that changed last.
MAX_MORE: Final = 5
_GZIP: Final = b"\x1f\x8b"


def read_sitemap(body: bytes, content_type: str, url: str, now: datetime, *, path: str = "") -> Listing:
    """The newest addresses of a sitemap, or the sitemaps of an index; on its own host, below `path` only.

    A file that breaks off is read until there. Unreadable.
    """
    rows, kind, note = _rows(_unpacked(body), now)
    if kind == "sitemapindex":
        rows.sort(key=_newest_first)
        return listing_of([], base=url, more=[row["loc"] for row in rows[:MAX_MORE]], note=note)
    entries = [_entry(row, now) for row in rows if _is_below(row["loc"], url, path)]
    entries.sort(key=lambda entry: entry.changed == "")
    entries.sort(key=lambda entry: read_moment(entry.changed, latest=now).at or _LONG_AGO, reverse=True)
    return listing_of(entries, base=url, note=note)


_LONG_AGO: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _newest_first(row: dict[str, Any]) -> float:
    return -(row["at"] or 0)


def _rows(body: bytes, now: datetime) -> tuple[list[dict[str, Any]], str, str]:
    """[{loc, lastmod, title, publication_date, language}], the root's name, and what was wrong."""
    rows: list[dict[str, Any]] = []
    kind, note = "", ""
    try:
        for event, element in etree.iterparse(
            io.BytesIO(body),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        ):
            name = _name(element)
            kind = kind or name
            if event == "end" and name in ("url", "sitemap"):
                rows.append(_row(element, now))
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
            if len(rows) >= MAX_URLS:
                note = f"only the first {MAX_URLS:,} addresses were read"
                break
    except etree.XMLSyntaxError as error:
        note = f"breaks off: {error.msg or 'empty'}"[:200]
    if kind not in ("urlset", "sitemapindex"):
        raise Unreadable(f"no sitemap: its root is {kind[:30] or 'nothing'!r}, {note or 'expected urlset'}")
    return [row for row in rows if row["loc"]], kind, note


def _row(element: Any, now: datetime) -> dict[str, Any]:
    told = {"loc": "", "lastmod": "", "title": "", "publication_date": "", "language": ""}
    for child in element.iter():
        name = _name(child)
        if name in told and not told[name]:
            told[name] = (child.text or "").strip()[:2_000]
    moment = read_moment(told["lastmod"], latest=now).at
    return {**told, "at": moment.timestamp() if moment else None}


def _entry(row: dict[str, Any], now: datetime) -> Entry:
    return Entry(
        url=row["loc"],
        title=row["title"],
        published=read_moment(row["publication_date"], latest=now),
        changed=row["lastmod"] or row["publication_date"],
        lang=row["language"],
    )


def _is_below(address: str, sitemap: str, path: str) -> bool:
    """A sitemap speaks for its own host."""
    try:
        parts, own = urlsplit(address), urlsplit(sitemap)
    except ValueError:
        return False
    return parts.netloc.lower() == own.netloc.lower() and (parts.path or "/").startswith(path)


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _unpacked(body: bytes) -> bytes:
    """A file that is gzip itself; 50 MB unpacked at most, as sitemaps.org says."""
    if not body.startswith(_GZIP):
        return body
    unpacker = Unpacker("sitemap", "gzip", 52_428_800)
    try:
        unpacker.feed(body)
        return unpacker.whole()
    except FetchError as error:
        raise Unreadable(str(error)) from None
