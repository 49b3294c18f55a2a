"""What the matrix's toolbar offers: every choice with its address and its count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aigo.lib.filters import by_name, chip, chips_of, menu_of, options_of
from benchmarks.composites import mixes
from benchmarks.facts import SuiteFacts
from benchmarks.filtering import EVERY_SUITE, NO_COMPOSITE, NORMS, SORTS, BenchmarkWish
from benchmarks.matrix import NORM_NOTES, Matrix
from benchmarks.store import Store
from benchmarks.wording import (
    EVIDENCE_WORDS,
    FILTER_WORDS,
    NORM_WORDS,
    OPEN_WORDS,
    SORT_WORDS,
    TOPIC_WORDS,
    Words,
)

#: Models side by side that an address names; those behind are not looked at.
MOST_ASKED: Final = 20
#: Filters that are menus with boxes to tick, in their order.
MENUS: Final = ("creators", "families", "evidence")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Writes the page's address for a wish. `charted`: models that stand side by side, whatever is chosen."""

    charted: tuple[str, ...] = ()

    def __call__(self, wish: BenchmarkWish, *, page: int = 1) -> str:
        pairs = [*self.pairs(wish), *([("page", str(page))] if page > 1 else [])]
        query = urlencode(pairs, safe=",")
        return f"{reverse('benchmarks')}?{query}" if query else reverse("benchmarks")

    def pairs(self, wish: BenchmarkWish) -> list[tuple[str, str]]:
        return [*wish.pairs, *(("chart", slug) for slug in self.charted)]


def models_charted(given: Sequence[str], store: Store) -> tuple[str, ...]:
    """The models of an address that stand side by side, by slug or name; what is none is left out."""
    by_name = {model.name.casefold(): slug for slug, model in store.models.items()}
    asked = [text.strip() for text in given[:MOST_ASKED]]
    found = [text if text in store.models else by_name.get(text.casefold()) for text in asked]
    return tuple(dict.fromkeys(slug for slug in found if slug))


def choices(matrix: Matrix, store: Store, to: Addresses) -> dict[str, Any]:
    """All of them, by the names that templates know them by.

    topic_tabs: sets of columns, one of which may be active; filters, columns: menus with their options, the
    columns in a form of their own; norm_options, sort_options, mix_options: of each one is active; orders:
    what may be sorted by → address; chips: what is chosen, with the address without it; kept_fields,
    column_fields: what either form does not ask for and keeps.
    """
    wish = matrix.wish
    labels = _labels(store)
    return {
        "topic_tabs": _topics(matrix, store, to),
        "filters": [_menu(matrix, name, labels[name]) for name in MENUS],
        "columns": _columns(matrix, labels["suites"], store.coverage()),
        "norm_options": [
            _one(wish, "norm", norm, NORM_WORDS[norm], to) | {"rule": NORM_NOTES[norm]} for norm in NORMS
        ],
        "sort_options": [_one(wish, "sort", sort, SORT_WORDS[sort], to) for sort in SORTS],
        "sort_label": SORT_WORDS.get(wish.sort) or labels["suites"].get(wish.sort, wish.sort),
        "mix_options": [
            *(_one(wish, "composite", slug, mix.name, to) for slug, mix in _mixes()),
            _one(wish, "composite", NO_COMPOSITE, _("No composite"), to),
        ],
        "orders": {sort: to(wish.sorted_by(sort)) for sort in (*SORTS, *store.suites)},
        "chips": _chips(wish, labels, to),
        "clear_url": to(wish.cleared()),
        "kept_fields": [pair for pair in to.pairs(wish) if pair[0] not in (*MENUS, "q", "open")],
        "column_fields": [pair for pair in to.pairs(wish) if pair[0] != "suites"],
        "norm_rule": NORM_NOTES[wish.norm],
    }


