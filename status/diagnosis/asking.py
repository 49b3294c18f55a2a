"""What is asked of "Is it me or them?", read from an address, a form or a JSON body. Pure.

Nothing falls back silently: what cannot be meant is refused by name, for an answer about another region or
another hour would be a wrong one.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aigo.lib.marking import gettext_noop as _
from status.diagnosis.kinds import Kind
from status.diagnosis.reading import MOST_BYTES
from status.diagnosis.sight import ALL

FIELDS: Final = ("model", "status", "message", "region", "at", "tz", "error")
#: A clock that is ahead by so much is meant to be now.
AHEAD: Final = timedelta(minutes=5)
#: What each value may be.
ACCEPTED: Final[Mapping[str, str]] = {
    "status": _("a number from 100 to 599, or nothing"),
    "message": _("at most 20,000 bytes: the part with the error is enough"),
    "region": _("a region that AI-GO measures from, or “all”"),
    "tz": _("a time zone such as Asia/Seoul, UTC or +09:00"),
    "at": _("a date and time that is not in the future, such as 2026-11-22T09:30"),
    "error": _("a kind of error as an earlier answer named it"),
    "model": _("the address of a model or endpoint, such as gpt-4.1 or openai--gpt-4.1"),
}
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_LETTERS: Final = 240
_OFFSET: Final = re.compile(r"([+-])([01]\d|2[0-3]):?([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that cannot be meant. `accepted`: what could be, as one English sentence that is translated."""

    name: str
    value: str
    accepted: str


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody got, of whom, from where and when (UTC). `kind`: as an earlier answer read the error.

    `timed`: the moment was given; else it is now.
    """

    model: str
    region: str
    at: datetime
    status: int | None = None
    message: str = ""
    kind: Kind | None = None
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """`report`: None while anything is refused or no model was named. `given`: as a form shows it again, the
    moment by the clock of its time zone, `zone`.
    """

    report: Report | None
    refusals: tuple[Refusal, ...]
    given: Mapping[str, str]
    zone: tzinfo = UTC

    @property
    def refused(self) -> Mapping[str, Refusal]:
        """By the name of the value."""
        return {refusal.name: refusal for refusal in self.refusals}


def asked(values: Mapping[str, str], *, regions: Container[str], now: datetime) -> Asked:
    """What these values ask; regions: slugs of those that can be named."""
    given = {name: sendable(str(values.get(name, ""))).strip() for name in FIELDS}
    zone = _zone(given["tz"])
    at = _moment(given["at"], zone or UTC, now)
    kind = next((kind for kind in Kind if kind.value == given["error"]), None)
    status, region = _status(given["status"]), given["region"] or ALL
    fits = {
        "status": not given["status"] or status is not None,
        "message": len(given["message"].encode("utf-8", "replace")) <= MOST_BYTES,
        "region": region in regions,
        "tz": zone is not None,
        "at": at is not None,
        "error": not given["error"] or kind is not None,
        "model": "\0" not in given["model"] and len(given["model"]) <= _MOST_LETTERS,
    }
    refusals = tuple(
        Refusal(name, given[name][:_MOST_LETTERS], ACCEPTED[name]) for name in FIELDS if not fits[name]
    )
    if refusals or at is None or not given["model"]:
        return Asked(None, refusals, given, zone or UTC)
    timed = bool(given["at"])
    if timed:
        given["at"] = at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    report = Report(given["model"], region, at, status, given["message"], kind, timed=timed)
    return Asked(report, (), given, zone or UTC)


def sendable(text: str) -> str:
    """The text without halves of characters, which JSON can spell and no database or answer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _status(text: str) -> int | None:
    known = text.isascii() and text.isdigit() and len(text) == 3 and 100 <= int(text) <= 599
    return int(text) if known else None


def _zone(text: str) -> tzinfo | None:
    """UTC for nothing; None for what is no time zone."""
    if not text or text in ("UTC", "Z"):
        return UTC
    if text[0] in "+-":
        found = _OFFSET.fullmatch(text)
        if found is None:
            return None
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _moment(text: str, zone: tzinfo, now: datetime) -> datetime | None:
    """In UTC; now for nothing. A time that a zone's clocks show twice is the first of both."""
    if not text:
        return now
    try:
        told = datetime.fromisoformat(text)
        at = (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not EARLIEST <= at <= now + AHEAD:
        return None
    return min(at, now)
