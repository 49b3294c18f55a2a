"""Reading what became different, and what will: for feeds and calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet

from catalog.models import Endpoint, Tiding
from catalog.telling import told_of

Kind = Tiding.Kind
#: What a reader may ask for → what is told of it.
TIDING_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "price": (Kind.RAISED, Kind.LOWERED, Kind.CHANGED, Kind.ANNOUNCED, Kind.ENDED),
    "correction": (Kind.CORRECTED,),
    "model": (Kind.ADDED, Kind.OFFERED, Kind.RETURNED),
    "retirement": (Kind.DEPRECATED, Kind.DATED, Kind.RETIRED),
}
CALENDAR_KINDS: Final = ("price", "deprecation", "retirement")
#: Days of a calendar: changes of prices of so long ago are still in it, and dates of so long ago.
PAST: Final = dt.timedelta(days=180)
#: Entries of one kind in a calendar.
MOST_EVENTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class TidingWish:
    """kind: of TIDING_KINDS or CALENDAR_KINDS; provider: slug; model: slug of a model or an endpoint; "" =
    everything."""

    kind: str = ""
    provider: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class DayEvent:
    """Something of a calendar. `at`: UTC; told: as `told_of` gives it. uid: stays when the day is moved."""

    uid: str
    at: dt.datetime
    told: dict[str, Any]
    created_at: dt.datetime
    changed_at: dt.datetime
    kind: str


def load_tidings(wish: TidingWish, limit: int) -> list[dict[str, Any]]:
    """What we learned last, the newest first, as `told_of` gives it: one query.

    That a model is at one more provider is told only to whoever asks for models, a provider or a model: it
    would bury all else.
    """
    rows = Tiding.objects.select_related("endpoint__provider", "endpoint__model").filter(_about(wish))
    if wish.kind:
        rows = rows.filter(kind__in=TIDING_KINDS[wish.kind])
    elif not (wish.provider or wish.model):
        rows = rows.exclude(kind=Kind.OFFERED)
    return [told_of(row) for row in rows.order_by("-told_at", "-pk")[:limit]]


def load_days(wish: TidingWish, now: dt.datetime) -> list[DayEvent]:
    """Changes of prices that are known, announced prices, days of deprecation and of retirement: the earliest
    first, of half a year ago and of all time to come. Three queries at most."""
    found: list[DayEvent] = []
    if wish.kind in ("", "price"):
        found += _price_days(wish, now)
    if wish.kind in ("", "deprecation"):
        found += _dates(wish, "deprecated_at", now)
    if wish.kind in ("", "retirement"):
        found += _dates(wish, "retires_at", now)
    return sorted(found, key=lambda day: (day.at, day.uid))


def _price_days(wish: TidingWish, now: dt.datetime) -> list[DayEvent]:
    """The day of a price is one event, as an announcement and when it holds; what was wrong is none."""
    rows = Tiding.objects.select_related("endpoint__provider", "endpoint__model", "price")
    rows = rows.filter(_about(wish), topic=Tiding.Topic.PRICE, at__gte=now - PAST)
    rows = rows.filter(price__struck_at__isnull=True)
    days: dict[str, DayEvent] = {}
    for row in rows.order_by("-told_at", "-pk")[:MOST_EVENTS]:
        ended = "ended-" if row.kind == Kind.ENDED else ""
        uid = f"price-{ended}{row.price_id}"
        later = days.get(uid)
        told, changed_at = (later.told, later.changed_at) if later else (told_of(row), row.told_at)
        days[uid] = DayEvent(uid, row.at, told, row.told_at, changed_at, "price")
    return list(days.values())


def _dates(wish: TidingWish, name: str, now: dt.datetime) -> list[DayEvent]:
    rows = Endpoint.objects.filter(_about_endpoint(wish), **{f"{name}__gte": now - PAST})
    rows = rows.select_related("provider", "model", "noted").order_by(name, "pk")[:MOST_EVENTS]
    return [_date(endpoint, name) for endpoint in rows]


def _date(endpoint: Endpoint, name: str) -> DayEvent:
    at: dt.datetime = getattr(endpoint, name)
    noted = getattr(endpoint, "noted", None)
    seen_at = endpoint.dates_seen_at or at
    since = noted.dates_since if noted else seen_at
    row = Tiding(
        topic=Tiding.Topic.MODEL,
        kind=Kind.DATED,
        endpoint=endpoint,
        facts={name: [None, at.isoformat()]},
        source_name=endpoint.dates_source_name,
        source_url=endpoint.dates_source_url,
        at=at,
        told_at=since,
    )
    kind = "retirement" if name == "retires_at" else "deprecation"
    created_at = noted.noted_at if noted else seen_at
    return DayEvent(f"{kind}-{endpoint.slug}", at, told_of(row), created_at, since, kind)


def _about(wish: TidingWish) -> Q:
    about = Q() if settings.SIMULATION else Q(endpoint__simulated=False)
    if wish.provider:
        about &= Q(endpoint__provider__slug=wish.provider)
    if wish.model:
        about &= Q(endpoint__slug=wish.model) | Q(endpoint__model__slug=wish.model)
    return about


def _about_endpoint(wish: TidingWish) -> Q:
    about = Q() if settings.SIMULATION else Q(simulated=False)
    if wish.provider:
        about &= Q(provider__slug=wish.provider)
    if wish.model:
        about &= Q(slug=wish.model) | Q(model__slug=wish.model)
    return about


def unplanned_tidings() -> QuerySet[Tiding]:
    """Of which nobody has decided yet whom to tell, with endpoint, model and provider."""
    rows = Tiding.objects.unplanned().order_by("pk")
    return rows.select_related("endpoint__provider", "endpoint__model")
