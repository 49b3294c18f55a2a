"""What a list of articles offers to choose from: every choice with its address and its count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aigo.lib.filters import chip, chips_of, menu_of, options_of
from news.filtering import CATEGORIES, FORMS, STANCES, NewsWish
from news.models import Category, Stance
from news.selectors.cards import Listing
from news.wording import FILTER_WORDS, FORM_WORDS

Words = str | Promise
Address = Callable[[NewsWish], str]
_ALL: Final = _("All")


def choices(wish: NewsWish, listing: Listing, to: Address) -> dict[str, Any]:
    """Categories and stances as tabs, tags as a menu, layouts as a switch, what is chosen as chips.

    wish: as it was asked for, with its layout; to: the address of a wish. kept_fields: what the form does not
    ask for and keeps.
    """
    language = get_language() or "en"
    names: Mapping[str, Words] = {tag.key: tag.name.told(language) for tag in listing.tags}
    counts = {tag.key: tag.articles for tag in listing.tags}
    return {
        "categories": [
            {
                "label": Category(value).label if value else _ALL,
                "count": listing.counts.by_category.get(value, 0),
                "url": to(wish.only("category", value)),
                "active": wish.category == value,
            }
            for value in ("", *CATEGORIES)
        ],
        "stances": [
            {
                "label": Stance(value).label if value else _ALL,
                "count": listing.counts.by_stance.get(value, 0),
                "url": to(wish.only("stance", value)),
                "active": wish.stance == value,
            }
            for value in ("", *STANCES)
        ],
        "forms": [
            {"label": FORM_WORDS[form], "url": to(wish.only("form", form)), "active": wish.form == form}
            for form in FORMS
        ],
        "filters": [
            menu_of("tag", FILTER_WORDS["tag"], options_of(names, counts, wish.tag), len(wish.tag))
        ] if names else [],
        "chips": _chips(wish, names, to),
        "clear_url": to(wish.cleared()),
        "kept_fields": [pair for pair in wish.pairs if pair[0] not in ("tag", "q")],
    }  # fmt: skip


def _chips(wish: NewsWish, names: Mapping[str, Words], to: Address) -> list[dict[str, Any]]:
    """What narrows the list; a category and a stance show in their tabs."""
    chips = chips_of(wish, ["tag"], {"tag": names}, FILTER_WORDS, to)
    if wish.q:
        chips.append(chip(FILTER_WORDS["q"], f"“{wish.q}”", to(wish.only("q", ""))))
    return chips
