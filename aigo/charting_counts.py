"""The drawing of the counts over time: measured endpoints stacked by state, trouble at the foot.

Endpoints that nobody measures, for want of a key, are counted in words and in the table as everywhere, and
not drawn: they would dwarf what changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from aigo.charting_parts import Stretch
from aigo.lib.scales import Scale, moments, stretches
from aigo.lib.strokes import bars, line
from status.board import Counts
from status.trend import Trend, TrendPoint

HEIGHT: Final = 96
WIDTH: Final = 1000
#: From the foot up: what is wrong stands on the ground, where its height can be read.
STATES: Final = ("outage", "degraded", "operational", "unknown")
#: One endpoint in trouble is seen however many there are, in pixels.
LEAST_HEIGHT: Final = 3.0
TROUBLE: Final = ("outage", "degraded")


@dataclass(frozen=True)
class CountsDrawing:
    """What a template draws of a trend."""

    trend: Trend

    @cached_property
    def scale(self) -> Scale:
        """Zero to the most endpoints that were measured at once."""
        most = max((_measured(point.counts) for point in self._counted), default=0)
        return Scale(0.0, float(most or 1), HEIGHT, (0.0, float(most or 1)))

    @cached_property
    def layers(self) -> dict[str, str]:
        """State → its boxes."""
        boxes: dict[str, list[tuple[float, float, float, float]]] = {state: [] for state in STATES}
        for place, point in enumerate(self.trend.points):
            for state, top, foot in self._stack(point):
                boxes[state].append(
                    (self._left(place) + self._room, self._left(place + 1) - self._room, top, foot)
                )
        return {state: bars(own) for state, own in boxes.items()}

    @property
    def worst_marks(self) -> str:
        """The most endpoints in outage within a point, where its last minute had fewer."""
        return line(
            place
            for n, point in enumerate(self.trend.points)
            if point.counts and point.worst and point.worst.outage > point.counts.outage
            for place in (((self._left(n) + self._left(n + 1)) / 2, self.scale.y(point.worst.outage)), None)
        )

    @property
    def gaps(self) -> list[Stretch]:
        """Where nobody counted, in per cent of the width."""
        silent = [point.counts is None for point in self.trend.points]
        step = 100 / len(silent)
        return [Stretch(round(a * step, 2), round((b - a) * step, 2), None) for a, b in stretches(silent)]

    @property
    def times(self) -> list[Stretch]:
        start, width_s = self.trend.points[0].at, self.trend.width_s
        whole_s = width_s * len(self.trend.points)
        last = self.trend.points[-1].at
        found = moments(start, last, least_s=whole_s / 7)
        places = [Stretch(round(100 * (at - start).total_seconds() / whole_s, 2), 0, at) for at in found]
        return [time for time in places if 4 <= time.x <= 96]

    @property
    def within_a_day(self) -> bool:
        """Times are told by the clock; above that by days of UTC."""
        return self.trend.width_s * len(self.trend.points) <= 86_400

    @property
    def newest(self) -> TrendPoint | None:
        """The last one that was counted."""
        return next((point for point in reversed(self.trend.points) if point.counts), None)

    @property
    def most_outage(self) -> int:
        """The most endpoints in outage in any minute."""
        return max((point.worst.outage for point in self.trend.points if point.worst), default=0)

    @property
    def _counted(self) -> Iterator[TrendPoint]:
        return (point for point in self.trend.points if point.counts)

    @property
    def _room(self) -> float:
        return WIDTH / len(self.trend.points) * 0.08

    def _left(self, place: int) -> float:
        return WIDTH * place / len(self.trend.points)

    def _stack(self, point: TrendPoint) -> Iterator[tuple[str, float, float]]:
        """(state, top, foot) in pixels from the top; trouble has its least height, the rest gives way."""
        if point.counts is None:
            return
        foot = float(HEIGHT)
        height = HEIGHT / self.scale.high
        ceiling = self.scale.y(_measured(point.counts))
        for state in STATES:
            count = measured_in(point.counts, state)
            if not count:
                continue
            tall = max(count * height, LEAST_HEIGHT) if state in TROUBLE else count * height
            top = max(foot - tall, ceiling)
            yield state, top, foot
            foot = top


def measured_in(counts: Counts, state: str) -> int:
    """Endpoints in a state, of those that a worker holds a key for."""
    found: int = getattr(counts, state)
    return found - counts.not_measured if state == "unknown" else found


def _measured(counts: Counts | None) -> int:
    return counts.total - counts.not_measured if counts else 0
