"""The REST API of uptime: availability of each endpoint day by day, with the worst incident of each day."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown, whole_number
from aigo.lib.openapi import AGE, AWAY, PAGING, text_parameter
from aigo.lib.problems import Problem
from status.incidents import SEVERITIES
from status.kept import kept_uptime
from status.rules import State
from status.uptime import MOST_DAYS, Strip

#: Slugs that can be picked at once.
MOST_MODELS = 100


class UptimeDayAnswer(serializers.Serializer):
    """A UTC day. What was due in planned maintenance is left out; today goes on."""

    date = serializers.DateField()
    attempts = serializers.IntegerField(help_text="Those that enter availability, of all regions.")
    ok = serializers.IntegerField(help_text="Right answers of them.")
    availability_pct = serializers.FloatField(allow_null=True, help_text="null = no attempt counted.")
    state = serializers.ChoiceField(
        [state.value for state in State],
        help_text="The graver of what availability (from 200 attempts on) and the worst incident say.",
    )
    worst_severity = serializers.ChoiceField(
        SEVERITIES, allow_null=True, help_text="Of the incidents that held the endpoint on that day."
    )
    maintenance = serializers.BooleanField(help_text="Planned maintenance fell into this day.")


class UptimeRowAnswer(serializers.Serializer):
    """One endpoint, its days oldest first."""

    slug = serializers.CharField()
    model = serializers.CharField(help_text="The model's slug.")
    name = serializers.CharField()
    provider = serializers.CharField(help_text="The provider's slug.")
    provider_name = serializers.CharField()
    simulated = serializers.BooleanField()
    tier = serializers.CharField(help_text="B, or A where the endpoint is asked in no B.")
    availability_pct = serializers.FloatField(allow_null=True, help_text="Of all the days together.")
    attempts = serializers.IntegerField()
    ok = serializers.IntegerField()
    measured_days = serializers.IntegerField(help_text="Days with an attempt that counts.")
    days = UptimeDayAnswer(many=True)


#: "from" is no name in Python.
UptimeAnswer = type(
    "UptimeAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "The last days of every watched endpoint, by provider.",
        "from": serializers.DateField(help_text="The first day, UTC."),
        "to": serializers.DateField(help_text="Today, UTC; it goes on."),
        "generated_at": serializers.DateTimeField(),
        "age_s": AGE,
        "away": AWAY,
        "method_version": serializers.CharField(),
        "simulated": serializers.BooleanField(),
        "count": serializers.IntegerField(),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": UptimeRowAnswer(many=True),
    },
)


class UptimeView(APIView):
    """How often each endpoint answered rightly, day by day, for up to 90 days."""

    @extend_schema(
        operation_id="uptime",
        parameters=[
            text_parameter("models", f"Slugs of endpoints or models, by comma; up to {MOST_MODELS}."),
            text_parameter("provider", "Only this provider's endpoints (slug)."),
            text_parameter("days", f"How many UTC days, today among them; 1 to {MOST_DAYS} (default)."),
            *PAGING,
        ],
        responses={200: UptimeAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("models", "provider", "days", "limit", "offset"))
        days = whole_number(query, "days", MOST_DAYS, least=1, most=MOST_DAYS)
        kept = kept_uptime(days=days, now=timezone.now())
        strips = kept.value.strips
        provider = one_of(query, "provider", sorted({strip.provider_slug for strip in strips}), "")
        if provider:
            strips = tuple(strip for strip in strips if strip.provider_slug == provider)
        if "models" in query:
            strips = tuple(picked(strips, query["models"]))
        known = {"age_s": kept.age_s, "away": kept.away or None}
        return json_answer(request, kept.value.about() | known | page(request, strips, Strip.to_json))


def picked(strips: Iterable[Strip], models: str) -> list[Strip]:
    """The strips of these slugs of endpoints or models. Problem: a slug that none has."""
    wanted = {slug for slug in models.split(",") if slug}
    if len(wanted) > MOST_MODELS:
        raise Problem("models", models[:200], f"at most {MOST_MODELS} slugs")
    found = [strip for strip in strips if {strip.slug, strip.model_slug} & wanted]
    for slug in sorted(wanted - {name for strip in found for name in (strip.slug, strip.model_slug)}):
        raise Problem("models", slug, "slugs of watched endpoints or models (/api/v1/status)")
    return found
