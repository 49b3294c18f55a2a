"""Writing by API key: drafts of scores, which people review and publish."""

import json
from typing import Any, Final

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from aigo.lib.problems import Problem
from benchmarks.choosing import EVIDENCE
from benchmarks.refusals import said
from benchmarks.services.drafting import OPTIONAL, REQUIRED, Drafted, Unreadable, draft_score
from editorial import services as editorial
from editorial.api import KeyAuthentication, KeyThrottle, ScoresScope

#: One figure with its citation is a few hundred bytes.
MOST_BYTES: Final = 32_768
FIELDS: Final = (*REQUIRED, *OPTIONAL)


class DraftRequest(serializers.Serializer):
    """One figure as its source states it."""

    suite = serializers.CharField(help_text="Slug or name.")
    label = serializers.CharField(help_text="What the source calls the model.")  # type: ignore[assignment]
    raw = serializers.CharField(help_text='As the source writes it: "86.4", "2/30".')
    evidence = serializers.ChoiceField(EVIDENCE)
    source_name = serializers.CharField()
    source_url = serializers.CharField(help_text="Best pinned to a version and a line.")
    unit = serializers.CharField(required=False, help_text="fraction, solved_of_30, …; unsaid: the suite's.")
    maker = serializers.CharField(required=False)
    uncertainty = serializers.CharField(
        required=False, help_text="Half of the 95 % interval, in the unit of raw."
    )
    setting = serializers.CharField(required=False, help_text="As the source states it.")
    evidence_note = serializers.CharField(required=False)
    source_version = serializers.CharField(required=False)
    licence = serializers.CharField(required=False)
    evaluated_on = serializers.CharField(required=False, help_text="2025, 2025-04 or 2025-04-30.")
    note = serializers.CharField(required=False)


class DraftAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.CharField(help_text="draft; people review and publish it.")
    suite = serializers.CharField()
    model = serializers.CharField(allow_null=True, help_text="null: no accepted name says which it is.")
    value = serializers.FloatField(help_text="In the suite's unit.")
    setting = serializers.DictField(child=serializers.CharField())
    setting_key = serializers.CharField()
    made = serializers.BooleanField(help_text="false: the figure is here already as it was sent.")


DRAFTING = extend_schema(
    operation_id="benchmark_score_draft",
    request=DraftRequest,
    responses={201: DraftAnswer, 200: DraftAnswer},
    auth=[{"apiKey": []}],  # type: ignore[list-item]  # as OpenAPI has it; the stub knows names only
)


class Drafting:
    """What a view needs to take drafts: a key with the scope `scores:write`."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (ScoresScope,)
    throttle_classes = (KeyThrottle,)


def draft_asked(request: Request) -> HttpResponse:
    """201 with the draft; 200 where the figure is here already; a Problem that names the field."""
    data, now = _sent(request), timezone.now()
    assert isinstance(request.user, User)  # noqa: S101  (the permission has asked)
    try:
        drafted = draft_score(data, by=request.user, now=now)
    except Unreadable as refusal:
        fault = refusal.fault
        field = "raw" if fault.column == "score" else fault.column
        raise Problem(field, data.get(field), said(fault.to_json()), title="Field not accepted") from None
    except editorial.MissingRight as refusal:
        raise exceptions.PermissionDenied(str(refusal)) from None
    answer = HttpResponse(json.dumps(_told(drafted)), content_type="application/json")
    answer.status_code = 201 if drafted.made else 200
    answer["Cache-Control"] = "no-store"
    return answer


def _sent(request: Request) -> dict[str, Any]:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise Problem("body", f"{length} bytes", f"at most {MOST_BYTES} bytes", status_code=413)
    data = request.data
    if not isinstance(data, dict):
        raise Problem("body", type(data).__name__, "one JSON object with the fields of a figure")
    for name in data:
        if name not in FIELDS:
            raise Problem(name, data[name], FIELDS, title="Unknown field")
    return data


def _told(drafted: Drafted) -> dict[str, Any]:
    score = drafted.score
    return {
        "id": score.pk,
        "state": score.state,
        "suite": score.suite.slug,
        "model": score.model.slug if score.model else None,
        "value": float(score.value),
        "setting": score.setting,
        "setting_key": score.setting_key,
        "made": drafted.made,
    }
