"""How much each endpoint lets us ask, and where that was read."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown
from aigo.lib.openapi import PAGING, text_parameter
from catalog.api.asking import provider_asked, served_asked
from catalog.models import RateLimit
from catalog.selectors import rate_limit_list


class RateLimitAnswer(serializers.Serializer):
    """A limit of one account, which other accounts need not share; null = not known."""

    tier = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=RateLimit.Kind.choices)
    window = serializers.ChoiceField(choices=RateLimit.Window.choices)
    limit = serializers.IntegerField()
    remaining = serializers.IntegerField(allow_null=True, help_text="What was left of it at last_seen_at.")
    retry_advice = serializers.CharField(allow_null=True)
    source_name = serializers.ChoiceField(choices=RateLimit.Source.choices)
    source_url = serializers.CharField(allow_null=True, help_text="Of the documentation.")
    region = serializers.CharField(allow_null=True, help_text="Where the probes stood whose answers told it.")
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(help_text="Renewed once an hour while it stays as it is.")


class EndpointRateLimitAnswer(RateLimitAnswer):
    endpoint = serializers.CharField()
    provider = serializers.CharField()
    simulated = serializers.BooleanField()


class RateLimitListAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    simulated = serializers.BooleanField(
        help_text="Any row of the whole list, on any page, is of an invented endpoint."
    )
    results = EndpointRateLimitAnswer(many=True)


class RateLimitListView(APIView):
    """The current rate limits, by endpoint."""

    @extend_schema(
        operation_id="rate_limits",
        parameters=[
            text_parameter("provider", "The provider's slug."),
            text_parameter("endpoint", "An endpoint's slug, or a model's for all of its endpoints."),
            text_parameter("simulated", "1: with the simulator's invented endpoints.", ["0", "1"]),
            *PAGING,
        ],
        responses={200: RateLimitListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("provider", "endpoint", "simulated", "limit", "offset"))
        with_invented = one_of(query, "simulated", ("0", "1"), "0") == "1"
        provider, endpoint = provider_asked(query), served_asked(query, "endpoint")
        found = rate_limit_list(provider=provider, endpoint=endpoint, simulated=with_invented)
        answer = page(request, found, _listed_json)
        simulated = with_invented and found.filter(endpoint__simulated=True).exists()
        return json_answer(request, {"simulated": simulated, **answer})


def rate_limit_json(limit: RateLimit) -> dict[str, Any]:
    """A limit without its endpoint."""
    return {
        "tier": limit.tier or None,
        "kind": limit.kind,
        "window": limit.window,
        "limit": limit.limit,
        "remaining": limit.remaining,
        "retry_advice": limit.retry_advice or None,
        "source_name": limit.source,
        "source_url": limit.source_url or None,
        "region": limit.region or None,
        "first_seen_at": limit.first_seen_at.isoformat(),
        "last_seen_at": limit.last_seen_at.isoformat(),
    }


def _listed_json(limit: RateLimit) -> dict[str, Any]:
    endpoint = limit.endpoint
    return {
        "endpoint": endpoint.slug,
        "provider": endpoint.provider.slug,
        "simulated": endpoint.simulated,
        **rate_limit_json(limit),
    }
