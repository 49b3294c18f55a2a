"""Which models the list beside the table offers, in which order: the wish, its address, what it leaves.

Knows no database and no clock. `?q=클로드&provider=a&provider=b&price=below-1&open=yes&sort=price`: several
values of one filter widen it (a or b), several filters narrow each other. The names are none of
`compare.asking`'s, so that both parts stand in one address.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Final, NamedTuple
from urllib.parse import urlencode

from aigo.lib.filters import Filtered
from aigo.lib.matching import Entry, Index, names_of, query_of
from catalog.rates import BANDS, UNKNOWN_BAND, band_of, blended

#: No source states it.
UNSTATED: Final = "unstated"
YES, NO = "yes", "no"
#: The default first: what is measured, then the newest.
SORTS: Final = ("measured", "released", "price", "context", "name")
#: Filters whose values are names, which may hold a comma: never joined by commas.
MOST_TYPED: Final = 100


class Offer(NamedTuple):
    """A model as one provider serves it.

    Rates: US dollars per million tokens, standard tier; None = no source states it.
    """

    slug: str
    provider: str
    provider_name: str
    input_usd: Decimal | None = None
    output_usd: Decimal | None = None

    @property
    def blended_usd(self) -> Decimal | None:
        """See `catalog.rates.blended`; None where either rate is not stated."""
        return blended(self.input_usd, self.output_usd)


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue. `offers`: the one that its slug stands for first, those retired left out.

    family "" = no source names one; open_weights None = no source says; functions: tags. Found by, beside its
    name, maker and providers: `spellings` of its name, `kin`: those of its maker and family.
    """

    slug: str
    name: str
    creator: str
    creator_name: str
    family: str = ""
    functions: tuple[str, ...] = ()
    released_on: date | None = None
    open_weights: bool | None = None
    context_window: int | None = None
    retired: bool = False
    simulated: bool = False
    measured: bool = False
    offers: tuple[Offer, ...] = ()
    spellings: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        """All that may stand for it: its own and those of its endpoints."""
        return (self.slug, *(offer.slug for offer in self.offers))

    def offered(self, providers: Collection[str] = ()) -> Offer | None:
        """How it is served: by the first of these providers that does, () = as its slug stands for."""
        return next((one for one in self.offers if not providers or one.provider in providers), None)

    def choice(self, providers: Collection[str] = ()) -> str:
        """The slug that stands for it in a comparison: its own, or that of a chosen provider's endpoint."""
        offer = self.offered(providers)
        return self.slug if offer is None or offer is self.offers[0] else offer.slug


def _said(value: bool | None) -> tuple[str, ...]:
    return (UNSTATED,) if value is None else (YES if value else NO,)


#: Filter → the values that a model has of it, as the wish's providers serve it. The order is that of menus.
FILTERS: Final[dict[str, Callable[[Model, Offer | None], tuple[str, ...]]]] = {
    "function": lambda model, _offer: model.functions,
    "provider": lambda model, _offer: tuple(offer.provider for offer in model.offers),
    "family": lambda model, _offer: (model.family,) if model.family else (),
    "creator": lambda model, _offer: (model.creator,),
    "year": lambda model, _offer: (str(model.released_on.year) if model.released_on else UNSTATED,),
    "price": lambda _model, offer: (band_of(offer.blended_usd if offer else None),),
    "open": lambda model, _offer: _said(model.open_weights),
    "measured": lambda model, _offer: _said(model.measured),
}
#: What an address may say of the list.
NAMES: Final = ("q", *FILTERS, "sort")


@dataclass(frozen=True, slots=True)
class ListWish(Filtered):
    """What is asked of the list. Values of a filter are sorted, each once; () or "" = it is not set."""

    SEVERAL: ClassVar = FILTERS

    function: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    creator: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    q: str = ""
    sort: str = SORTS[0]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its parameters of an address; what is the default is left out."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name in FILTERS for value in self.chosen(name)]
        return pairs + ([("sort", self.sort)] if self.sort != SORTS[0] else [])

    @property
    def query(self) -> str:
        """Without a question mark; "" = the whole list."""
        return urlencode(self.pairs)

    def cleared(self) -> "ListWish":
        """Every model, in the same order."""
        return ListWish(sort=self.sort)

    @property
    def narrows(self) -> bool:
        return self != self.cleared()


@dataclass(frozen=True, slots=True)
class Listed:
    """What an address asks for. `refused`: (name, value) of what nobody knows, left out of the wish."""

    wish: ListWish
    refused: tuple[tuple[str, str], ...] = ()


