"""Times in which a region did not measure, as days: plain arithmetic on spans, no database and no clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

DAY: Final = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class GapDay:
    """A UTC day. `lost_s`: seconds of it in which the region did not measure; None = before anything was."""

    date: date
    lost_s: int | None

    @property
    def share(self) -> float:
        """The part of the day that was lost, 0 to 1."""
        return min(1.0, (self.lost_s or 0) / DAY.total_seconds())


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlap, oldest first: two gaps at once are one time that is lost."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def by_day(
    spans: Iterable[Span], *, first: date, days: int, measured_from: datetime | None
) -> tuple[GapDay, ...]:
    """`days` days from `first` on. What lies before `measured_from` (None = nothing was) is no gap."""
    apart = merged(spans)
    found = []
    for day in (first + n * DAY for n in range(days)):
        begin = datetime.combine(day, time.min, UTC)
        unknown = measured_from is None or begin + DAY <= measured_from
        found.append(GapDay(day, None if unknown else round(sum(_overlaps(apart, begin)))))
    return tuple(found)


def _overlaps(spans: Sequence[Span], begin: datetime) -> Iterator[float]:
    for since, until in spans:
        inside = min(until, begin + DAY) - max(since, begin)
        if inside > timedelta(0):
            yield inside.total_seconds()
