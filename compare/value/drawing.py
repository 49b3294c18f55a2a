"""The chart: price across in equal ratios, quality upwards, speed as size. Drawn by the server."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from aigo.lib.scales import Ratios, Scale, around, ratios
from compare.value.points import Point, Value

HEIGHT: Final = 440
#: Units that the width is parted in; the style sheet stretches them.
WIDTH: Final = 1000
#: Of a name beside its dot, in per cent of the width for each letter and at least, and in pixels.
LETTER: Final = 0.72
NAME_HEIGHT: Final = 15
#: Radii in pixels: without a speed; of the slowest and the fastest.
PLAIN: Final = 4.5
SLOWEST: Final = 4.0
FASTEST: Final = 12.0
#: On a phone there is room for so many names.
ON_A_PHONE: Final = 3


@dataclass(frozen=True, slots=True)
class Dot:
    """A point. x in per cent, y and r in pixels; `before`: its name stands left of it, "" = it has none."""

    point: Point
    x: float
    y: float
    r: float
    named: str = ""
    wide_only: bool = False


@dataclass(frozen=True)
class ValueDrawing:
    """What a template draws. Needs a point at least."""

    value: Value

    @cached_property
    def across(self) -> Ratios:
        """USD per million tokens."""
        prices = [float(point.price) for point in self.value.points]
        return ratios(min(prices), max(prices))

    @cached_property
    def scale(self) -> Scale:
        """Of quality."""
        values = [point.quality.value for point in self.value.points]
        return around(min(values), max(values), HEIGHT, floor=self.value.floor, ceiling=self.value.ceiling)

    def y(self, quality: float) -> float:
        """The better the higher."""
        found = self.scale.y(quality)
        return found if self.value.higher else round(HEIGHT - found, 1)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """(y, label) of each tick of quality."""
        ticks = self.scale.ticks
        step = abs(ticks[1] - ticks[0])
        decimals = 0 if step >= 1 else 1 if step >= 0.1 else 2
        return [(self.y(value), f"{value:.{decimals}f}") for value in ticks]

    @property
    def prices(self) -> list[tuple[float, float, bool]]:
        """(x, dollars, is it a power of ten) of each tick that does not stand on the edge."""
        placed = [(self.across.x(tick), tick, _is_power(tick)) for tick in self.across.ticks]
        return [tick for tick in placed if 2 <= tick[0] <= 97]

    @cached_property
    def dots(self) -> tuple[Dot, ...]:
        """What is on the front last, so that it lies above the others; each from the cheapest on."""
        radius = self._radii()
        placed = [
            Dot(point, self.across.x(float(point.price)), self.y(point.quality.value), r)
            for point, r in zip(self.value.points, radius, strict=True)
        ]
        ordered = sorted(placed, key=lambda dot: (dot.point.on_front, dot.x, dot.y))
        return tuple(_named(ordered))

    @property
    def line(self) -> str:
        """The best quality at each price, in units of WIDTH; "" = nothing is on it."""
        corners = sorted({(dot.x, dot.y) for dot in self.dots if dot.point.on_line})
        path: list[str] = []
        for x, y in corners:
            path.append(f"H{10 * x:g}V{y:g}" if path else f"M{10 * x:g} {y:g}")
        return "".join(path) + f"H{WIDTH}" if path else ""

    @cached_property
    def sizes(self) -> list[tuple[float, float]]:
        """(radius, speed) of the slowest, a middling and the fastest one, for the key; [] = no speed."""
        known = sorted(self._speeds)
        if not known:
            return []
        shown = dict.fromkeys((known[0], known[len(known) // 2], known[-1]))
        return [(self._radius(speed), speed) for speed in shown]

    @cached_property
    def _speeds(self) -> list[float]:
        return [p.speed.value for p in self.value.points if p.speed and p.speed.value is not None]

    def _radii(self) -> list[float]:
        return [
            PLAIN
            if p.speed is None
            else SLOWEST - 1
            if p.speed.value is None
            else self._radius(p.speed.value)
            for p in self.value.points
        ]

    def _radius(self, speed: float) -> float:
        """Areas grow with speed: tokens per second, or one over the time that is waited."""
        pace = [self._pace(one) for one in self._speeds]
        low, high = min(pace), max(pace)
        if low == high:
            return (SLOWEST + FASTEST) / 2
        share = (self._pace(speed) - low) / (high - low)
        return round(math.sqrt(SLOWEST**2 + share * (FASTEST**2 - SLOWEST**2)), 1)

    def _pace(self, speed: float) -> float:
        return speed if self.value.wish.speed == "tokens" else 1 / max(speed, 1.0)


def _named(dots: Sequence[Dot]) -> Iterable[Dot]:
    """Names of the front, the best first, where they run into none before them.

    A name stands left above its dot: nothing is cheaper and better, so that it covers neither line nor dots.
    """
    taken: list[tuple[float, float, float, float]] = []
    names: dict[int, tuple[str, bool]] = {}
    whole = any(dot.point.on_front for dot in dots)
    named = (dot for dot in dots if (dot.point.on_front if whole else dot.point.on_line))
    best = sorted(named, key=lambda dot: (dot.y, dot.x))
    for dot in best:
        wide = LETTER * len(dot.point.model.name) + 1
        side = "before" if dot.x - wide > 0 else "after"
        left = dot.x - wide if side == "before" else dot.x
        box = (left, left + wide, dot.y - dot.r - NAME_HEIGHT, dot.y - dot.r)
        if box[1] <= 100 and not any(_meet(box, other) for other in taken):
            names[id(dot)] = (side, len(taken) >= ON_A_PHONE)
            taken.append(box)
    for dot in dots:
        side, wide_only = names.get(id(dot), ("", False))
        yield Dot(dot.point, dot.x, dot.y, dot.r, side, wide_only) if side else dot


def _is_power(tick: float) -> bool:
    return abs(math.log10(tick) - round(math.log10(tick))) < 1e-9


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
