"""The REST API of scores: every published figure with its citation."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, page, refuse_unknown, told
from aigo.lib.openapi import PAGING, ListedAnswer, ToldAnswer
from benchmarks.api.asking import WISH_PARAMETERS, ScoredModelAnswer, asked_wish
from benchmarks.api.drafts import DRAFTING, Drafting, draft_asked
from benchmarks.exports import scores_of
from benchmarks.facts import ScoreFacts
from benchmarks.filtering import EVERY_SUITE
from benchmarks.kept import kept_cell, kept_matrix, kept_score, kept_store

#: Parameters of a wish that choose scores; the others order or normalise.
CHOOSING = ("suites", "models", "creators", "families", "evidence", "q", "open", "as_of")


class CitedAnswer(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.CharField()
    version = serializers.CharField(allow_null=True)
    licence = serializers.CharField(allow_null=True)
    licence_class = serializers.CharField()
    feed = serializers.CharField(help_text="The file it was imported from.")


class ScoreAnswer(serializers.Serializer):
    """A published figure as its source states it. null = not stated."""

    id = serializers.IntegerField()
    suite = serializers.CharField()
    model = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment]  # a field's own attribute of that name
        help_text="What the source calls the model."
    )
    maker = serializers.CharField(allow_null=True)
    raw = serializers.CharField()
    value = serializers.FloatField()
    uncertainty = serializers.FloatField(allow_null=True)
    setting = serializers.DictField(child=serializers.CharField())
    setting_key = serializers.CharField()
    setting_text = serializers.CharField(allow_null=True)
    evidence = serializers.CharField()
    evidence_note = serializers.CharField(allow_null=True)
    source = CitedAnswer()  # type: ignore[assignment]  # a field's own attribute of that name
    evaluated_on = serializers.CharField(allow_null=True, help_text="As precise as the source.")
    note = serializers.CharField(allow_null=True)
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    supersedes = serializers.IntegerField(allow_null=True)
    provenance = serializers.DictField()


class ScoreDetailAnswer(ToldAnswer, ScoreAnswer):
    shown = serializers.BooleanField(help_text="false: withdrawn.")
    superseded_by = serializers.IntegerField(allow_null=True)


class ScoreListAnswer(ListedAnswer):
    results = ScoreAnswer(many=True)


class CellScoreAnswer(ScoreAnswer):
    normalised = serializers.FloatField(allow_null=True)
    setting_fit = serializers.CharField()
    conflicting = serializers.BooleanField(help_text="Another one of the same setting contradicts it.")
    shown = serializers.BooleanField(help_text="The one that the matrix shows.")


class CellScoresAnswer(ToldAnswer):
    suite = serializers.CharField()
    model = ScoredModelAnswer()
    reference_setting = serializers.CharField(allow_null=True)
    conflict = serializers.BooleanField()
    tolerance = serializers.FloatField(help_text="How far apart two of one setting may lie.")
    scores = CellScoreAnswer(many=True, help_text="The one that the matrix shows first.")


class ScoreListView(APIView):
    """Every published score that the filters leave, by suite and model, the most comparable first."""

    @extend_schema(
        operation_id="benchmark_scores",
        parameters=[*(found for found in WISH_PARAMETERS if found.name in CHOOSING), *PAGING],
        responses={200: ScoreListAnswer},
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        refuse_unknown(request.query_params, (*CHOOSING, "limit", "offset"))
        wish = asked_wish(request, also=("limit", "offset"), now=now)
        every = wish if wish.suites else wish.only("suites", EVERY_SUITE)
        kept, store = kept_matrix(every, now=now), kept_store(every.as_of, now=now)
        found = [score for _row, _cell, score in scores_of(store.value, kept.value)]
        return json_answer(request, told(kept) | page(request, found, ScoreFacts.to_json))

    @DRAFTING
    def post(self, request: Request) -> HttpResponse:
        """Send one figure: it becomes a draft, which people review and publish."""
        return draft_asked(request)

    def get_authenticators(self) -> list[Any]:
        return self._of_writing("authentication_classes") or super().get_authenticators()

    def get_permissions(self) -> list[Any]:
        return self._of_writing("permission_classes") or [*super().get_permissions()]

    def get_throttles(self) -> list[Any]:
        return self._of_writing("throttle_classes") or super().get_throttles()

    def _of_writing(self, name: str) -> list[Any]:
        """Reading needs no key, and answers to readers can be shared."""
        writes = getattr(self.request, "method", "") == "POST"
        return [one() for one in getattr(Drafting, name)] if writes else []


class ScoreDetailView(APIView):
    """One figure that readers see or have seen, with what it corrected and what corrects it."""

    @extend_schema(operation_id="benchmark_score", responses={200: ScoreDetailAnswer})
    def get(self, request: Request, pk: int) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_score(pk, now=timezone.now())
        return json_answer(request, kept.value.to_json() | told(kept))


class CellScoresView(APIView):
    """All published figures of one model in one suite, side by side."""

    @extend_schema(operation_id="benchmark_cell", responses={200: CellScoresAnswer})
    def get(self, request: Request, suite: str, model: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_cell(suite, model, now=timezone.now())
        return json_answer(request, kept.value.to_json() | told(kept))
