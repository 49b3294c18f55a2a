"""What an examination looks at, and what it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

#: So long after its moment an attempt may still be on its way; what is younger is not judged.
SETTLED = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Scope:
    """`now`: UTC; `days`: how many whole days back rows are compared, besides today."""

    now: datetime
    days: int

    @property
    def until(self) -> datetime:
        """The last full hour of which everything has come."""
        return (self.now - SETTLED).replace(minute=0, second=0, microsecond=0)

    @property
    def since(self) -> datetime:
        """Midnight, `days` ago."""
        return datetime.combine(self.now.date() - timedelta(days=self.days), datetime.min.time(), UTC)

    def spans(self) -> Iterator[tuple[datetime, datetime]]:
        """The days to compare, oldest first, the last up to `until`."""
        start = self.since
        while start < self.until:
            end = min(start + timedelta(days=1), self.until)
            yield start, end
            start = end

    def dates(self) -> list[date]:
        """The whole days to compare, oldest first."""
        return [self.since.date() + timedelta(days=n) for n in range(self.days)]


@dataclass(slots=True)
class Finding:
    """`examined`: how many of what were looked at, in words. `violations`: one line each; [] = it holds.

    `skipped`: why nothing was examined, "" = it was.
    """

    examined: str = ""
    violations: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def ok(self) -> bool:
        return not self.violations
