"""The REST API of the matrix."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer, page, told
from aigo.lib.openapi import PAGING, ListedAnswer
from benchmarks.api.asking import WISH_PARAMETERS, ScoreCountsAnswer, ScoredModelAnswer, asked_wish
from benchmarks.api.suites import ColumnAnswer
from benchmarks.kept import kept_matrix
from benchmarks.matrix import Matrix, Row
from benchmarks.normalising import three_places


class CompositeAnswer(serializers.Serializer):
    """value null: the model has too few of the composite's suites, see coverage (0 to 1, of the weights)."""

    value = serializers.FloatField(allow_null=True)
    coverage = serializers.FloatField()
    used = serializers.IntegerField(help_text="Suites of the composite that the model has a value in.")
    of = serializers.IntegerField()
    other_settings = serializers.IntegerField(help_text="Of these, in another setting than the reference.")


class MatrixCellAnswer(serializers.Serializer):
    """The most comparable published score of a model in a suite; /api/v1/benchmarks/scores has all."""

    score = serializers.IntegerField(help_text="Its id, see /api/v1/benchmarks/scores/{id}.")
    value = serializers.FloatField(help_text="In the suite's unit.")
    raw = serializers.CharField(help_text="As the source writes it.")
    normalised = serializers.FloatField(
        allow_null=True, help_text="By the policy; below 0: worse than guessing."
    )
    setting = serializers.DictField(child=serializers.CharField(), help_text="What was read of setting_text.")
    setting_key = serializers.CharField()
    setting_text = serializers.CharField(allow_null=True, help_text="As the source states it.")
    setting_fit = serializers.ChoiceField(
        ["same", "finer", "other", "unstated"], help_text="Beside the suite's reference setting."
    )
    same_setting = serializers.BooleanField(help_text="same or finer.")
    evidence = serializers.CharField()
    uncertainty = serializers.FloatField(allow_null=True, help_text="Half of the 95 % interval.")
    conflict = serializers.BooleanField(help_text="Values of one setting contradict each other.")
    others = serializers.IntegerField(help_text="How many further values there are.")
    evaluated_on = serializers.CharField(allow_null=True, help_text="As precise as the source.")
    provenance = serializers.DictField()


class MatrixRowAnswer(serializers.Serializer):
    model = ScoredModelAnswer()
    rank = serializers.IntegerField(allow_null=True, help_text="Equals share one.")
    not_separable = serializers.BooleanField(help_text="Its interval overlaps that of the rank before it.")
    composite = CompositeAnswer(allow_null=True)
    covered = serializers.IntegerField(help_text="Suites of the answer that it has a value in.")
    cells = serializers.DictField(child=MatrixCellAnswer(allow_null=True), help_text="By suite; null: none.")
    gaps = serializers.DictField(
        child=serializers.CharField(), help_text="Why a cell is null: none or filtered."
    )


class NormalisationAnswer(serializers.Serializer):
    norm = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's own attribute of that name
    note = serializers.CharField()
    composite = serializers.DictField(allow_null=True)


class MatrixAnswer(ListedAnswer):
    as_of = serializers.DateField(allow_null=True)
    policy = NormalisationAnswer()
    counts = ScoreCountsAnswer(help_text="Of all that readers see.")
    found = ScoreCountsAnswer(help_text="Of what the filters leave.")
    suites = ColumnAnswer(many=True)
    results = MatrixRowAnswer(many=True)


class MatrixView(APIView):
    """Models × suites: one published, cited score each, normalised by a named policy."""

    @extend_schema(
        operation_id="benchmarks", parameters=[*WISH_PARAMETERS, *PAGING], responses={200: MatrixAnswer}
    )
    def get(self, request: Request) -> HttpResponse:
        now = timezone.now()
        wish = asked_wish(request, also=("limit", "offset"), now=now)
        kept = kept_matrix(wish, now=now)
        matrix = kept.value
        body = {
            **told(kept),
            "as_of": wish.as_of or None,
            "policy": matrix.policy.to_json(),
            "counts": matrix.counts.to_json(),
            "found": matrix.found.to_json(),
            "suites": [column.to_json() for column in matrix.suites],
            **page(request, matrix.rows, lambda row: row_json(matrix, row)),
        }
        return json_answer(request, body)


def row_json(matrix: Matrix, row: Row) -> dict[str, Any]:
    """A row of the matrix; its cells by their suites' slugs."""
    slugs = [column.suite.slug for column in matrix.suites]
    composite = row.composite
    return {
        "model": row.model.to_json(),
        "rank": row.rank,
        "not_separable": row.unsure,
        "composite": composite
        and {
            "value": three_places(composite.value),
            "coverage": round(composite.coverage, 4),
            "used": composite.used,
            "of": composite.of,
            "other_settings": composite.elsewhere,
        },
        "covered": row.covered,
        "cells": {
            slug: cell.to_json() if cell else None for slug, cell in zip(slugs, row.cells, strict=True)
        },
        "gaps": {slug: gap for slug, gap in zip(slugs, row.gaps, strict=True) if gap},
    }
