"""The REST API of one model: its story as `status.story` tells it."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, refuse_unknown
from aigo.lib.moments import moment_text
from aigo.lib.openapi import AGE, AWAY
from catalog.api import EndpointDetailAnswer, ModelDetailAnswer, model_json
from status.api import RowAnswer
from status.kept import kept_story
from status.models import StatusChange
from status.rules import State
from status.snapshot import Standing, row_of
from status.story import Story

#: What a state tells of a board's row; the rest is the model's own, or of the ranking.
STATE_FIELDS = (
    "region", "state", "reason", "since", "availability_pct", "p50_ms", "p95_ms", "ttft_p50_ms",
    "error_rate_pct", "samples", "window_s", "last_sample_at", "tier", "method_version", "measured",
)  # fmt: skip

StateAnswer = type(
    "StateAnswer",
    (serializers.Serializer,),
    {name: RowAnswer._declared_fields[name] for name in STATE_FIELDS}
    | {"__doc__": "An endpoint in a region, as its row on the board. null = unknown."},
)


class ChangeAnswer(serializers.Serializer):
    endpoint = serializers.CharField()
    region = serializers.CharField()
    from_state = serializers.ChoiceField([state.value for state in State])
    to_state = serializers.ChoiceField([state.value for state in State])
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class StoryEndpointAnswer(EndpointDetailAnswer):
    listed_at = serializers.DateTimeField(
        allow_null=True, help_text="When the provider's own list was last read; null = never."
    )
    states = StateAnswer(many=True, help_text="All regions together first; empty where it is not watched.")


class StoryAnswer(ModelDetailAnswer):
    endpoints = StoryEndpointAnswer(many=True)
    changes = ChangeAnswer(many=True, help_text="The newest changes of state, newest first.")
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY


class ModelDetailView(APIView):
    """One model by its slug, or by the slug of one of its endpoints."""

    @extend_schema(operation_id="model", responses={200: StoryAnswer})
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_story(slug, now=timezone.now())
        body = story_json(kept.value, slug) | {
            "generated_at": kept.at.isoformat(),
            "age_s": kept.age_s,
            "away": kept.away or None,
        }
        return json_answer(request, body)


def story_json(story: Story, slug: str) -> dict[str, Any]:
    facts = story.past.facts
    body = model_json(facts.model, facts.endpoints)
    for endpoint, answer in zip(facts.endpoints, body["endpoints"], strict=True):
        listed_at = story.past.listed_at.get(endpoint.endpoint.provider_id)
        answer["listed_at"] = listed_at and listed_at.isoformat()
        answer["states"] = [
            _state_json(region, standing) for region, standing in story.states[answer["slug"]].items()
        ]
    body["endpoint"] = facts.chosen.slug if facts.chosen else None
    body["changes"] = [_change_json(change) for change in story.past.changes]
    return body


def _state_json(region: str, standing: Standing) -> dict[str, Any]:
    row = row_of(standing, region, None).to_json()
    return {name: row[name] for name in STATE_FIELDS}


def _change_json(change: StatusChange) -> dict[str, Any]:
    return {
        "endpoint": change.endpoint.slug,
        "region": change.region,
        "from_state": change.from_state,
        "to_state": change.to_state,
        "reason": change.reason,
        "at": moment_text(change.at),
    }
