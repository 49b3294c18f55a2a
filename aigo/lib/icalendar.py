"""A calendar that programs subscribe to (RFC 5545), every moment in UTC.

Occurrences are written one by one: a rule would need its time zone's whole table beside it, and calendars
agree on that least of all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

CONTENT_TYPE = "text/calendar; charset=utf-8"
#: Bytes of a line without its break, at most (RFC 5545, 3.1).
_LINE = 75
#: Control characters have no place in a text (3.3.11).
_ESCAPES = str.maketrans(
    dict.fromkeys(map(chr, range(32))) | {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\t": "\t"}
)


@dataclass(frozen=True, slots=True)
class Event:
    """uid: the same for ever, unlike any other's in the world. start: a date is that day, wherever it is
    read. end None = the moment itself, or that one day."""

    uid: str
    start: datetime | date
    end: datetime | None
    summary: str
    description: str
    cancelled: bool
    created_at: datetime
    changed_at: datetime
    url: str = ""
    categories: tuple[str, ...] = ()


def calendar(name: str, events: Iterable[Event], *, product: str = "Maintenance") -> bytes:
    """The whole file. name: what a calendar program calls it. product: what of ours made it."""
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//AI-GO//{product}//EN", "METHOD:PUBLISH"),
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *(line for event in events for line in _event(event)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """As a value of type TEXT (3.3.11)."""
    return text.translate(_ESCAPES)


def folded(line: str) -> bytes:
    """A content line with its break, cut into pieces of at most 75 bytes, never within a character (3.1)."""
    pieces, piece = [], b""
    for character in line:
        coded = character.encode()
        if len(piece) + len(coded) > _LINE:
            pieces.append(piece)
            piece = b" "
        piece += coded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def _event(event: Event) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_moment(event.changed_at)}"
    yield f"CREATED:{_moment(event.created_at)}"
    yield f"LAST-MODIFIED:{_moment(event.changed_at)}"
    # it must only grow with every change
    yield f"SEQUENCE:{int((event.changed_at - event.created_at).total_seconds())}"
    yield f"DTSTART{_start(event.start)}"
    if event.end is not None:
        yield f"DTEND:{_moment(event.end)}"
    yield f"SUMMARY:{escaped(event.summary)}"
    yield f"DESCRIPTION:{escaped(event.description)}"
    if event.categories:
        yield f"CATEGORIES:{','.join(escaped(one) for one in event.categories)}"
    if event.url:
        yield f"URL:{event.url}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _start(start: datetime | date) -> str:
    """A day stands for the day wherever it is read (3.3.4); a moment is one in UTC."""
    return f":{_moment(start)}" if isinstance(start, datetime) else f";VALUE=DATE:{start:%Y%m%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
