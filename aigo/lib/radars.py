"""Places of a radar chart: axes from a middle outwards, the first one upright. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aigo.lib.strokes import Place, line

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Spoke:
    """An axis. (x, y): its outer end. Its label stands at (label_x, label_y) and is anchored so."""

    x: float
    y: float
    label_x: float
    label_y: float
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Radar:
    """`count` axes of `radius` around (x, y); a share of 1 lies on their ends, 0 and less in the middle."""

    count: int
    radius: float
    x: float
    y: float

    def spokes(self, *, room: float) -> list[Spoke]:
        """The axes, with their labels `room` beyond them."""
        return [self._spoke(number, room) for number in range(self.count)]

    def ring(self, share: float) -> str:
        """Path of a closed line at one share of all axes."""
        return self._closed([self.place(number, share) for number in range(self.count)])

    def places(self, shares: Sequence[float | None]) -> list[Place | None]:
        """Where the values of one series stand; None = it has none."""
        return [
            None if share is None else self.place(number, min(max(share, 0.0), 1.0))
            for number, share in enumerate(shares)
        ]

    def outline(self, shares: Sequence[float | None]) -> str:
        """Path from value to value, closed where there is no gap; at a gap it is broken, not drawn over."""
        places = self.places(shares)
        if None not in places:
            return self._closed([place for place in places if place])
        start = places.index(None)
        return line([*places[start:], *places[:start]])

    def place(self, number: int, share: float) -> Place:
        angle = 2 * math.pi * number / self.count
        return (
            round(self.x + self.radius * share * math.sin(angle), 1),
            round(self.y - self.radius * share * math.cos(angle), 1),
        )

    def _spoke(self, number: int, room: float) -> Spoke:
        x, y = self.place(number, 1.0)
        label_x, label_y = self.place(number, 1.0 + room / self.radius)
        aside = math.sin(2 * math.pi * number / self.count)
        anchor: Anchor = "middle" if abs(aside) < 0.15 else "start" if aside > 0 else "end"
        return Spoke(x, y, label_x, label_y, anchor)

    def _closed(self, places: Sequence[Place]) -> str:
        return line(places) + "Z" if places else ""
