"""The REST API of error budgets; everything comes from `status.slo`."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown
from aigo.lib.openapi import PAGING, text_parameter
from catalog.selectors import endpoint_behind
from status.rules.slo import PAIRS
from status.slo import NAMES, judged_providers, line_of, open_alerts, standings
from status.story import NoSuchModel

_STATES = ("burning", "spent")


class BurnAnswer(serializers.Serializer):
    """An alert that goes on: both windows of a pair burn faster than its factor."""

    id = serializers.IntegerField()
    window = serializers.ChoiceField([pair.name for pair in PAIRS], help_text="The longer one of the pair.")
    factor = serializers.FloatField(allow_null=True)
    severity = serializers.ChoiceField(["minor", "critical"])
    began_at = serializers.DateTimeField()
    burn_long = serializers.FloatField(help_text="Burn rates when it began.")
    burn_short = serializers.FloatField()
    samples = serializers.IntegerField(help_text="Attempts in the longer window when it began.")
    held_by = serializers.CharField(
        allow_null=True, help_text="Why nobody is told: incident, maintenance, alert; null = they were."
    )
    told_at = serializers.DateTimeField(allow_null=True)


class WindowAnswer(serializers.Serializer):
    window = serializers.ChoiceField(list(NAMES.values()))
    attempts = serializers.IntegerField()
    failed = serializers.IntegerField()
    burn = serializers.FloatField(
        allow_null=True, help_text="Share that failed ÷ share that the target allows; null = no attempts."
    )


class SloAnswer(serializers.Serializer):
    """An endpoint against its target: attempts of tier B from all regions, maintenance left out."""

    slug = serializers.CharField()
    model = serializers.CharField()
    provider = serializers.CharField()
    simulated = serializers.BooleanField()
    target_pct = serializers.FloatField()
    period_days = serializers.IntegerField()
    since = serializers.DateTimeField(help_text="Where the period begins.")
    judged_at = serializers.DateTimeField(help_text="Up to when it was counted.")
    attempts = serializers.IntegerField(help_text="Of the period, that count.")
    failed = serializers.IntegerField()
    attempts_needed = serializers.IntegerField(help_text="With fewer no budget is told.")
    availability_pct = serializers.FloatField(allow_null=True)
    budget_left_pct = serializers.FloatField(allow_null=True, help_text="Below 0: more failed than allowed.")
    windows = WindowAnswer(many=True)
    alerts = BurnAnswer(many=True)
    method_version = serializers.CharField()


class SloPageAnswer(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SloAnswer(many=True)


class ModelSloAnswer(serializers.Serializer):
    slug = serializers.CharField(help_text="As it was asked for.")
    results = SloAnswer(many=True, help_text="Its endpoints that are judged; empty = none is.")


class SloListView(APIView):
    """Every judged endpoint's error budget, the least left first; unknown ones last."""

    @extend_schema(
        operation_id="slo",
        parameters=[
            text_parameter("provider", "Only this provider's endpoints (slug)."),
            text_parameter("state", "burning: an alert goes on; spent: nothing is left.", _STATES),
            *PAGING,
        ],
        responses={200: SloPageAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("provider", "state", "limit", "offset"))
        provider = one_of(query, "provider", [slug for _, slug in judged_providers()], "")
        state = one_of(query, "state", _STATES, "")
        rows = standings(provider=provider)
        if state:
            rows = rows.burning() if state == "burning" else rows.filter(budget_left_pct__lte=0)
        alerts = open_alerts()
        return json_answer(request, page(request, rows, lambda row: line_of(row, alerts).to_json()))


class ModelSloView(APIView):
    """The error budgets of one model's endpoints, or of one endpoint."""

    @extend_schema(operation_id="model_slo", responses={200: ModelSloAnswer})
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        if endpoint_behind(slug) is None:
            raise NoSuchModel(slug)
        alerts = open_alerts()
        results = [line_of(row, alerts).to_json() for row in standings(model=slug)]
        return json_answer(request, {"slug": slug, "results": results})
