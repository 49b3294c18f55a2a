"""The shelf of models to compare, read from the catalogue and kept until it changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.conf import settings

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from aigo.lib.regions import ALL
from catalog.identity import UNKNOWN, seller_rank
from catalog.korean import spellings_of
from catalog.models import AIModel, Endpoint, Lifecycle, Price
from compare.choosing import Found, ListWish, Model, Offer, Shelf
from status.board import SORTS
from status.kept import kept_snapshot

#: The catalogue tells of every change; that a provider's key has come is seen by then.
KEPT: Final = timedelta(minutes=2)
#: Lists are the readers' choice; each holds places in the shelf, not the models.
MOST_KEPT: Final = 200
SHELF: Final = "shelf"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (SHELF,) if event.type == "catalog.changed" else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, always=SHELF, most=MOST_KEPT)


def _shelf(_value: object) -> tuple[str, ...]:
    return (SHELF,)


def kept_shelf(*, now: datetime) -> Answer[Shelf]:
    """Every model that can be compared. Raises Unavailable."""
    return keeper().answer(
        SHELF, lambda: load_shelf(_measured(now), now=now), now=now, topics=_shelf, keep=KEPT
    )


def kept_list(wish: ListWish, *, now: datetime) -> Found:
    """What a wish leaves of the shelf. Raises Unavailable."""
    shelf = kept_shelf(now=now)
    found = keeper().answer(
        ("list", wish, shelf.at), lambda: shelf.value.found(wish), now=now, topics=_shelf, keep=KEPT
    )
    return found.value


def _measured(now: datetime) -> frozenset[str]:
    """The models that somebody measures, of the snapshot that the board is cut from."""
    board = kept_snapshot(now=now).value.board(ALL, SORTS[0])
    return frozenset(row.model_slug for row in board.endpoints if row.measured)


def load_shelf(measured: Collection[str], *, now: datetime) -> Shelf:
    """From the catalogue with the prices of `now`: three queries. `measured`: slugs of models."""
    offers = _offers(now)
    columns = (
        *("slug", "name", "creator__slug", "creator__name", "family", "functions", "released_on"),
        *("open_weights", "context_window", "lifecycle", "simulated"),
    )
    rows = AIModel.objects.all() if settings.SIMULATION else AIModel.objects.known()
    return Shelf(
        tuple(
            Model(
                slug=slug,
                name=name,
                creator=creator,
                creator_name="" if creator == UNKNOWN else creator_name,
                family=family,
                functions=tuple(functions),
                released_on=released_on,
                open_weights=open_weights,
                context_window=context,
                retired=lifecycle == Lifecycle.RETIRED,
                simulated=simulated,
                measured=slug in measured,
                offers=_own_first(offers.get(slug, ()), creator),
                spellings=_spellings(name),
                kin=_spellings(creator_name, family),
            )
            for (
                slug, name, creator, creator_name, family, functions, released_on,
                open_weights, context, lifecycle, simulated,
            ) in rows.order_by("name", "slug").values_list(*columns)
        )
    )  # fmt: skip


def _offers(now: datetime) -> dict[str, list[tuple[Offer, bool]]]:
    """Model → the live endpoints that serve it, each with whether it is watched; by slug."""
    rates: dict[int, tuple[Decimal | None, Decimal | None]] = {
        endpoint: (given, taken)
        for endpoint, given, taken in Price.objects.in_force(now)
        .standard()
        .values_list("endpoint_id", "input_usd_per_mtok", "output_usd_per_mtok")
    }
    columns = ("pk", "slug", "model__slug", "provider__slug", "provider__name", "watched")
    live = Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED).order_by("slug").values_list(*columns)
    found: dict[str, list[tuple[Offer, bool]]] = defaultdict(list)
    for pk, slug, model, provider, provider_name, watched in live:
        found[model].append((Offer(slug, provider, provider_name, *rates.get(pk, (None, None))), watched))
    return found


def _own_first(offers: Iterable[tuple[Offer, bool]], creator: str) -> tuple[Offer, ...]:
    """The one that a model's slug stands for first, as `catalog.selectors.model_detail` decides it."""

    def rank(served: tuple[Offer, bool]) -> tuple[int, bool, str]:
        offer, watched = served
        return seller_rank(offer.provider, creator), not watched, offer.slug

    return tuple(offer for offer, _watched in sorted(offers, key=rank))


@lru_cache(maxsize=20_000)
def _spellings(*names: str) -> tuple[str, ...]:
    """In Korean, too; the same names stand on many models."""
    return tuple(dict.fromkeys(spelling for name in names for spelling in spellings_of(name)))
