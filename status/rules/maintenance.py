"""When maintenance takes place: occurrences of a window, and what they cover. Moments are UTC.

A window that recurs does so by the clock of its time zone: 02:00 stays 02:00 when clocks change. A local
time that a change of clocks leaves out is read by the offset before it, one that comes twice is the first,
and each occurrence lasts as many seconds as the first (RFC 5545, 3.3.5 and 3.8.5.3).

    Unusable    the recurrence is none that we take; the message says what to write
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from typing import cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

#: Which parts of a rule each frequency takes besides FREQ, INTERVAL, COUNT and UNTIL. Only those that leave
#: hardly a period without a day: the next occurrence is near, and looking for it ends. The time of day is the
#: window's own, so that nothing recurs more than once a day.
PARTS: Mapping[str, frozenset[str]] = {
    "DAILY": frozenset(),
    "WEEKLY": frozenset({"BYDAY", "WKST"}),
    "MONTHLY": frozenset({"BYDAY", "BYMONTHDAY", "BYSETPOS"}),
    "YEARLY": frozenset({"BYDAY", "BYMONTHDAY", "BYMONTH"}),
}
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH = r"[+-]?(?:[1-9]|[12]\d|3[01])"
#: What each part may say. INTERVAL=0 would never end.
_VALUES: Mapping[str, str] = {
    "FREQ": "[A-Z]+",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "WKST": _DAY,
    "BYDAY": rf"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY})*",
    "BYMONTHDAY": rf"{_NTH}(?:,{_NTH})*",
    "BYSETPOS": rf"{_NTH}(?:,{_NTH})*",
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*",
}
#: No second occurrence within that time of the first: the rule means something else than it says.
SOON = timedelta(days=3 * 366)
#: So many occurrences are compared with the one after.
MOST_CHECKED = 100


class Unusable(ValueError):
    """A recurrence that is not taken."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is planned. `recurrence`: an RRULE's value, "" = once; `regions`: slugs, empty = all;
    `cancelled_at`: from then on it covers nothing. `id`: 0 for one that is not kept."""

    id: int
    starts_at: datetime
    ends_at: datetime
    recurrence: str = ""
    time_zone: str = "UTC"
    regions: frozenset[str] = frozenset()
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One occurrence, from `start` until before `end`, in these regions (empty = all)."""

    start: datetime
    end: datetime
    regions: frozenset[str]
    window_id: int

    def covers(self, moment: datetime, region: str) -> bool:
        """region: a slug, or "all": then only what covers every region does."""
        return self.start <= moment < self.end and (not self.regions or region in self.regions)


def occurrences(window: Window, since: datetime, until: datetime) -> list[Span]:
    """Those that overlap [since, until), the earliest first; cut only where the window is cancelled.

    Unusable: see `check_recurrence`.
    """
    if window.cancelled_at is not None:
        until = min(until, window.cancelled_at)
    lasts = window.ends_at - window.starts_at
    found = []
    for start in _starts(window, since - lasts, until):
        end = start + lasts if window.cancelled_at is None else min(start + lasts, window.cancelled_at)
        if start < until and end > since:
            found.append(Span(start, end, window.regions, window.id))
    return found


def is_under_maintenance(spans: Iterable[Span], moment: datetime, region: str = "all") -> bool:
    """Whether a region (a slug) is covered at a moment; "all": whether every region is, by one span."""
    return any(span.covers(moment, region) for span in spans)


def next_end(spans: Iterable[Span], moment: datetime, region: str = "all") -> datetime | None:
    """When the maintenance that covers `moment` is over, spans that touch or overlap taken as one.

    None: `moment` is not covered.
    """
    end = None
    for span in sorted(spans):
        if span.covers(end or moment, region):
            end = span.end if end is None else max(end, span.end)
    return end


def check_recurrence(window: Window) -> None:
    """Unusable where the window's rule is none of ours, says nothing, or its occurrences overlap."""
    if not window.recurrence:
        return
    first = _local(window)
    soon = takewhile(lambda start: start <= first + SOON, _rule(window.recurrence, window.time_zone, first))
    starts = list(islice(soon, MOST_CHECKED))
    if starts[:1] != [first]:
        raise Unusable(
            f"recurrence={window.recurrence!r} does not name the window's own beginning, "
            f"{first:%A %Y-%m-%d %H:%M} {window.time_zone}. Begin on a day that the rule names."
        )
    if len(starts) == 1:
        raise Unusable(
            f"recurrence={window.recurrence!r} names no second occurrence within three years. Leave it empty "
            "for a window that takes place once."
        )
    lasts = window.ends_at - window.starts_at
    moments = [_utc(start, window.time_zone) for start in starts]
    if any(after - before < lasts for before, after in pairwise(moments)):
        raise Unusable(
            f"recurrence={window.recurrence!r}: an occurrence lasts {lasts}, longer than until the next one "
            "begins. Shorten the window, or let it recur less often."
        )


