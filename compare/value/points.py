"""The points: models with a figure of quality, at what they cost where they are sold, as fast as there.

A model stands at one offer: of those that state a price above zero the maker's own, else a watched one, else
the cheapest. Its speed is that of the same endpoint: a price here and a speed there belong to nobody.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from benchmarks.composites import Mix
from benchmarks.facts import ModelFacts
from benchmarks.matrix import Matrix, Row
from benchmarks.normalising import DECIMALS
from catalog.price_table import PriceLine
from compare.value.asking import SEVERAL, ValueWish
from compare.value.front import front

#: Why a model with a figure of quality is not drawn: nobody sells it as far as we know; no source states both
#: input and output, or the one that is asked for; it is listed free of charge, which has no place on an axis
#: of ratios; what is sold is left out by the filters of provider or band.
Left = Literal["not_served", "no_price", "free", "filtered"]
LEFT: Final[tuple[Left, ...]] = ("not_served", "no_price", "free", "filtered")
_MEAN: Final = _(
    "Weighted mean of cited figures in {used} of {of} suites, each from 0 to 100 of the best published one; "
    "{elsewhere} of them in another setting than the suite’s reference."
)
_RATES: Final = {"input": "input_usd_per_mtok", "output": "output_usd_per_mtok"}


@dataclass(frozen=True, slots=True)
class Quality:
    """A figure of quality, in its own unit. `apart`: taken in another setting than the suite's reference, or
    in one that is not stated, so that it does not compare. suites, of a composite: (used, of, in another
    setting).
    """

    value: float
    written: str
    unit: str
    provenance: Provenance | None
    apart: bool = False
    suites: tuple[int, int, int] | None = None
    score_id: int | None = None
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second or milliseconds; None = unknown, for the reason `missing` (see compare.reasons)."""

    value: float | None
    written: str = ""
    provenance: Provenance | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A model where it is sold. on_line: on the front of price and quality; on_front: on that of all respects
    that are asked for, the same without a speed. price: USD per million tokens, above 0."""

    model: ModelFacts
    line: PriceLine
    price: Decimal
    quality: Quality
    speed: Speed | None = None
    on_line: bool = False
    on_front: bool = False

    @property
    def simulated(self) -> bool:
        return self.line.simulated


@dataclass(frozen=True, slots=True)
class Value:
    """What a wish leaves. `scored`: models with the figure of quality that the filters of models leave;
    `drawn`: those that have a point; left: why the others have none, by reason. `unmeasured`: points without
    the speed that is asked for; `apart`: points of another setting. higher: more is better in quality.

    unit, floor, ceiling: of the quality's scale. facets: filter → value → models that it alone would leave.
    """

    wish: ValueWish
    mix: Mix | None
    suite: str
    unit: str
    higher: bool
    decimals: int
    points: tuple[Point, ...]
    scored: int
    drawn: int
    left: Mapping[str, int]
    unmeasured: int
    apart: int
    facets: Mapping[str, Mapping[str, int]]
    generated_at: datetime
    floor: float | None = None
    ceiling: float | None = None
    age_s: int = 0
    away: str = ""

    @property
    def on_front(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.on_front)

    @property
    def simulated(self) -> bool:
        return any(point.simulated for point in self.points)


@dataclass(frozen=True, slots=True)
class Unit:
    """What becomes a point or is left out: a model with all who sell it, or with one of them."""

    model: ModelFacts
    quality: Quality
    lines: tuple[PriceLine, ...]

    def values(self, name: str, best: PriceLine | None) -> tuple[str, ...]:
        """The values that it has of a filter."""
        if name == "creator":
            return (self.model.creator,)
        if name == "provider":
            return tuple(line.provider for line in self.lines)
        if name == "function":
            return tuple(dict.fromkeys(tag for line in self.lines for tag in line.functions))
        return (best.band,) if best else ()


SpeedOf = Callable[[PriceLine], Speed]


def price_of(line: PriceLine, which: str) -> Decimal | None:
    """USD per million tokens: blended, or one amount; None = no source states it."""
    return line.blended if which == "blended" else line.offer.amount(_RATES[which])


def qualities(matrix: Matrix) -> list[tuple[ModelFacts, Quality]]:
    """Of each model that has the figure: the composite's, or that in the one suite of the matrix."""
    made = _of_composite if matrix.policy.mix else _of_suite
    found = ((row.model, made(row)) for row in matrix.rows)
    return [(model, quality) for model, quality in found if quality is not None]


