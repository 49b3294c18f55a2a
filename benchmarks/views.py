"""The page Benchmark and the following rows of its matrix."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer, page_number, whole_number
from aigo.lib.kept import Answer
from aigo.lib.paging import pager_of
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from benchmarks.filtering import Asked
from benchmarks.kept import kept_matrix, kept_store, kept_wish
from benchmarks.matrix import Matrix
from benchmarks.overview import shares_of, topics_of
from benchmarks.store import Store
from benchmarks.toolbar import Addresses, choices, models_charted

#: Rows of one page, more than a screen has room for; scripts fetch the following ones.
PER_PAGE: Final = 24
#: Rows of one fragment at most.
MOST_ROWS: Final = 200


@require_safe
def benchmarks(request: HttpRequest) -> HttpResponse:
    """`/benchmarks/`: counts, models × suites and the suites, for the wish in the address.

    `part`: without the suites, for scripts that swap what another choice changes.
    """
    now = timezone.now()
    wanted = kept_wish(dict(request.GET.lists()), now=now)
    matrix = kept_matrix(wanted.wish, now=now)
    store = kept_store(wanted.wish.as_of, now=now).value
    to = Addresses(models_charted(request.GET.getlist("chart"), store))
    context = _context(wanted, matrix, store, to, page_number(request.GET))
    if "part" not in request.GET:  # what scripts swap is the same without it
        context["topics"] = topics_of(store)
    response = render(request, "benchmarks/index.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """`/benchmarks/rows`: the next rows of a matrix that is scrolled, rendered; with ETag.

    `offset` and `limit` beside the wish. What nobody knows is left out of the wish, as on the page.
    """
    now = timezone.now()
    try:
        offset = whole_number(request.GET, "offset", 0, least=0, most=10**6)
        limit = whole_number(request.GET, "limit", PER_PAGE, least=1, most=MOST_ROWS)
    except Problem as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    matrix = kept_matrix(kept_wish(dict(request.GET.lists()), now=now).wish, now=now).value
    last = min(offset + limit, len(matrix.rows))
    context = {"matrix": matrix, "first": offset, "last": last}
    html = render_to_string("benchmarks/_rows.html", context, request=request)
    response = json_answer(request, {"html": html, "last": last, "count": len(matrix.rows)})
    response["Cache-Control"] = "private, no-cache"
    return response


def _context(wanted: Asked, kept: Answer[Matrix], store: Store, to: Addresses, number: int) -> dict[str, Any]:
    """What the page is rendered from. `number`: of the page; past the last one it is that."""
    matrix = kept.value
    page = Paginator(matrix.rows, PER_PAGE).get_page(number)
    return {
        "matrix": matrix,
        "wish": matrix.wish,
        "counts": matrix.counts,
        "evidence_parts": shares_of(matrix.counts),
        "suite_names": {slug: suite.name for slug, suite in store.suites.items()},
        "refused": wanted.refused,
        "generated_at": kept.at,
        "away": kept.away,
        "simulated": any(row.model.simulated for row in matrix.rows),
        "pager": pager_of(page, lambda number: to(matrix.wish, page=number)),
        **choices(matrix, store, to),
    }
