"""The REST API of history: one endpoint's measurements over time, ready for a chart, as JSON and as CSV."""

from collections.abc import Mapping
from dataclasses import fields

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, refuse_unknown, whole_number
from aigo.lib.kept import Answer
from aigo.lib.openapi import AGE, AWAY, WordsAnswer, text_parameter
from aigo.lib.regions import ALL, BY_SLUG
from aigo.lib.sheets import csv_answer
from probes.history import MOST_POINTS, WINDOWS_S, fewest_points
from status.history import History
from status.incidents import SEVERITIES
from status.kept import kept_history, kept_trend
from status.rules import Thresholds
from status.sheets import history_rows, trend_rows
from status.trend import WINDOWS

DEFAULT_WINDOW = "24h"
DEFAULT_POINTS = 300


class PointAnswer(serializers.Serializer):
    """One bucket of time. A bucket without countable attempts is a gap: its figures are null."""

    at = serializers.DateTimeField(help_text="Its beginning, UTC.")
    width_s = serializers.IntegerField()
    attempts = serializers.IntegerField(help_text="Those that enter availability.")
    ok = serializers.IntegerField(help_text="Right answers of them.")
    availability_pct = serializers.FloatField(allow_null=True)
    worst_availability_pct = serializers.FloatField(
        allow_null=True, help_text="Of the worst five minutes within, so that a short outage shows."
    )
    worst_attempts = serializers.IntegerField(help_text="Countable attempts in those five minutes.")
    samples = serializers.IntegerField(help_text="Durations that the percentiles rest on.")
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True, help_text="See p95_min_attempts.")
    p99_ms = serializers.FloatField(allow_null=True)
    max_ms = serializers.FloatField(allow_null=True)
    ttft_samples = serializers.IntegerField()
    ttft_p50_ms = serializers.FloatField(allow_null=True)
    ttft_p95_ms = serializers.FloatField(allow_null=True)
    failures = serializers.DictField(
        child=serializers.IntegerField(), help_text="Charged to the provider, by outcome."
    )
    uncounted = serializers.DictField(
        child=serializers.IntegerField(), help_text="Not charged to the provider, by outcome."
    )


class AbsenceAnswer(serializers.Serializer):
    """When a region did not measure, or its results were left out; ended_at null = it goes on."""

    region = serializers.CharField()
    reason = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class IncidentMarkAnswer(serializers.Serializer):
    """An incident that touches the window; ended_at null = it goes on."""

    id = serializers.IntegerField()
    title = WordsAnswer()
    severity = serializers.ChoiceField(SEVERITIES)
    state = serializers.CharField()
    regions = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    path = serializers.CharField(help_text="Of its page on this site.")


class PauseAnswer(serializers.Serializer):
    """Planned maintenance."""

    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    regions = serializers.ListField(child=serializers.CharField(), help_text="Empty = all.")


class ThroughputPointAnswer(serializers.Serializer):
    at = serializers.DateTimeField(help_text="Its beginning, UTC.")
    samples = serializers.IntegerField()
    p50_tokens_per_s = serializers.FloatField()
    least_tokens_per_s = serializers.FloatField()


class ThroughputAnswer(serializers.Serializer):
    """Tokens per second of long answers (tier C), which are asked for every one to three hours."""

    window_s = serializers.IntegerField(help_text="At least a day; results are kept for 30.")
    width_s = serializers.IntegerField()
    samples = serializers.IntegerField()
    p50_tokens_per_s = serializers.FloatField(allow_null=True)
    least_tokens_per_s = serializers.FloatField(allow_null=True)
    most_tokens_per_s = serializers.FloatField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    points = ThroughputPointAnswer(many=True, help_text="Only stretches with answers, oldest first.")


#: Operational: availability ≥ operational_pct and p95 < operational_ms; degraded alike; else outage.
ThresholdsAnswer = type(
    "ThresholdsAnswer",
    (serializers.Serializer,),
    {field.name: serializers.FloatField() for field in fields(Thresholds)},
)