def _of_composite(row: Row) -> Quality | None:
    found = row.composite
    if found is None or found.value is None:
        return None
    return Quality(
        value=round(found.value, DECIMALS),
        written=row.composite_written,
        unit="",
        provenance=Provenance(
            "computed",
            simulated=row.model.simulated,
            note=format_lazy(_MEAN, used=found.used, of=found.of, elsewhere=found.elsewhere),
            rule="composites",
        ),
        suites=(found.used, found.of, found.elsewhere),
    )


def _of_suite(row: Row) -> Quality | None:
    cell = row.cells[0]
    if cell is None:
        return None
    return Quality(
        value=cell.value,
        written=cell.written,
        unit=cell.suite.unit_mark,
        provenance=replace(cell.provenance, simulated=row.model.simulated),
        apart=not cell.same_setting,
        score_id=cell.score_id,
        setting=cell.setting.label or cell.score.setting_text,
    )


def units_of(
    scored: Iterable[tuple[ModelFacts, Quality]], lines: Iterable[PriceLine], wish: ValueWish
) -> list[Unit]:
    """The models that the filters of models leave, or their offers where all are asked for."""
    served: dict[str, list[PriceLine]] = {}
    invented = wish.simulated == "1"
    for line in lines:
        if invented or not line.simulated:
            served.setdefault(line.model, []).append(line)
    found = []
    for model, quality in scored:
        if (model.simulated and not invented) or not _fits(model, wish):
            continue
        own = tuple(served.get(model.slug, ()))
        single = wish.offers == "own" or not own
        found += [Unit(model, quality, own)] if single else [Unit(model, quality, (line,)) for line in own]
    return found


def _fits(model: ModelFacts, wish: ValueWish) -> bool:
    if wish.open and model.open_weights is not (wish.open == "yes"):
        return False
    return not wish.q or model.fits(wish.q)


def offer_of(
    lines: Iterable[PriceLine], wish: ValueWish, providers: Collection[str] = ()
) -> PriceLine | None:
    """Where a model stands, by one of these providers (() = any); None = nobody sells it."""

    def rank(line: PriceLine) -> tuple[bool, bool, bool, bool, Decimal, str]:
        price = price_of(line, wish.price)
        return price is None, not price, not line.own, not line.watched, price or Decimal(0), line.slug

    return min(
        (line for line in lines if not providers or line.provider in providers), key=rank, default=None
    )


def why_left(line: PriceLine | None, unit: Unit, wish: ValueWish) -> Left | None:
    """Why it has no point; None = it has one."""
    if not unit.lines:
        return "not_served"
    if line is None or (wish.band and line.band not in wish.band):
        return "filtered"
    price = price_of(line, wish.price)
    return "no_price" if price is None else "free" if not price else None