def _starts(window: Window, since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments within [since, until] at which occurrences begin."""
    if not window.recurrence:
        yield window.starts_at
        return
    first, zone = _local(window), ZoneInfo(window.time_zone)
    years = range(max(since.astimezone(zone).year, first.year), until.astimezone(zone).year + 1)
    for year in years:
        for start in _starts_in(window.recurrence, window.time_zone, first, year):
            moment = window.starts_at if start == first else _utc(start, window.time_zone)
            if since <= moment <= until:
                yield moment


@lru_cache(maxsize=1024)
def _starts_in(recurrence: str, time_zone: str, first: datetime, year: int) -> tuple[datetime, ...]:
    """Local times in a year: at most 366, worked out once for all who ask again and again."""
    begins, ends = (first.replace(year=y, month=1, day=1, hour=0, minute=0) for y in (year, year + 1))
    found = _rule(recurrence, time_zone, first).between(begins - timedelta(days=1), ends, inc=True)
    return tuple(start for start in found if start.year == year)


def _rule(recurrence: str, time_zone: str, first: datetime) -> rrule:
    """The rule from its first occurrence on, in local time. Unusable: it is none of ours."""
    parts = _parts(recurrence)
    if "UNTIL" in parts:
        # dateutil compares like with like: starts are local times, and so is the end
        parts["UNTIL"] = f"{_local_end(parts['UNTIL'], time_zone):%Y%m%dT%H%M%S}"
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        return cast(rrule, rrulestr(text, dtstart=first))
    except ValueError as error:
        raise Unusable(f"recurrence={recurrence!r} cannot be read: {error}.") from error


def _parts(recurrence: str) -> dict[str, str]:
    """The rule's parts by name. Unusable: it has one that is not taken, or twice."""
    named = [part.partition("=")[::2] for part in recurrence.upper().split(";")]
    parts = dict(named)
    frequency = parts.get("FREQ", "")
    if frequency not in PARTS:
        raise Unusable(
            f"recurrence={recurrence!r} is no rule of ours: FREQ is one of {', '.join(PARTS)}. Write for "
            "instance FREQ=WEEKLY;BYDAY=TU or FREQ=MONTHLY;BYDAY=1SU."
        )
    taken = {"FREQ", "INTERVAL", "COUNT", "UNTIL"} | PARTS[frequency]
    for name, value in named:
        if name not in taken:
            raise Unusable(
                f"recurrence={recurrence!r}: {name or 'an empty part'} is not taken with FREQ={frequency}, "
                f"only {', '.join(sorted(taken))}. The time of day is the window's own."
            )
        if not re.fullmatch(_VALUES[name], value) or (
            frequency == "WEEKLY" and re.search(r"BYDAY=.*\d", f"{name}={value}")
        ):
            raise Unusable(f"recurrence={recurrence!r}: {name}={value!r} is not taken with FREQ={frequency}.")
    if len(named) > len(parts) or {"COUNT", "UNTIL"} <= parts.keys():
        raise Unusable(f"recurrence={recurrence!r}: name each part once, and COUNT or UNTIL, not both.")
    return parts


def _local_end(until: str, time_zone: str) -> datetime:
    """The last moment a rule names, by the zone's clock: a day alone means all of it."""
    try:
        if "T" not in until:
            return datetime.combine(datetime.strptime(until, "%Y%m%d"), time.max)  # noqa: DTZ007
        moment = datetime.strptime(until.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError as error:
        raise Unusable(f"recurrence: UNTIL={until} is no day: {error}.") from error
    if not until.endswith("Z"):
        return moment
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)


def _local(window: Window) -> datetime:
    """When it first begins, by its own clock."""
    return window.starts_at.astimezone(ZoneInfo(window.time_zone)).replace(tzinfo=None)


def _utc(local: datetime, time_zone: str) -> datetime:
    return local.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
