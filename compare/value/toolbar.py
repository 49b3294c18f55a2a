"""What the chart's toolbar offers: every choice with its address and its count."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aigo.lib.filters import by_name, chips_of, menu_of, options_of
from aigo.lib.regions import BY_SLUG
from benchmarks.composites import mixes
from benchmarks.store import Store
from catalog.price_table import PriceTable
from catalog.toolbar import BAND_WORDS
from catalog.wording import FUNCTION_WORDS
from compare.value.asking import ACCEPTED_BANDS, AXES, CHOICES, DEFAULT, SEVERAL, ValueWish
from compare.value.points import Value
from compare.value.telling import PRICE_WORDS, SPEED_WORDS, Words

FILTER_WORDS: Final[dict[str, Words]] = {
    "creator": _("Maker"),
    "provider": pgettext_lazy("filter", "Provider"),
    "function": pgettext_lazy("filter", "Function"),
    "band": _("Price band"),
}
OPEN_WORDS: Final[dict[str, Words]] = {
    "": _("All weights"),
    "yes": _("Open weights"),
    "no": _("Closed weights"),
}
OFFER_WORDS: Final[dict[str, Words]] = {
    "own": _("One offer for each model"),
    "all": _("Every offer"),
}
SETTING_WORDS: Final[dict[str, Words]] = {
    "same": _("One setting"),
    "all": _("All settings"),
}


def quality_name(wish: ValueWish, store: Store) -> str:
    """Of the composite or suite, in the present language where it has one."""
    found = mixes()
    if wish.quality in store.suites:
        return store.suites[wish.quality].name
    return str((found.get(wish.quality) or next(iter(found.values()))).name)


def choices(value: Value, store: Store, table: PriceTable, *, invented: bool) -> dict[str, Any]:
    """Menus of one choice, filters of several, what is chosen as chips, and what the form keeps.

    invented: there are simulated models, too.
    """
    wish = value.wish
    labels: dict[str, Mapping[str, Words]] = {
        "creator": by_name({model.creator: model.creator_name for model in store.models.values()}),
        "provider": table.names["provider"],
        "function": FUNCTION_WORDS,
        "band": {band: BAND_WORDS[band] for band in ACCEPTED_BANDS},
    }
    menus = [
        _quality(wish, store),
        _single(wish, "price", _("Price"), PRICE_WORDS),
        _single(wish, "speed", _("Speed"), SPEED_WORDS),
    ]
    if wish.speed:
        regions = {region.slug: region.name for region in BY_SLUG.values()}
        menus.append(_single(wish, "region", _("Measured from"), regions))
    menus.append(_single(wish, "offers", _("Offers"), OFFER_WORDS))
    if not value.mix and (value.apart or wish.settings != DEFAULT.settings):
        menus.append(_single(wish, "settings", _("Front over"), SETTING_WORDS))
    return {
        "menus": menus,
        "filters": [_menu(value, name, labels[name]) for name in SEVERAL],
        "open_menu": _single(wish, "open", _("Weights"), OPEN_WORDS),
        "chips": chips_of(wish, SEVERAL, labels, FILTER_WORDS, ValueWish.address),
        "clear_url": wish.cleared().address(),
        "kept_fields": [
            (name, getattr(wish, name))
            for name in (*AXES, "open")
            if getattr(wish, name) != getattr(DEFAULT, name)
        ],
        "simulated_url": wish.only("simulated", "0" if wish.simulated == "1" else "1").address()
        if invented
        else "",
    }


def _quality(wish: ValueWish, store: Store) -> dict[str, Any]:
    composites, first = mixes(), next(iter(mixes()))
    options = [
        _option(wish, "quality", "" if slug == first else slug, str(mix.name), wish.quality or first, slug)
        for slug, mix in composites.items()
    ]
    covered = [slug for slug in store.coverage() if slug not in composites]
    suites = [
        _option(wish, "quality", slug, store.suites[slug].name, wish.quality, slug) | {"name": True}
        for slug in covered
    ]
    groups = [{"label": _("Composites"), "options": options}, {"label": _("Suites"), "options": suites}]
    return {"name": "quality", "label": _("Quality"), "groups": groups, "shown": quality_name(wish, store)}


def _single(wish: ValueWish, name: str, label: Words, words: Mapping[str, Words]) -> dict[str, Any]:
    present = getattr(wish, name)
    accepted: Iterable[str] = CHOICES.get(name, tuple(words))
    options = [_option(wish, name, value, words[value], present, value) for value in accepted]
    return {
        "name": name,
        "label": label,
        "groups": [{"label": "", "options": options}],
        "shown": words[present],
        "set": present != getattr(DEFAULT, name),
    }


def _option(
    wish: ValueWish, name: str, value: str, label: str | Promise, present: str, slug: str
) -> dict[str, Any]:
    return {"label": label, "url": wish.only(name, value).address(), "active": present == slug}


def _menu(value: Value, name: str, labels: Mapping[str, Words]) -> dict[str, Any]:
    """The values that lead somewhere, and those that are chosen."""
    chosen = value.wish.chosen(name)
    return menu_of(name, FILTER_WORDS[name], options_of(labels, value.facets[name], chosen), len(chosen))
