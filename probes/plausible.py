"""Whether a row that a POP delivered can be an attempt at all: types, ranges and moments. Pure.

A POP may be newer, older or broken; one row of it that cannot be true must not take the others with it.
"""

import types
import typing
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

from probes.attempts import MAX_CHARS, Attempt
from probes.outcomes import OUTCOMES, counts

#: No attempt begins in the future; so much may two clocks differ.
CLOCK_SLACK: Final = timedelta(seconds=60)
#: Older than this it belongs to nothing that is still kept.
OLDEST: Final = timedelta(days=7)
#: A probe that was sent started at most so long before or after its due moment (confirmations, lag). By it
#: those are found that started in a window: they are kept by their due moment.
DUE_WITHIN: Final = timedelta(minutes=15)
#: What the columns hold.
MOST_COUNT: Final = 2**31 - 1
MOST_MS: Final = MOST_COUNT / 1000
MOST_ATTEMPTS: Final = 10
MOST_CHARS: Final = 240
MOST_LIMITS: Final = 32

_HINTS: Final = get_type_hints(Attempt)
_MOST: Final = {**MAX_CHARS, "worker": 80, "method_version": 20, "receive_clock": 6}
_FIELDS: Final = tuple(field.name for field in fields(Attempt))


class Reason(StrEnum):
    """Why a row is set aside: what the metric counts by."""

    MALFORMED = "malformed"  # no attempt at all
    IMPLAUSIBLE = "implausible"  # a value that cannot be true
    FUTURE = "future"  # by the clock of who sent it
    PAST = "past"
    FOREIGN = "foreign_region"  # a region that the sender does not speak for
    UNKNOWN_REGION = "unknown_region"
    UNKNOWN_ENDPOINT = "unknown_endpoint"
    NOT_STORABLE = "not_storable"  # the database refuses it


class Refusal(NamedTuple):
    """Why a row is set aside, and in words: the name of the field, and its value."""

    reason: Reason
    detail: str


def implausible(attempt: Attempt, *, now: datetime) -> Refusal | None:
    """Why the attempt cannot be true, None where it can."""
    if detail := _impossible(attempt):
        return Refusal(Reason.IMPLAUSIBLE, detail)
    return _untimely(attempt, now.timestamp())


def _impossible(attempt: Attempt) -> str:
    for name in _FIELDS:
        value = getattr(attempt, name)
        if not _fits(value, _HINTS[name]):
            return f"{name}={value!r:.60}"
        if isinstance(value, str) and len(value) > _MOST.get(name, MOST_CHARS):
            return f"{name} of {len(value)} characters"
        if name.endswith("_ms") and value is not None and not 0 <= value <= _longest_ms(name):
            return f"{name}={value} is no time of 0 to {MOST_MS:.0f} ms"
    if attempt.outcome not in OUTCOMES:
        return f"outcome={attempt.outcome!r:.60} is not known here"
    if not 1 <= attempt.attempt <= MOST_ATTEMPTS:
        return f"attempt={attempt.attempt}"
    if attempt.http_status is not None and not 100 <= attempt.http_status <= 999:
        return f"http_status={attempt.http_status}"
    if len(attempt.rate_limits) > MOST_LIMITS:
        return f"{len(attempt.rate_limits)} rate limits"
    return ""


def _longest_ms(name: str) -> float:
    """What was sent much too late is kept all the same, with the longest lag that its column holds."""
    return inf if name == "lag_ms" else MOST_MS


def _untimely(attempt: Attempt, moment: float) -> Refusal | None:
    for name in ("due_at", "started_at"):
        value = getattr(attempt, name)
        ahead_s = value - moment
        if not -OLDEST.total_seconds() <= ahead_s <= CLOCK_SLACK.total_seconds():
            reason = Reason.FUTURE if ahead_s > 0 else Reason.PAST
            return Refusal(reason, f"{name}={value} is not near now, {moment:.0f}: is its clock right?")
    late_s = attempt.started_at - attempt.due_at
    if counts(attempt.outcome) and abs(late_s) > DUE_WITHIN.total_seconds():
        reason = Reason.FUTURE if late_s > 0 else Reason.PAST
        detail = f"started_at={attempt.started_at} is {late_s:.0f} s from due_at: is its clock right?"
        return Refusal(reason, detail)
    return None


def _is_storable(text: str) -> bool:
    """No NUL and no lone surrogate, which no database takes."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _fits(value: Any, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if get_origin(hint) is typing.Literal:
        return value in get_args(hint)
    if get_origin(hint) is list:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    if hint is float:
        return type(value) in (int, float) and abs(value) < 1e12  # no NaN, no infinity
    if hint is int:
        return type(value) is int and 0 <= value <= MOST_COUNT
    if hint is str:
        return isinstance(value, str) and _is_storable(value)
    return isinstance(value, hint)
