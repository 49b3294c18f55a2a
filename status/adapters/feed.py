"""Status pages that tell by RSS or Atom only. Pure.

A feed without items says nothing, least of all that all is well: on 2026-07-23 an instance of Azure's
served a valid, empty one during an outage (PROTOCOLS.md B). So nothing follows from what is not in a feed.
One incident may be several items (x.ai: one for each service): they are told apart by guid.

The texts of x.ai ("Status: RESOLVED", then a date, a word and a text for each update) and of Statuspage
("Nov 20, 10:11 UTC", then "Resolved - text") are read; of others, the whole text is one update.
"""

import io
import re
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urldefrag, urlsplit
from xml.sax import SAXException

import feedparser

from status.adapters.reading import (
    MOST_INCIDENTS,
    MOST_UPDATES,
    OVER,
    Asked,
    PageIncident,
    PageReading,
    Source,
    Unreadable,
    Update,
)
from status.adapters.shape import told
from status.adapters.words import (
    IMPACT_WORDS,
    STATE_WORDS,
    concerns,
    gravest,
    incident_state,
    indicator_of,
    plain,
)
from status.adapters.words import impact as impact_of
from status.adapters.words import link as web_link

_AZURE = "https://rssfeed.azure.status.microsoft/en-us/status/feed/"
_PREFIX = re.compile(r"\[([^\]]{1,80})\]\s*(.+)", re.DOTALL)
_FIELD = re.compile(r"(status|severity|resolved):\s*(.+)", re.IGNORECASE)
_SHORT_DATE = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}), (\d{2}):(\d{2}) UTC")
_WORD_AND_TEXT = re.compile(r"([A-Z][A-Za-z ]{2,20}) - (.*)", re.DOTALL)
_OVER_IN_TITLE = re.compile(r"\b(recovered|resolved|mitigated|is back up)\b", re.IGNORECASE)


def sources(url: str) -> tuple[Source, ...]:
    """`url` itself where it names a feed, else its /feed.xml."""
    path = urlsplit(url).path.rstrip("/")
    named = path.endswith((".xml", ".rss", ".atom", "/feed", "/rss"))
    return (Source("feed", url if named else f"{url.rstrip('/')}/feed.xml"),)


def azure_sources(url: str) -> tuple[Source, ...]:
    """The feed's own host, not the page's, which may be answered by the region that is down."""
    return (Source("feed", _AZURE),)


def read(asked: Asked) -> PageReading:
    found: dict[str, PageIncident] = {}
    for entry in _entries(asked.bodies)[:MOST_INCIDENTS]:
        row = _incident(entry)
        known = found.get(row.external_id)
        found[row.external_id] = _merged(known, row) if known else row
    ours = tuple(row for row in found.values() if concerns(asked.scope, (row.title, *row.components)))
    ongoing = [row.impact for row in ours if row.resolved_at is None]
    return PageReading(indicator_of(ongoing) if ongoing else "", (), ours, complete=False)


def _entries(bodies: Mapping[str, bytes]) -> Sequence[Mapping[str, Any]]:
    if "feed" not in bodies:
        raise Unreadable("feed", "was not answered")
    if b"<!ENTITY" in bodies["feed"].replace(b"\x00", b""):
        # ten lines of them grow to gigabytes; no feed needs any
        raise Unreadable("feed", "it declares entities of its own, which are not read")
    # a stream: bytes would be taken for the name of a file first
    parsed = feedparser.parse(io.BytesIO(bodies["feed"]))
    if not parsed.get("version"):
        begin = bodies["feed"][:80].decode("utf-8", "replace")
        raise Unreadable("feed", f"expected RSS or Atom, found a text that begins with {begin!r}")
    if isinstance(parsed.get("bozo_exception"), SAXException):
        raise Unreadable("feed", f"broken XML: {parsed['bozo_exception']}"[:300])
    return parsed["entries"]  # type: ignore[no-any-return]


def _incident(entry: Mapping[str, Any]) -> PageIncident:
    link = str(entry.get("link") or "")
    guid = str(entry.get("id") or link or entry.get("title") or "")
    prefixed = _PREFIX.fullmatch(plain(str(entry.get("title") or "—")))
    title = prefixed[2] if prefixed else plain(str(entry.get("title") or "—"))
    tags = [plain(str(tag.get("term") or ""))[:100] for tag in entry.get("tags") or ()]
    published = _moment(entry, "published_parsed") or _moment(entry, "updated_parsed")
    updated = _moment(entry, "updated_parsed") or published
    lines = _lines(entry)
    fields = {match[1].lower(): match[2].strip() for line in lines if (match := _FIELD.fullmatch(line))}
    updates = _updates(lines, updated) or (Update("", "update", "\n".join(lines), published),)
    status = _status(fields, updates, tags, title)
    moments = [row.published_at for row in updates if row.published_at]
    ended = _date(fields.get("resolved", "")) or max(moments, default=updated)
    words = [word for word in (fields.get("severity", ""), *tags) if _is_impact(word)]
    named = [word for word in tags if word and not _is_impact(word) and not _is_state(word)]
    return PageIncident(
        external_id=(link if link and urldefrag(guid).url == link else guid)[:200],
        title=title[:300] or "—",
        impact=gravest(map(impact_of, words)) if words else "unknown",
        status=status,
        url=web_link(link[:400]),
        claimed_started_at=published,
        published_at=min(moments, default=published),
        resolved_at=ended if status in OVER else None,
        components=((prefixed[1],) if prefixed else ()) + tuple(named),
        updates=updates[:MOST_UPDATES],
        maintenance=status in ("scheduled", "in_progress", "completed") or "maintenance" in title.lower(),
    )


