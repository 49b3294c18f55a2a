"""The page Server Status and its fragments."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from status.filtering import Asked, Selection, asked
from status.kept import kept_snapshot, selection_of
from status.live.asking import models_asked
from status.live.frames import View
from status.live.source import snapshot_of
from status.toolbar import choices


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """`/`: counts, ranked rows and the live indicator, for the wish in the address."""
    kept = kept_snapshot(now=timezone.now())
    wanted = asked(dict(request.GET.lists()), kept.value.known_values())
    found = selection_of(kept, wanted.wish)
    response = render(request, "status/board.html", board_context(wanted, found))
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """`/status/rows`: the rendered rows, for pages that cannot be pushed to; with ETag."""
    wish = asked(dict(request.GET.lists()), kept_snapshot(now=timezone.now()).value.known_values()).wish
    try:
        models = models_asked(request.GET.get("models", "").split(","))
        frame = snapshot_of(View(wish.region, "html", get_language() or "en", wish.sort, models))
    except Problem as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    response = json_answer(request, frame, moving=("id",))
    response["Cache-Control"] = "private, no-cache"
    return response


def board_context(wanted: Asked, found: Selection) -> dict[str, Any]:
    """What the page is rendered from."""
    return {
        "board": found.board,
        "found": found,
        "filtered": bool(found.wish.filters),
        "refused": wanted.refused,
        **choices(found),
    }
