"""The REST API of suites: what is measured, and one with its ranking and progress."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, page, refuse_unknown, told
from aigo.lib.openapi import PAGING, ListedAnswer, ToldAnswer, WordsAnswer
from benchmarks.kept import kept_cards, kept_suite
from benchmarks.looking import Record, SuiteCard
from benchmarks.matrix import Row
from benchmarks.models import Suite, Unit
from benchmarks.normalising import three_places


class SuiteScaleAnswer(serializers.Serializer):
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)


class SuiteSourceAnswer(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.CharField()


class SuiteAnswer(serializers.Serializer):
    """One benchmark in one form. null = not seen in a source."""

    slug = serializers.CharField()
    name = serializers.CharField()
    full_name = serializers.CharField()
    topic = serializers.ChoiceField(Suite.Topic.values)
    year = serializers.IntegerField(allow_null=True)
    task_type = WordsAnswer(allow_null=True)
    metric = WordsAnswer(allow_null=True)
    unit = serializers.ChoiceField(Unit.values)
    scale = SuiteScaleAnswer()
    higher_is_better = serializers.BooleanField()
    items = WordsAnswer(allow_null=True)
    random_baseline = serializers.FloatField(allow_null=True, help_text="What guessing scores.")
    random_basis = serializers.CharField(allow_null=True, help_text="How that is known.")
    human_baseline = WordsAnswer(allow_null=True)
    lifecycle = serializers.ChoiceField(Suite.Lifecycle.values)
    summary = WordsAnswer()
    detail = WordsAnswer()
    caveats = WordsAnswer(allow_null=True)
    licence = serializers.CharField(allow_null=True)
    paper_url = serializers.CharField(allow_null=True)
    sources = SuiteSourceAnswer(many=True)


class ColumnAnswer(SuiteAnswer):
    reference_setting = serializers.CharField(allow_null=True, help_text="What values are compared in.")
    models = serializers.IntegerField(help_text="Rows that have a value.")
    zero = serializers.FloatField(allow_null=True, help_text="The value that is normalised to 0.")
    zero_is = serializers.ChoiceField(["random", "scale", "shown"], allow_null=True)
    top = serializers.FloatField(allow_null=True, help_text="The value that is normalised to 100.")
    best_score = serializers.IntegerField(allow_null=True, help_text="The score that holds the best value.")


class CardAnswer(SuiteAnswer):
    scores = serializers.IntegerField(help_text="Published scores.")
    models = serializers.IntegerField()
    low = serializers.FloatField(allow_null=True, help_text="Of the scores that cells show.")
    high = serializers.FloatField(allow_null=True)
    top_model = serializers.CharField(allow_null=True)
    top_score = serializers.IntegerField(allow_null=True)


class SuiteListAnswer(ListedAnswer):
    results = CardAnswer(many=True)


class RankedAnswer(serializers.Serializer):
    rank = serializers.IntegerField()
    not_separable = serializers.BooleanField(help_text="Its interval overlaps that of the rank before it.")
    model = serializers.CharField()
    score = serializers.IntegerField()
    value = serializers.FloatField()
    normalised = serializers.FloatField(allow_null=True)
    setting_fit = serializers.CharField()
    evidence = serializers.CharField()


class RecordAnswer(serializers.Serializer):
    released_on = serializers.DateField()
    model = serializers.CharField()
    score = serializers.IntegerField()
    value = serializers.FloatField()
    record = serializers.BooleanField(help_text="Better than every model released before.")


class SuiteDetailAnswer(ToldAnswer, ColumnAnswer):
    scores = serializers.IntegerField()
    ranking = RankedAnswer(many=True)
    progress = RecordAnswer(many=True, help_text="By release date, as the catalogue has it.")
    undated = serializers.IntegerField(help_text="Models left out of progress: no release date is known.")
    doubtful = serializers.IntegerField(
        help_text="Models left out of progress: a source measured them before the date that is stated."
    )


class SuiteListView(APIView):
    """Every suite, in their order; those without a score last."""

    @extend_schema(operation_id="benchmark_suites", parameters=PAGING, responses={200: SuiteListAnswer})
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request.query_params, ("limit", "offset"))
        kept = kept_cards(now=timezone.now())
        return json_answer(request, told(kept) | page(request, kept.value, _card_json))


class SuiteDetailView(APIView):
    """One suite: its facts, the ranking of all models that have a score, and progress over release dates."""

    @extend_schema(operation_id="benchmark_suite", responses={200: SuiteDetailAnswer})
    def get(self, request: Request, slug: str) -> HttpResponse:
        refuse_unknown(request.query_params, ())
        kept = kept_suite(slug, now=timezone.now())
        view = kept.value
        records = {record.model.slug for record in view.progress.records}
        body = {
            **view.column.to_json(),
            **told(kept),
            "scores": view.scores,
            "ranking": [_ranked_json(row) for row in view.rows],
            "progress": [_record_json(point, records) for point in view.progress.points],
            "undated": view.progress.undated,
            "doubtful": view.progress.doubtful,
        }
        return json_answer(request, body)


def _card_json(card: SuiteCard) -> dict[str, Any]:
    return card.suite.to_json() | {
        "scores": card.scores,
        "models": card.models,
        "low": card.low,
        "high": card.high,
        "top_model": card.top_model.slug if card.top_model else None,
        "top_score": card.top.pk if card.top else None,
    }


def _ranked_json(row: Row) -> dict[str, Any]:
    (cell,) = row.cells
    assert cell is not None  # noqa: S101  (a suite's ranking holds those that have a score)
    return {
        "rank": row.rank,
        "not_separable": row.unsure,
        "model": row.model.slug,
        "score": cell.score_id,
        "value": cell.value,
        "normalised": three_places(cell.normalised),
        "setting_fit": cell.fit,
        "evidence": cell.evidence,
    }


def _record_json(point: Record, records: set[str]) -> dict[str, Any]:
    return {
        "released_on": point.released_on.isoformat(),
        "model": point.model.slug,
        "score": point.score.pk,
        "value": point.score.value,
        "record": point.model.slug in records,
    }
