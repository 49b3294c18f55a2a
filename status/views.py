"""The pages Server Status and Servers, and that of error budgets."""

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from rest_framework.exceptions import APIException

from aigo.lib.answers import json_answer
from aigo.lib.kept import Unavailable
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from aigo.lib.regions import ALL, BY_SLUG, EVERYWHERE
from probes.servers import load_servers
from probes.services.scraping import refresh_servers
from status import icalendar
from status.board import SORTS, Board
from status.kept import kept_board
from status.live.asking import models_asked, subscription_asked
from status.live.control import subscribe
from status.live.frames import View
from status.live.source import snapshot_of
from status.maintenance import MaintenanceLine, maintenance_lines
from status.rules.slo import PAIRS
from status.slo import NAMES, judged_providers, line_of, open_alerts, standings
from status.wording import region_names

#: So many endpoints are shown at once; the API has all.
MOST_BUDGETS = 200

#: What a calendar holds of planned maintenance: that long ago, that far ahead.
CALENDAR = (timedelta(days=30), timedelta(days=90))
SORT_LABELS = {
    "usage": _("Usage"),
    "latency": _("Latency"),
    "error_rate": _("Error rate"),
    "availability": _("Availability"),
}


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """`/`: cards, ranked rows and the live indicator, for the region and order in the address."""
    region, sort = _asked(request)
    shown = kept_board(region, sort=sort, now=timezone.now())
    response = render(request, "status/board.html", {"board": shown, **_choices(shown)})
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """`/status/rows`: the rendered rows, for pages that cannot be pushed to; with ETag."""
    region, sort = _asked(request)
    try:
        models = models_asked(request.GET.get("models", "").split(","))
        frame = snapshot_of(View(region, "html", get_language() or "en", sort, models))
    except Problem as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    response = json_answer(request, frame, moving=("id",))
    response["Cache-Control"] = "private, no-cache"
    return response


@csrf_exempt  # whoever knows a connection's token may steer it; cookies give no authority here
@require_POST
def subscription(request: HttpRequest) -> JsonResponse:
    """`/events/subscription`: {connection, region?, sort?, models?} as JSON; its stream answers."""
    try:
        connection, wish = subscription_asked(request.body, request.headers.get("Origin", ""))
        sent = subscribe(connection, wish)
        if not sent:
            raise Unavailable("channel layer")
    except APIException as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    return JsonResponse({"sent": True}, status=202)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Region and sort from the address; on a page, what is unknown falls back to the default."""
    region, sort = request.GET.get("region", ALL), request.GET.get("sort", SORTS[0])
    return region if region in BY_SLUG else ALL, sort if sort in SORTS else SORTS[0]


def _choices(shown: Board) -> dict[str, Any]:
    """Links for the region tabs and the orders; each keeps the other's choice."""
    return {
        "region_tabs": [
            {
                "slug": r.slug,
                "label": r.name,
                "url": _address(r.slug, shown.sort),
                "active": r.slug == shown.region,
            }
            for r in (EVERYWHERE, *shown.regions)
        ],
        "sort_options": [
            {"value": s, "label": SORT_LABELS[s], "url": _address(shown.region, s), "active": s == shown.sort}
            for s in SORTS
        ],
    }


def _address(region: str, sort: str) -> str:
    chosen = {"region": region, "sort": sort}
    defaults = {"region": ALL, "sort": SORTS[0]}
    query = urlencode({name: value for name, value in chosen.items() if value != defaults[name]})
    return f"/?{query}" if query else "/"


@require_safe
def servers(request: HttpRequest) -> HttpResponse:
    """`/servers/`: what self-hosted servers and their machines tell of themselves."""
    shown = load_servers(now=timezone.now())
    response = render(request, "servers/index.html", {"servers": shown, "operator": _operates(request)})
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def servers_cards(request: HttpRequest) -> HttpResponse:
    """`/servers/cards`: the rendered parts of that page which change; with ETag."""
    shown, operator = load_servers(now=timezone.now()), _operates(request)
    data = {
        "summary": render_to_string("servers/_summary.html", {"totals": shown.totals}),
        "machines": [
            {
                "slug": card.slug,
                "html": render_to_string("servers/_machine.html", {"card": card, "operator": operator}),
            }
            for card in shown.cards
        ],
    }
    response = json_answer(request, {"type": "servers", "data": data})
    response["Cache-Control"] = "private, no-cache"
    return response


@login_required
@permission_required("aigo.operate", raise_exception=True)
@require_POST
def servers_refresh(request: HttpRequest) -> HttpResponse:
    """Read all servers now, once in ten seconds; {told} as JSON for scripts, back to the page for people."""
    told = refresh_servers(now=timezone.now())
    if request.accepts("text/html"):
        if told is None:
            messages.warning(request, _("They were read a moment ago. Try again in ten seconds."))
        else:
            text = ngettext("%(n)d server was read.", "%(n)d servers were read.", told)
            messages.success(request, text % {"n": told})
        return redirect("servers")
    return JsonResponse({"told": told})


@require_safe
def error_budgets(request: HttpRequest) -> HttpResponse:
    """`/operations/slo/`: public, the least left first; a provider that nobody knows falls back to all."""
    providers = judged_providers()
    provider = request.GET.get("provider", "")
    provider = provider if provider in {slug for _, slug in providers} else ""
    rows, alerts = standings(provider=provider), open_alerts()
    lines = [line_of(row, alerts) for row in rows[:MOST_BUDGETS]]
    burning = [line_of(row, alerts) for row in rows.burning()[:MOST_BUDGETS]]
    known = {
        "lines": lines,
        "more": rows.count() - len(lines),
        "alerts": [(line, alert) for line in burning for alert in line.alerts],
        "providers": providers,
        "provider": provider,
        "pairs": PAIRS,
        "windows": list(NAMES),
    }
    response = render(request, "operations/slo.html", known)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def maintenance_calendar(request: HttpRequest) -> HttpResponse:
    """`/maintenance.ics`: planned maintenance, of a month ago to three months ahead; with ETag."""
    now = timezone.now()
    past, ahead = CALENDAR
    lines = maintenance_lines(since=now - past, until=now + ahead, now=now)
    events = [_calendar_event(line, request.get_host()) for line in lines]
    body = icalendar.calendar(gettext("Maintenance of AI model servers (AI-GO)"), events)
    tag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response = HttpResponse(body, content_type=icalendar.CONTENT_TYPE)
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return get_conditional_response(request, etag=tag, response=response) or response


def _calendar_event(line: MaintenanceLine, host: str) -> icalendar.Event:
    title = line.title.told(get_language() or "en")
    where = region_names(line.regions) if line.regions else str(EVERYWHERE.name)
    return icalendar.Event(
        uid=f"maintenance-{line.id}-{line.start:%Y%m%dT%H%M%SZ}@{host}",
        start=line.start,
        end=line.end,
        summary=f"{line.provider}: {title}" if line.provider else title,
        description="\n".join([where, *line.slugs]),
        cancelled=line.state == "cancelled",
        created_at=line.created_at,
        changed_at=line.changed_at,
    )


def _operates(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("aigo.operate"))
