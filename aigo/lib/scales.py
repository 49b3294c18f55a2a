"""Scales of charts: round numbers on an axis, and moments below it. Pure: numbers and moments in and out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

#: Steps that a reader can count in, of each power of ten.
_ROUND: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Where an axis of availability may begin, the finest first.
FLOORS: Final = (99.0, 98.0, 95.0, 90.0, 75.0, 50.0, 0.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` at the foot to `high` at the top, drawn `height` units high; `ticks`: marked values."""

    low: float
    high: float
    height: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> float:
        """From the top down, kept inside."""
        inside = min(max(value, self.low), self.high)
        return round(self.height * (1 - (inside - self.low) / (self.high - self.low)), 1)


def from_zero(highest: float, height: float, *, steps: int = 3) -> Scale:
    """Zero to a round number at or above `highest`, in about `steps` round steps."""
    step = _round_step(max(highest, 1e-9) / steps)
    count = max(1, math.ceil(highest / step - 1e-9))
    return Scale(0.0, count * step, height, tuple(n * step for n in range(count + 1)))


def of_availability(lowest: float, height: float) -> Scale:
    """100 % at the top; cut at the finest of FLOORS that is not above `lowest`, so that 0.5 % shows."""
    floor = next(floor for floor in FLOORS if floor <= lowest or floor == 0.0)
    return Scale(floor, 100.0, height, (floor, (floor + 100.0) / 2, 100.0))


def around(low: float, high: float, height: float, *, floor: float | None, ceiling: float | None) -> Scale:
    """Three to seven round values about low … high, never beyond a scale's own ends (None = it is open)."""
    step = _round_step(((high - low) or abs(high) or 1.0) / 5)
    values = [round(step * n, 6) for n in range(math.floor(low / step), math.ceil(high / step) + 1)]
    if floor is not None:
        values = [value for value in values if value >= floor] or [floor]
    if ceiling is not None and values[-1] > ceiling:
        values = [*(value for value in values if value < ceiling), ceiling]
    ticks = tuple(values) if len(values) > 1 else (values[0], values[0] + step)
    return Scale(ticks[0], ticks[-1], height, ticks)


def moments(start: datetime, end: datetime, *, least_s: float) -> list[datetime]:
    """Round moments (UTC) inside [start, end) that are at least `least_s` seconds apart."""
    step_s = next((step for step in _STEPS_S if step >= least_s), _STEPS_S[-1])
    first_s = math.ceil(start.timestamp() / step_s) * step_s
    first = datetime.fromtimestamp(first_s, UTC)
    count = max(0, math.ceil((end - first).total_seconds() / step_s))
    return [first + n * timedelta(seconds=step_s) for n in range(count)]


def stretches(flags: Sequence[bool]) -> Iterable[tuple[int, int]]:
    """(first, behind the last) of each run of true ones."""
    start = None
    for place, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = place
        elif not flag and start is not None:
            yield start, place
            start = None


_STEPS_S: Final = (
    *(60, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200),
    *(days * 86_400 for days in (1, 2, 5, 10, 15, 30)),
)


def _round_step(least: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in _ROUND if factor * power >= least - 1e-12)


@dataclass(frozen=True, slots=True)
class Ratios:
    """An axis on which equal distances are equal ratios, from `low` to `high`, both above zero."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        """Per cent of the way, kept inside."""
        inside = min(max(value, self.low), self.high)
        return round(100 * math.log(inside / self.low) / math.log(self.high / self.low), 2)


def ratios(low: float, high: float, *, most: int = 12) -> Ratios:
    """About low … high with room at both ends; ticks 1, 2, 5 of each power of ten, or the powers alone."""
    low, high = low / 1.35, high * 1.35
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    inside = [round(tick, 12) for tick in fine if low <= tick <= high]
    if len(inside) > most:
        inside = [tick for tick in inside if math.log10(tick) % 1 < 1e-9 or math.log10(tick) % 1 > 1 - 1e-9]
    return Ratios(low, high, tuple(inside))
