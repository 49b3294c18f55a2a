"""What lies behind the lines of a chart: states from a threshold on, and stretches of time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from aigo.lib.scales import Scale

#: Of a threshold's name, in pixels.
NAME_HEIGHT: Final = 13


@dataclass(frozen=True, slots=True)
class Band:
    """Where a state begins: from `top` on `height` pixels; the threshold itself stands at `at`.

    `named`: there is room for its name.
    """

    state: str
    top: float
    height: float
    at: float
    limit: float
    named: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of the time: from `x` on, `width`, both in per cent of the whole."""

    x: float
    width: float
    what: Any

    @property
    def sign(self) -> float:
        """Where a sign for its beginning stands: inside the edges."""
        return min(max(self.x, 2.0), 98.0)


def bands_of(scale: Scale, end: float, limits: Iterable[tuple[str, float]]) -> list[Band]:
    """From each threshold to the next, the last one to the axis's bad `end`; those out of sight are left out.

    On an axis so coarse that they lie together the gravest alone is named, and neither is filled.
    """
    limits = list(limits)
    ends = [*(limit for _state, limit in limits[1:]), end]
    found: list[Band] = []
    for (state, limit), until in zip(reversed(limits), reversed(ends), strict=True):
        if scale.low < limit < scale.high:
            top, foot = sorted((scale.y(limit), scale.y(until)))
            together = any(abs(band.at - scale.y(limit)) < NAME_HEIGHT for band in found)
            found = [replace(band, height=0.0) if together else band for band in found]
            tall = 0.0 if together else round(foot - top, 1)
            found.append(Band(state, top, tall, scale.y(limit), limit, named=not together))
    return found
