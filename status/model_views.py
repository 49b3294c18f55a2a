"""The pages of one model, or of one endpoint: a page for each tab, and the same as a part of other pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer
from aigo.lib.problems import CONTENT_TYPE, problem_of
from aigo.lib.regions import ALL, BY_SLUG
from benchmarks.bars import bar_of
from benchmarks.kept import kept_standings
from catalog.selectors import near_slugs
from status.chronicle import Wish
from status.dossier import Dossier, limits_told_once
from status.kept import kept_history, kept_stories
from status.kept_model import (
    kept_asking,
    kept_attempts,
    kept_budget,
    kept_changes,
    kept_docs,
    kept_dossier,
    kept_news,
    kept_prices,
    kept_said,
    kept_strip,
)
from status.rules import State
from status.said import accord_of
from status.story import NoSuchModel
from status.wording import WINDOW_WORDS

OVERVIEW: Final = "overview"
TABS: Final[dict[str, str | Promise]] = {
    OVERVIEW: _("Overview"),
    "live": _("Live"),
    "history": _("History"),
    "benchmarks": _("Benchmark"),
    "pricing": _("Pricing"),
    "docs": _("Docs"),
    "news": _("News"),
}
#: The windows of the history, the first unless asked.
WINDOWS: Final = tuple(WINDOW_WORDS)
#: One point for each of the last fifteen minutes.
LIVE_POINTS: Final = 15
CHART_POINTS: Final = 168
#: Incidents that are told on the overview: those that go on, and the newest that are over.
MOST_OPEN: Final = 5
MOST_PAST: Final = 3
#: Articles that the tab names; the topic has all.
MOST_NEWS: Final = 10


@require_safe
def model(request: HttpRequest, slug: str, tab: str = OVERVIEW) -> HttpResponse:
    """`/models/<slug>/` and its tabs, from the region in the address; `fragment`: as a part, in JSON."""
    if tab not in TABS:
        raise Http404
    now = timezone.now()
    fragment = "fragment" in request.GET
    try:
        dossier = kept_dossier(slug, request.GET.get("region", ALL), now=now)
    except NoSuchModel as missing:
        return _unknown(request, missing, slug, fragment=fragment)
    part = _PARTS[tab](request, dossier, now)
    window = part.get("window", WINDOWS[0])
    context = {
        "dossier": dossier,
        "tab": tab,
        "title": _title(dossier, tab),
        "tabs": _tabs(dossier, tab),
        "model_regions": _region_tabs(dossier, tab, window),
        "canonical": _address(_canonical(dossier), tab, ALL),
        **part,
    }
    if fragment:
        html = render_to_string("status/_model.html", context, request=request)
        data = {"html": html, "title": context["title"], "url": _address(slug, tab, dossier.region, window)}
        response = json_answer(request, {"type": "model", "data": data})
    else:
        response = render(request, "status/model.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _unknown(request: HttpRequest, missing: NoSuchModel, slug: str, *, fragment: bool) -> HttpResponse:
    if fragment:
        return JsonResponse(problem_of(missing), status=missing.status_code, content_type=CONTENT_TYPE)
    context = {"slug": slug[:200], "near": near_slugs(slug), "page": "model"}
    return render(request, "status/model_unknown.html", context, status=404)


def _overview(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    chosen = dossier.chosen
    if chosen is None:
        return {}
    slug, provider = chosen.endpoint.slug, chosen.endpoint.provider
    wish = Wish(model=slug, state="open")
    opened = kept_stories(wish, limit=MOST_OPEN, now=now).value
    past = kept_stories(Wish(model=slug, state="closed"), limit=MOST_PAST, now=now).value
    said = kept_said(provider.slug, now=now)
    whole = dossier.rows[0] if dossier.rows else None
    return {
        "open": opened.stories,
        "open_count": opened.count,
        "past": past.stories,
        "past_count": past.count,
        "said": said,
        "accord": accord_of(said, whole.state if whole else State.UNKNOWN).value,
        "strip": kept_strip(slug, now=now),
        "budget": kept_budget(slug, now=now),
        "changes": kept_changes(chosen.endpoint, dossier.region, now=now) if whole else [],
    }


def _live(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    if dossier.chosen is None or dossier.row is None:
        return {}
    endpoint, region = dossier.chosen.endpoint, dossier.region
    kept = kept_history(endpoint.slug, region=region, window="15m", points=LIVE_POINTS, now=now)
    attempts = kept_attempts(endpoint, kept.value.tier, region, now=now)
    return {"history": kept.value, "attempts": attempts}


def _history(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    if dossier.chosen is None or dossier.row is None:
        return {}
    asked = request.GET.get("window", WINDOWS[0])
    window = asked if asked in WINDOWS else WINDOWS[0]
    kept = kept_history(
        dossier.chosen.endpoint.slug, region=dossier.region, window=window, points=CHART_POINTS, now=now
    )
    windows = [
        {
            "label": WINDOW_WORDS[name],
            "url": _address(dossier.slug, "history", dossier.region, window=name),
            "active": name == window,
        }
        for name in WINDOWS
    ]
    return {"history": kept.value, "windows": windows, "window": window}


def _benchmarks(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    standings = kept_standings(dossier.model.slug, now=now).value
    return {
        "standings": [{"standing": one, "bar": bar_of(one)} for one in standings],
        "simulated": dossier.simulated or any(one.endpoint.simulated for one in dossier.served),
    }


def _pricing(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    if dossier.chosen is None:
        return {}
    endpoint = dossier.chosen.endpoint
    prices = kept_prices(endpoint.pk, now=now)
    return {
        "changes": [
            price for price in prices if price.struck_at is None and price.valid_to and price.valid_to <= now
        ],
        "asking": kept_asking(endpoint, now=now) if dossier.row else None,
    }


def _docs(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    if dossier.chosen is None:
        return {}
    return {
        "docs": kept_docs(dossier.chosen.endpoint.provider_id, now=now),
        "limits": limits_told_once(dossier.chosen.facts.rate_limits),
    }


def _news(request: HttpRequest, dossier: Dossier, now: datetime) -> dict[str, Any]:
    return {"news": kept_news("model", dossier.model.slug, most=MOST_NEWS, now=now)}


_PARTS: Final[dict[str, Callable[[HttpRequest, Dossier, datetime], dict[str, Any]]]] = {
    OVERVIEW: _overview,
    "live": _live,
    "history": _history,
    "benchmarks": _benchmarks,
    "pricing": _pricing,
    "docs": _docs,
    "news": _news,
}


def _title(dossier: Dossier, tab: str) -> str:
    """ "Nimbus-1 · Nimbus: History", of page and part alike; a model's own page names no provider."""
    name = dossier.model.name
    if dossier.chosen and not dossier.is_model:
        name = f"{name} · {dossier.chosen.endpoint.provider.name}"
    return name if tab == OVERVIEW else f"{name}: {TABS[tab]}"


def _canonical(dossier: Dossier) -> str:
    """One endpoint alone has one page: its own, not its model's as well."""
    return dossier.served[0].endpoint.slug if len(dossier.served) == 1 else dossier.slug


def _address(slug: str, tab: str, region: str, window: str = WINDOWS[0]) -> str:
    path = reverse("model", args=[slug]) if tab == OVERVIEW else reverse("model-tab", args=[slug, tab])
    chosen = {"region": (region, ALL), "window": (window, WINDOWS[0])}
    query = urlencode({name: value for name, (value, default) in chosen.items() if value != default})
    return f"{path}?{query}" if query else path


def _tabs(dossier: Dossier, tab: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _address(dossier.slug, name, dossier.region), "active": name == tab}
        for name, label in TABS.items()
    ]


def _region_tabs(dossier: Dossier, tab: str, window: str) -> list[dict[str, Any]]:
    """Where it is measured from; each keeps the tab and the window."""
    return [
        {
            "slug": row.region,
            "label": BY_SLUG[row.region].name,
            "url": _address(dossier.slug, tab, row.region, window),
            "active": row.region == dossier.region,
            "state": row.state.value,
        }
        for row in dossier.rows
    ]
