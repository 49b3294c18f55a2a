"""What endpoints cost, cost before and will cost, with who says so."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown
from aigo.lib.openapi import PAGING, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.sheets import csv_answer
from aigo.lib.site import absolute
from catalog.api.asking import provider_asked, served_asked
from catalog.citing import price_provenance
from catalog.models import AMOUNT_FIELDS, Price, PriceQuerySet
from catalog.pricing import price_history, price_list
from catalog.rates import blended

_NOW_FILTERS = ("provider", "model", "tier", "as_of", "simulated")
_PAST_FILTERS = ("model", "provider", "tier", "simulated")
_PARAMETERS = {
    "provider": text_parameter("provider", "The provider's slug."),
    "model": text_parameter("model", "A model's slug, for all of its endpoints, or an endpoint's."),
    "tier": text_parameter("tier", "standard, batch, extra, or a step such as over_200k."),
    "as_of": text_parameter(
        "as_of",
        "YYYY-MM-DD (the end of that day, UTC) or a moment with its offset; later than now: as announced.",
    ),
    "simulated": text_parameter("simulated", "1: with the simulator's invented endpoints.", ["0", "1"]),
}


class PriceRowAnswer(serializers.Serializer):
    """One price. Amounts are US dollars as decimal strings; null = the source states none, "0" = free."""

    id = serializers.IntegerField()
    endpoint = serializers.CharField()
    model = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    simulated = serializers.BooleanField()
    tier = serializers.CharField()
    region_scope = serializers.CharField()
    currency = serializers.CharField()
    input_usd_per_mtok = serializers.CharField(allow_null=True)
    output_usd_per_mtok = serializers.CharField(allow_null=True)
    cache_read_usd_per_mtok = serializers.CharField(allow_null=True)
    cache_write_usd_per_mtok = serializers.CharField(allow_null=True)
    reasoning_usd_per_mtok = serializers.CharField(allow_null=True)
    input_audio_usd_per_mtok = serializers.CharField(allow_null=True)
    output_audio_usd_per_mtok = serializers.CharField(allow_null=True)
    input_image_usd_per_mtok = serializers.CharField(allow_null=True)
    output_image_usd_per_mtok = serializers.CharField(allow_null=True)
    requests_usd_per_k = serializers.CharField(
        allow_null=True, help_text="Of a thousand requests, beside tokens."
    )
    blended_usd_per_mtok = serializers.CharField(
        allow_null=True, help_text="(3 × input + output) ÷ 4; null where either is not stated."
    )
    valid_from = serializers.DateTimeField(
        help_text="When it was first read in the source, or the day that the source names."
    )
    valid_to = serializers.DateTimeField(allow_null=True)
    announced = serializers.BooleanField(help_text="It will hold from valid_from on.")
    struck_at = serializers.DateTimeField(allow_null=True, help_text="It was wrong, or is announced no more.")
    corrects = serializers.IntegerField(allow_null=True, help_text="The id of the row that it corrects.")
    corrected_by = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    first_read_at = serializers.DateTimeField()
    last_checked_at = serializers.DateTimeField(help_text="When a source was last read that stated the same.")
    last_checked_in = serializers.CharField(allow_null=True)
    provenance = serializers.DictField()


class PriceListAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField()
    as_of = serializers.DateTimeField()
    simulated = serializers.BooleanField(help_text="Any row of the whole list, on any page, is invented.")
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PriceRowAnswer(many=True)


class PriceHistoryAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField()
    simulated = serializers.BooleanField(help_text="Any row of the whole list, on any page, is invented.")
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PriceRowAnswer(many=True)


class PricingView(APIView):
    """The prices in force, by endpoint and tier; at any moment that is asked for."""

    @extend_schema(
        operation_id="pricing",
        parameters=[*(_PARAMETERS[name] for name in _NOW_FILTERS), *PAGING],
        responses={200: PriceListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        query = request.query_params
        refuse_unknown(query, (*_NOW_FILTERS, "limit", "offset"))
        as_of = _as_of(query, now)
        rows = price_list(as_of=as_of, **_filters(query))
        answer = page(request, rows, lambda row: price_json(row, now=now))
        head = {"generated_at": now.isoformat(), "as_of": as_of.isoformat()}
        moving = ("generated_at",) if "as_of" in query else ("generated_at", "as_of")
        return json_answer(request, head | {"simulated": _invented(query, rows)} | answer, moving=moving)


class PricingSheetView(APIView):
    """The same as a table: UTF-8 with a byte order mark, source and last check in every row."""

    @extend_schema(
        operation_id="pricing_csv",
        parameters=[_PARAMETERS[name] for name in _NOW_FILTERS],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        query = request.query_params
        refuse_unknown(query, _NOW_FILTERS)
        as_of = _as_of(query, now)
        rows = price_list(as_of=as_of, **_filters(query))
        return csv_answer(request, f"prices-{as_of:%Y-%m-%d}", sheet_rows(rows, now=now))


class PricingHistoryView(APIView):
    """Every price there was or is to be, the newest first: with what was wrong, and why."""

    @extend_schema(
        operation_id="pricing_history",
        parameters=[*(_PARAMETERS[name] for name in _PAST_FILTERS), *PAGING],
        responses={200: PriceHistoryAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        query = request.query_params
        refuse_unknown(query, (*_PAST_FILTERS, "limit", "offset"))
        rows = price_history(**_filters(query))
        answer = page(request, rows, lambda row: price_json(row, now=now))
        head = {"generated_at": now.isoformat(), "simulated": _invented(query, rows)}
        return json_answer(request, head | answer)


class PricingHistorySheetView(APIView):
    """The history of a model's or an endpoint's prices as a table."""

    @extend_schema(
        operation_id="pricing_history_csv",
        parameters=[_PARAMETERS[name] for name in _PAST_FILTERS],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        query = request.query_params
        refuse_unknown(query, _PAST_FILTERS)
        filters = _filters(query)
        name = filters["model"] or filters["provider"] or "all"
        return csv_answer(request, f"price-history-{name}", sheet_rows(price_history(**filters), now=now))


def price_json(price: Price, *, now: dt.datetime) -> dict[str, Any]:
    """One price with its endpoint; `now` tells what is announced."""
    endpoint = price.endpoint
    corrected_by = getattr(price, "corrected_by", None)
    rate = blended(price.input_usd_per_mtok, price.output_usd_per_mtok)
    return {
        "id": price.pk,
        "endpoint": endpoint.slug,
        "model": endpoint.model.slug,
        "name": endpoint.model.name,
        "provider": endpoint.provider.slug,
        "provider_name": endpoint.provider.name,
        "simulated": endpoint.simulated,
        "tier": price.tier,
        "region_scope": price.region_scope,
        "currency": price.currency,
        **{name: _decimal(getattr(price, name)) for name in AMOUNT_FIELDS},
        "blended_usd_per_mtok": _decimal(rate),
        "valid_from": price.valid_from.isoformat(),
        "valid_to": price.valid_to.isoformat() if price.valid_to else None,
        "announced": price.valid_from > now and price.struck_at is None,
        "struck_at": price.struck_at.isoformat() if price.struck_at else None,
        "corrects": price.corrects_id,
        "corrected_by": corrected_by.pk if corrected_by else None,
        "reason": price.reason or None,
        "first_read_at": price.retrieved_at.isoformat(),
        "last_checked_at": price.checked_at.isoformat(),
        "last_checked_in": price.last_checked_in or None,
        "provenance": price_provenance(price, simulated=endpoint.simulated).to_json(),
    }


def sheet_rows(prices: Iterable[Price], *, now: dt.datetime) -> Iterable[dict[str, Any]]:
    """Rows of a CSV: the same as in JSON, the envelope as columns."""
    for price in prices:
        row = price_json(price, now=now)
        envelope = row.pop("provenance")
        yield (
            row
            | {name: envelope[name] for name in ("source_name", "source_url", "licence")}
            | {"address": absolute(f"/pricing/{row['endpoint']}/")}
        )


def _filters(query: QueryDict) -> dict[str, Any]:
    """Problem (400): the first that is not accepted."""
    return {
        "provider": provider_asked(query),
        "model": served_asked(query, "model"),
        "tier": _tier(query),
        "simulated": one_of(query, "simulated", ("0", "1"), "0") == "1",
    }


def _tier(query: QueryDict) -> str:
    tier = query.get("tier", "")
    if tier and not Price.objects.filter(tier=tier).exists():
        raise Problem(
            "tier", tier, sorted(Price.objects.order_by().values_list("tier", flat=True).distinct())
        )
    return tier


def _as_of(query: QueryDict, now: dt.datetime) -> dt.datetime:
    """A day counts to its end, today until now."""
    text = query.get("as_of", "")
    if not text:
        return now
    try:
        if len(text) == 10:
            end = dt.datetime.combine(dt.date.fromisoformat(text), dt.time.max, dt.UTC)
            return min(end, now) if dt.date.fromisoformat(text) == now.astimezone(dt.UTC).date() else end
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise Problem("as_of", text, "a day as YYYY-MM-DD, or a moment with its offset as 2026-11-01T12:00:00Z")


def _invented(query: QueryDict, rows: PriceQuerySet) -> bool:
    return query.get("simulated") == "1" and rows.filter(endpoint__simulated=True).exists()


def _decimal(value: Any) -> str | None:
    return None if value is None else format(value.normalize(), "f")