def listed(query: Mapping[str, Sequence[str]], known: Mapping[str, Collection[str]]) -> Listed:
    """The wish of an address: parameter → its values (`dict(request.GET.lists())`).

    `known`: what each filter accepts (`Shelf.known`).
    """
    wish, refused = ListWish(), []
    typed = " ".join((query.get("q") or ("",))[-1].replace("\0", " ").split())
    if typed:
        wish = wish.only("q", typed[:MOST_TYPED])
    for name in FILTERS:
        given = [value for value in dict.fromkeys(query.get(name, ())) if value]
        refused += [(name, value) for value in given if value not in known[name]]
        if good := [value for value in given if value in known[name]]:
            wish = wish.only(name, *good)
    for sort in query.get("sort", ())[-1:]:
        if sort in SORTS:
            wish = wish.only("sort", sort)
        elif sort:
            refused.append(("sort", sort))
    return Listed(wish, tuple(refused))


@dataclass(frozen=True, slots=True)
class Found:
    """What a wish leaves of the shelf, in its order. `facets`: how many a single other value would leave."""

    wish: ListWish
    models: tuple[Model, ...]
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Shelf:
    """Every model that can be compared, as the catalogue knows it at one moment."""

    models: tuple[Model, ...]

    @cached_property
    def by_slug(self) -> dict[str, Model]:
        """By its own slug and by those of its endpoints."""
        return {slug: model for model in self.models for slug in model.slugs}

    @cached_property
    def known(self) -> dict[str, Collection[str]]:
        """What each filter accepts."""
        known: dict[str, set[str]] = {name: set() for name in FILTERS}
        for model in self.models:
            for name in ("function", "provider", "family", "creator", "year"):
                known[name].update(FILTERS[name](model, None))
        both = (YES, NO, UNSTATED)
        return {**known, "price": (*BANDS, UNKNOWN_BAND), "open": both, "measured": (YES, NO)}

    @cached_property
    def providers(self) -> dict[str, str]:
        """Slug → name."""
        return {offer.provider: offer.provider_name for model in self.models for offer in model.offers}

    @cached_property
    def _index(self) -> Index[Model]:
        known_first = sorted(self.models, key=lambda one: (one.retired, not one.measured, -len(one.offers)))
        return Index((_entry(model, place) for place, model in enumerate(known_first)), ("model",))

    def found(self, wish: ListWish) -> Found:
        """What the wish leaves: by the letters that were typed, then by its filters."""
        models: Iterable[Model] = self.models
        if wish.q:
            models = [match.item for match in self._index.find(query_of(wish.q))[:]]
        wanted = [(name, frozenset(wish.chosen(name))) for name in FILTERS if wish.chosen(name)]
        counted: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
        left = []
        for model in models:
            values = _values(model, wish)
            failed = [name for name, chosen in wanted if chosen.isdisjoint(values[name])]
            if not failed:
                left.append(model)
            if len(failed) < 2:
                for name in failed or FILTERS:
                    counted[name].update(values[name])
        facets = {name: dict(found) for name, found in counted.items()}
        return Found(wish, tuple(_ordered(left, wish)), facets)


def _values(model: Model, wish: ListWish) -> dict[str, tuple[str, ...]]:
    offer = model.offered(wish.provider)
    return {name: values(model, offer) for name, values in FILTERS.items()}


def _entry(model: Model, place: int) -> Entry[Model]:
    by = names_of(model.creator_name, model.family, *model.kin)
    about = names_of(model.slug, *(offer.provider_name for offer in model.offers))
    return Entry(model, "model", names_of(model.name, *model.spellings), by, about, weight=place)


def _ordered(models: list[Model], wish: ListWish) -> list[Model]:
    """As asked for; what is typed comes by how well it fits. What is unknown stands last, then by name."""
    if wish.q and wish.sort == SORTS[0]:
        return models
    return sorted(models, key=lambda model: _ORDERS[wish.sort](model, model.offered(wish.provider)))


def _newest(model: Model) -> int:
    return -model.released_on.toordinal() if model.released_on else 0


_ORDERS: Final[dict[str, Callable[[Model, Offer | None], tuple[Any, ...]]]] = {
    "measured": lambda model, _offer: (
        model.retired, not model.measured, _newest(model), model.name.casefold(), model.slug,
    ),
    "released": lambda model, _offer: (_newest(model), model.name.casefold(), model.slug),
    "price": lambda model, offer: (
        offer is None or offer.blended_usd is None,
        (offer.blended_usd if offer else None) or 0,
        model.name.casefold(),
        model.slug,
    ),
    "context": lambda model, _offer: (-(model.context_window or 0), model.name.casefold(), model.slug),
    "name": lambda model, _offer: (model.name.casefold(), model.slug),
}  # fmt: skip
