"""Charts of histories as parts of pages: another window, another region, the present."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL, BY_SLUG
from probes.history import WINDOWS_S
from status.kept import kept_history
from status.story import NoSuchModel

#: Points of a chart: enough for a phone and a table, and on a wide screen.
CHART_POINTS: Final = 168
WIDE_POINTS: Final = 300
DEFAULT_WINDOW: Final = "24h"


@require_safe
def history_chart(request: HttpRequest, slug: str) -> HttpResponse:
    """The chart of an endpoint over `window` from `region`; `wide`: with more points."""
    points = WIDE_POINTS if request.GET.get("wide") else CHART_POINTS
    window, region = request.GET.get("window", ""), request.GET.get("region", "")
    window = window if window in WINDOWS_S else DEFAULT_WINDOW
    region = region if region in BY_SLUG else ALL
    try:
        kept = kept_history(slug, region=region, window=window, points=points, now=timezone.now())
    except NoSuchModel as missing:
        raise Http404 from missing
    response = render(request, "_components/_history_body.html", {"history": kept.value})
    response["Cache-Control"] = "private, no-cache"
    return response
