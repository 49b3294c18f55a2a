"""Paths of line drawings: where there is no value the line breaks. Pure: numbers in, SVG path data out."""

from collections.abc import Iterable, Iterator, Sequence

Place = tuple[float, float]


def runs(places: Iterable[Place | None]) -> Iterator[list[Place]]:
    """The stretches between gaps, each of at least one place."""
    run: list[Place] = []
    for place in places:
        if place is not None:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def line(places: Iterable[Place | None]) -> str:
    """A line from place to place; a place between two gaps is a dot (a round line cap draws it)."""
    return "".join(_joined(run) if len(run) > 1 else _dot(run[0]) for run in runs(places))


def steps(spans: Iterable[tuple[float, float, float] | None]) -> str:
    """A level for each (left, right, y); neighbours are joined by an upright."""
    path, last = [], None
    for span in spans:
        if span is None:
            last = None
            continue
        left, right, y = span
        path.append(f"V{_n(y)}" if last == left else f"M{_n(left)} {_n(y)}")
        path.append(f"H{_n(right)}")
        last = right
    return "".join(path)


def bars(places: Iterable[tuple[float, float, float, float]]) -> str:
    """Filled boxes of (left, right, top, bottom); those without a height are left out."""
    return "".join(
        f"M{_n(left)} {_n(bottom)}V{_n(top)}H{_n(right)}V{_n(bottom)}Z"
        for left, right, top, bottom in places
        if bottom > top
    )


def _joined(run: Sequence[Place]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in run)


def _dot(place: Place) -> str:
    return f"M{_n(place[0])} {_n(place[1])}h0"


def _n(value: float) -> str:
    """At most one decimal, without a trailing zero."""
    return f"{value:.1f}".removesuffix(".0")