def value_of(
    wish: ValueWish, matrix: Matrix, lines: Sequence[PriceLine], speed_of: SpeedOf | None, at: datetime
) -> Value:
    """What the wish asks for, of what is kept. speed_of: None = speed is left out."""
    units = units_of(qualities(matrix), lines, wish)
    column = matrix.suites[0].suite if matrix.suites and not matrix.policy.mix else None
    higher = column.higher_is_better if column else True
    kept, facets = _narrowed(units, wish)
    points: list[Point] = []
    left: dict[str, int] = dict.fromkeys(LEFT, 0)
    drawn: set[str] = set()
    reasons: dict[str, Left] = {}
    for unit in kept:
        line = offer_of(unit.lines, wish, wish.provider)
        price = price_of(line, wish.price) if line else None
        if line is None or price is None or why_left(line, unit, wish):
            reasons.setdefault(unit.model.slug, why_left(line, unit, wish) or "filtered")
            continue
        points.append(Point(unit.model, line, price, unit.quality, speed_of(line) if speed_of else None))
        drawn.add(unit.model.slug)
    for slug, reason in reasons.items():
        left[reason] += slug not in drawn
    judged = _judged(points, higher, wish)
    return Value(
        wish=wish,
        mix=matrix.policy.mix,
        suite=column.slug if column else "",
        unit=column.unit_mark if column else "",
        higher=higher,
        decimals=_decimals(judged),
        points=tuple(judged),
        scored=len({unit.model.slug for unit in kept}),
        drawn=len(drawn),
        left=left,
        unmeasured=sum(point.speed is not None and point.speed.value is None for point in judged),
        apart=sum(point.quality.apart for point in judged),
        facets=facets,
        generated_at=at,
        floor=column.scale_min if column else None,
        ceiling=column.scale_max if column else 100.0,
    )


def _decimals(points: Sequence[Point]) -> int:
    return max((len(point.quality.written.partition(".")[2]) for point in points), default=1)


def _judged(points: Sequence[Point], higher: bool, wish: ValueWish) -> list[Point]:
    """With their places on the fronts: those first, then the better before the cheaper.

    What is invented competes with nothing real.
    """
    sign = 1 if higher else -1
    mixed, real = wish.settings == "all", any(not point.simulated for point in points)
    plain = [
        (-float(p.price), sign * p.quality.value)
        if (mixed or not p.quality.apart) and not (real and p.simulated)
        else None
        for p in points
    ]
    line = front(plain)
    whole = front([_with_speed(place, p, wish) for place, p in zip(plain, points, strict=True)])
    if not wish.speed:
        whole = line
    placed = [
        replace(point, on_line=on_line, on_front=on_front)
        for point, on_line, on_front in zip(points, line, whole, strict=True)
    ]
    return sorted(placed, key=lambda p: (not p.on_front, -sign * p.quality.value, p.price, p.line.slug))


def _with_speed(place: tuple[float, ...] | None, point: Point, wish: ValueWish) -> tuple[float, ...] | None:
    speed = point.speed.value if point.speed else None
    if place is None or speed is None:
        return None
    return (*place, speed if wish.speed == "tokens" else -speed)


def _narrowed(units: Sequence[Unit], wish: ValueWish) -> tuple[list[Unit], dict[str, dict[str, int]]]:
    """The units that the filters of maker and function leave, and what each value alone would leave drawn.

    Filters of offers (provider, band) leave no model out: what they hide is counted as such.
    """
    wanted = {name: {*wish.chosen(name)} for name in SEVERAL if wish.chosen(name)}
    counted: dict[str, dict[str, set[str]]] = {name: {} for name in SEVERAL}
    kept = []
    for unit in units:
        best = offer_of(unit.lines, wish, wish.provider)
        any_best = offer_of(unit.lines, wish)
        values = {name: unit.values(name, best if name == "band" else any_best) for name in SEVERAL}
        failed = [name for name, chosen in wanted.items() if chosen.isdisjoint(values[name])]
        if not {"creator", "function"} & {*failed}:
            kept.append(unit)
        sold = any_best is not None and bool(price_of(any_best, wish.price))
        for name in SEVERAL if not failed else failed if len(failed) == 1 else ():
            for value in values[name] if sold else ():
                counted[name].setdefault(value, set()).add(unit.model.slug)
    return kept, {name: {value: len(slugs) for value, slugs in own.items()} for name, own in counted.items()}
