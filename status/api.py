"""The REST API of the board: thin, everything comes from `status.selectors`."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, page, refuse_unknown, whole_number
from aigo.lib.kept import Answer
from aigo.lib.openapi import AGE, AWAY, PAGING, WordsAnswer, several_parameter, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.regions import ALL, BY_SLUG, MEASURED_SLUGS
from catalog.models import Endpoint, Provider
from catalog.tagging import FUNCTIONS
from probes.history import MOST_POINTS, fewest_points
from status.board import SORTS, Board, BoardRow
from status.chronicle import STATES, Wish
from status.filtering import FILTERS, Selection, asked
from status.incidents import SEVERITIES
from status.kept import kept_snapshot, kept_stats, kept_trend, selection_of
from status.rules import State
from status.snapshot import Snapshot
from status.trend import DEFAULT_POINTS, WINDOWS


class CountsAnswer(serializers.Serializer):
    """total = active + unknown; active = available + outage; available = operational + degraded."""

    total = serializers.IntegerField()
    active = serializers.IntegerField()
    operational = serializers.IntegerField()
    degraded = serializers.IntegerField()
    outage = serializers.IntegerField()
    unknown = serializers.IntegerField()
    available = serializers.IntegerField(help_text="Endpoints that answer, well or badly.")
    simulated = serializers.IntegerField(help_text="Part of total: endpoints of the built-in simulator.")
    not_measured = serializers.IntegerField(help_text="Part of unknown: no worker holds the key.")
    catalogue_models = serializers.IntegerField(help_text="Real models that the catalogue knows.")


class NewsLineAnswer(serializers.Serializer):
    """A published article in a line."""

    slug = serializers.CharField()
    title = WordsAnswer()
    url = serializers.CharField(help_text="Its page.")
    published_at = serializers.DateTimeField()


class RowAnswer(serializers.Serializer):
    """One endpoint in one region (or pooled over all). null = unknown."""

    slug = serializers.CharField()
    model = serializers.CharField(help_text="The model's slug.")
    name = serializers.CharField()
    provider = serializers.CharField(help_text="The provider's slug.")
    provider_name = serializers.CharField()
    foundation = serializers.CharField()
    functions = serializers.ListField(child=serializers.CharField())
    region = serializers.CharField()
    state = serializers.ChoiceField([state.value for state in State])
    reason = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    availability_pct = serializers.FloatField(allow_null=True)
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True, help_text="From 20 attempts on.")
    ttft_p50_ms = serializers.FloatField(allow_null=True)
    error_rate_pct = serializers.FloatField(allow_null=True)
    usage_rpm = serializers.FloatField(allow_null=True, help_text="As the endpoint's own servers count it.")
    usage_servers = serializers.ListField(child=serializers.CharField(), help_text="Those that told it.")
    usage_at = serializers.DateTimeField(allow_null=True, help_text="The oldest of their readings.")
    samples = serializers.IntegerField(help_text="Countable attempts that the figures rest on.")
    window_s = serializers.IntegerField()
    last_sample_at = serializers.DateTimeField(allow_null=True)
    tier = serializers.CharField()
    method_version = serializers.CharField()
    simulated = serializers.BooleanField()
    measured = serializers.BooleanField()
    rank = serializers.IntegerField()
    news = NewsLineAnswer(
        many=True, help_text="The newest articles about the model, of 30 days, two at most."
    )


class StatusAnswer(serializers.Serializer):
    region = serializers.CharField()
    sort = serializers.CharField()
    generated_at = serializers.DateTimeField()
    event_id = serializers.CharField(help_text="Hand it to /ws/status as `since`.")
    age_s = AGE
    away = AWAY
    simulated = serializers.BooleanField()
    method_version = serializers.CharField()
    counts = CountsAnswer()
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RowAnswer(many=True)


class WorstAnswer(serializers.Serializer):
    """The worst single minutes, each figure for itself."""

    outage = serializers.IntegerField(help_text="Most in outage.")
    degraded = serializers.IntegerField(help_text="Most degraded.")
    unknown = serializers.IntegerField(help_text="Most unknown.")
    available = serializers.IntegerField(help_text="Fewest available.")


class TrendPointAnswer(serializers.Serializer):
    """A stretch of time. counts and worst are null in a gap: nobody counted."""

    at = serializers.DateTimeField(help_text="When it begins, UTC.")
    minutes = serializers.IntegerField(help_text="Minutes of it that were counted.")
    counts = CountsAnswer(allow_null=True, help_text="Those of its last counted minute.")
    worst = WorstAnswer(allow_null=True)


class TrendAnswer(serializers.Serializer):
    region = serializers.CharField()
    window = serializers.CharField()
    width_s = serializers.IntegerField(help_text="Length of a point in seconds.")
    simulated = serializers.BooleanField()
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY
    points = TrendPointAnswer(many=True, help_text="Oldest first, without a hole; the last one goes on.")


class StatsAnswer(serializers.Serializer):
    counts = CountsAnswer()
    by_region = serializers.DictField(child=CountsAnswer())
    simulated = serializers.BooleanField()
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY


#: What each filter leaves; several values of one widen it.
FILTERS_SAID = {
    "function": "Only endpoints of models with one of these function tags.",
    "provider": "Only the endpoints of these providers (slugs).",
    "foundation": "Only models of these families; commas belong to the name.",
    "state": "Only endpoints in one of these states.",
}


class StatusView(APIView):
    """Every watched endpoint of a region, ranked, with its state and the figures that it rests on."""

    @extend_schema(
        operation_id="status",
        parameters=[
            text_parameter("region", "Where from; all = pooled over the regions.", list(BY_SLUG)),
            text_parameter("sort", "Order; unknown values come last.", list(SORTS)),
            *(several_parameter(name, about) for name, about in FILTERS_SAID.items()),
            *PAGING,
        ],
        responses={200: StatusAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("region", "sort", "limit", "offset", *FILTERS))
        found = selection_asked(kept_snapshot(now=timezone.now()), query)
        rows = [*found.rows, *found.not_measured]
        return json_answer(request, {**envelope(found.board), **page(request, rows, BoardRow.to_json)})


class StatsView(APIView):
    """How many endpoints are in which state, over all regions and for each."""

    @extend_schema(operation_id="stats", responses={200: StatsAnswer})
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        stats = kept_stats(now=timezone.now())
        body = {
            "counts": stats.counts.to_json(),
            "by_region": {slug: counts.to_json() for slug, counts in stats.by_region.items()},
            "simulated": stats.counts.simulated > 0,
            "generated_at": stats.generated_at.isoformat(),
            "age_s": stats.age_s,
            "away": stats.away or None,
        }
        return json_answer(request, body)


class StatsHistoryView(APIView):
    """The counts over time. Each point tells its last minute and, beside it, its worst ones."""

    @extend_schema(
        operation_id="stats_history",
        parameters=[
            text_parameter("window", "How far back.", list(WINDOWS)),
            text_parameter("region", "Where from; all = pooled over the regions.", list(BY_SLUG)),
            text_parameter("points", f"At most so many, up to {MOST_POINTS}; {DEFAULT_POINTS} if unsaid."),
        ],
        responses={200: TrendAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, ("window", "region", "points"))
        window = one_of(query, "window", WINDOWS, "24h")
        region = one_of(query, "region", BY_SLUG, ALL)
        least = fewest_points(WINDOWS[window])
        points = whole_number(query, "points", DEFAULT_POINTS, least=least, most=MOST_POINTS)
        kept = kept_trend(region, window=window, points=points, now=timezone.now())
        shown = [point.counts for point in kept.value.points if point.counts]
        body = {
            "region": region,
            "window": window,
            "width_s": kept.value.width_s,
            "simulated": any(counts.simulated for counts in shown),
            "generated_at": kept.at.isoformat(),
            "age_s": kept.age_s,
            "away": kept.away or None,
            "points": [point.to_json() for point in kept.value.points],
        }
        return json_answer(request, body)


def envelope(board: Board) -> dict[str, Any]:
    """What every answer about the board says of itself."""
    return {
        "region": board.region,
        "sort": board.sort,
        "generated_at": board.generated_at.isoformat(),
        "event_id": board.event_id,
        "age_s": board.age_s,
        "away": board.away or None,
        "simulated": board.simulated,
        "method_version": board.method_version,
        "counts": board.counts.to_json(),
    }


def selection_asked(kept: Answer[Snapshot], query: QueryDict) -> Selection:
    """What the query's filters leave; a value that no watched endpoint has is refused by name."""
    known = kept.value.known_values()
    found = asked(dict(query.lists()), known)
    for name, value in found.refused:
        raise Problem(name, value, sorted(known[name]) if name in FILTERS else known[name])
    return selection_of(kept, found.wish)


def wish_asked(query: QueryDict) -> Wish:
    """What the address asks for; a value that cannot be is a Problem. A query per slug that is given."""
    provider, model = query.get("provider", ""), query.get("model", "")
    if provider and not Provider.objects.filter(slug=provider).exists():
        raise Problem("provider", provider, "the slug of a provider (/api/v1/status)")
    named = Q(slug=model) | Q(model__slug=model)
    if model and not Endpoint.objects.filter(named).exists():
        raise Problem("model", model, "the slug of an endpoint or a model (/api/v1/models)")
    return Wish(
        provider=provider,
        severity=one_of(query, "severity", SEVERITIES, ""),
        region=one_of(query, "region", MEASURED_SLUGS, ""),
        function=one_of(query, "function", FUNCTIONS, ""),
        state=one_of(query, "state", STATES, ""),
        model=model,
    )
