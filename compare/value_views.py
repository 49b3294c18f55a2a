"""The page of price, quality and speed in one chart."""

from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.answers import page_number
from aigo.lib.paging import pager_of
from benchmarks.kept import kept_store
from catalog.kept import kept_price_table
from compare.value.asking import ValueWish
from compare.value.drawing import Dot, ValueDrawing
from compare.value.kept import kept_asked, kept_value
from compare.value.points import Point, Value
from compare.value.telling import (
    PRICE_WORDS,
    SPEED_UNITS,
    SPEED_WORDS,
    key_words,
    left_words,
    point_words,
    price_about,
    why_slow,
)
from compare.value.toolbar import choices, quality_name

PER_PAGE: Final = 40


@require_safe
def value(request: HttpRequest) -> HttpResponse:
    """`/compare/value/`: models by what they cost, how good and how fast they are, and the front of them."""
    now = timezone.now()
    wanted = kept_asked(dict(request.GET.lists()), now=now)
    kept = kept_value(wanted.wish, now=now)
    store, table = kept_store(now=now).value, kept_price_table(now=now).value
    found, name = kept.value, quality_name(wanted.wish, store)
    context = {
        "wish": wanted.wish,
        "refused": [(refusal.name, refusal.value) for refusal in wanted.refusals],
        "value": found,
        "simulated": found.simulated,
        "name": name,
        "suite": store.suites.get(found.suite),
        "left": left_words(found),
        "key": key_words(found, name),
        "price_word": PRICE_WORDS[wanted.wish.price],
        "speed_word": SPEED_WORDS[wanted.wish.speed] if wanted.wish.speed else "",
        "speed_unit": SPEED_UNITS.get(wanted.wish.speed, ""),
        "generated_at": kept.at,
        "away": kept.away,
        **_table(found, name, page_number(request.GET)),
        **choices(found, store, table, invented=settings.SIMULATION),
    }
    response = render(request, "compare/value.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _table(found: Value, name: str, number: int) -> dict[str, Any]:
    """A page of the points as a table, and the chart of all of them."""
    wish, points = found.wish, found.points
    page = Paginator(points, PER_PAGE).get_page(number)
    drawing = ValueDrawing(found) if points else None
    return {
        "drawing": drawing,
        "dots": _told(drawing, found, name, page.number) if drawing else [],
        "rows": [
            (point, price_about(point, wish.price), why_slow(point.speed) if point.speed else "")
            for point in page
        ],
        "pager": pager_of(page, lambda number: page_address(wish, number)),
    }


def _told(drawing: ValueDrawing, found: Value, name: str, number: int) -> list[tuple[Dot, list[str], str]]:
    """Each dot with its words and the address of its row in the table."""
    places = {point.line.slug: place // PER_PAGE + 1 for place, point in enumerate(found.points)}

    def address(point: Point) -> str:
        page = places[point.line.slug]
        return f"{'' if page == number else page_address(found.wish, page)}#value-{point.line.slug}"

    return [(dot, point_words(dot.point, found, name), address(dot.point)) for dot in drawing.dots]


def page_address(wish: ValueWish, number: int) -> str:
    """The page of a wish, the first or a following one."""
    base = wish.address()
    return base if number < 2 else f"{base}{'&' if '?' in base else '?'}page={number}"