class HistoryAnswer(serializers.Serializer):
    slug = serializers.CharField(help_text="The endpoint; a model's slug stands for its creator's own.")
    model = serializers.CharField()
    provider = serializers.CharField()
    simulated = serializers.BooleanField()
    tier = serializers.CharField(help_text="B, or A where the endpoint is asked in no B.")
    region = serializers.CharField()
    window = serializers.CharField(help_text=f"One of {', '.join(WINDOWS_S)}.")
    width_s = serializers.IntegerField(help_text="Of each point; points are aligned to UTC.")
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY
    method_version = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]  # a field's own attribute of that name
        help_text="attempts, hours, or the table of wider buckets."
    )
    relative_error = serializers.FloatField(help_text="Of percentiles at most; 0 = exact.")
    p95_min_attempts = serializers.IntegerField(help_text="With fewer samples a p95 says little.")
    last_sample_at = serializers.DateTimeField(allow_null=True)
    thresholds = ThresholdsAnswer()
    gaps = AbsenceAnswer(many=True)
    gaps_left_out = serializers.IntegerField(help_text="How many more gaps there are.")
    incidents = IncidentMarkAnswer(many=True)
    maintenance = PauseAnswer(many=True)
    throughput = ThroughputAnswer()
    usage_rpm = serializers.ListField(
        child=serializers.FloatField(allow_null=True),
        allow_null=True,
        help_text="Requests per minute at each point, told by the endpoint's own servers within the last "
        "day; null = no server tells them. Attempts of ours are never counted as usage.",
    )
    total = PointAnswer(help_text="The whole window as one.")
    points = PointAnswer(many=True)


#: What both forms are asked by.
PARAMETERS = [
    text_parameter("window", f"{DEFAULT_WINDOW} by default.", list(WINDOWS_S)),
    text_parameter("region", "Where from; all = pooled over the regions.", list(BY_SLUG)),
    OpenApiParameter(
        "points",
        OpenApiTypes.INT,
        description=f"At most so many, {DEFAULT_POINTS} by default; up to {MOST_POINTS}.",
    ),
]


class HistoryView(APIView):
    """What one endpoint did over a window: availability, true percentiles, the worst, gaps, thresholds."""

    @extend_schema(operation_id="model_history", parameters=PARAMETERS, responses={200: HistoryAnswer})
    def get(self, request: Request, slug: str) -> HttpResponse:
        kept = history_asked(request, slug)
        known = {"age_s": kept.age_s, "away": kept.away or None}
        return json_answer(request, kept.value.to_json() | known)


class HistorySheetView(APIView):
    """The same as a table: UTF-8 with a byte order mark, what it rests on in every row."""

    @extend_schema(
        operation_id="model_history_csv",
        parameters=PARAMETERS,
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        history = history_asked(request, slug).value
        name = f"{history.endpoint.slug}-{history.window}-{history.region}"
        return csv_answer(request, name, history_rows(history))


def history_asked(request: Request, slug: str) -> Answer[History]:
    """What the address asks for. Raises Problem, Unavailable, NoSuchModel."""
    window, region, points = _asked(request, WINDOWS_S)
    return kept_history(slug, region=region, window=window, points=points, now=timezone.now())


def _asked(request: Request, windows: Mapping[str, int]) -> tuple[str, str, int]:
    """(window, region, points)."""
    query = request.query_params
    refuse_unknown(query, ("window", "region", "points"))
    window = one_of(query, "window", windows, DEFAULT_WINDOW)
    region = one_of(query, "region", BY_SLUG, ALL)
    fewest = fewest_points(windows[window])
    return window, region, whole_number(query, "points", DEFAULT_POINTS, least=fewest, most=MOST_POINTS)


class StatsHistorySheetView(APIView):
    """The counts over time as a table, in the form of histories."""

    @extend_schema(
        operation_id="stats_history_csv",
        parameters=[
            text_parameter("window", f"{DEFAULT_WINDOW} by default.", list(WINDOWS)),
            *PARAMETERS[1:],
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        window, region, points = _asked(request, WINDOWS)
        trend = kept_trend(region, window=window, points=points, now=timezone.now()).value
        return csv_answer(request, f"counts-{window}-{region}", trend_rows(trend))
