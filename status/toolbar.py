"""What the board's toolbar and the header's pickers offer: every choice with its address and its count."""

from typing import Any
from urllib.parse import urlencode

from django.utils.functional import Promise

from aigo.lib.filters import by_name, chips_of, menu_of, options_of
from aigo.lib.regions import EVERYWHERE
from status.board import SORTS
from status.filtering import EVERY, FILTERS, STATES, BoardWish, Selection
from status.wording import FILTER_WORDS, FUNCTION_WORDS, SORT_RULES, SORT_WORDS, STATE_WORDS

Label = str | Promise
#: Filters that are menus; the functions are tabs.
MENUS = tuple(name for name in FILTERS if name != "function")


def address(wish: BoardWish, *, page: int = 1) -> str:
    """The board's page for a wish, the first or a following one."""
    query = urlencode([*wish.pairs, *([("page", str(page))] if page > 1 else [])])
    return f"/?{query}" if query else "/"


def choices(found: Selection) -> dict[str, Any]:
    """All of them, by the names that templates know them by.

    region_tabs, provider_tabs, function_tabs: one of each is active; sort_options the same; filters: the
    menus with their options; orders: sort → address; chips: what is chosen, with the address without it.
    """
    wish = found.wish
    labels = _labels(found)
    return {
        "wish": wish,
        "region_tabs": _regions(found),
        "provider_tabs": _tabs(found, "provider", labels["provider"]),
        "function_tabs": _tabs(found, "function", labels["function"]),
        "filters": [_menu(found, name, labels[name]) for name in MENUS],
        "chips": chips_of(wish, FILTERS, labels, FILTER_WORDS, address),
        "clear_url": address(wish.cleared()),
        "sort_options": [
            {
                "value": sort,
                "label": SORT_WORDS[sort],
                "url": address(wish.only("sort", sort)),
                "active": sort == wish.sort,
            }
            for sort in SORTS
        ],
        "orders": {sort: address(wish.only("sort", sort)) for sort in SORTS},
        "sort_rule": SORT_RULES[wish.sort],
    }


def _labels(found: Selection) -> dict[str, dict[str, Label]]:
    """Filter → value → what it is called, in the order of menus."""
    endpoints = found.board.endpoints
    return {
        "function": {**FUNCTION_WORDS},
        "provider": by_name({row.provider_slug: row.provider for row in endpoints}),
        "foundation": by_name({row.foundation: row.foundation for row in endpoints}),
        "state": {state: STATE_WORDS[state] for state in STATES},
    }


def _regions(found: Selection) -> list[dict[str, Any]]:
    return [
        {
            "slug": region.slug,
            "label": region.name,
            "url": address(found.wish.only("region", region.slug)),
            "active": region.slug == found.wish.region,
        }
        for region in (EVERYWHERE, *found.board.regions)
    ]


def _tabs(found: Selection, name: str, labels: dict[str, Label]) -> list[dict[str, Any]]:
    """A filter as tabs, all of it first; values that lead to nothing are left out."""
    wish, counts = found.wish, found.facets[name]
    chosen = wish.chosen(name)
    every = {
        "slug": "",
        "label": "",
        "count": counts.get(EVERY, 0),
        "url": address(wish.only(name)),
        "active": not chosen,
    }
    return [every] + [
        {
            "slug": value,
            "label": label,
            "count": counts.get(value, 0),
            "url": address(wish.only(name, value)),
            "active": value in chosen,
        }
        for value, label in labels.items()
        if counts.get(value) or value in chosen
    ]


def _menu(found: Selection, name: str, labels: dict[str, Label]) -> dict[str, Any]:
    """A filter as a menu: the values that lead somewhere, and those that are chosen; states all of them."""
    chosen = found.wish.chosen(name)
    options = options_of(labels, found.facets[name], chosen, every=name == "state")
    return menu_of(name, FILTER_WORDS[name], options, len(chosen))
