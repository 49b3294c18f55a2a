"""The REST API of detection leads: who told first, the official page or we."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, page, refuse_unknown
from aigo.lib.moments import moment_text
from aigo.lib.openapi import PAGING, text_parameter
from aigo.lib.problems import Problem
from catalog.api.asking import provider_asked
from status.leads import lead_line, leads_in, month_of, monthly_leads
from status.models import DetectionLead
from status.rules.leads import METHOD

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_LEAD_HELP: Final = "Their first words minus our detection; positive = we were first. null = not bounded."


class LeadFiguresAnswer(serializers.Serializer):
    """A month's counted incidents, each once; simulated and real ones are never in one figure."""

    simulated = serializers.BooleanField()
    n = serializers.IntegerField(help_text="Leads that the median is of.")
    median_lead_s = serializers.FloatField(allow_null=True, help_text=_LEAD_HELP)
    median_low_s = serializers.FloatField(allow_null=True, help_text="Every error bar at its lower end.")
    median_high_s = serializers.FloatField(allow_null=True, help_text="Every error bar at its upper end.")
    us = serializers.IntegerField(help_text="We were first.")
    them = serializers.IntegerField(help_text="The page was first.")
    together = serializers.IntegerField(help_text="The lead lies within its error bar.")
    unbounded = serializers.IntegerField(help_text="Already on the page when it was first read: no lead.")
    page_silent = serializers.IntegerField(help_text="Ours that the page never told: its miss.")
    page_unread = serializers.IntegerField(help_text="Ours, while the page could not be read.")
    we_missed = serializers.IntegerField(help_text="Theirs that we measured and did not see: our miss.")
    not_measured = serializers.IntegerField(help_text="Theirs, of something that we did not measure then.")
    method_version = serializers.CharField()


class LeadAnswer(serializers.Serializer):
    """An incident of ours and one of theirs that are the same, or one without the other."""

    incident = serializers.IntegerField(allow_null=True, help_text="Our incident; null = we saw none.")
    official = serializers.IntegerField(allow_null=True, help_text="Theirs; null = the page told of none.")
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    simulated = serializers.BooleanField()
    verdict = serializers.ChoiceField(DetectionLead.Verdict.values)
    counted = serializers.BooleanField(help_text="Enters the figures; each incident does once.")
    fit = serializers.ChoiceField(DetectionLead.Fit.values, allow_null=True)
    basis = serializers.ChoiceField(DetectionLead.Basis.values, allow_null=True)
    detected_at = serializers.DateTimeField(allow_null=True)
    said_at = serializers.DateTimeField(allow_null=True, help_text="Their first words, as `basis` says.")
    unseen_at = serializers.DateTimeField(allow_null=True, help_text="Our last reading without it.")
    first_seen_at = serializers.DateTimeField(allow_null=True, help_text="Our first reading with it.")
    claimed_started_at = serializers.DateTimeField(allow_null=True, help_text="Their claim; never the lead.")
    lead_s = serializers.FloatField(allow_null=True, help_text=_LEAD_HELP)
    error_s = serializers.FloatField(allow_null=True, help_text="How far it may be wrong, either way.")
    title = serializers.CharField(help_text='Theirs; "" = none.')
    url = serializers.CharField()
    proof_sha256 = serializers.CharField(allow_null=True, help_text="Of the page's answer that we keep.")
    matched_at = serializers.DateTimeField()
    method_version = serializers.CharField()


class DetectionLeadAnswer(serializers.Serializer):
    month = serializers.CharField()
    method_version = serializers.CharField()
    generated_at = serializers.DateTimeField()
    figures = LeadFiguresAnswer(many=True)
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LeadAnswer(many=True)


class DetectionLeadView(APIView):
    """Who told first in a month: figures, and every incident that they rest on, newest first."""

    @extend_schema(
        operation_id="detection_lead",
        parameters=[
            text_parameter("month", "YYYY-MM, UTC; the present month if unsaid."),
            text_parameter("provider", "Only this provider's (slug)."),
            *PAGING,
        ],
        responses={200: DetectionLeadAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        query, now = request.query_params, timezone.now()
        refuse_unknown(query, ("month", "provider", "limit", "offset"))
        month, provider = _month(query, now), provider_asked(query)
        body = {
            "month": f"{month:%Y-%m}",
            "method_version": METHOD,
            "generated_at": moment_text(now),
            "figures": [figures.to_json() for figures in monthly_leads(month, provider)],
            **page(request, leads_in(month, provider), _line_json),
        }
        return json_answer(request, body)


def _line_json(row: DetectionLead) -> dict[str, Any]:
    return lead_line(row).to_json()


def _month(query: QueryDict, now: datetime) -> datetime:
    value = query.get("month")
    if value is None:
        return month_of(now)
    if not (found := _MONTH.fullmatch(value)):
        raise Problem("month", value, "a month as YYYY-MM, for instance 2026-11")
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
