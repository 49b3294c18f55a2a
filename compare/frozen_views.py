"""The pages of frozen comparisons: the figures as they were, and where each was from."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.kept import Unavailable
from compare.kept import kept_comparison, load_frozen
from compare.table import Comparison
from compare.telling import names_of
from compare.today import Today, changed_since
from compare.views import about_address, about_of, files_of, preview_of, uncached


@require_safe
def as_of(request: HttpRequest, token: str) -> HttpResponse:
    """`/compare/as-of/<token>/`: the figures that were frozen, and which of them read otherwise today."""
    comparison = _found(token)
    today = _today(comparison)
    context: dict[str, Any] = {
        "comparison": comparison,
        "heads": [(column, {}) for column in comparison.columns],
        "names": names_of(comparison),
        "about": about_address(comparison),
        "files": files_of(comparison.wish, token),
        **preview_of(comparison),
        "today": today,
        "changed": None if today is None else len(today),
        "today_url": comparison.wish.address(),
    }
    return uncached(render(request, "compare/frozen.html", context))


@require_safe
def about(request: HttpRequest, token: str, place: int, line: str) -> HttpResponse:
    """`/compare/as-of/<token>/about/<column>/<line>`: where a frozen figure is from."""
    return about_of(request, _found(token), place, line)


def _found(token: str) -> Comparison:
    comparison = load_frozen(token)
    if comparison is None:
        raise Http404
    return comparison


def _today(comparison: Comparison) -> Today | None:
    """What reads otherwise; None = the present is not known."""
    try:
        return changed_since(comparison, kept_comparison(comparison.wish, now=timezone.now()).value)
    except Unavailable:
        return None
