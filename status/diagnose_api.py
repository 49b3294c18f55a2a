"""The REST API of "Is it me or them?": a report in, an answer with its evidence out. Nothing is stored."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, refuse_unknown
from aigo.lib.openapi import WordsAnswer, text_parameter
from aigo.lib.problems import Problem
from aigo.lib.regions import BY_SLUG
from aigo.lib.throttles import DiagnoseThrottle
from catalog.selectors import near_slugs
from status.diagnosing import diagnose, diagnosis_json
from status.diagnosis.asking import FIELDS, asked, sendable
from status.diagnosis.kinds import Kind, Side
from status.diagnosis.reading import MOST_BYTES
from status.diagnosis.sight import Sight
from status.diagnosis.table import RULES, Answer, Confidence
from status.story import NoSuchModel

#: A message as JSON writes it, and the other fields.
MOST_BODY: Final = 3 * MOST_BYTES
#: What may stand in an address: a message may not, for addresses are logged.
IN_ADDRESS: Final = tuple(name for name in FIELDS if name != "message")


class DiagnoseRequest(serializers.Serializer):
    """What somebody got. Only the model is required."""

    model = serializers.CharField(help_text="Slug of a model or an endpoint.")
    status = serializers.IntegerField(
        required=False, help_text="HTTP status; none where there was no answer, or where the message has it."
    )
    message = serializers.CharField(
        required=False,
        help_text=f"Whatever was told: JSON, headers, a traceback. At most {MOST_BYTES} bytes; never stored.",
    )
    region = serializers.ChoiceField(list(BY_SLUG), required=False, help_text="all by default.")
    at = serializers.CharField(
        required=False, help_text="ISO 8601; without an offset in `tz`. Now by default; not in the future."
    )
    tz = serializers.CharField(required=False, help_text="Asia/Seoul, +09:00; UTC by default.")
    error = serializers.ChoiceField(
        [kind.value for kind in Kind],
        required=False,
        help_text="The kind that an earlier answer named, in place of a message.",
    )


class StatementAnswer(serializers.Serializer):
    code = serializers.CharField(help_text="error:<kind>, sign:<sign>, rule:<id>, or a piece of advice.")
    text = WordsAnswer()


class DiagnosedErrorAnswer(serializers.Serializer):
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    points_to = serializers.ChoiceField(
        [side.value for side in Side], help_text="Whom the error, taken by itself, points to."
    )
    status = serializers.IntegerField(allow_null=True)
    outcome = serializers.CharField(allow_null=True, help_text="As our own attempts are judged.")
    row = serializers.CharField(allow_null=True, help_text="The row of docs/blame.md that decided.")
    codes = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField(allow_null=True, help_text="The provider's words, scrubbed and short.")
    retry_after_s = serializers.FloatField(allow_null=True)


class DiagnosisWindowAnswer(serializers.Serializer):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    complete = serializers.BooleanField(help_text="false: it goes on, ask again for more.")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field's own attribute of that name
        ["attempts", "hours"],
        allow_null=True,
        help_text="hours: by the minute, attempts of that time are no longer kept; null: nothing is.",
    )
    tier = serializers.CharField(allow_null=True, help_text="B, or A where it is asked in no B.")


class SeenAnswer(serializers.Serializer):
    """Our attempts from one region in the window."""

    region = serializers.CharField(help_text="all = pooled.")
    sight = serializers.ChoiceField([sight.value for sight in Sight])
    attempts = serializers.IntegerField(help_text="Those that enter availability.")
    failed = serializers.IntegerField(help_text="Of them, charged to the provider.")
    most_failed_of_five = serializers.IntegerField(help_text="Among five consecutive ones of a region.")
    failures = serializers.DictField(child=serializers.IntegerField())
    uncounted = serializers.DictField(child=serializers.IntegerField())
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True, help_text="null below 20 right answers.")
    provenance = serializers.DictField()


class SeenOtherAnswer(SeenAnswer):
    slug = serializers.CharField()
    name = serializers.CharField()


class DiagnosisWaysAnswer(serializers.Serializer):
    regions = serializers.ListField(child=serializers.CharField())
    endpoints = serializers.ListField(child=serializers.CharField())


class DiagnosisOfficialAnswer(serializers.Serializer):
    then = serializers.ListField(child=serializers.DictField(), help_text="What it told of the window.")
    now = serializers.DictField(allow_null=True, help_text="What it says now; null: none is read.")


class DiagnosisAnswer(serializers.Serializer):
    """Them, you or unclear, and everything that rests on."""

    answer = serializers.ChoiceField([answer.value for answer in Answer])
    confidence = serializers.ChoiceField(
        [one.value for one in Confidence if one],
        allow_null=True,
        help_text="confirmed: the error and our measurement agree; likely: one of both says so.",
    )
    rule = serializers.ChoiceField([rule.id for rule in RULES], help_text="docs/is-it-me.md")
    headline = WordsAnswer()
    reasons = StatementAnswer(many=True)
    advice = StatementAnswer(many=True, help_text="What to do next, the first first.")
    error = DiagnosedErrorAnswer()
    model = serializers.CharField()
    endpoint = serializers.CharField(allow_null=True, help_text="null: nobody serves the model.")
    provider = serializers.CharField(allow_null=True)
    simulated = serializers.BooleanField()
    region = serializers.CharField()
    at = serializers.DateTimeField()
    window = DiagnosisWindowAnswer()
    measured = serializers.BooleanField()
    unmeasured_reason = serializers.CharField(allow_null=True)
    whole = SeenAnswer()
    regions = SeenAnswer(many=True)
    provider_endpoints = SeenOtherAnswer(many=True, help_text="Others of the provider in the same window.")
    incidents = serializers.ListField(child=serializers.DictField())
    official = DiagnosisOfficialAnswer()
    rate_limits = serializers.ListField(child=serializers.DictField())
    works_now = DiagnosisWaysAnswer()
    address = serializers.CharField(help_text="Of this answer on this site, without the message.")
    generated_at = serializers.DateTimeField()
    method_version = serializers.CharField()


class DiagnoseView(APIView):
    """Is it me or them? An error that you got, judged by what we measured at that time."""

    throttle_classes = (DiagnoseThrottle,)

    @extend_schema(
        operation_id="diagnose",
        parameters=[
            text_parameter("model", "Slug of a model or an endpoint; required."),
            text_parameter("status", "HTTP status."),
            text_parameter("error", "The kind that an earlier answer named.", [kind.value for kind in Kind]),
            text_parameter("region", "Where the request came from; all by default.", list(BY_SLUG)),
            text_parameter("at", "ISO 8601; now by default."),
            text_parameter("tz", "Of a moment without an offset; UTC by default."),
        ],
        responses={200: DiagnosisAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        """By status and time; send a message with POST."""
        refuse_unknown(request.query_params, IN_ADDRESS)
        return json_answer(request, _answer(request.query_params.dict()))

    @extend_schema(operation_id="diagnose_message", request=DiagnoseRequest, responses={200: DiagnosisAnswer})
    def post(self, request: Request) -> HttpResponse:
        """With the message that you got. It is read, answered and forgotten."""
        answer = HttpResponse(
            json.dumps(_answer(_sent(request)), ensure_ascii=False), content_type="application/json"
        )
        answer["Cache-Control"] = "no-store"
        return answer


def _sent(request: Request) -> dict[str, str]:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BODY:
        raise Problem("body", f"{length} bytes", f"at most {MOST_BODY} bytes", status_code=413)
    try:
        data = request.data
    except RecursionError:
        raise Problem("body", "too deep", "one JSON object of texts") from None
    if not isinstance(data, dict):
        raise Problem("body", type(data).__name__, "one JSON object")
    for name, value in data.items():
        if name not in FIELDS:
            raise Problem(sendable(str(name)[:80]), None, FIELDS, title="Unknown field")
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            raise Problem(name, type(value).__name__, "a text, or a number for the status")
    return {name: "" if value is None else str(value) for name, value in data.items()}


def _answer(values: Mapping[str, str]) -> dict[str, Any]:
    now = timezone.now()
    wish = asked(values, regions=BY_SLUG, now=now)
    for refusal in wish.refusals:
        told = None if refusal.name == "message" else refusal.value
        raise Problem(refusal.name, told, refusal.accepted)
    if wish.report is None:
        raise Problem("model", "", "the slug of a model or endpoint, as /api/v1/models names them")
    try:
        return diagnosis_json(diagnose(wish.report, now=now))
    except NoSuchModel:
        near = [slug for slug, _name in near_slugs(wish.report.model)]
        accepted = near or "the slug of a model or endpoint, as /api/v1/models names them"
        raise Problem("model", wish.report.model, accepted, title="No such model") from None
