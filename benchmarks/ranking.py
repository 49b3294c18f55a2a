"""The order of the matrix's rows, and their ranks."""

from collections.abc import Callable, Sequence

from benchmarks.filtering import SORTS, BenchmarkWish
from benchmarks.matrix import Row
from benchmarks.normalising import DECIMALS, ranks, separable
from benchmarks.store import Store


def ranked(rows: list[Row], wish: BenchmarkWish, columns: Sequence[str], store: Store) -> list[Row]:
    """Sorted, with ranks; what has no figure comes last in either order."""
    place = columns.index(wish.sort) if wish.sort in columns else None
    up = place is None or store.suites[wish.sort].higher_is_better
    by_figure = _figure_of(place)
    known = sorted(
        (row for row in rows if by_figure(row) is not None),
        key=lambda row: (
            (-1 if up else 1) * (by_figure(row) or 0.0),
            row.model.name.casefold(),
            row.model.slug,
        ),
    )
    numbers = ranks([by_figure(row) for row in known], decimals=DECIMALS if place is None else None)
    ranked = [
        Row(row.model, row.cells, row.gaps, row.composite, number, _unsure(known, at, place))
        for at, (row, number) in enumerate(zip(known, numbers, strict=True))
    ]
    unknown = sorted(
        (row for row in rows if by_figure(row) is None),
        key=lambda row: (-row.covered, row.model.name.casefold()),
    )
    if place is not None or wish.sort == "composite":
        return [*(ranked if wish.order == "desc" else reversed(ranked)), *unknown]
    return _otherwise([*ranked, *unknown], wish)


def _figure_of(place: int | None) -> Callable[[Row], float | None]:
    def figure(row: Row) -> float | None:
        if place is None:
            return row.composite.value if row.composite else None
        cell = row.cells[place]
        return cell.value if cell else None

    return figure


def _unsure(known: Sequence[Row], at: int, place: int | None) -> bool:
    """Whether it cannot be told apart from the one before it."""
    if place is None or not at:
        return False
    before, cell = known[at - 1].cells[place], known[at].cells[place]
    if before is None or cell is None:
        return False
    return not separable(before.value, before.uncertainty, cell.value, cell.uncertainty)


def _otherwise(rows: list[Row], wish: BenchmarkWish) -> list[Row]:
    """By name (a to z first), by coverage (the most first) or by release (the newest first)."""
    backwards = wish.order == "asc"
    if wish.sort == "coverage" or wish.sort not in SORTS:
        return sorted(rows, key=lambda row: row.covered, reverse=not backwards)
    if wish.sort == "name":
        return sorted(rows, key=lambda row: row.model.name.casefold(), reverse=backwards)
    dated = [row for row in rows if row.model.released_on]
    undated = [row for row in rows if not row.model.released_on]
    return [*sorted(dated, key=lambda row: str(row.model.released_on), reverse=not backwards), *undated]
