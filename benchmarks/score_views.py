"""The pages of one suite, of one model in it, and of one score; each also as a part of another page."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer, page_number
from benchmarks.bars import ranked_of, setting_label
from benchmarks.kept import kept_cell, kept_score, kept_store, kept_suite
from benchmarks.models import Score
from editorial.selectors import public_steps

#: `?fragment=1` is the page as a part in JSON, for the slide-over; `?fragment` what a cell is from, as HTML.
PART: Final = "1"
#: Models of a ranking on one page.
PER_PAGE: Final = 50


@require_safe
def suite(request: HttpRequest, slug: str) -> HttpResponse:
    """`/benchmarks/<suite>/`: what it measures, and everybody's figure, PER_PAGE on a page."""
    kept = kept_suite(slug, now=timezone.now())
    found = kept.value
    ranked = Paginator(ranked_of(found), PER_PAGE).get_page(page_number(request.GET))
    context = {
        "view": found,
        "suite": found.suite,
        "ranked": ranked,
        "reference_label": setting_label(found.column.reference),
        "simulated": any(one.row.model.simulated for one in ranked),
        "generated_at": kept.at,
        "away": kept.away,
    }
    return _answer(request, "suite", found.suite.name, context)


@require_safe
def cell(request: HttpRequest, slug: str, model: str) -> HttpResponse:
    """`/benchmarks/<suite>/<model>/`: all figures of one model in one suite, side by side."""
    if "\x00" in model:  # PostgreSQL takes no such text
        raise Http404
    now = timezone.now()
    kept, store = kept_cell(slug, model, now=now), kept_store(now=now).value
    found = kept.value
    context = {
        "cell": found,
        "suite": found.suite,
        "model": found.model,
        "shown": found.scores[0] if found.scores else None,
        "rows": [
            (score, found.normalised[score.pk], score.pk in found.conflicting) for score in found.scores
        ],
        "scale": store.scales.get(slug),
        "anchor": store.anchors.get(slug),
        "allowed_written": f"{found.allowed:g} {found.suite.unit_mark}".strip(),
        "simulated": found.model.simulated,
        "generated_at": kept.at,
        "away": kept.away,
    }
    if request.GET.get("fragment") == "":
        return _uncached(render(request, "benchmarks/_about_cell.html", context))
    return _answer(request, "cell", f"{found.model.name} · {found.suite.name}", context)


@require_safe
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """`/benchmarks/scores/<id>/`: one figure: its source, its setting, when readers saw it."""
    kept = kept_score(pk, now=timezone.now())
    found = kept.value
    title = _("Score %(id)s: %(model)s · %(suite)s") % {
        "id": pk,
        "model": found.model.name,
        "suite": found.suite.name,
    }
    context = {
        "view": found,
        "score": found.score,
        "suite": found.suite,
        "model": found.model,
        "steps": public_steps(Score, pk),
        "simulated": found.model.simulated,
        "generated_at": kept.at,
        "away": kept.away,
    }
    return _answer(request, "score", title, context)


def _answer(request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or the same as a part."""
    context["title"] = title
    if request.GET.get("fragment") == PART:
        html = render_to_string(f"benchmarks/_{name}.html", context, request=request)
        data = {"html": html, "title": title, "url": request.path}
        return _uncached(json_answer(request, {"type": name, "data": data}))
    return _uncached(render(request, f"benchmarks/{name}.html", context))


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    return response
