"""When something was published, in the forms that feeds, pages and changelogs use. Pure.

A time without a zone is a day: which moment it means is not known. What is no date, or lies before 1990 or
more than a year ahead of `latest`, is not stated.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from news.crawling.entries import Moment
from news.months import MONTHS, SHORT_MONTHS, month_number

_NAME: Final = "|".join(sorted((*MONTHS, *SHORT_MONTHS, "sept"), key=len, reverse=True))
#: Several forms of a day within a text, the year first, or the month by name.
_DAYS: Final = (
    re.compile(r"(?<!\d)(?P<y>\d{4})\s?년\s?(?P<m>\d{1,2})\s?월\s?(?P<d>\d{1,2})\s?일"),
    re.compile(r"(?<!\d)(?P<y>\d{4})\s?[./-]\s?(?P<m>\d{1,2})\s?[./-]\s?(?P<d>\d{1,2})(?!\d)"),
    re.compile(rf"\b(?P<n>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.I),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<n>{_NAME})\.?,?\s+(?P<y>\d{{4}})\b", re.I),
)
_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:?\d\d(?::?\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)
_LONGEST: Final = 300


def read_moment(text: str, *, latest: datetime) -> Moment:
    """A moment or day that is the whole text, or the first day that stands in it."""
    text = " ".join(text[:_LONGEST].split())
    for read in (_iso, _rfc822, _within):
        if (found := read(text)) is not None:
            return _sensible(found, latest)
    return Moment()


def _iso(text: str) -> Moment | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        return _moment(datetime.fromisoformat(text.replace(" +", "+").replace(",", ".")))
    except ValueError:
        return None


def _rfc822(text: str) -> Moment | None:
    if ":" not in text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    # "-0000" says that the zone is not known, but the time is UTC (RFC 5322); no zone at all says nothing.
    return _moment(found.replace(tzinfo=UTC) if text.endswith("-0000") else found)


def _within(text: str) -> Moment | None:
    for form in _DAYS:
        if match := form.search(text):
            told = match.groupdict()
            month = month_number(told["n"]) if "n" in told else int(told["m"])
            try:
                return _day(date(int(told["y"]), month, int(told["d"])))
            except ValueError:
                return None
    return None


def _moment(found: datetime) -> Moment:
    """A moment only with its zone; midnight exactly without any stays a day."""
    if found.tzinfo is None:
        return _day(found.date())
    try:
        return Moment(found.astimezone(UTC).replace(microsecond=0), "instant")
    except OverflowError:
        return Moment()


def _day(day: date) -> Moment:
    return Moment(datetime.combine(day, time(), UTC), "day")


def _sensible(moment: Moment, latest: datetime) -> Moment:
    known = moment.at is not None and datetime(1990, 1, 1, tzinfo=UTC) <= moment.at <= latest + timedelta(365)
    return moment if known else Moment()
