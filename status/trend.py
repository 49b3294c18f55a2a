"""The counts over time, thinned out so that the worst is still seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min

from status.board import Counts
from status.models import CountsSample

#: Window → its length in minutes.
WINDOWS: Final = {"24h": 1_440, "7d": 10_080, "30d": 43_200, "90d": 129_600}
#: Widths of a point, in minutes: those that a reader can tell the time by; all divide a day.
WIDTHS_MIN: Final = (1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1_440)
DEFAULT_POINTS: Final = 300
MOST_POINTS: Final = 1_440
COUNTED: Final = tuple(Counts.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst single minutes of a point, each figure for itself: they need not be of the same minute."""

    outage: int
    degraded: int
    unknown: int
    available: int


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A stretch of time from `at` on, UTC. `minutes`: how many of it were counted.

    `counts`: those of its last counted minute, which stood together then; None = nobody counted: a gap.
    `worst`: most in outage, degraded and unknown, fewest available. With no minute both are None.
    """

    at: datetime
    minutes: int
    counts: Counts | None
    worst: Worst | None

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "minutes": self.minutes,
            "counts": self.counts and self.counts.to_json(),
            "worst": self.worst and {name: getattr(self.worst, name) for name in self.worst.__slots__},
        }


@dataclass(frozen=True, slots=True)
class Trend:
    """Points of `width_min` minutes each without a hole between them, oldest first; the last one goes on."""

    region: str
    window: str
    width_min: int
    points: tuple[TrendPoint, ...]


def width_of(window: str, points: int) -> int:
    """The narrowest width in minutes that makes at most `points` of a window; the widest where none does.

    24 hours in 300 points: 5 minutes (288 points); in 287: 10 minutes.
    """
    fitting = (width for width in WIDTHS_MIN if WINDOWS[window] // width <= points)
    return next(fitting, WIDTHS_MIN[-1])


def fewest_points(window: str) -> int:
    """What a window has at the widest point: 90 for 90 days."""
    return WINDOWS[window] // WIDTHS_MIN[-1]


def load_trend(region: str, *, window: str, points: int = DEFAULT_POINTS, now: datetime) -> Trend:
    """The counts of a region over a window that ends now: two queries, whatever its length."""
    width = width_of(window, points)
    number = WINDOWS[window] // width
    first = (int(now.timestamp()) // 60 // width - number + 1) * width
    kept = CountsSample.objects.filter(region=region, minute__gte=first, minute__lt=first + number * width)
    stretches = {
        row["stretch"]: row
        for row in kept.values(stretch=F("minute") / width).annotate(
            minutes=Count("pk"),
            last=Max("minute"),
            outage_most=Max("outage"),
            degraded_most=Max("degraded"),
            unknown_most=Max("unknown"),
            available_least=Min(F("operational") + F("degraded")),
        )
    }
    last = kept.filter(minute__in=[row["last"] for row in stretches.values()])
    counts = {minute // width: Counts(*rest) for minute, *rest in last.values_list("minute", *COUNTED)}
    starts = range(first // width, first // width + number)
    made = tuple(_point(start, width, stretches.get(start), counts.get(start)) for start in starts)
    return Trend(region, window, width, made)


def _point(start: int, width: int, row: Mapping[str, Any] | None, counts: Counts | None) -> TrendPoint:
    at = datetime.fromtimestamp(start * width * 60, UTC)
    if row is None:
        return TrendPoint(at, 0, None, None)
    worst = Worst(row["outage_most"], row["degraded_most"], row["unknown_most"], row["available_least"])
    return TrendPoint(at, row["minutes"], counts, worst)
