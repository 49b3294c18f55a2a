"""Bars on a suite's scale: everybody's figure in one suite, one model's figures in all of them. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.facts import SuiteFacts
from benchmarks.looking import Standing, SuiteView
from benchmarks.matrix import Cell, Row
from benchmarks.overview import ends_of
from benchmarks.setting import Setting, parts_of


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure on its suite's scale. In per cent across: `end` of the bar; `low`, `high`: the interval,
    None = none is stated; `guess`: where guessing lies, None = not known.
    """

    cell: Cell
    end: float
    low: float | None
    high: float | None
    guess: float | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of a suite's ranking. `tied`: another model shares the rank."""

    row: Row
    bar: Bar
    tied: bool

    @property
    def cell(self) -> Cell:
        return self.bar.cell


def ranked_of(view: SuiteView) -> list[Ranked]:
    """Every model that has a figure, the best first."""
    shown = [(row, cell) for row in view.rows if (cell := row.cells[0]) is not None]
    if not shown:
        return []
    draw = _drawer(view.suite, [cell.value for _row, cell in shown])
    sharing = Counter(row.rank for row, _cell in shown)
    return [Ranked(row, draw(cell), sharing[row.rank] > 1) for row, cell in shown]


def bar_of(standing: Standing) -> Bar:
    """A model's figure among all of its suite."""
    return _drawer(standing.cell.suite, standing.values)(standing.cell)


def _drawer(suite: SuiteFacts, values: Sequence[float]) -> Callable[[Cell], Bar]:
    """Draws figures on the scale of a suite whose shown values are these."""
    least, most = ends_of(suite, min(values), max(values))

    def at(value: float | None) -> float | None:
        return None if value is None else round(100 * (value - least) / (most - least), 2)

    def within(value: float) -> float:
        return min(max(at(value) or 0.0, 0.0), 100.0)

    def bar(cell: Cell) -> Bar:
        spread = cell.uncertainty
        low = None if spread is None else within(cell.value - spread)
        high = None if spread is None else within(cell.value + spread)
        return Bar(cell, within(cell.value), low, high, at(suite.random_baseline))

    return bar


def setting_label(key: str) -> str:
    """A setting's key in words; "" = none."""
    return Setting(parts_of(key), key).label or key if key else ""
