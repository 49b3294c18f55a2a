"""What the page of prices offers to choose from: every choice with its address and its count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aigo.lib.filters import chip, chips_of, menu_of, options_of
from catalog.filtering import ALL_BANDS, FILTERS, SORTS, PriceWish
from catalog.price_table import PriceCut, PriceTable
from catalog.tagging import FUNCTIONS
from catalog.wording import FUNCTION_WORDS

Words = str | Promise
BAND_WORDS: Final[Mapping[str, Words]] = {
    "free": _("Free"),
    "under-0.5": _("Under $0.50"),
    "0.5-2": _("$0.50 to $2"),
    "2-10": _("$2 to $10"),
    "10-up": _("$10 and more"),
    "unknown": _("Not stated"),
}
FILTER_WORDS: Final[Mapping[str, Words]] = {
    "provider": _("Provider"),
    "creator": _("Maker"),
    "function": _("Function"),
    "band": _("Price band"),
    "q": _("Search"),
}
SORT_WORDS: Final[Mapping[str, Words]] = {
    "released": _("Newest models"),
    "name": _("Name"),
    "blended": _("Blended rate"),
    "input": pgettext_lazy("price", "Input"),
    "output": pgettext_lazy("price", "Output"),
    "changed": _("Last change"),
}
_MENUS: Final = ("provider", "creator", "function")


def address(wish: PriceWish, *, page: int = 1) -> str:
    """The page of a wish, the first or a following one."""
    pairs = [wish.query] if wish.query else []
    query = "&".join([*pairs, *([f"page={page}"] if page > 1 else [])])
    return f"{reverse('pricing')}?{query}" if query else reverse("pricing")


def choices(table: PriceTable, found: PriceCut) -> dict[str, Any]:
    """Bands as tabs, filters as menus, sorts as a menu, what is chosen as chips.

    kept_fields: what the form does not ask for and keeps.
    """
    wish = found.wish
    labels: dict[str, Mapping[str, Words]] = {**table.names, "function": FUNCTION_WORDS, "band": BAND_WORDS}
    return {
        "bands": [_band(found, band) for band in ("", *ALL_BANDS)],
        "filters": [_menu(found, name, labels[name]) for name in _MENUS],
        "sort_options": [
            {
                "label": SORT_WORDS[sort],
                "url": address(wish.only("sort", sort).only("order", "")),
                "active": wish.sort == sort,
            }
            for sort in SORTS
        ],
        "orders": {sort: address(wish.sorted_by(sort)) for sort in SORTS},
        "chips": _chips(wish, labels),
        "clear_url": address(wish.cleared()),
        "kept_fields": [pair for pair in wish.pairs if pair[0] not in (*_MENUS, "q")],
    }


def _band(found: PriceCut, band: str) -> dict[str, Any]:
    wish, counts = found.wish, found.facets["band"]
    chosen = wish.band == ((band,) if band else ())
    return {
        "label": BAND_WORDS[band] if band else _("All"),
        "count": counts.get(band, 0) if band else sum(counts.values()),
        "url": address(wish.only("band", *([band] if band else []))),
        "active": chosen,
    }


def _menu(found: PriceCut, name: str, labels: Mapping[str, Words]) -> dict[str, Any]:
    """A filter as a menu: the values that lead somewhere, and those that are chosen."""
    chosen = found.wish.chosen(name)
    names = labels if name != "function" else {tag: labels[tag] for tag in FUNCTIONS if tag in labels}
    return menu_of(name, FILTER_WORDS[name], options_of(names, found.facets[name], chosen), len(chosen))


def _chips(wish: PriceWish, labels: Mapping[str, Mapping[str, Words]]) -> list[dict[str, Any]]:
    """What narrows the list."""
    chips = chips_of(wish, FILTERS, labels, FILTER_WORDS, address)
    if wish.q:
        chips.append(chip(FILTER_WORDS["q"], f"“{wish.q}”", address(wish.only("q", ""))))
    return chips
