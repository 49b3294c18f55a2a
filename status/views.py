"""The page of servers, that of error budgets, the calendar of maintenance, and subscriptions to frames."""

import hashlib
from datetime import timedelta

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

from aigo.lib import icalendar
from aigo.lib.answers import json_answer
from aigo.lib.kept import Unavailable
from aigo.lib.problems import CONTENT_TYPE, problem_of
from aigo.lib.regions import EVERYWHERE
from probes.servers import load_servers
from probes.services.scraping import refresh_servers
from status.live.asking import subscription_asked
from status.live.control import subscribe
from status.maintenance import MaintenanceLine, maintenance_lines
from status.rules.slo import PAIRS
from status.slo import NAMES, judged_providers, line_of, open_alerts, standings
from status.wording import region_names

#: So many endpoints are shown at once; the API has all.
MOST_BUDGETS = 200

#: What a calendar holds of planned maintenance: that long ago, that far ahead.
CALENDAR = (timedelta(days=30), timedelta(days=90))


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
