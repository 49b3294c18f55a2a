"""Charts as parts of pages: another window, another region, the present."""

from collections.abc import Collection
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL, BY_SLUG
from probes.history import WINDOWS_S
from status.kept import kept_history, kept_trend
from status.story import NoSuchModel
from status.trend import WINDOWS

#: Points of a chart: enough for a phone and a table, and on a wide screen.
CHART_POINTS: Final = 168
WIDE_POINTS: Final = 300
#: Points of the counts' trend: a mark of a few pixels each.
TREND_POINTS: Final = 96
DEFAULT_WINDOW: Final = "24h"


@require_safe
def history_chart(request: HttpRequest, slug: str) -> HttpResponse:
    """The chart of an endpoint over `window` from `region`; `wide`: with more points."""
    points = WIDE_POINTS if request.GET.get("wide") else CHART_POINTS
    window, region = _asked(request, WINDOWS_S)
    try:
        kept = kept_history(slug, region=region, window=window, points=points, now=timezone.now())
    except NoSuchModel as missing:
        raise Http404 from missing
    return _part(render(request, "_components/_history_body.html", {"history": kept.value}))


@require_safe
def trend_chart(request: HttpRequest) -> HttpResponse:
    """The chart of the counts over `window` in `region`."""
    window, region = _asked(request, WINDOWS)
    kept = kept_trend(region, window=window, points=TREND_POINTS, now=timezone.now())
    return _part(render(request, "_components/_trend_body.html", {"trend": kept.value}))


def _asked(request: HttpRequest, windows: Collection[str]) -> tuple[str, str]:
    """What the address asks for; what cannot be falls back, as on every page."""
    window, region = request.GET.get("window", ""), request.GET.get("region", "")
    return window if window in windows else DEFAULT_WINDOW, region if region in BY_SLUG else ALL


def _part(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    return response
