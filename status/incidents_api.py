"""The REST API of incidents: found by provider, severity, region, function, state and model; one with all."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, part, part_asked, refuse_unknown
from aigo.lib.openapi import AGE, AWAY, PAGING, WordsAnswer, text_parameter
from aigo.lib.regions import MEASURED_SLUGS
from catalog.tagging import FUNCTIONS
from status.api import wish_asked
from status.chronicle import STATES, Wish
from status.incidents import SEVERITIES, STAGES
from status.kept import kept_incident, kept_stories
from status.models import Incident, IncidentUpdate

FILTERS = tuple(Wish.__dataclass_fields__)


class IncidentAnswer(serializers.Serializer):
    """Trouble as we measured it, with what people decided about it. Times are UTC; null = not yet."""

    id = serializers.IntegerField()
    title = WordsAnswer()
    provider = serializers.CharField(help_text="The provider's slug.")
    provider_name = serializers.CharField()
    kind = serializers.ChoiceField(Incident.Kind.values)
    scope = serializers.ChoiceField(Incident.Scope.values, help_text="global: at least half of the regions.")
    severity = serializers.ChoiceField(SEVERITIES, help_text="As told: decided by a person, else measured.")
    severity_measured = serializers.ChoiceField(SEVERITIES)
    state = serializers.ChoiceField(Incident.State.values)
    stage = serializers.ChoiceField([*STAGES, "postmortem"], help_text="Where it is, as status pages say it.")
    cause = serializers.CharField(help_text="Why it was opened, one word for machines (docs/verdicts.md).")
    started_at = serializers.DateTimeField(help_text="When the trouble began.")
    detected_at = serializers.DateTimeField(help_text="When it was confirmed enough to open.")
    announced_at = serializers.DateTimeField(allow_null=True, help_text="When it was first told.")
    ended_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(help_text="Of the newest step or update.")
    regions = serializers.ListField(child=serializers.CharField())
    endpoints = serializers.ListField(child=serializers.CharField(), help_text="Slugs, held now or before.")
    postmortem_published = serializers.BooleanField()
    absorbed_by = serializers.IntegerField(
        allow_null=True, help_text="The provider-wide incident that took it in; such are not listed."
    )
    simulated = serializers.BooleanField()
    method_version = serializers.CharField()


class IncidentListAnswer(serializers.Serializer):
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = IncidentAnswer(many=True, help_text="The newest first.")


class AffectedAnswer(serializers.Serializer):
    slug = serializers.CharField()
    model = serializers.CharField()
    name = serializers.CharField()
    worst = serializers.CharField(help_text="The gravest state meanwhile.")
    regions = serializers.ListField(child=serializers.CharField(), help_text="As they were last noted.")
    joined_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)


class UpdateAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    status = serializers.ChoiceField(IncidentUpdate.Status.values)
    body = WordsAnswer()
    corrects = serializers.IntegerField(allow_null=True)
    corrected_by = serializers.IntegerField(allow_null=True)


class EntryAnswer(serializers.Serializer):
    at = serializers.DateTimeField()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field's own attribute of that name
        ["measured", "people", "official"], help_text="official: the provider's own status page."
    )
    kind = serializers.CharField(help_text="The step's kind, or the update's status.")
    text = WordsAnswer()
    severity = serializers.CharField(allow_null=True, help_text="After the step.")
    update = UpdateAnswer(  # type: ignore[assignment]  # as above
        allow_null=True, help_text="What a person told."
    )


class IncidentStoryAnswer(IncidentAnswer):
    generated_at = serializers.DateTimeField()
    age_s = AGE
    away = AWAY
    affected = AffectedAnswer(many=True)
    timeline = EntryAnswer(many=True, help_text="Oldest first.")
    postmortem = WordsAnswer(allow_null=True)
    postmortem_at = serializers.DateTimeField(allow_null=True)
    leads = serializers.ListField(
        child=serializers.DictField(), help_text="What the official page said; as in /api/v1/detection-lead."
    )
    notices_sent = serializers.IntegerField(help_text="Notices that were delivered to channels and readers.")


class IncidentListView(APIView):
    """Incidents, open or over, the newest first."""

    @extend_schema(
        operation_id="incidents",
        parameters=[
            text_parameter("provider", "Only this provider's (slug)."),
            text_parameter("severity", "This severity or a graver one.", list(SEVERITIES)),
            text_parameter("region", "Only those seen from this region.", list(MEASURED_SLUGS)),
            text_parameter("function", "Only those of models with this function tag.", list(FUNCTIONS)),
            text_parameter("state", "open: not over, those that come and go among them.", list(STATES)),
            text_parameter("model", "Only those of this endpoint or model (slug)."),
            *PAGING,
        ],
        responses={200: IncidentListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, (*FILTERS, "limit", "offset"))
        wish, (limit, offset) = wish_asked(request.query_params), part_asked(request)
        kept = kept_stories(wish, offset=offset, limit=limit, now=timezone.now())
        stories = [story.to_json() for story in kept.value.stories]
        known = {"generated_at": kept.at.isoformat(), "age_s": kept.age_s, "away": kept.away or None}
        return json_answer(request, known | part(request, kept.value.count, stories))


class IncidentView(APIView):
    """One incident: whom it holds, everything that was told of it, and its post-mortem."""

    @extend_schema(operation_id="incident", responses={200: IncidentStoryAnswer})
    def get(self, request: Request, pk: int) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_incident(pk, now=timezone.now())
        if kept.value is None:
            raise Http404(f"There is no incident {pk}. See /api/v1/incidents.")
        known = {"generated_at": kept.at.isoformat(), "age_s": kept.age_s, "away": kept.away or None}
        return json_answer(request, known | kept.value.told_whole())
