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

from aigo.lib.answers import PUBLIC_CACHE, one_of, packed, refuse_unknown, tag_of
from aigo.lib.openapi import text_parameter
from aigo.lib.problems import Problem
from aigo.lib.sheets import csv_answer
from benchmarks.choosing import EVIDENCE
from benchmarks.exports import LAYOUTS, scores_of, sheet_rows
from benchmarks.filtering import NAMES, NORMS, OPEN, ORDERS
from benchmarks.interchange import records_text
from benchmarks.kept import kept_matrix, kept_store, kept_wish
from benchmarks.matrix import Matrix
from benchmarks.store import Store

_SLUGS = {
    "suites": "slugs or names of suites (/api/v1/benchmarks/suites), joined by commas; all = every one",
    "models": "slugs of models or endpoints (/api/v1/models), joined by commas",
    "creators": "slugs of makers, joined by commas",
    "families": "names of families; may be given several times",
    "q": "up to 100 letters",
    "as_of": "a day as YYYY-MM-DD",
}
#: What every form is asked by.
PARAMETERS = [
    text_parameter("suites", f"Only these: {_SLUGS['suites']}. By default the most covered ones."),
    text_parameter("models", f"Only these: {_SLUGS['models']}."),
    text_parameter("creators", f"Only models of these: {_SLUGS['creators']}."),
    text_parameter("families", f"Only models of these: {_SLUGS['families']}."),
    text_parameter("evidence", "Only figures of these classes, joined by commas.", EVIDENCE),
    text_parameter("q", "Words that all occur in a model's name, slug, family or maker."),
    text_parameter("open", "Only models with open weights, or without.", OPEN),
    text_parameter("norm", f"{NORMS[0]} by default.", NORMS),
    text_parameter("composite", "Slug of a composite, or none."),
    text_parameter("sort", "composite, coverage, name, released, or the slug of a suite."),
    text_parameter("order", f"{ORDERS[0]} by default.", ORDERS),
    text_parameter("as_of", "What readers saw at the end of that day (UTC), YYYY-MM-DD."),
]


class ScoreSheetView(APIView):
    """Published scores as a table: UTF-8 with a byte order mark, source, version and setting in every row."""

    @extend_schema(
        operation_id="benchmarks_csv",
        parameters=[
            *PARAMETERS,
            text_parameter("layout", "A row per score (by default), or the matrix as it stands.", LAYOUTS),
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        store, matrix = matrix_asked(request, "layout")
        layout = one_of(request.query_params, "layout", LAYOUTS, LAYOUTS[0])
        rows = sheet_rows(store, matrix, layout, site=settings.SITE_URL)
        return csv_answer(request, f"benchmarks-{layout}-{matrix.generated_at:%Y-%m-%d}", rows)


class RecordsView(APIView):
    """The same scores as a list of Every Eval Ever records, schema 0.3.0 (evaleval/every_eval_ever)."""

    @extend_schema(
        operation_id="benchmarks_every_eval_ever",
        parameters=PARAMETERS,
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> HttpResponse:
        store, matrix = matrix_asked(request)
        scores = [score for _row, _cell, score in scores_of(store, matrix)]
        body = records_text(store, scores, site=settings.SITE_URL)
        response = HttpResponse(body, content_type="application/json")
        response["ETag"] = quote_etag(tag_of(body))
        response["Cache-Control"] = PUBLIC_CACHE
        answer = get_conditional_response(request._request, etag=response["ETag"], response=response)
        return packed(request._request, answer or response)


def matrix_asked(request: Request, *also: str) -> tuple[Store, Matrix]:
    """What the address asks for; a value that nobody knows is a Problem. `also`: other parameters."""
    query, now = request.query_params, timezone.now()
    refuse_unknown(query, (*NAMES, *also))
    found = kept_wish(dict(query.lists()), now=now)
    for name, value in found.refused:
        raise Problem(name, value, _accepted(name))
    wish = found.wish
    return kept_store(wish.as_of, now=now).value, kept_matrix(wish, now=now).value


def _accepted(name: str) -> str:
    """In words where the list would be long."""
    closed = {"evidence": EVIDENCE, "open": OPEN, "norm": NORMS, "order": ORDERS}
    if name in closed:
        return f"one of: {', '.join(closed[name])}"
    others = {
        "composite": "the slug of a composite (/api/v1/benchmarks) or none",
        "sort": "composite, coverage, name, released, or the slug of a suite",
    }
    return (_SLUGS | others)[name]
