"""The REST API of providers, of the same functions as their pages."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown
from aigo.lib.openapi import AGE, AWAY, PAGING, text_parameter
from aigo.lib.regions import ALL
from status.api import CountsAnswer
from status.kept import kept_snapshot
from status.kept_model import kept_said
from status.kept_providers import kept_provider, kept_provider_lines, kept_provider_strip
from status.providers import Known, PriceRange, ProviderLine, present_of
from status.rules import State
from status.said import Accord, Said, accord_of


class SaidIncidentAnswer(serializers.Serializer):
    title = serializers.CharField()
    impact = serializers.CharField()
    status = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    maintenance = serializers.BooleanField()
    claimed_started_at = serializers.DateTimeField(allow_null=True, help_text="As the page dates it.")
    first_seen_at = serializers.DateTimeField()


class SaidAnswer(serializers.Serializer):
    """What the official page says. `troubled` null = it cannot be read now."""

    url = serializers.CharField(allow_null=True)
    indicator = serializers.CharField(allow_null=True)
    problem = serializers.CharField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    troubled = serializers.BooleanField(allow_null=True)
    incidents = SaidIncidentAnswer(many=True)


class ProviderAnswer(serializers.Serializer):
    """A provider, how its endpoints on the board stand over all regions, and what its own page says."""

    slug = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    docs_url = serializers.CharField(allow_null=True)
    status_page_url = serializers.CharField(allow_null=True)
    simulated = serializers.BooleanField()
    catalogue_endpoints = serializers.IntegerField(help_text="Live endpoints that the catalogue knows.")
    state = serializers.ChoiceField(
        [state.value for state in State], help_text="The gravest of any endpoint."
    )
    counts = CountsAnswer(help_text="catalogue_models: those on the board.")
    official = SaidAnswer(allow_null=True, help_text="null: no page of it is read.")
    accord = serializers.ChoiceField([accord.value for accord in Accord])


class ProviderListAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY
    simulated = serializers.BooleanField(help_text="Any provider of the whole list is invented.")
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProviderAnswer(many=True)


class DocAnswer(serializers.Serializer):
    kind = serializers.CharField()
    url = serializers.CharField()


class PriceRangeAnswer(serializers.Serializer):
    """USD per million tokens in the standard tier, as decimal strings."""

    rate = serializers.CharField()
    low = serializers.CharField()
    high = serializers.CharField()
    cheapest = serializers.CharField()
    dearest = serializers.CharField()
    endpoints = serializers.IntegerField(help_text="How many state it.")
    provenance = serializers.DictField()


class ProviderDetailAnswer(ProviderAnswer):
    by_region = serializers.DictField(child=CountsAnswer())
    endpoints = serializers.ListField(
        child=serializers.CharField(), help_text="Those on the board, ranked as there; see /api/v1/status."
    )
    availability_90d_pct = serializers.FloatField(allow_null=True)
    attempts_90d = serializers.IntegerField()
    docs = DocAnswer(many=True)
    prices = PriceRangeAnswer(many=True)
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY


class ProviderListView(APIView):
    """Everybody who serves anything that the catalogue knows, by name."""

    @extend_schema(
        operation_id="providers",
        parameters=[text_parameter("board", "1: only those on the board.", ["0", "1"]), *PAGING],
        responses={200: ProviderListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("board", "limit", "offset"))
        only_board = one_of(query, "board", ("0", "1"), "0") == "1"
        kept = kept_provider_lines(now=timezone.now())
        lines = [line for line in kept.value if line.counts.total or not only_board]
        body = {
            "generated_at": kept.at.isoformat(),
            "age_s": kept.age_s,
            "away": kept.away or None,
            "simulated": any(line.known.simulated for line in lines),
            **page(request, lines, _line_json),
        }
        return json_answer(request, body)


class ProviderView(APIView):
    """One provider: regions, endpoints, ninety days, links and prices."""

    @extend_schema(operation_id="provider", responses={200: ProviderDetailAnswer})
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        now = timezone.now()
        facts, snapshot = kept_provider(slug, now=now), kept_snapshot(now=now)
        present, said = present_of(slug, ALL, snapshot.value), kept_said(slug, now=now)
        together, _strips = kept_provider_strip(slug, now=now)
        body = {
            **_known_json(facts.known),
            "state": present.state.value,
            "counts": present.counts.to_json(),
            **_said_json(said, present.state),
            "by_region": {place.slug: counts.to_json() for place, counts in present.by_region},
            "endpoints": [row.slug for row in (*present.rows, *present.not_measured)],
            "availability_90d_pct": together and _rounded(together.availability_pct),
            "attempts_90d": together.attempts if together else 0,
            "docs": [{"kind": ref.kind, "url": ref.url} for ref in facts.docs],
            "prices": [_range_json(found) for found in facts.prices],
            "generated_at": snapshot.at.isoformat(),
            "age_s": snapshot.age_s,
            "away": snapshot.away or None,
        }
        return json_answer(request, body)


def _line_json(line: ProviderLine) -> dict[str, Any]:
    return {
        **_known_json(line.known),
        "state": line.state.value,
        "counts": line.counts.to_json(),
        **_said_json(line.said, line.state),
    }


def _known_json(known: Known) -> dict[str, Any]:
    page_url = known.status_page_url
    return {
        "slug": known.slug,
        "name": known.name,
        "url": known.url or None,
        "docs_url": known.docs_url or None,
        "status_page_url": page_url if page_url.startswith("http") else None,
        "simulated": known.simulated,
        "catalogue_endpoints": known.endpoints,
    }


def _said_json(said: Said | None, state: State) -> dict[str, Any]:
    return {"official": said.to_json() if said else None, "accord": accord_of(said, state).value}


def _range_json(found: PriceRange) -> dict[str, Any]:
    return {
        "rate": found.rate,
        "low": format(found.low.normalize(), "f"),
        "high": format(found.high.normalize(), "f"),
        "cheapest": found.cheapest,
        "dearest": found.dearest,
        "endpoints": found.stated,
        "provenance": found.provenance.to_json(),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
