"""The pages of prices: all of them, and those of one model or endpoint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.answers import page_number
from aigo.lib.paging import pager_of
from catalog.charting import PriceCourse
from catalog.filtering import wish_of
from catalog.kept import kept_price_changes, kept_price_cut, kept_price_table
from catalog.models import Endpoint
from catalog.pricing import Offer, PriceChange, offers_of, price_changes, price_history
from catalog.rates import tier_order
from catalog.selectors import ModelFacts, model_detail, near_slugs
from catalog.toolbar import address, choices

PER_PAGE: Final = 40
#: Changes that stand above the table, and those that are folded.
NEWEST: Final = 6
MOST_CHANGES: Final = 24
#: Rows of one history; the API has all.
MOST_ROWS: Final = 200


@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """`/pricing/`: what every endpoint costs, for the wish in the address, and what has changed lately."""
    now = timezone.now()
    kept = kept_price_table(now=now)
    table = kept.value
    asked = wish_of(dict(request.GET.lists()), table.known)
    found = kept_price_cut(asked.wish, now=now).value
    changes = kept_price_changes(MOST_CHANGES, now=now).value
    page = Paginator(found.lines, PER_PAGE).get_page(page_number(request.GET))
    context = {
        "counts": table.counts,
        "listed": len(table.lines),
        "wish": found.wish,
        "refused": asked.refused,
        "lines": page.object_list,
        "found": len(found.lines),
        "changes": changes[:NEWEST],
        "more_changes": changes[NEWEST:],
        "pager": pager_of(page, lambda number: address(found.wish, page=number)),
        "generated_at": kept.at,
        "away": kept.away,
        **choices(table, found),
    }
    return _page(request, "pricing/index.html", context)


@require_safe
def price(request: HttpRequest, slug: str) -> HttpResponse:
    """`/pricing/<slug>/`: what a model costs where it is served, and the history of one endpoint.

    A model's slug stands for the endpoint that its page is about.
    """
    now = timezone.now()
    facts = model_detail(slug)
    if facts is None:
        context = {"slug": slug, "near": near_slugs(slug), "page": "price"}
        response = _page(request, "pricing/unknown.html", context)
        response.status_code = 404
        return response
    if facts.chosen is None:
        raise Http404
    return _page(request, "pricing/price.html", _about(slug, facts, facts.chosen, now))


def _about(slug: str, facts: ModelFacts, chosen: Endpoint, now: dt.datetime) -> dict[str, Any]:
    live = [one.endpoint for one in facts.endpoints if one.endpoint.lifecycle != "retired"]
    offers = offers_of({chosen.pk, *(endpoint.pk for endpoint in live)}, now=now)
    history = list(price_history(model=chosen.slug, simulated=True)[:MOST_ROWS])
    for row in history:
        row.endpoint = chosen
    standing = [row for row in history if row.struck_at is None]
    standard = [row for row in standing if row.tier == "standard" and row.region_scope == "all"]
    return {
        "slug": slug,
        "model": facts.model,
        "endpoint": chosen,
        "offer": offers[chosen.pk],
        "course": PriceCourse(standard, now) if standard else None,
        "history": sorted(history, key=lambda row: (tier_order(row.tier), row.region_scope)),
        "changes": _changes(chosen, now),
        "served": _served(live, offers),
        "now": now,
    }


def _changes(endpoint: Endpoint, now: dt.datetime) -> list[PriceChange]:
    return price_changes(now=now, limit=MOST_CHANGES, endpoint_ids=[endpoint.pk])


def _served(endpoints: Sequence[Endpoint], offers: dict[int, Offer]) -> list[tuple[Endpoint, Offer]]:
    """Who serves the model at what price, the cheapest first; without a price last."""
    found = [(endpoint, offers[endpoint.pk]) for endpoint in endpoints]
    return sorted(
        found,
        key=lambda pair: (
            pair[1].blended is None,
            pair[1].blended or 0,
            pair[0].provider.name.casefold(),
        ),
    )


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response["Cache-Control"] = "private, no-cache"
    return response
