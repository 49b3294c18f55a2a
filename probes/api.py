"""The REST API of what observation costs; everything comes from `probes.accounts`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown, whole_number
from aigo.lib.openapi import PAGING, text_parameter
from probes.accounts import DEFAULT_DAYS, MAX_DAYS, cost_report
from probes.books import Books, CostReport, Line, ProviderCosts, Total


class TotalAnswer(serializers.Serializer):
    """Amounts are US dollars as decimal strings."""

    attempts = serializers.IntegerField()
    input_tokens = serializers.IntegerField(help_text="As the provider reported them.")
    output_tokens = serializers.IntegerField(help_text="As the provider reported them.")
    cost_usd = serializers.CharField(
        allow_null=True, help_text="Tokens × price of the moment, or as charged; null = no price is known."
    )
    estimated_usd = serializers.CharField(help_text="Part of cost_usd: no final token count was reported.")
    unpriced = serializers.IntegerField(help_text="Attempts at an unknown price, in no sum of money.")


class LineAnswer(TotalAnswer):
    date = serializers.DateField(help_text="UTC.")
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    simulated = serializers.BooleanField()
    tier = serializers.CharField()


class BooksAnswer(serializers.Serializer):
    today = TotalAnswer()
    window = TotalAnswer(help_text="All the days asked for, today included.")
    cap_usd = serializers.CharField(allow_null=True, help_text="Caps of one day of the providers asked.")
    expected_usd = serializers.CharField(
        allow_null=True, help_text="Of the whole day, at the present cadence; null = no price is known."
    )
    state_usd_per_day = serializers.CharField(
        allow_null=True, help_text="What the state of one endpoint costs a day, at the present cadence."
    )


class CadenceAnswer(serializers.Serializer):
    tier = serializers.CharField()
    stretch = serializers.IntegerField(
        allow_null=True,
        help_text="Asked every n intervals; null = not at all, for want of money.",
    )
    targets = serializers.IntegerField()


class PriceSourceAnswer(serializers.Serializer):
    name = serializers.CharField()
    endpoints = serializers.IntegerField()
    retrieved_at = serializers.DateTimeField()


class BasesAnswer(serializers.Serializer):
    measured = serializers.IntegerField(help_text="Targets reckoned at the mean of their last probes.")
    price = serializers.IntegerField(help_text="Targets reckoned at their price × the tokens asked for.")
    unknown = serializers.IntegerField(help_text="Targets whose price no source states.")


class ProviderCostsAnswer(serializers.Serializer):
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    simulated = serializers.BooleanField()
    asked = serializers.BooleanField(help_text="false = no worker holds its key.")
    cap_usd = serializers.CharField(allow_null=True, help_text="null = no cap: the prices are invented.")
    cap_source = serializers.ChoiceField(["provider", "default", "none"])
    exhausted = serializers.BooleanField(help_text="The cap of today is reached.")
    reckoned_usd = serializers.CharField(
        help_text="What counts against the cap for today's unpriced attempts, at the dearest price known; "
        "in no sum."
    )
    last_paid_at = serializers.DateTimeField(
        allow_null=True, help_text="Where the cap is reached: the last probe that cost anything."
    )
    today = TotalAnswer()
    expected_usd = serializers.CharField(
        allow_null=True, help_text="Of the whole day, at the present cadence; null = no price is known."
    )
    state_usd_per_day = serializers.CharField(allow_null=True)
    cadences = CadenceAnswer(many=True)
    reckoned_from = BasesAnswer()
    price_sources = PriceSourceAnswer(many=True)


class CostAnswer(serializers.Serializer):
    """Real and simulated money are never added up."""

    generated_at = serializers.DateTimeField()
    date = serializers.DateField(help_text="Today, UTC: the day of the caps.")
    days = serializers.IntegerField()
    currency = serializers.CharField()
    real = BooksAnswer()
    simulated = BooksAnswer()
    providers = ProviderCostsAnswer(many=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LineAnswer(many=True)


class ObservationCostView(APIView):
    """What observation costs: caps, today, and the ledger by day, provider and tier, newest first."""

    @extend_schema(
        operation_id="observation-cost",
        parameters=[
            OpenApiParameter(
                "days",
                OpenApiTypes.INT,
                description=f"1 to {MAX_DAYS}, {DEFAULT_DAYS} by default, with today.",
            ),
            text_parameter("provider", "Only this provider (slug)."),
            *PAGING,
        ],
        responses={200: CostAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("days", "provider", "limit", "offset"))
        days = whole_number(query, "days", DEFAULT_DAYS, least=1, most=MAX_DAYS)
        report = cost_report(now=timezone.now(), days=days, provider=query.get("provider", ""))
        one_of(query, "provider", sorted(slug for _, slug in report.known_providers), "")
        return json_answer(request, {**report_json(report), **page(request, report.lines, line_json)})


def report_json(report: CostReport) -> dict[str, Any]:
    """All but the lines."""
    return {
        "generated_at": _moment(report.generated_at),
        "date": report.day.isoformat(),
        "days": report.days,
        "currency": "USD",
        "real": _books_json(report.real),
        "simulated": _books_json(report.simulated),
        "providers": [_provider_json(provider) for provider in report.providers],
    }


def line_json(line: Line) -> dict[str, Any]:
    """One line of the ledger."""
    return {
        "date": line.date.isoformat(),
        "provider": line.provider,
        "provider_name": line.provider_name,
        "simulated": line.simulated,
        "tier": line.tier,
        **_total_json(line.total),
    }


def _total_json(total: Total) -> dict[str, Any]:
    return {
        "attempts": total.attempts,
        "input_tokens": total.input_tokens,
        "output_tokens": total.output_tokens,
        "cost_usd": _usd(total.usd),
        "estimated_usd": _usd(total.estimated_usd),
        "unpriced": total.unpriced,
    }


def _books_json(books: Books) -> dict[str, Any]:
    return {
        "today": _total_json(books.today),
        "window": _total_json(books.window),
        "cap_usd": _usd(books.cap_usd),
        "expected_usd": _usd(books.expected_usd),
        "state_usd_per_day": _usd(books.state_usd_per_day),
    }


def _provider_json(costs: ProviderCosts) -> dict[str, Any]:
    standing = costs.standing
    return {
        "provider": standing.slug,
        "provider_name": standing.name,
        "simulated": standing.simulated,
        "asked": costs.asked,
        "cap_usd": _usd(standing.cap_usd),
        "cap_source": standing.cap_source,
        "exhausted": standing.exhausted,
        "reckoned_usd": _usd(standing.reckoned_usd),
        "last_paid_at": _moment(costs.last_paid_at),
        "today": _total_json(costs.today),
        "expected_usd": _usd(costs.expected_usd),
        "state_usd_per_day": _usd(costs.state_usd_per_day),
        "cadences": [
            {"tier": c.tier, "stretch": None if c.paused else c.stretch, "targets": c.targets}
            for c in costs.cadences
        ],
        "reckoned_from": {basis: costs.bases.get(basis, 0) for basis in ("measured", "price", "unknown")},
        "price_sources": [
            {"name": s.name, "endpoints": s.endpoints, "retrieved_at": _moment(s.retrieved_at)}
            for s in costs.sources
        ],
    }


def _usd(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
