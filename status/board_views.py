"""The page Server Status and its fragments."""

from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer, page_number
from aigo.lib.kept import Unavailable
from aigo.lib.paging import pager_of
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from aigo.lib.regions import ALL, BY_SLUG
from status.cards import Spark, top_of
from status.filtering import Asked, Selection, asked
from status.kept import kept_snapshot, kept_sparks, selection_of
from status.live.asking import view_asked
from status.live.source import snapshot_of
from status.snapshot import row_in
from status.toolbar import address, choices

#: Rows of one page; scripts fetch the following ones as they are scrolled to.
PER_PAGE: Final = 50


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """`/`: counts, ranked rows and the live indicator, for the wish in the address."""
    now = timezone.now()
    kept = kept_snapshot(now=now)
    wanted = asked(dict(request.GET.lists()), kept.value.known_values())
    context = board_context(wanted, selection_of(kept, wanted.wish), page_number(request.GET))
    context["sparks"] = _sparks([row.slug for row in context["top"]], wanted.wish.region, now)
    return _uncached(render(request, "status/board.html", context))


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """`/status/rows`: a live frame with rendered rows, for pages that cannot be pushed to; with ETag.

    Reads what a live address does; `offset` and `limit` are the next rows of a page that is scrolled.
    """
    query = request.GET.copy()
    query["format"], query["lang"] = "html", get_language() or "en"
    try:
        frame = snapshot_of(view_asked(query.urlencode()))
    except Problem as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    return _uncached(json_answer(request, frame, moving=("id",)))


@require_safe
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """`/status/about/<slug>`: what a row was computed from; `fragment`: without the page around."""
    region = request.GET.get("region", ALL)
    row = row_in(kept_snapshot(now=timezone.now()).value, slug, region if region in BY_SLUG else ALL)
    if row is None:
        raise Http404
    template = "status/_provenance.html" if "fragment" in request.GET else "status/about.html"
    return _uncached(render(request, template, {"row": row}))


def board_context(wanted: Asked, found: Selection, number: int = 1) -> dict[str, Any]:
    """What the page is rendered from. `number`: of the page; past the last one it is that."""
    page = Paginator(found.rows, PER_PAGE).get_page(number)
    shown = page.object_list
    top = [] if page.has_previous() else top_of(shown)
    return {
        "board": found.board,
        "found": found,
        "refused": wanted.refused,
        "top": top,
        "rows": shown[len(top) :],
        "pager": pager_of(page, lambda number: address(found.wish, page=number)),
        **choices(found),
    }


def _sparks(slugs: list[str], region: str, now: datetime) -> dict[str, Spark]:
    """The cards' last hour; none while the database is away: the figures beside them still stand."""
    try:
        return kept_sparks(slugs, region=region, now=now).value
    except Unavailable:
        return {}


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    return response
