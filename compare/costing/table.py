"""The answer: every endpoint that was asked for, with what it would cost, the cheapest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from aigo.lib.matching import query_of
from catalog.pricing import EVERYWHERE
from catalog.selectors import endpoint_behind, near_slugs
from compare.costing.asking import Asked, CostWish, Refusal
from compare.costing.counting import CountingFailed, client
from compare.costing.estimating import PANEL, Estimate, Script, estimate, script_of
from compare.costing.families import Rule, rule_of
from compare.costing.loading import Offers
from compare.costing.reckoning import CostLine, InputCount, Offer, cost_line
from compare.costing.samples import sample_text
from compare.costing.vocabularies import vocabularies

#: What was counted: a text of the reader's, one that ships, or a number that was given.
Basis = Literal["text", "sample", "number"]
#: So many names like an unknown one are told.
_NEAR: Final = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as the vocabularies count it. counts: by vocabulary, None = it failed; letters: of the text."""

    basis: Basis
    letters: int
    script: Script
    counts: Mapping[str, int | None]
    estimate: Estimate | None

    def of(self, rule: Rule | None) -> InputCount:
        """For a model that counts by this rule; None = by nobody knows what."""
        if rule is not None:
            return InputCount(self.counts.get(rule.vocabulary), "exact", rule.vocabulary)
        if self.estimate is None:
            return InputCount(None, "estimate")
        return InputCount(self.estimate.tokens, "estimate", "", self.estimate.error_pct)


@dataclass(frozen=True, slots=True)
class CostTable:
    """lines: all that were found, in the order that was asked for; unpriced last.

    counted None: the number of tokens was given. refusals: what of the wish was left out. failed: the text
    could not be counted, so that the given number was taken. priced: all that have a price; left_free: what
    passes the filters and is free of charge, left out.
    """

    wish: CostWish
    lines: Sequence[CostLine]
    counted: Counted | None
    refusals: Sequence[Refusal]
    failed: bool
    priced: int
    left_free: int
    at: datetime

    @property
    def simulated(self) -> bool:
        return any(line.offer.simulated for line in self.lines)


def cost_table(asked: Asked, offers: Offers, *, text: str = "", now: datetime) -> CostTable:
    """Everything that is asked for. `text`: the reader's own, "" = none; never kept."""
    wish, refusals = asked.wish, list(asked.refusals)
    counted, failed = None, False
    body, basis = (text, "text") if text else (sample_text(wish.sample), "sample")
    if wish.region not in (EVERYWHERE, *offers.regions):
        known = ", ".join((EVERYWHERE, *offers.regions))
        refusals.append(Refusal("region", wish.region, "choice", f"one of: {known}"))
        wish = replace(wish, region=EVERYWHERE)
    chosen, unknown = _chosen(wish, offers)
    if body:
        try:
            counted = count_text(body, basis="text" if basis == "text" else "sample")
        except CountingFailed:
            failed = True
    moment = now.timestamp()
    lines = [
        cost_line(
            offer, wish, _count(offer, wish, counted), offers.overheads.get(offer.endpoint_id), moment=moment
        )
        for offer in chosen
    ]
    return CostTable(
        wish=replace(
            wish, models=tuple(slug for slug in wish.models if slug not in {one.value for one in unknown})
        ),
        lines=in_order(lines, wish.sort),
        counted=counted,
        refusals=(*refusals, *unknown),
        failed=failed,
        priced=offers.priced,
        left_free=_left_free(wish, offers, len(lines)),
        at=now,
    )


def count_text(text: str, *, basis: Basis = "text") -> Counted:
    """By every vocabulary that ships. Raises CountingFailed."""
    counts = client().count(text, vocabularies())
    script = script_of(text)
    known = {name: counts[name] for name in PANEL}
    return Counted(basis, len(text), script, counts, estimate(known, script))


def _left_free(wish: CostWish, offers: Offers, shown: int) -> int:
    if wish.models or wish.free == "1":
        return 0
    return sum(1 for _offer in filtered(wish.with_(free="1"), offers)) - shown


def _count(offer: Offer, wish: CostWish, counted: Counted | None) -> InputCount:
    if counted is None:
        return InputCount(wish.input_tokens, "given")
    return counted.of(rule_of(offer.creator, offer.model))


def _chosen(wish: CostWish, offers: Offers) -> tuple[list[Offer], list[Refusal]]:
    """What the wish names, else all that passes its filters."""
    if not wish.models:
        return list(filtered(wish, offers)), []
    chosen: dict[str, Offer] = {}
    unknown = []
    for slug in wish.models:
        offer = offers.standing_for(slug)
        if offer is None:
            unknown.append(_unknown(slug))
        else:
            chosen[offer.slug] = offer
    return list(chosen.values()), unknown


def _unknown(slug: str) -> Refusal:
    """Of a name that is no chat model's: nobody knows it, or it answers otherwise."""
    if endpoint_behind(slug) is not None:
        return Refusal("models", slug, "wordless", "a model that answers in words (function=chat)")
    near = tuple(known for known, _name in near_slugs(slug, most=_NEAR))
    like = f"; near: {', '.join(near)}" if near else ""
    return Refusal("models", slug, "unknown", f"slugs as /api/v1/models names them{like}", near)


def filtered(wish: CostWish, offers: Offers) -> Iterable[Offer]:
    """Those that every filter leaves."""
    wanted = {"yes": True, "no": False}.get(wish.open_weights)
    found = offers.found(query_of(wish.q)) if wish.q else None
    for offer in offers.by_slug.values():
        if not offer.priced:
            continue
        if wish.offers == "own" and not (offer.own or offer.simulated):
            continue
        if wish.free == "0" and offer.is_free:
            continue
        if wish.provider and offer.provider != wish.provider:
            continue
        if wish.creator and offer.creator != wish.creator:
            continue
        if wanted is not None and offer.open_weights is not wanted:
            continue
        if found is not None and offer.slug not in found:
            continue
        yield offer


def in_order(lines: Iterable[CostLine], sort: str) -> list[CostLine]:
    """By name, or the cheapest first; what is unknown stays last."""
    if sort == "name":
        return sorted(lines, key=lambda line: (line.offer.name.casefold(), line.offer.slug))
    return sorted(
        lines,
        key=lambda line: (
            line.request is None,
            line.request or 0,
            line.offer.name.casefold(),
            line.offer.slug,
        ),
    )
