"""Comparisons that the empty page offers, made of what the catalogue holds at the moment. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compare.asking import MOST
from compare.choosing import Model, Shelf

#: Fewer than these are nothing to compare.
LEAST: Final = 2
#: What a long text takes.
LONG_CONTEXT: Final = 128_000


@dataclass(frozen=True, slots=True)
class Example:
    """`slugs`: of what it compares; `names`: what they are called; `why`: one sentence."""

    title: str | Promise
    why: str | Promise
    slugs: tuple[str, ...]
    names: tuple[str, ...]


def examples_of(shelf: Shelf, covered: Mapping[str, int]) -> list[Example]:
    """Up to five, each of two models at least, all of them measured by us or scored by others.

    `covered`: model → in how many suites it has a score.
    """
    live = [model for model in shelf.models if model.offers and not model.retired]
    known = [model for model in live if model.measured or model.slug in covered]
    made = (make(known, covered) for make in _MAKERS)
    return [example for example in made if example and len(example.slugs) >= LEAST]


def _of(title: str | Promise, why: str | Promise, models: Iterable[Model]) -> Example:
    found = list(models)[:MOST]
    return Example(title, why, tuple(one.slug for one in found), tuple(one.name for one in found))


def _newest(models: Iterable[Model]) -> list[Model]:
    dated = [model for model in models if model.released_on]
    return sorted(dated, key=lambda model: (model.released_on, model.slug), reverse=True)


def _each_maker(models: Iterable[Model]) -> list[Model]:
    """The first of each maker."""
    found: dict[str, Model] = {}
    for model in models:
        found.setdefault(model.creator, model)
    return list(found.values())


def _measured(live: list[Model], _covered: Mapping[str, int]) -> Example:
    measured = [model for model in live if model.measured and "chat" in model.functions]
    return _of(
        _("What we measure, by the newest"),
        _("Latency, availability and incidents stand beside specification and price."),
        _each_maker([*_newest(measured), *measured]),
    )


def _scored(live: list[Model], covered: Mapping[str, int]) -> Example:
    having = [model for model in live if covered.get(model.slug)]
    scored = sorted(having, key=lambda model: (-covered[model.slug], model.slug))
    return _of(
        _("The most scores, one of each maker"),
        _("Models whose published benchmark scores can be laid side by side in most suites."),
        _each_maker(scored),
    )


def _hosts(live: list[Model], _covered: Mapping[str, int]) -> Example | None:
    """One model as several providers serve it: what differs is theirs."""

    def rank(model: Model) -> tuple[bool, int, str]:
        return model.measured, sum(offer.blended_usd is not None for offer in model.offers), model.slug

    model = max((one for one in live if len(one.offers) >= LEAST), key=rank, default=None)
    if model is None:
        return None
    priced = [offer for offer in model.offers if offer.blended_usd is not None]
    offers = (priced if len(priced) >= LEAST else list(model.offers))[:MOST]
    return Example(
        _("One model, several providers"),
        _("The same weights: price, limits and speed are the provider’s."),
        tuple(model.choice((offer.provider,)) for offer in offers),
        (model.name, *(offer.provider_name for offer in offers)),
    )


def _cheapest(live: list[Model], _covered: Mapping[str, int]) -> Example:
    priced = [
        (price, model.slug, model)
        for model in live
        if "chat" in model.functions
        and (model.context_window or 0) >= LONG_CONTEXT
        and (offer := model.offered())
        and (price := offer.blended_usd)
    ]
    return _of(
        _("The cheapest for long texts"),
        _("Chat models that take 128,000 tokens and more, by blended price; free ones left out."),
        _each_maker(model for _price, _slug, model in sorted(priced)),
    )


def _open(live: list[Model], _covered: Mapping[str, int]) -> Example:
    return _of(
        _("Open weights, the newest of each maker"),
        _("Models that can also be run on one’s own machines."),
        _each_maker(_newest(model for model in live if model.open_weights)),
    )


_MAKERS: Final[tuple[Callable[[list[Model], Mapping[str, int]], Example | None], ...]] = (
    _measured, _scored, _hosts, _cheapest, _open,
)  # fmt: skip