def _merged(one: PageIncident, other: PageIncident) -> PageIncident:
    """Two items of one incident: over only where the newest says so; its updates once."""
    newest = max(one, other, key=lambda row: str(row.updates[0].published_at))
    updates = {(row.published_at, row.status, row.body): row for row in (*one.updates, *other.updates)}
    begun = [row.published_at for row in (one, other) if row.published_at]
    claimed = [row.claimed_started_at for row in (one, other) if row.claimed_started_at]
    ordered = sorted(updates.values(), key=lambda row: str(row.published_at), reverse=True)
    return replace(
        newest,
        title=one.title,
        impact=gravest((one.impact, other.impact)),
        components=tuple(dict.fromkeys((*one.components, *other.components)))[:200],
        published_at=min(begun, default=None),
        claimed_started_at=min(claimed, default=None),
        updates=tuple(ordered[:MOST_UPDATES]),
    )


def _lines(entry: Mapping[str, Any]) -> list[str]:
    contents = entry.get("content") or ()
    text = contents[0].get("value") if contents else entry.get("summary")
    return [line.strip() for line in plain(str(text or "")).splitlines() if line.strip()]


def _updates(lines: Sequence[str], updated: datetime | None) -> tuple[Update, ...]:
    """A line with a date begins an update; the word after it is its state."""
    begins = [(n, at) for n, line in enumerate(lines) if (at := _date(line) or _short_date(line, updated))]
    found = []
    for place, (n, at) in enumerate(begins):
        end = begins[place + 1][0] if place + 1 < len(begins) else len(lines)
        word, body = _word_and_text("\n".join(lines[n + 1 : end]))
        found.append(Update("", incident_state(word), body, at))
    return tuple(sorted(found, key=lambda row: str(row.published_at), reverse=True))


def _word_and_text(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    if _is_state(first):
        return first, rest
    match = _WORD_AND_TEXT.fullmatch(text)
    return (match[1], match[2]) if match and _is_state(match[1]) else ("", text)


def _status(fields: Mapping[str, str], updates: Sequence[Update], tags: Sequence[str], title: str) -> str:
    words = [fields.get("status", ""), updates[0].status, *tags]
    known = (incident_state(word) for word in words if _is_state(word))
    return next(known, "resolved" if _OVER_IN_TITLE.search(title) else "investigating")


def _is_state(word: str) -> bool:
    return re.sub(r"[^a-z]", "", word.lower()) in STATE_WORDS


def _is_impact(word: str) -> bool:
    return re.sub(r"[^a-z]", "", word.lower()) in IMPACT_WORDS


def _moment(entry: Mapping[str, Any], key: str) -> datetime | None:
    # asked for by `in` first: a feed's own dictionary guesses what it does not have
    found = entry[key] if key in entry else None  # noqa: SIM401
    try:
        return told(datetime.fromtimestamp(timegm(found), UTC)) if found else None
    except (ValueError, OverflowError):
        return None


def _date(line: str) -> datetime | None:
    """RFC 822 (Wed, 07 Oct 2026 00:30:19 GMT) or ISO 8601."""
    if not 19 <= len(line) <= 40:
        return None
    try:
        if line[:4].isdigit():
            return told(datetime.fromisoformat(line).astimezone(UTC))
        return told(parsedate_to_datetime(line).astimezone(UTC)) if "," in line[:5] else None
    except (ValueError, OverflowError):
        return None


def _short_date(line: str, updated: datetime | None) -> datetime | None:
    """Statuspage's, without a year: the last such moment before the feed's own, a day of grace."""
    match = _SHORT_DATE.fullmatch(line)
    if match is None or updated is None:
        return None
    for year in (updated.year + 1, updated.year, updated.year - 1):
        try:
            text = f"{year} {match[1]} {match[2]} {match[3]}:{match[4]}"
            found = datetime.strptime(text, "%Y %b %d %H:%M").replace(tzinfo=UTC)
        except ValueError:
            continue
        if found <= updated + timedelta(days=1):
            return found
    return None
