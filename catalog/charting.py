"""The course of a price, drawn by the server: input and output in steps, what is announced beyond now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from aigo.lib.scales import Scale, from_zero
from aigo.lib.strokes import steps
from catalog.models import Price

HEIGHT: Final = 180
#: Units that the width is parted in; the style sheet stretches them.
WIDTH: Final = 1000
#: Beyond the last moment, so that its step is seen.
BEYOND: Final = 0.06
_LEAST: Final = dt.timedelta(days=7)


@dataclass(frozen=True)
class PriceCourse:
    """`rows`: of one endpoint, tier and scope, without those that were corrected; one at least."""

    rows: Sequence[Price]
    now: dt.datetime

    @cached_property
    def ordered(self) -> list[Price]:
        return sorted(self.rows, key=lambda row: row.valid_from)

    @property
    def is_worth_drawing(self) -> bool:
        """A level that never changed is told in words."""
        return len(self.rows) > 1

    @cached_property
    def start(self) -> dt.datetime:
        return self.ordered[0].valid_from

    @cached_property
    def end(self) -> dt.datetime:
        last = max(self.now, self.ordered[-1].valid_from)
        return last + max((last - self.start) * BEYOND, _LEAST)

    @cached_property
    def scale(self) -> Scale:
        """Zero to the highest rate."""
        rates = [rate for row in self.rows for rate in (_given(row), _received(row)) if rate is not None]
        return from_zero(float(max(rates, default=Decimal(0))) or 1.0, HEIGHT)

    @property
    def marks(self) -> list[tuple[float, float]]:
        """(y, USD per million tokens) of each tick."""
        return [(self.scale.y(value), value) for value in self.scale.ticks]

    @property
    def times(self) -> list[tuple[float, dt.datetime]]:
        """(x in per cent, moment) of each change that has room for its date, the newest first."""
        found: list[tuple[float, dt.datetime]] = []
        for row in reversed(self.ordered):
            x = self._x(row.valid_from)
            if all(abs(x - other) >= 11 for other, _at in found):
                found.append((x, row.valid_from))
        return found

    @property
    def now_x(self) -> float:
        """In per cent."""
        return self._x(self.now)

    @property
    def given(self) -> str:
        """The path of the input rate until now."""
        return self._path(_given, ahead=False)

    @property
    def received(self) -> str:
        return self._path(_received, ahead=False)

    @property
    def given_ahead(self) -> str:
        """From now on: as it is announced, or as it is."""
        return self._path(_given, ahead=True)

    @property
    def received_ahead(self) -> str:
        return self._path(_received, ahead=True)

    @property
    def labels(self) -> list[tuple[str, float, Decimal]]:
        """(which, y, rate) of the last level of each line; they are kept apart."""
        last = self.ordered[-1]
        pairs = [("output", _received(last)), ("input", _given(last))]
        found = [(which, self.scale.y(float(rate)), rate) for which, rate in pairs if rate is not None]
        if len(found) == 2 and found[1][1] - found[0][1] < 16:
            which, _y, rate = found[1]
            found[1] = (which, min(HEIGHT + 4.0, found[0][1] + 16), rate)
        return found

    def _x(self, moment: dt.datetime) -> float:
        return round(100 * (moment - self.start) / (self.end - self.start), 2)

    def _path(self, of: Callable[[Price], Decimal | None], *, ahead: bool) -> str:
        return steps(self._spans(of, ahead=ahead))

    def _spans(
        self, of: Callable[[Price], Decimal | None], *, ahead: bool
    ) -> Iterable[tuple[float, float, float] | None]:
        first, last = (self.now, self.end) if ahead else (self.start, self.now)
        for row in self.ordered:
            since = max(row.valid_from, first)
            until = min(row.valid_to or last, last)
            rate = of(row)
            if since >= until:
                continue
            if rate is None:
                yield None
            else:
                yield 10 * self._x(since), 10 * self._x(until), self.scale.y(float(rate))


def _given(row: Price) -> Decimal | None:
    rate: Decimal | None = row.input_usd_per_mtok
    return rate


def _received(row: Price) -> Decimal | None:
    rate: Decimal | None = row.output_usd_per_mtok
    return rate
