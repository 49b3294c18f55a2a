"""Chosen models beside each other, as radar and bars.

Drawn by the server from the same cells as the matrix. A figure that nobody has published is a gap, never a
zero and never a line drawn over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from aigo.lib.radars import Radar, Spoke
from aigo.lib.strokes import Place
from benchmarks.facts import ModelFacts, SuiteFacts
from benchmarks.matrix import Cell, Column, Matrix, Row

#: Models beside each other: as many as the marks and dashes that tell them apart without colour.
MOST_MODELS: Final = 6
#: Axes of a radar: with fewer it has no area, with more its labels meet.
LEAST_AXES, MOST_AXES = 3, 10
#: A radar is drawn of the suites that all chosen models have, where there are so many.
ENOUGH_SHARED: Final = 5
WIDTH, HEIGHT, RADIUS, LABEL_ROOM = 460, 296, 108, 15


@dataclass(frozen=True, slots=True)
class Series:
    """A model in the charts. `number`: from 1, its colour, mark and dash."""

    number: int
    row: Row

    @property
    def model(self) -> ModelFacts:
        return self.row.model


@dataclass(frozen=True, slots=True)
class Axis:
    """A suite of the radar. `lines`: its name, dealt out to lines."""

    column: Column
    spoke: Spoke
    lines: tuple[str, ...]

    @property
    def label_top(self) -> float:
        """Where the first line of the name stands, so that the name is about its place."""
        return round(self.spoke.label_y + 4 - 7.5 * (len(self.lines) - 1), 1)


@dataclass(frozen=True, slots=True)
class Outline:
    """A model in the radar. `gaps`: axes without a figure of it; `below`: those it is worse than zero on."""

    series: Series
    path: str
    dots: tuple[Place, ...]
    gaps: int
    below: int


@dataclass(frozen=True, slots=True)
class RadarDrawing:
    """`shared`: all chosen models have a figure on every axis."""

    axes: tuple[Axis, ...]
    rings: tuple[tuple[int, str], ...]
    outlines: tuple[Outline, ...]
    shared: bool
    width: int = WIDTH
    height: int = HEIGHT
    middle: Place = (WIDTH / 2, HEIGHT / 2)


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure. `width`: in per cent of the suite's range; None = the suite's scale is open: no bar."""

    series: Series
    cell: Cell | None
    width: float | None
    best: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A suite with the figures of the chosen models. `guess`: where guessing lies, in per cent; None = no
    published baseline, or an open scale.
    """

    column: Column
    bars: tuple[Bar, ...]
    guess: float | None

    @property
    def missing(self) -> int:
        return sum(bar.cell is None for bar in self.bars)


@dataclass(frozen=True)
class Comparison:
    """The chosen models beside each other. `left_out`: suites in which none of them has a figure."""

    matrix: Matrix
    series: tuple[Series, ...]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every suite that one of them has a figure in, those of most of them first."""
        groups = [_group(self.series, place, column) for place, column in enumerate(self.matrix.suites)]
        return tuple(
            sorted((one for one in groups if one.missing < len(self.series)), key=lambda one: one.missing)
        )

    @property
    def left_out(self) -> int:
        return len(self.matrix.suites) - len(self.groups)

    @cached_property
    def radar(self) -> RadarDrawing | None:
        """None: fewer than LEAST_AXES suites can be drawn."""
        places = _axes(self.series, self.matrix.suites)
        return _radar(self.series, self.matrix.suites, places) if len(places) >= LEAST_AXES else None


def comparison_of(matrix: Matrix, slugs: Sequence[str]) -> Comparison:
    """The first MOST_MODELS of the models in the order they were chosen; those the matrix has no row of are
    left out."""
    rows = {row.model.slug: row for row in matrix.rows}
    chosen = [rows[slug] for slug in dict.fromkeys(slugs) if slug in rows]
    return Comparison(matrix, tuple(Series(n, row) for n, row in enumerate(chosen[:MOST_MODELS], 1)))


# --- the radar -----------------------------------------------------------------------------------


def _axes(series: Sequence[Series], columns: Sequence[Column]) -> list[int]:
    """Places of the suites that are drawn: those that all have, else also those that half of them have."""
    drawn = [place for place, column in enumerate(columns) if column.scale.zero is not None]
    having = {place: sum(one.row.cells[place] is not None for one in series) for place in drawn}
    shared = [place for place in drawn if series and having[place] == len(series)]
    if len(shared) < ENOUGH_SHARED:
        partly = [place for place in drawn if place not in shared and having[place] * 2 >= len(series)]
        shared += sorted(partly, key=lambda place: -having[place])[: ENOUGH_SHARED - len(shared)]
    return sorted(shared[:MOST_AXES])


def _radar(series: Sequence[Series], columns: Sequence[Column], places: Sequence[int]) -> RadarDrawing:
    radar = Radar(len(places), RADIUS, WIDTH / 2, HEIGHT / 2)
    axes = tuple(
        Axis(columns[place], spoke, name_lines(columns[place].suite.name))
        for place, spoke in zip(places, radar.spokes(room=LABEL_ROOM), strict=True)
    )
    outlines = tuple(_outline(radar, one, columns, places) for one in series)
    rings = tuple((percent, radar.ring(percent / 100)) for percent in (25, 50, 75, 100))
    return RadarDrawing(axes, rings, outlines, shared=all(not outline.gaps for outline in outlines))


def _outline(radar: Radar, series: Series, columns: Sequence[Column], places: Sequence[int]) -> Outline:
    shares = []
    for place in places:
        cell = series.row.cells[place]
        at = columns[place].scale.of(cell.value) if cell else None
        shares.append(None if at is None else at / 100)
    return Outline(
        series=series,
        path=radar.outline(shares),
        dots=tuple(place for place in radar.places(shares) if place),
        gaps=shares.count(None),
        below=sum(share is not None and share < 0 for share in shares),
    )


def name_lines(name: str, most: int = 13) -> tuple[str, ...]:
    """A suite's name in up to three lines: broken at blanks where it is longer than `most` letters."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most and len(lines) < 3:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)


# --- bars ----------------------------------------------------------------------------------------


def _group(series: Sequence[Series], place: int, column: Column) -> Group:
    cells = [one.row.cells[place] for one in series]
    values = [cell.value for cell in cells if cell]
    best = column.suite.best(values) if values else None
    bars = tuple(
        Bar(
            one,
            cell,
            _share(column.suite, cell.value) if cell else None,
            cell is not None and cell.value == best,
        )
        for one, cell in zip(series, cells, strict=True)
    )
    baseline = column.suite.random_baseline
    return Group(column, bars, None if not baseline else _share(column.suite, baseline))


def _share(suite: SuiteFacts, value: float) -> float | None:
    """Of the suite's range in per cent: bars begin where the scale does, so that their lengths compare."""
    if suite.scale_min is None or suite.scale_max is None:
        return None
    share = 100 * (value - suite.scale_min) / (suite.scale_max - suite.scale_min)
    return round(min(max(share, 0.0), 100.0), 2)
