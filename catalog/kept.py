"""What readers are shown of prices, kept until the catalogue has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from catalog.filtering import PriceWish
from catalog.price_table import PriceCut, PriceTable, cut, load_price_table
from catalog.pricing import PriceChange, price_changes
from catalog.tidings import DayEvent, TidingWish, load_days, load_tidings

#: Events tell of every change; this is for what none told, such as an announced price that came true.
KEPT: Final = timedelta(minutes=5)
MOST_KEPT: Final = 60
PRICES: Final = "prices"
TABLE: Final = "table"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (PRICES,) if event.type == "catalog.changed" else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, always=TABLE, most=MOST_KEPT)


def _prices(_value: object) -> Iterable[str]:
    return (PRICES,)


def kept_price_table(*, now: datetime) -> Answer[PriceTable]:
    """What every live endpoint costs. Raises Unavailable."""
    return keeper().answer(TABLE, lambda: load_price_table(now=now), now=now, topics=_prices, keep=KEPT)


def kept_price_cut(wish: PriceWish, *, now: datetime) -> Answer[PriceCut]:
    """What a wish leaves of the same table. Raises Unavailable."""
    table = kept_price_table(now=now)
    key = ("cut", wish, table.at)
    kept = keeper().answer(key, lambda: cut(table.value, wish), now=now, topics=_prices, keep=KEPT)
    return Answer(kept.value, table.at, table.age, table.event_id, table.away)


def kept_price_changes(limit: int, *, now: datetime) -> Answer[list[PriceChange]]:
    """What has changed lately, the newest first. Raises Unavailable."""
    return keeper().answer(
        ("changes", limit), lambda: price_changes(now=now, limit=limit), now=now, topics=_prices, keep=KEPT
    )


def kept_tidings(wish: TidingWish, limit: int, *, now: datetime) -> Answer[list[dict[str, Any]]]:
    """What we learned last of prices and models, the newest first. Raises Unavailable."""
    return keeper().answer(
        ("tidings", wish, limit), lambda: load_tidings(wish, limit), now=now, topics=_prices, keep=KEPT
    )


def kept_days(wish: TidingWish, *, now: datetime) -> Answer[list[DayEvent]]:
    """Days of prices, deprecations and retirements, the earliest first. Raises Unavailable."""
    return keeper().answer(("days", wish), lambda: load_days(wish, now), now=now, topics=_prices, keep=KEPT)