def _mixes() -> Iterable[tuple[str, Any]]:
    """The default is the one without a name in addresses."""
    for place, (slug, mix) in enumerate(mixes().items()):
        yield ("" if not place else slug), mix


def _one(wish: BenchmarkWish, name: str, value: str, label: Words, to: Addresses) -> dict[str, Any]:
    """One of several values of a parameter that takes one."""
    changed = wish.sorted_by(value) if name == "sort" else wish.only(name, value)
    active = getattr(wish, name) == value
    return {"value": value or "default", "label": label, "url": to(changed), "active": active}


def _labels(store: Store) -> dict[str, dict[str, Words]]:
    """Filter → value → what it is called, in the order of menus."""
    return {
        "creators": by_name({model.creator: model.creator_name for model in store.models.values()}),
        "families": by_name({model.family: model.family for model in store.models.values() if model.family}),
        "evidence": EVIDENCE_WORDS,
        "suites": {slug: suite.name for slug, suite in store.suites.items()},
        "models": {slug: model.name for slug, model in store.models.items()},
        "open": OPEN_WORDS,
    }


def _topics(matrix: Matrix, store: Store, to: Addresses) -> list[dict[str, Any]]:
    """Columns by topic; first those of most models, last all there are."""
    wish = matrix.wish
    covered = store.coverage()
    by_topic: dict[str, list[SuiteFacts]] = {}
    for slug, suite in store.suites.items():
        if slug in covered:
            by_topic.setdefault(suite.topic, []).append(suite)
    sets: list[tuple[Words, tuple[str, ...], int]] = [(_("Most covered"), (), 0)]
    for topic, label in TOPIC_WORDS.items():
        if suites := by_topic.get(topic):
            sets.append((label, tuple(sorted(suite.slug for suite in suites)), len(suites)))
    sets.append((_("All suites"), (EVERY_SUITE,), len(covered)))
    return [
        {"label": label, "count": count, "url": to(_within(wish, slugs)), "active": wish.suites == slugs}
        for label, slugs, count in sets
    ]


def _within(wish: BenchmarkWish, slugs: tuple[str, ...]) -> BenchmarkWish:
    """With these columns; sorted by one of them or by what is not a column."""
    changed = wish.only("suites", *slugs)
    return changed if wish.sort in (*SORTS, *slugs) or not slugs else changed.only("sort", SORTS[0])


def _menu(matrix: Matrix, name: str, labels: Mapping[str, Words]) -> dict[str, Any]:
    """A filter as a menu: the values that lead somewhere, and those that are chosen."""
    chosen = matrix.wish.chosen(name)
    options = options_of(labels, matrix.facets.get(name, {}), chosen)
    return menu_of(name, FILTER_WORDS[name], options, len(chosen))


def _columns(matrix: Matrix, labels: Mapping[str, Words], covered: Iterable[str]) -> dict[str, Any]:
    """The suites as a menu: those that have figures, the shown ones ticked. None ticked: the default."""
    shown = {column.suite.slug: column.shown for column in matrix.suites}
    having = {*covered, *shown}
    options = [
        {"value": slug, "label": label, "count": shown.get(slug), "active": slug in shown}
        for slug, label in labels.items()
        if slug in having
    ]
    return menu_of("suites", FILTER_WORDS["suites"], options, len(shown) if matrix.wish.suites else 0)


def _chips(
    wish: BenchmarkWish, labels: Mapping[str, Mapping[str, Words]], to: Addresses
) -> list[dict[str, Any]]:
    """What narrows the rows; columns are chosen in tabs and in their menu."""
    chips = chips_of(wish, ("models", *MENUS), labels, FILTER_WORDS, to)
    typed = {"q": f"“{wish.q}”", "open": OPEN_WORDS.get(wish.open, ""), "as_of": wish.as_of}
    return chips + [
        chip(FILTER_WORDS[name], label, to(wish.only(name, "")))
        for name, label in typed.items()
        if getattr(wish, name)
    ]
