"""The counts over time, thinned out so that the worst is still seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Count, F, Max, Min

from aigo.lib.moments import moment_text
from probes.history import WINDOWS_S, grid_of
from status.board import Counts
from status.models import CountsSample

#: Window → its length in seconds: those of histories but the shortest, which holds 15 minutes.
WINDOWS: Final = {name: length_s for name, length_s in WINDOWS_S.items() if name != "15m"}
DEFAULT_POINTS: Final = 300
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
            "at": moment_text(self.at),
            "minutes": self.minutes,
            "counts": self.counts and self.counts.to_json(),
            "worst": self.worst and {name: getattr(self.worst, name) for name in self.worst.__slots__},
        }


@dataclass(frozen=True, slots=True)
class Trend:
    """Points of `width_s` seconds each without a hole between them, oldest first; the last one goes on."""

    region: str
    window: str
    width_s: int
    points: tuple[TrendPoint, ...]


def load_trend(region: str, *, window: str, points: int = DEFAULT_POINTS, now: datetime) -> Trend:
    """The counts of a region over a window that ends now: two queries, whatever its length.

    Points lie on the grid of histories: 24 hours in 300 points are 288 of 5 minutes. ValueError for fewer
    points than `probes.history.fewest_points`.
    """
    grid = grid_of(WINDOWS[window], points, now.timestamp())
    width = grid.width_s // 60
    kept = CountsSample.objects.filter(
        region=region, minute__gte=grid.start_s // 60, minute__lt=grid.end_s // 60
    )
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
    starts = range(grid.start_s // grid.width_s, grid.end_s // grid.width_s)
    made = tuple(_point(start, width, stretches.get(start), counts.get(start)) for start in starts)
    return Trend(region, window, grid.width_s, made)


def _point(start: int, width: int, row: Mapping[str, Any] | None, counts: Counts | None) -> TrendPoint:
    at = datetime.fromtimestamp(start * width * 60, UTC)
    if row is None:
        return TrendPoint(at, 0, None, None)
    worst = Worst(row["outage_most"], row["degraded_most"], row["unknown_most"], row["available_least"])
    return TrendPoint(at, row["minutes"], counts, worst)
