"""The REST API's sheets of scores: as CSV, and as Every Eval Ever records."""

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import PUBLIC_CACHE, one_of, packed, tag_of
from aigo.lib.openapi import text_parameter
from aigo.lib.sheets import csv_answer
from benchmarks.api.asking import WISH_PARAMETERS, asked_wish
from benchmarks.exports import LAYOUTS, scores_of, sheet_rows
from benchmarks.interchange import records_text
from benchmarks.kept import kept_matrix, kept_store
from benchmarks.matrix import Matrix
from benchmarks.store import Store

LAYOUT = text_parameter("layout", "A row per score (by default), or the matrix as it stands.", LAYOUTS)


class ScoreSheetView(APIView):
    """Published scores as a table: UTF-8 with a byte order mark, source, version and setting in every row."""

    @extend_schema(
        operation_id="benchmarks_csv",
        parameters=[*WISH_PARAMETERS, LAYOUT],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        store, matrix = _asked(request, "layout")
        layout = one_of(request.query_params, "layout", LAYOUTS, LAYOUTS[0])
        rows = sheet_rows(store, matrix, layout, site=settings.SITE_URL)
        return csv_answer(request, f"benchmarks-{layout}-{matrix.generated_at:%Y-%m-%d}", rows)


class RecordsView(APIView):
    """The same scores as a list of Every Eval Ever records, schema 0.3.0 (evaleval/every_eval_ever)."""

    @extend_schema(
        operation_id="benchmarks_every_eval_ever",
        parameters=WISH_PARAMETERS,
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponse:
        store, matrix = _asked(request)
        scores = [score for _row, _cell, score in scores_of(store, matrix)]
        body = records_text(store, scores, site=settings.SITE_URL)
        response = HttpResponse(body, content_type="application/json")
        response["ETag"] = quote_etag(tag_of(body))
        response["Cache-Control"] = PUBLIC_CACHE
        answer = get_conditional_response(request._request, etag=response["ETag"], response=response)
        return packed(request._request, answer or response)


def _asked(request: Request, *also: str) -> tuple[Store, Matrix]:
    """What the address asks for. `also`: other parameters it may have. Raises Problem, Unavailable."""
    now = timezone.now()
    wish = asked_wish(request, also=also, now=now)
    return kept_store(wish.as_of, now=now).value, kept_matrix(wish, now=now).value
