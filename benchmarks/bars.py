"""The bars of a suite's ranking: where each figure ends on the suite's scale. Pure."""

from dataclasses import dataclass

from benchmarks.looking import SuiteView
from benchmarks.matrix import Cell, Row
from benchmarks.overview import ends_of
from benchmarks.setting import Setting, parts_of


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the ranking. In per cent across: `end` of the bar; `low`, `high`: the interval, None = none is
    stated. `tied`: another model shares the rank.
    """

    row: Row
    cell: Cell
    end: float
    low: float | None
    high: float | None
    tied: bool


def bars_of(view: SuiteView) -> list[Bar]:
    """Every row that has a figure, the best first."""
    found = [(row, row.cells[0]) for row in view.rows]
    shown = [(row, cell) for row, cell in found if cell is not None]
    if not shown:
        return []
    values = [cell.value for _row, cell in shown]
    least, most = ends_of(view.suite, min(values), max(values))

    def at(value: float) -> float:
        return round(min(max(100 * (value - least) / (most - least), 0.0), 100.0), 2)

    ranks = [row.rank for row, _cell in shown]
    return [
        Bar(
            row=row,
            cell=cell,
            end=at(cell.value),
            low=None if cell.uncertainty is None else at(cell.value - cell.uncertainty),
            high=None if cell.uncertainty is None else at(cell.value + cell.uncertainty),
            tied=ranks.count(row.rank) > 1,
        )
        for row, cell in shown
    ]


def guess_at(view: SuiteView) -> float | None:
    """Where guessing lies, in per cent across; None = not known, or nobody has a figure."""
    values = [cell.value for row in view.rows if (cell := row.cells[0]) is not None]
    guess = view.suite.random_baseline
    if guess is None or not values:
        return None
    least, most = ends_of(view.suite, min(values), max(values))
    return round(100 * (guess - least) / (most - least), 2)


def setting_label(key: str) -> str:
    """A setting's key in words; "" = none."""
    return Setting(parts_of(key), key).label or key if key else ""
