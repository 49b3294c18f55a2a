"""What a list of articles offers to choose from: every choice with its address and its count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aigo.lib.filters import chip, chips_of, menu_of, options_of
from news.filtering import FORMS, NewsWish
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
        "categories": _tabs(wish, "category", Category.choices, listing.counts.by_category, to),
        "stances": _tabs(wish, "stance", Stance.choices, listing.counts.by_stance, to),
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


def _tabs(
    wish: NewsWish, name: str, labels: Iterable[tuple[str, Words]], counts: Mapping[str, int], to: Address
) -> list[dict[str, Any]]:
    """All, and each value of a filter that takes one."""
    return [
        {
            "label": label,
            "count": counts.get(value, 0),
            "url": to(wish.only(name, value)),
            "active": value == getattr(wish, name),
        }
        for value, label in [("", _ALL), *labels]
    ]


def _chips(wish: NewsWish, names: Mapping[str, Words], to: Address) -> list[dict[str, Any]]:
    """What narrows the list; a category and a stance show in their tabs."""
    chips = chips_of(wish, ["tag"], {"tag": names}, FILTER_WORDS, to)
    if wish.q:
        chips.append(chip(FILTER_WORDS["q"], f"“{wish.q}”", to(wish.only("q", ""))))
    return chips
