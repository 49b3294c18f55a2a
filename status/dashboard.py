"""The REST API of everything at once: counts, board and servers in one call."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, one_of, refuse_unknown
from aigo.lib.moments import moment_text
from aigo.lib.openapi import AGE, AWAY, text_parameter
from aigo.lib.regions import ALL, BY_SLUG
from probes.models import Server
from probes.scraping.problems import Problem
from probes.servers import Card, Condition, Source, Sum, Totals
from status.api import CountsAnswer, RowAnswer, envelope
from status.board import BoardRow
from status.kept import kept_board, kept_servers


class DistributionAnswer(serializers.Serializer):
    """Percentiles of a server's own histogram, over quantile_window_s."""

    p50_ms = serializers.FloatField()
    p95_ms = serializers.FloatField(allow_null=True, help_text="From 20 requests on.")
    samples = serializers.IntegerField()


class DiskAnswer(serializers.Serializer):
    mountpoint = serializers.CharField()
    used_bytes = serializers.FloatField()
    available_bytes = serializers.FloatField()


class GpuAnswer(serializers.Serializer):
    name = serializers.CharField(help_text="Its number on the machine.")
    model = serializers.CharField()
    util_pct = serializers.FloatField(allow_null=True)
    memory_used_bytes = serializers.FloatField(allow_null=True)
    memory_total_bytes = serializers.FloatField(allow_null=True)
    temperature_c = serializers.FloatField(allow_null=True)
    power_w = serializers.FloatField(allow_null=True)
    xid = serializers.IntegerField(allow_null=True, help_text="Code of the last error; 0 = none.")


class FiguresAnswer(serializers.Serializer):
    """What one source told at its last_seen_at. null = it does not tell."""

    requests_per_min = serializers.FloatField(allow_null=True)
    running = serializers.FloatField(allow_null=True, help_text="Requests that are being answered.")
    queue = serializers.FloatField(allow_null=True, help_text="Requests that wait.")
    tokens_per_s = serializers.FloatField(allow_null=True, help_text="Generated, by all requests together.")
    prompt_tokens_per_s = serializers.FloatField(allow_null=True)
    kv_cache_pct = serializers.FloatField(allow_null=True)
    ttft = DistributionAnswer(allow_null=True)
    tpot = DistributionAnswer(allow_null=True)
    duration = DistributionAnswer(allow_null=True)
    cpu_pct = serializers.FloatField(allow_null=True)
    cpus = serializers.IntegerField(allow_null=True)
    load1 = serializers.FloatField(allow_null=True)
    memory_used_bytes = serializers.FloatField(allow_null=True)
    memory_total_bytes = serializers.FloatField(allow_null=True)
    disks = DiskAnswer(many=True)
    disk_read_bytes_per_s = serializers.FloatField(allow_null=True)
    disk_written_bytes_per_s = serializers.FloatField(allow_null=True)
    network_in_bytes_per_s = serializers.FloatField(allow_null=True)
    network_out_bytes_per_s = serializers.FloatField(allow_null=True)
    gpus = GpuAnswer(many=True)
    rate_window_s = serializers.FloatField(allow_null=True, help_text="Seconds that the rates are of.")
    quantile_window_s = serializers.FloatField(allow_null=True, help_text="Seconds the percentiles are of.")


class SourceAnswer(serializers.Serializer):
    """One metrics address of a machine. Figures older than three minutes are there with fresh = false."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text=f"One of {', '.join(Server.Kind.values)}.")
    endpoint = serializers.CharField(allow_null=True, help_text="The endpoint that it serves.")
    condition = serializers.ChoiceField([condition.value for condition in Condition])
    problem = serializers.ChoiceField(
        [problem.value for problem in Problem], allow_null=True, help_text="Why the last reading failed."
    )
    failures = serializers.IntegerField(help_text="Failed readings in a row.")
    last_seen_at = serializers.DateTimeField(allow_null=True, help_text="When it told these figures.")
    last_tried_at = serializers.DateTimeField(allow_null=True)
    fresh = serializers.BooleanField()
    figures = FiguresAnswer()


class MachineAnswer(serializers.Serializer):
    """One machine with all that is read from it; its condition is the worst of its sources'."""

    slug = serializers.CharField()
    name = serializers.CharField()
    condition = serializers.ChoiceField([condition.value for condition in Condition])
    last_seen_at = serializers.DateTimeField(allow_null=True)
    sources = SourceAnswer(many=True)


class SumAnswer(serializers.Serializer):
    """A sum over the sources that told the figure within three minutes; null = none did."""

    value = serializers.FloatField(allow_null=True)
    told = serializers.IntegerField()
    of = serializers.IntegerField(help_text="Sources of the kind that can tell it.")


#: machines and reporting are counts, everything else a sum.
TotalsAnswer = type(
    "TotalsAnswer",
    (serializers.Serializer,),
    {
        name: serializers.IntegerField() if name in ("machines", "reporting") else SumAnswer()
        for name in Totals.__dataclass_fields__
    },
)


class DashboardAnswer(serializers.Serializer):
    region = serializers.CharField()
    sort = serializers.CharField()
    generated_at = serializers.DateTimeField()
    event_id = serializers.CharField()
    age_s = AGE
    away = AWAY
    simulated = serializers.BooleanField()
    method_version = serializers.CharField()
    counts = CountsAnswer()
    board = RowAnswer(many=True)
    servers = MachineAnswer(many=True)
    servers_total = TotalsAnswer()


class DashboardView(APIView):
    """Counts, every row of the board, and the self-hosted servers with their totals."""

    @extend_schema(
        operation_id="dashboard",
        parameters=[text_parameter("region", "Where from; all = pooled over the regions.", list(BY_SLUG))],
        responses={200: DashboardAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, ("region",))
        region = one_of(request.query_params, "region", BY_SLUG, ALL)
        now = timezone.now()
        board, servers = kept_board(region, now=now), kept_servers(now=now)
        body = {
            **envelope(board),
            "age_s": max(board.age_s, servers.age_s),
            "away": board.away or servers.away or None,
            "board": [BoardRow.to_json(row) for row in board.endpoints],
            "servers": [_machine(card) for card in servers.value.cards],
            "servers_total": _totals(servers.value.totals),
        }
        return json_answer(request, body)


def _machine(card: Card) -> dict[str, Any]:
    return {
        "slug": card.slug,
        "name": card.name,
        "condition": card.condition.value,
        "last_seen_at": moment_text(card.last_seen_at),
        "sources": [_source(source) for source in card.sources],
    }


def _source(source: Source) -> dict[str, Any]:
    """Without the error's detail, which may name addresses inside."""
    return {
        "slug": source.slug,
        "name": source.name,
        "kind": source.kind,
        "endpoint": source.endpoint or None,
        "condition": source.condition.value,
        "problem": source.problem or None,
        "failures": source.failures,
        "last_seen_at": moment_text(source.at),
        "last_tried_at": moment_text(source.last_tried_at),
        "fresh": source.fresh,
        "figures": _rounded(source.figures.to_json()),
    }


def _totals(totals: Totals) -> dict[str, Any]:
    values = {name: getattr(totals, name) for name in totals.__slots__}
    return {name: _rounded(asdict(v)) if isinstance(v, Sum) else v for name, v in values.items()}


def _rounded(value: Any) -> Any:
    """Floats to three decimals, wherever they are."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, (list, tuple)) else value
