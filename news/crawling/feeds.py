"""RSS, Atom and JSON Feed. Pure.

https://www.rssboard.org/rss-specification, https://www.rfc-editor.org/rfc/rfc4287,
https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import calendar
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from news.cleaning import plain_text
from news.crawling.dates import read_moment
from news.crawling.decoding import decoded
from news.crawling.entries import Entry, Listing, Moment, Unreadable, listing_of

_MAX_TITLE = 5_000
_JSON_FEED = "https://jsonfeed.org/version/"


def read_feed(body: bytes, content_type: str, url: str, now: datetime) -> Listing:
    """An RSS or Atom feed, broken ones as far as they can be read. Unreadable."""
    headers = {"content-type": content_type}  # without its address: a bare guid would be taken for one
    try:
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # the parser of broken feeds breaks in ways of its own
        raise Unreadable(f"no feed can be read: {type(error).__name__}") from None
    if not parsed.get("version") and not parsed.entries:
        raise Unreadable(f"neither RSS nor Atom: begins with {_begin(body)!r}")
    lang = str(parsed.feed.get("language", "") or "")
    entries = [_feed_entry(entry, lang, now) for entry in parsed.entries]
    note = str(parsed.get("bozo_exception", ""))[:200] if parsed.get("bozo") and not parsed.entries else ""
    return listing_of(entries, base=url, note=note)


def _feed_entry(entry: Any, lang: str, now: datetime) -> Entry:
    content = max(
        [str(part.get("value", "")) for part in entry.get("content", [])] + [str(entry.get("summary", ""))],
        key=len,
    )
    guid = str(entry.get("id", ""))
    # Without a link of its own, feedparser shows the guid as one, which may be any name.
    link = str(entry.get("link", "")) if entry.get("links") else ""
    if not link and guid.startswith(("https://", "http://")):
        link = guid
    return Entry(
        url=link,
        guid=guid,
        title=plain_text(str(entry.get("title", ""))[:_MAX_TITLE]),
        author=plain_text(str(entry.get("author", ""))[:_MAX_TITLE]),
        published=_feed_moment(entry, now),
        changed=_stated(entry, "updated") or _stated(entry, "published"),
        lang=str(entry.get("language", "") or lang),
        content=content,
    )


def _feed_moment(entry: Any, now: datetime) -> Moment:
    """As written; forms that only feedparser knows lose their time of day, whose zone it guesses."""
    for name in ("published", "updated"):
        written = _stated(entry, name)
        moment = read_moment(written, latest=now)
        parsed = dict.get(entry, f"{name}_parsed")
        if moment.at is None and parsed:
            try:
                day = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError, TypeError):
                continue
            moment = read_moment(day.date().isoformat(), latest=now)
        if moment.at is not None:
            return moment
    return Moment()


def _stated(entry: Any, name: str) -> str:
    """What the feed itself says: feedparser's own look-up answers one date where another is missing."""
    return str(dict.get(entry, name, "") or "")


def read_json_feed(body: bytes, content_type: str, url: str, now: datetime) -> Listing:
    """A JSON Feed 1.0 or 1.1. Unreadable."""
    try:
        told = json.loads(decoded(body, "charset=utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable(f"no JSON: begins with {_begin(body)!r}") from None
    if not isinstance(told, dict) or not str(told.get("version", "")).startswith(_JSON_FEED):
        raise Unreadable(f"no JSON Feed: expected version {_JSON_FEED}…")
    items = told.get("items")
    if not isinstance(items, list):
        raise Unreadable("no JSON Feed: expected a list of items")
    lang = _text(told, "language")
    entries = [_json_entry(item, lang, now) for item in items if isinstance(item, dict)]
    return listing_of(entries, base=url)


def _json_entry(item: Mapping[str, Any], lang: str, now: datetime) -> Entry:
    people = item.get("authors") or [item.get("author")]
    names = (
        [_text(one, "name") for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    )
    content = _text(item, "content_html") or plain_text(_text(item, "content_text") or _text(item, "summary"))
    return Entry(
        url=_text(item, "url") or _text(item, "external_url"),
        guid=str(item.get("id", "")),
        title=plain_text(_text(item, "title")[:_MAX_TITLE]),
        author=", ".join(filter(None, names)),
        published=read_moment(_text(item, "date_published") or _text(item, "date_modified"), latest=now),
        changed=_text(item, "date_modified") or _text(item, "date_published"),
        lang=_text(item, "language") or lang,
        content=content,
    )


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _begin(body: bytes) -> str:
    return " ".join(decoded(body[:60]).split())[:40]
