"""Parts of the page Server Status: its top cards, and its counts over time."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL, BY_SLUG
from status.cards import top_of
from status.filtering import asked
from status.kept import kept_snapshot, kept_sparks, kept_trend, selection_of
from status.trend import WINDOWS
from status.wording import WINDOW_WORDS

#: Points of the chart: a mark of a few pixels each.
TREND_POINTS: Final = 96


@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """`/status/top`: the cards of the wish in the address, whose lines are a minute old at most."""
    now = timezone.now()
    kept = kept_snapshot(now=now)
    wish = asked(dict(request.GET.lists()), kept.value.known_values()).wish
    rows = top_of(selection_of(kept, wish).rows)
    sparks = kept_sparks([row.slug for row in rows], region=wish.region, now=now).value
    response = render(request, "status/_top_cards.html", {"rows": rows, "sparks": sparks})
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """`/status/counts`: the counts of a region over a window; `fragment`: without the page around."""
    window, region = request.GET.get("window", ""), request.GET.get("region", "")
    window = window if window in WINDOWS else next(iter(WINDOWS))
    region = region if region in BY_SLUG else ALL
    trend = kept_trend(region, window=window, points=TREND_POINTS, now=timezone.now()).value
    context = {"trend": trend, "windows": _windows(window, region)}
    fragment = "fragment" in request.GET
    response = render(request, "_components/trend_chart.html" if fragment else "status/counts.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _windows(chosen: str, region: str) -> list[dict[str, object]]:
    """The switch between windows: {window, label, url, current}."""
    address = reverse("status-counts")
    return [
        {
            "window": window,
            "label": WINDOW_WORDS[window],
            "url": f"{address}?{urlencode({'window': window, 'region': region})}",
            "current": window == chosen,
        }
        for window in WINDOWS
    ]
