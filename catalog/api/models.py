"""Models, who serves them, at what price and for how long."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown
from aigo.lib.openapi import PAGING, text_parameter
from aigo.lib.problems import Problem
from catalog.api.rate_limits import RateLimitAnswer, rate_limit_json
from catalog.models import AMOUNT_FIELDS, AIModel, Creator, Lifecycle, Price
from catalog.selectors import EndpointFacts, model_list
from catalog.tagging import FUNCTIONS

FILTERS = ("q", "creator", "function", "lifecycle", "simulated")


class PriceAnswer(serializers.Serializer):
    """US dollars per million tokens, as decimal strings; null = the source states no such rate."""

    tier = serializers.CharField()
    region_scope = serializers.CharField()
    currency = serializers.CharField()
    input_usd_per_mtok = serializers.CharField(allow_null=True)
    output_usd_per_mtok = serializers.CharField(allow_null=True)
    valid_from = serializers.DateTimeField(help_text="When we first read the price in the source.")
    last_checked_at = serializers.DateTimeField(help_text="When a source was last read that stated it.")
    source_name = serializers.CharField()
    source_url = serializers.CharField()
    retrieved_at = serializers.DateTimeField()


class EndpointAnswer(serializers.Serializer):
    """The model as served by one provider."""

    slug = serializers.CharField()
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    provider_model_id = serializers.CharField()
    watched = serializers.BooleanField()
    lifecycle = serializers.CharField()
    simulated = serializers.BooleanField()


class EndpointDetailAnswer(EndpointAnswer):
    """With what it costs, how long it lives and how much it lets us ask; null = no source states it."""

    deprecated_at = serializers.DateTimeField(allow_null=True)
    retires_at = serializers.DateTimeField(allow_null=True)
    dates_source_name = serializers.CharField(allow_null=True)
    dates_source_url = serializers.CharField(
        allow_null=True, help_text="null: an address of the operator's own."
    )
    dates_seen_at = serializers.DateTimeField(allow_null=True)
    prices = PriceAnswer(many=True)
    rate_limits = RateLimitAnswer(many=True)


class ModelAnswer(serializers.Serializer):
    """What the catalogue knows of a model; null = no source states it."""

    slug = serializers.CharField()
    name = serializers.CharField()
    creator = serializers.CharField()
    creator_name = serializers.CharField()
    family = serializers.CharField()
    functions = serializers.ListField(child=serializers.CharField())
    modalities_in = serializers.ListField(child=serializers.CharField())
    modalities_out = serializers.ListField(child=serializers.CharField())
    capabilities = serializers.ListField(child=serializers.CharField())
    reasoning = serializers.BooleanField()
    context_window = serializers.IntegerField(allow_null=True)
    max_output_tokens = serializers.IntegerField(allow_null=True)
    knowledge_cutoff = serializers.CharField(allow_null=True)
    released_on = serializers.DateField(allow_null=True)
    released_precision = serializers.ChoiceField(
        ["day", "month"], help_text="month: the source names no day, and the date is the first of the month."
    )
    open_weights = serializers.BooleanField(allow_null=True)
    lifecycle = serializers.CharField()
    simulated = serializers.BooleanField()
    source_name = serializers.CharField()
    endpoints = EndpointAnswer(many=True)


class ModelDetailAnswer(ModelAnswer):
    endpoint = serializers.CharField(allow_null=True, help_text="The endpoint that the slug stands for.")
    endpoints = EndpointDetailAnswer(many=True)


class ModelListAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    simulated = serializers.BooleanField(help_text="Any model of the whole list, on any page, is invented.")
    results = ModelAnswer(many=True)


class ModelListView(APIView):
    """The models that the catalogue knows, by name."""

    @extend_schema(
        operation_id="models",
        parameters=[
            text_parameter("q", "Words that all occur in name, slug, family or creator."),
            text_parameter("creator", "The creator's slug."),
            text_parameter("function", "A function tag.", list(FUNCTIONS)),
            text_parameter("lifecycle", "", list(Lifecycle.values)),
            text_parameter("simulated", "1: with the simulator's invented models.", ["0", "1"]),
            *PAGING,
        ],
        responses={200: ModelListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, (*FILTERS, "limit", "offset"))
        creator = query.get("creator", "")
        if creator and not Creator.objects.filter(slug=creator).exists():
            raise Problem("creator", creator, "a creator's slug as /api/v1/models names them")
        with_invented = one_of(query, "simulated", ("0", "1"), "0") == "1"
        found = model_list(
            q=query.get("q", "")[:200],
            creator=creator,
            function=one_of(query, "function", FUNCTIONS, ""),
            lifecycle=one_of(query, "lifecycle", Lifecycle.values, ""),
            simulated=with_invented,
        )
        answer = page(request, found, model_json)
        # By the rows, not by the setting: a catalogue keeps its invented models when the simulation is off.
        simulated = with_invented and found.filter(simulated=True).exists()
        return json_answer(request, {"simulated": simulated, **answer})


def model_json(model: AIModel, endpoints: list[EndpointFacts] | None = None) -> dict[str, Any]:
    """The model object; with `endpoints`, those carry their prices, dates and rate limits."""
    if endpoints is None:
        served = [_endpoint_json(EndpointFacts(endpoint)) for endpoint in model.endpoints.all()]
    else:
        served = [_endpoint_detail_json(facts) for facts in endpoints]
    names = (
        "slug", "name", "family", "functions", "modalities_in", "modalities_out", "capabilities", "reasoning",
        "context_window", "max_output_tokens", "released_precision", "open_weights", "lifecycle", "simulated",
    )  # fmt: skip
    return {name: getattr(model, name) for name in names} | {
        "creator": model.creator.slug,
        "creator_name": model.creator.name,
        "knowledge_cutoff": model.knowledge_cutoff or None,
        "released_on": model.released_on.isoformat() if model.released_on else None,
        "source_name": model.source_name,
        "endpoints": served,
    }


def _endpoint_json(facts: EndpointFacts) -> dict[str, Any]:
    endpoint = facts.endpoint
    return {
        "slug": endpoint.slug,
        "provider": endpoint.provider.slug,
        "provider_name": endpoint.provider.name,
        "provider_model_id": endpoint.provider_model_id,
        "watched": endpoint.watched,
        "lifecycle": endpoint.lifecycle,
        "simulated": endpoint.simulated,
    }


def _endpoint_detail_json(facts: EndpointFacts) -> dict[str, Any]:
    endpoint = facts.endpoint
    return _endpoint_json(facts) | {
        "deprecated_at": _moment(endpoint.deprecated_at),
        "retires_at": _moment(endpoint.retires_at),
        "dates_source_name": endpoint.dates_source_name or None,
        "dates_source_url": endpoint.dates_source_url or None,
        "dates_seen_at": _moment(endpoint.dates_seen_at),
        "prices": [_price_json(price) for price in facts.prices],
        "rate_limits": [rate_limit_json(limit) for limit in facts.rate_limits],
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _price_json(price: Price) -> dict[str, Any]:
    rates = {name: _decimal(getattr(price, name)) for name in AMOUNT_FIELDS}
    return rates | {
        "tier": price.tier,
        "region_scope": price.region_scope,
        "currency": price.currency,
        "valid_from": price.valid_from.isoformat(),
        "source_name": price.source_name,
        "source_url": price.source_url,
        "retrieved_at": price.retrieved_at.isoformat(),
        "last_checked_at": price.checked_at.isoformat(),
    }


def _decimal(value: Any) -> str | None:
    return None if value is None else format(value.normalize(), "f")
