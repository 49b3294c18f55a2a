"""Who is told of what, and when. ADR 23 says why.

    critical (from `at_once_from` on)   at once
    lighter than that                   after `warning_after`, unless it is over by then
    quiet hours, maintenance            hold it until they end; then it is told if it still lasts
    worsened                            told at once to who was told, if it is now one of those told at once
    people's updates, recovery          to who was told of the opening

One recipient is told of the opening of one incident once. All times are UTC; what depends on a wall clock
names its zone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from status.rules.maintenance import Span, next_end
from status.rules.states import Severity

_RISING: Final = [severity.value for severity in Severity]
#: Warnings wait so long where nobody says otherwise.
WARNING_AFTER: Final = timedelta(minutes=15)
#: Delays before each try, in seconds (Standard Webhooks); after the last there is no other.
RETRIES_S: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
#: Answers that ask for fewer tries: the next delay but one is taken.
SLOW_DOWN: Final = frozenset({429, 502, 504})
#: A delay is drawn from this share below to this share above it, so that what failed together is not tried
#: together.
JITTER: Final = 0.1
#: A target's own wish is honoured up to so many seconds.
LONGEST_WISH_S: Final = 86_400.0


def rank(severity: str) -> int:
    """0 = info, 3 = critical."""
    return _RISING.index(severity)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` to before `ends`, wall time of `zone` (IANA); over midnight where `ends` is earlier.

    `days`: weekdays they begin on, 0 = Monday; empty = every day. `begins` and `ends` differ.
    """

    begins: time
    ends: time
    days: frozenset[int] = frozenset()
    zone: str = "UTC"

    def end_after(self, at: datetime) -> datetime | None:
        """When the quiet hours that `at` lies in are over, UTC; None = it lies in none.

        22:00 to 07:00: 21:59:59 is in none, 22:00 is, 06:59:59 is, 07:00 is not.
        """
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        for day in (today, today - timedelta(days=1)):
            if self.days and day.weekday() not in self.days:
                continue
            last = day if self.begins < self.ends else day + timedelta(days=1)
            begins = datetime.combine(day, self.begins, zone).astimezone(UTC)
            ends = datetime.combine(last, self.ends, zone).astimezone(UTC)
            if begins <= at < ends:
                return ends
        return None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked to be told of: an alert rule (`rule`: its id) or a subscription (None).

    Empty `providers`, `endpoints` and `models` = everything, else what concerns any of these; empty `regions`
    = everywhere. `breaks_quiet`: "" = nothing does.
    """

    rule: int | None = None
    topics: frozenset[str] = frozenset({"incident"})
    min_severity: str = "minor"
    at_once_from: str = "major"
    warning_after: timedelta = WARNING_AFTER
    quiet: QuietHours | None = None
    breaks_quiet: str = "critical"
    tells_updates: bool = True
    tells_recovery: bool = True
    providers: frozenset[int] = frozenset()
    endpoints: frozenset[int] = frozenset()
    models: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Matter:
    """What there is to be told of, as it is at the moment. `maintenance`: endpoint → its spans."""

    severity: str
    topic: str = "incident"
    provider: int | None = None
    endpoints: frozenset[int] = frozenset()
    models: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    maintenance: Mapping[int, Sequence[Span]] = field(default_factory=dict)

    def maintained_until(self, at: datetime) -> datetime | None:
        """How long everything it is about is under maintenance from `at` on; None = something is not."""
        ends = [
            next_end(self.maintenance.get(pk, ()), at, region)
            for pk in self.endpoints
            for region in self.regions or ("all",)
        ]
        known = [end for end in ends if end is not None]
        return min(known) if known and len(known) == len(ends) else None


def wants(wish: Wish, matter: Matter) -> bool:
    """Whether that is something the wish is about: of its topics, grave enough, and its own."""
    if matter.topic not in wish.topics or rank(matter.severity) < rank(wish.min_severity):
        return False
    if wish.regions and matter.regions and not wish.regions & matter.regions:
        return False
    if not (wish.providers or wish.endpoints or wish.models):
        return True
    return (
        matter.provider in wish.providers
        or bool(wish.endpoints & matter.endpoints)
        or bool(wish.models & matter.models)
    )


def is_at_once(wish: Wish, severity: str) -> bool:
    """From its `at_once_from` on: major is, minor is not, where that is major."""
    return rank(severity) >= rank(wish.at_once_from)


def due_at(
    wish: Wish, matter: Matter, since: datetime, *, delayed: bool = True, muted: bool = True
) -> datetime:
    """When what began at `since` is to be told.

    delayed: warnings wait. muted: maintenance holds. Quiet hours always hold what does not break them.
    """
    wait = delayed and not is_at_once(wish, matter.severity)
    at = since + wish.warning_after if wait else since
    breaks = wish.breaks_quiet and rank(matter.severity) >= rank(wish.breaks_quiet)
    while True:
        held = [
            matter.maintained_until(at) if muted else None,
            wish.quiet.end_after(at) if wish.quiet and not breaks else None,
        ]
        later = max((end for end in held if end is not None), default=None)
        if later is None:
            return at
        at = later


def retry_after(
    failures: int, *, http_status: int | None = None, wish_s: float | None = None, draw: float = 0.5
) -> timedelta | None:
    """How long after the `failures`-th failure the next try is due; None = there is none.

    http_status, wish_s: the target's answer and its Retry-After. draw: 0 to 1, evenly drawn, for the jitter.
    The first failure is followed after 5 s, the 9th after 24 h, the 10th by nothing.
    """
    if failures >= len(RETRIES_S):
        return None
    step = failures + 1 if http_status in SLOW_DOWN else failures
    delay_s = RETRIES_S[min(step, len(RETRIES_S) - 1)] * (1 - JITTER + 2 * JITTER * draw)
    return timedelta(seconds=max(delay_s, min(wish_s or 0.0, LONGEST_WISH_S)))
