"""The drawing of a history: three lanes below each other over one time, in pixels down and per cent across.

Each measure has an axis of its own in a lane of its own: two lines over one another with different axes cross
where nothing happened, and a band between thresholds would belong to neither.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from aigo.charting_parts import Band, Stretch, bands_of
from aigo.lib.scales import Scale, from_zero, moments, of_availability, stretches
from aigo.lib.strokes import bars, line, steps
from status.history import History, Point
from status.rules import P95_MIN_ATTEMPTS

#: Of the lanes' drawing areas, in pixels.
LATENCY_HEIGHT: Final = 148
AVAILABILITY_HEIGHT: Final = 72
ATTEMPTS_HEIGHT: Final = 48
#: Units that the width is parted in; the style sheet stretches them.
WIDTH: Final = 1000
#: A threshold is in sight of an axis that reaches this share of it: what is far off says nothing.
IN_SIGHT: Final = 0.4
#: Of a mark for what lies below the axis.
BEYOND_HEIGHT: Final = 6
#: A silence that goes on is a gap after so long: three intervals of tier B, as for freshness.
PENDING: Final = timedelta(minutes=3)


@dataclass(frozen=True)
class Drawing:
    """Everything a template draws of a history; see the properties."""

    history: History

    @cached_property
    def start(self) -> datetime:
        return self.history.points[0].at

    @cached_property
    def end(self) -> datetime:
        last = self.history.points[-1]
        return last.at + timedelta(seconds=last.width_s)

    @property
    def within_a_day(self) -> bool:
        """Times are told by the clock; above that by days of UTC."""
        return self.history.width_s * len(self.history.points) <= 86_400

    # --- axes ------------------------------------------------------------------------------------

    @cached_property
    def latency(self) -> Scale:
        """Zero to what was measured, and to the first threshold where that is in sight."""
        limit = self.history.thresholds.operational_ms
        highest = max(self._known(lambda point: point.p95_ms), default=0.0)
        wanted = limit * 1.05 if IN_SIGHT * limit <= highest <= limit else highest * 1.05
        return from_zero(wanted or limit, LATENCY_HEIGHT, steps=4)

    @cached_property
    def availability(self) -> Scale:
        """Cut below the lowest point, not below its worst five minutes: one failure in twenty attempts would
        flatten three months. Those reach beyond the axis and are marked so."""
        lowest = min(self._known(lambda point: point.availability_pct), default=100.0)
        return of_availability(lowest, AVAILABILITY_HEIGHT)

    @cached_property
    def attempts(self) -> Scale:
        """Zero to the most attempts of a point, or to the highest usage where servers tell it."""
        highest = max((value for value in self._requests if value is not None), default=0.0)
        return Scale(0.0, highest or 1.0, ATTEMPTS_HEIGHT, (0.0, highest or 1.0))

    @property
    def tells_usage(self) -> bool:
        """The last lane shows what servers told instead of what we asked."""
        return self.history.usage is not None

    @property
    def times(self) -> list[Stretch]:
        """Round moments below the lanes, about seven."""
        least_s = (self.end - self.start).total_seconds() / 8
        return [
            Stretch(self._x(at), 0, at)
            for at in moments(self.start, self.end, least_s=least_s)
            if 5 <= self._x(at) <= 95
        ]

    # --- what lies behind the lines ---------------------------------------------------------------

    @property
    def latency_bands(self) -> list[Band]:
        """Degraded and outage, from the lower threshold up, as far as the axis reaches."""
        limits = self.history.thresholds
        steps_up = ("degraded", limits.operational_ms), ("outage", limits.degraded_ms)
        return bands_of(self.latency, self.latency.high, steps_up)

    @property
    def availability_bands(self) -> list[Band]:
        """Degraded below the first threshold, outage below the second."""
        limits = self.history.thresholds
        steps_down = ("degraded", limits.operational_pct), ("outage", limits.degraded_pct)
        return bands_of(self.availability, self.availability.low, steps_down)

    @cached_property
    def gaps(self) -> list[Stretch]:
        """Where nothing counted; `what`: the points of the stretch. What may still come in is none."""
        points = self.history.points
        silent = [not point.attempts for point in points]
        due = self.history.generated_at - PENDING
        return [
            self._stretch(points[a].at, _ends(points[b - 1]), points[a:b])
            for a, b in stretches(silent)
            if b < len(points) or points[a].at < due
        ]

    @property
    def incidents(self) -> list[Stretch]:
        """From their beginning to their end."""
        return [self._stretch(mark.started_at, mark.ended_at, mark) for mark in self.history.incidents]

    @property
    def maintenance(self) -> list[Stretch]:
        return [self._stretch(pause.started_at, pause.ended_at, pause) for pause in self.history.maintenance]

    # --- the lines -------------------------------------------------------------------------------

    @property
    def least_samples(self) -> int:
        """A p95 needs so many answers."""
        return P95_MIN_ATTEMPTS

    @property
    def p95(self) -> str:
        return self._line(lambda point: point.p95_ms if point.samples >= P95_MIN_ATTEMPTS else None)

    @property
    def p95_of_few(self) -> str:
        """The whole course; where it rests on enough attempts the other line covers it."""
        return self._line(lambda point: point.p95_ms)

    @property
    def p50(self) -> str:
        return self._line(lambda point: point.p50_ms)

    @property
    def availability_steps(self) -> str:
        return steps(self._levels(lambda point: point.availability_pct))

    @property
    def missing_area(self) -> str:
        """What availability lacks of 100 %, hanging from the top."""
        return bars(
            (left, right, 0.0, y)
            for left, right, y in filter(None, self._levels(lambda point: point.availability_pct))
        )

    @property
    def worst_marks(self) -> str:
        """The worst five minutes of each point that are worse than the point, as far as the axis reaches."""
        low = self.availability.low
        return line(
            place
            for n, worst in self._worse
            if worst >= low
            for place in ((self._middle(n), self.availability.y(worst)), None)
        )

    @property
    def beyond_marks(self) -> str:
        """Those that lie below the axis: short uprights on its foot."""
        foot, low = self.availability.height, self.availability.low
        return line(
            place
            for n, worst in self._worse
            if worst < low
            for place in ((self._middle(n), foot - BEYOND_HEIGHT), (self._middle(n), foot), None)
        )

    @property
    def right_bars(self) -> str:
        """Attempts that were answered rightly, or what servers told of their usage."""
        if self.history.usage is not None:
            return self._bars(lambda n, _point: (0.0, self.history.usage[n] or 0.0))  # type: ignore[index]
        return self._bars(lambda _n, point: (0.0, point.ok))

    @property
    def failed_bars(self) -> str:
        return "" if self.tells_usage else self._bars(lambda _n, point: (point.ok, point.attempts))

    @property
    def uncounted_bars(self) -> str:
        """Attempts of ours that nobody is charged with."""
        if self.tells_usage:
            return ""
        return self._bars(lambda _n, point: (point.attempts, point.attempts + sum(point.uncounted.values())))

    @cached_property
    def data(self) -> str:
        """The same as columns of numbers, for the module that draws them anew: JSON."""
        points = self.history.points
        columns = {
            "p95": [point.p95_ms for point in points],
            "samples": [point.samples for point in points],
            "p50": [point.p50_ms for point in points],
            "availability": [point.availability_pct for point in points],
            "worst": [point.worst_availability_pct for point in points],
            "ok": [0 if self.tells_usage else point.ok for point in points],
            "failed": [0 if self.tells_usage else point.attempts - point.ok for point in points],
            "uncounted": [0 if self.tells_usage else sum(point.uncounted.values()) for point in points],
            "usage": self.history.usage,
        }
        scales = {name: [scale.low, scale.high] for name, scale in self._scales.items()}
        about = {"scales": scales, "enough": P95_MIN_ATTEMPTS, "start": int(self.start.timestamp())}
        return json.dumps(columns | about | {"width_s": self.history.width_s}, separators=(",", ":"))

    # --- places ----------------------------------------------------------------------------------

    @property
    def _scales(self) -> dict[str, Scale]:
        return {"latency": self.latency, "availability": self.availability, "attempts": self.attempts}

    @property
    def _requests(self) -> Sequence[float | None]:
        if self.history.usage is not None:
            return self.history.usage
        return [point.attempts + sum(point.uncounted.values()) for point in self.history.points]

    @property
    def _worse(self) -> Iterable[tuple[int, float]]:
        """(place, worst five minutes) where they were worse than their point."""
        return (
            (n, point.worst_availability_pct)
            for n, point in enumerate(self.history.points)
            if point.worst_availability_pct is not None
            and point.worst_availability_pct != point.availability_pct
        )

    def _known(self, of: Callable[[Point], float | None]) -> Iterable[float]:
        return [value for point in self.history.points if (value := of(point)) is not None]

    def _x(self, at: datetime) -> float:
        whole = (self.end - self.start).total_seconds()
        return round(min(max(100 * (at - self.start).total_seconds() / whole, 0.0), 100.0), 2)

    def _stretch(self, since: datetime, until: datetime | None, what: Any) -> Stretch:
        x = self._x(since)
        return Stretch(x, round(self._x(until or self.history.generated_at) - x, 2), what)

    def _left(self, place: int) -> float:
        return WIDTH * place / len(self.history.points)

    def _middle(self, place: int) -> float:
        return self._left(place) + WIDTH / len(self.history.points) / 2

    def _line(self, of: Callable[[Point], float | None]) -> str:
        known = (of(point) for point in self.history.points)
        return line(
            None if value is None else (self._middle(n), self.latency.y(value))
            for n, value in enumerate(known)
        )

    def _levels(self, of: Callable[[Point], float | None]) -> list[tuple[float, float, float] | None]:
        known = (of(point) for point in self.history.points)
        return [
            None if value is None else (self._left(n), self._left(n + 1), self.availability.y(value))
            for n, value in enumerate(known)
        ]

    def _bars(self, of: Callable[[int, Point], tuple[float, float]]) -> str:
        """Boxes from one value to another, with a little room between them."""
        room = WIDTH / len(self.history.points) * 0.12
        values = [of(n, point) for n, point in enumerate(self.history.points)]
        return bars(
            (self._left(n) + room, self._left(n + 1) - room, self.attempts.y(high), self.attempts.y(low))
            for n, (low, high) in enumerate(values)
        )


def _ends(point: Point) -> datetime:
    return point.at.astimezone(UTC) + timedelta(seconds=point.width_s)
