"""The progress of a suite: the best published value over the release dates of models, drawn by the server."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from aigo.lib.scales import Scale, around
from benchmarks.facts import SuiteFacts
from benchmarks.looking import Progress, Record

HEIGHT: Final = 220
#: Units that the width is parted in; the style sheet stretches them.
WIDTH: Final = 1000
#: Names of records are left out where they would meet, in per cent of the width.
NAME_ROOM: Final = 16.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A model by its release date. x in per cent, y in pixels. `named`: there is room for its name; `before`:
    the name stands before it; `newest`: the last that is named, the one that a phone has room for.
    """

    record: Record
    x: float
    y: float
    is_record: bool
    named: bool = False
    before: bool = False
    newest: bool = False


@dataclass(frozen=True)
class ProgressDrawing:
    """The best published value over the release dates of models. Needs a point at least."""

    progress: Progress

    @property
    def suite(self) -> SuiteFacts:
        return self.progress.suite

    @cached_property
    def start(self) -> date:
        """The beginning of the quarter of the first one."""
        first = self.progress.points[0].released_on
        return date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)

    @cached_property
    def end(self) -> date:
        """Some days beyond the last one, so that it does not stand on the edge."""
        last = self.progress.points[-1].released_on
        return last + max(timedelta(days=20), (last - self.start) * 0.04)

    @cached_property
    def scale(self) -> Scale:
        """Of the values."""
        values = [point.score.value for point in self.progress.points]
        floor, ceiling = self.suite.scale_min, self.suite.scale_max
        return around(min(values), max(values), HEIGHT, floor=floor, ceiling=ceiling)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """(y, the value as text) of each tick."""
        ticks = self.scale.ticks
        step = ticks[1] - ticks[0]
        decimals = 0 if step >= 1 else 1 if step >= 0.1 else 2
        return [(self.scale.y(value), f"{value:.{decimals}f}") for value in ticks]

    @property
    def years(self) -> list[tuple[float, str]]:
        """(x in per cent, label) of quarters or years, not closer than they can be read."""
        days = (self.end - self.start).days
        months = next((step for step in (1, 3, 6, 12) if days / 30.4 / step <= 9), 24)
        found = []
        for year in range(self.start.year, self.end.year + 1):
            for month in range(1, 13, min(months, 12)):
                at = date(year, month, 1)
                if self.start <= at <= self.end and 2 <= self._x(at) <= 97 and (months < 24 or year % 2 == 0):
                    found.append((self._x(at), f"{at:%Y}" if month == 1 else f"{at:%Y-%m}"))
        return found

    @cached_property
    def dots(self) -> tuple[Dot, ...]:
        """Every model, the records last, so that they lie above the others."""
        records = {id(record) for record in self.progress.records}
        dots = [
            Dot(one, self._x(one.released_on), self.scale.y(one.score.value), id(one) in records)
            for one in self.progress.points
        ]
        return tuple(_named(sorted(dots, key=lambda dot: dot.is_record)))

    @property
    def guess(self) -> float | None:
        """Where guessing lies, where it is in sight."""
        baseline = self.suite.random_baseline
        if baseline is None or not self.scale.low < baseline < self.scale.high:
            return None
        return self.scale.y(baseline)

    @property
    def steps(self) -> str:
        """The best value at each moment, in units of WIDTH."""
        records = self.progress.records
        if not records:
            return ""
        path: list[str] = []
        for record in records:
            x, y = 10 * self._x(record.released_on), self.scale.y(record.score.value)
            path.append(f"H{x:g}V{y:g}" if path else f"M{x:g} {y:g}")
        return "".join(path) + f"H{WIDTH}"

    def _x(self, day: date) -> float:
        return round(100 * (day - self.start).days / max(1, (self.end - self.start).days), 2)


def _named(dots: Iterable[Dot]) -> Iterable[Dot]:
    """Records get their names from the newest back, where one does not run into another.

    A name stands before its dot: all that lies there is worse, so it covers neither line nor dots.
    """
    dots = list(dots)
    free_until = 200.0
    for place in range(len(dots) - 1, -1, -1):
        dot = dots[place]
        if not dot.is_record:
            continue
        before = dot.x >= NAME_ROOM
        left, right = (dot.x - NAME_ROOM, dot.x) if before else (dot.x, dot.x + NAME_ROOM)
        if right <= free_until:
            dots[place] = replace(dot, named=True, before=before, newest=free_until > 100)
            free_until = left
    return dots
