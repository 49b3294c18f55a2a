"""The pages of providers: all of them, and one."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL, BY_SLUG, EVERYWHERE
from status.chronicle import Wish
from status.kept import kept_leads, kept_snapshot, kept_stories, kept_uptime
from status.kept_model import kept_news, kept_said
from status.kept_providers import kept_provider, kept_provider_lines, kept_provider_strip
from status.leads import month_of
from status.providers import NoSuchProvider, Present, present_of
from status.rules import State
from status.said import accord_of

#: Incidents that are told: those that go on, and the newest that are over.
MOST_OPEN: Final = 10
MOST_PAST: Final = 5
#: Articles that are named; the topic has all.
MOST_NEWS: Final = 5
#: Endpoints whose rate limits are told.
MOST_LIMITED: Final = 12
_GRAVITY: Final = (State.OUTAGE, State.DEGRADED, State.OPERATIONAL, State.UNKNOWN)


@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    """`/providers/`: the measured ones, trouble first; those without a key; who else serves anything."""
    now = timezone.now()
    kept = kept_provider_lines(now=now)
    strips = {strip.provider_slug: strip for strip in kept_uptime(now=now).value.providers}
    on_board = [line for line in kept.value if line.counts.total]
    keyless = [line for line in on_board if line.counts.not_measured == line.counts.total]
    lines = [line for line in on_board if line not in keyless]
    lines.sort(key=lambda line: (_GRAVITY.index(line.state), line.known.name.casefold()))
    context = {
        "lines": [(line, strips.get(line.known.slug)) for line in lines],
        "troubled": [line for line in lines if line.state in (State.OUTAGE, State.DEGRADED)],
        "measured": [line for line in lines if line.counts.active],
        "keyless": keyless,
        "others": [line.known for line in kept.value if not line.counts.total],
        "generated_at": kept.at,
        "away": kept.away,
    }
    response = render(request, "providers/index.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """`/providers/<slug>/`: one, from the region in the address; one that nobody knows falls back to all."""
    now = timezone.now()
    try:
        facts = kept_provider(slug, now=now)
    except NoSuchProvider as missing:
        raise Http404 from missing
    snapshot = kept_snapshot(now=now)
    asked = request.GET.get("region", ALL)
    region = asked if asked in {place.slug for place in snapshot.value.regions} else ALL
    present = present_of(slug, region, snapshot.value)
    said = kept_said(slug, now=now)
    together, strips = kept_provider_strip(slug, now=now)
    context = {
        "facts": facts,
        "known": facts.known,
        "present": present,
        "said": said,
        "accord": accord_of(said, present_of(slug, ALL, snapshot.value).state).value,
        "together": together,
        "strips": strips,
        "limits": facts.limits[:MOST_LIMITED],
        "region_tabs": _region_tabs(slug, present),
        "news": kept_news("provider", slug, most=MOST_NEWS, now=now),
        "generated_at": snapshot.at,
        "away": snapshot.away,
        **_told(slug, now),
    }
    response = render(request, "providers/provider.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _told(slug: str, now: datetime) -> dict[str, Any]:
    """Its incidents, and who told first in this month."""
    opened = kept_stories(Wish(provider=slug, state="open"), limit=MOST_OPEN, now=now).value
    past = kept_stories(Wish(provider=slug, state="closed"), limit=MOST_PAST, now=now).value
    return {
        "open": opened.stories,
        "open_count": opened.count,
        "past": past.stories,
        "past_count": past.count,
        "leads": kept_leads(month_of(now), slug, now=now).value,
    }


def _region_tabs(slug: str, present: Present) -> list[dict[str, Any]]:
    """The header's region picker; empty where nothing is measured."""
    if not present.on_board:
        return []
    path = reverse("provider", args=[slug])
    return [
        {
            "slug": place.slug,
            "label": place.name,
            "url": path if place is EVERYWHERE else f"{path}?{urlencode({'region': place.slug})}",
            "active": place.slug == present.region,
        }
        for place in (EVERYWHERE, *(BY_SLUG[place.slug] for place, _counts in present.by_region))
    ]
