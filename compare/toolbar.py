"""What the list of models and the table's toolbar offer: every choice with its address and its count."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator

from aigo.lib.filters import by_name, chips_of, menu_of, options_of
from aigo.lib.paging import pager_of
from aigo.lib.regions import BY_SLUG
from benchmarks.filtering import NORMS
from benchmarks.matrix import NORM_NOTES
from benchmarks.wording import NORM_WORDS
from catalog.toolbar import BAND_WORDS
from compare.asking import MOST, CompareWish
from compare.choosing import FILTERS, SORTS, UNSTATED, Found, ListWish, Model, Offer, Shelf
from compare.wording import (
    FILTER_WORDS,
    MEASURED_WORDS,
    OPEN_WORDS,
    SORT_WORDS,
    UNSTATED_WORDS,
    Words,
)
from status.wording import FUNCTION_WORDS

#: Models of one page of the list; scripts fetch the following ones as they are scrolled to.
PER_PAGE: Final = 40


def address(wish: CompareWish, listed: ListWish | None = None, *, page: int = 1) -> str:
    """The page of a comparison, with the list beside it as it is; without one, the permalink."""
    base = wish.address()
    pairs = [*(listed.pairs if listed else ()), *([("page", str(page))] if page > 1 else [])]
    if not pairs:
        return base
    return f"{base}{'&' if '?' in base else '?'}{urlencode(pairs)}"


def list_choices(wish: CompareWish, found: Found, shelf: Shelf, number: int) -> dict[str, Any]:
    """What the list is rendered from. `number`: of its page; past the last one it is that.

    chosen: the compared models in their order; lines: the models of the page; filters: menus; sort_options:
    one is active; chips: what is chosen, with the address without it; kept_fields: what its form keeps.
    """
    listed = found.wish
    page = Paginator(found.models, PER_PAGE).get_page(number)
    labels = _labels(shelf)
    return {
        "listed": listed,
        "found": found,
        "every": len(shelf.models),
        "chosen": chosen_of(wish, listed, shelf),
        "room": MOST - len(wish.models),
        "most_models": MOST,
        "lines": [_line(wish, listed, model) for model in page],
        "filters": [_menu(found, name, labels[name]) for name in FILTERS],
        "sort_options": [
            {
                "label": SORT_WORDS[sort],
                "url": address(wish, listed.only("sort", sort)),
                "active": sort == listed.sort,
            }
            for sort in SORTS
        ],
        "chips": chips_of(listed, FILTERS, labels, FILTER_WORDS, lambda left: address(wish, left)),
        "clear_url": address(wish, listed.cleared()),
        "kept_fields": [*wish.pairs, *([("sort", listed.sort)] if listed.sort != SORTS[0] else [])],
        "pager": pager_of(page, lambda number: address(wish, listed, page=number)),
    }


def chosen_of(wish: CompareWish, listed: ListWish, shelf: Shelf) -> list[dict[str, Any]]:
    """The compared models with what can be done with each; `model` None = the shelf does not know it.

    others: the same model as other providers serve it, each with the address that takes it instead.
    """
    found = []
    for place, slug in enumerate(wish.models):
        model = shelf.by_slug.get(slug)
        found.append(
            {
                "slug": slug,
                "model": model,
                "name": model.name if model else slug,
                "remove": address(wish.without(slug), listed),
                "earlier": address(wish.moved(slug, place - 1), listed) if place else "",
                "later": address(wish.moved(slug, place + 1), listed) if place + 1 < len(wish.models) else "",
                "others": _others(wish, listed, slug, model) if model else [],
            }
        )
    return found


def _others(wish: CompareWish, listed: ListWish, slug: str, model: Model) -> list[dict[str, Any]]:
    """How else it is served, its own endpoint first; [] where one serves it."""
    if len(model.offers) < 2:
        return []
    return [
        {
            "provider": offer.provider_name,
            "offer": offer,
            "active": _stands_for(slug, model, offer),
            "url": address(_instead(wish, slug, model.choice((offer.provider,))), listed),
        }
        for offer in model.offers
    ]


def _stands_for(slug: str, model: Model, offer: Offer) -> bool:
    return slug == offer.slug or (slug == model.slug and offer is model.offers[0])


def _instead(wish: CompareWish, slug: str, other: str) -> CompareWish:
    """The same with another slug in its place."""
    if other == slug or other in wish.models:
        return wish
    place = wish.models.index(slug)
    return wish.without(slug).with_model(other).moved(other, place)


def _line(wish: CompareWish, listed: ListWish, model: Model) -> dict[str, Any]:
    """A model of the list. `taken`: it is compared, by whichever provider; `url`: "" = there is no room."""
    compared = [slug for slug in wish.models if slug in model.slugs]
    if compared:
        left = wish
        for slug in compared:
            left = left.without(slug)
        url = address(left, listed)
    else:
        room = len(wish.models) < MOST
        url = address(wish.with_model(model.choice(listed.provider)), listed) if room else ""
    return {"model": model, "offer": model.offered(listed.provider), "taken": bool(compared), "url": url}


def table_choices(wish: CompareWish, listed: ListWish) -> dict[str, Any]:
    """What stands above the table: of region_options and norm_options one is active each."""
    return {
        "permalink": wish.address(),
        "region_options": [
            {
                "slug": region.slug,
                "label": region.name,
                "url": address(wish.measured_from(region.slug), listed),
                "active": region.slug == wish.region,
            }
            for region in BY_SLUG.values()
        ],
        "norm_options": [
            {
                "value": norm,
                "label": NORM_WORDS[norm],
                "rule": NORM_NOTES[norm],
                "url": address(wish.normalised(norm), listed),
                "active": norm == wish.norm,
            }
            for norm in NORMS
        ],
        "differences_url": address(wish.differing(not wish.only_differences), listed),
        "empty_url": address(replace(wish, models=()), listed),
    }


def _labels(shelf: Shelf) -> dict[str, Mapping[str, Words]]:
    """Filter → value → what it is called, in the order of menus."""
    models = shelf.models
    years = sorted(shelf.known["year"], reverse=True)
    return {
        "function": FUNCTION_WORDS,
        "provider": by_name(shelf.providers),
        "family": by_name({model.family: model.family for model in models if model.family}),
        "creator": by_name({model.creator: model.creator_name or UNSTATED_WORDS for model in models}),
        "year": {year: UNSTATED_WORDS if year == UNSTATED else year for year in years if year != UNSTATED}
        | ({UNSTATED: UNSTATED_WORDS} if UNSTATED in years else {}),
        "price": BAND_WORDS,
        "open": OPEN_WORDS,
        "measured": MEASURED_WORDS,
    }


def _menu(found: Found, name: str, labels: Mapping[str, Words]) -> dict[str, Any]:
    """A filter as a menu: the values that lead somewhere, and those that are chosen."""
    chosen = found.wish.chosen(name)
    return menu_of(name, FILTER_WORDS[name], options_of(labels, found.facets[name], chosen), len(chosen))
