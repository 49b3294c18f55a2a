"""The pages of incidents: all of them, and one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import json_answer, page_number
from aigo.lib.kept import Unavailable
from aigo.lib.regions import ALL, BY_SLUG
from catalog.tagging import FUNCTIONS
from status.chronicle import STATES, IncidentStory, Wish
from status.incidents import SEVERITIES
from status.kept import (
    Found,
    kept_incident,
    kept_lead_of,
    kept_leads,
    kept_maintenance,
    kept_snapshot,
    kept_stories,
    kept_uptime,
)
from status.leads import LeadLine, month_of
from status.maintenance import MaintenanceLine
from status.snapshot import Snapshot
from status.wording import SEVERITY_WORDS

T = TypeVar("T")
#: Incidents that are over, on a page; open ones that are shown at once.
PER_PAGE: Final = 25
MOST_OPEN: Final = 100
#: So far ahead planned maintenance is told of.
AHEAD: Final = timedelta(days=30)
NONE: Final = Found((), 0)

STATE_WORDS: Final[dict[str, str | Promise]] = {"open": _("Open"), "closed": _("Over")}
#: As filters say it: each holds the graver ones.
FROM_SEVERITY: Final[dict[str, str | Promise]] = {
    "minor": _("Minor or graver"),
    "major": _("Major or graver"),
    "critical": SEVERITY_WORDS["critical"],
}


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """`/incidents/`: what is open, what is planned, what was, and ninety days of every provider."""
    now = timezone.now()
    board = kept_snapshot(now=now)
    wish, number = _wish(request, board.value), page_number(request.GET)
    opened, past = _open(wish, now), _past(wish, number, now)
    uptime = _or_none(lambda: kept_uptime(now=now).value)
    context = {
        "wish": wish,
        "filtered": wish != Wish(),
        "open": opened,
        "lead_of": _leads(*opened, *past.stories, now=now),
        "shows_open": wish.state != "closed",
        "shows_past": wish.state != "open",
        "past": past.stories,
        "past_count": past.count,
        "pager": _pager(wish, number, past.count),
        "planned": _or_none(lambda: _planned(wish, now)),
        "strips": [one for one in uptime.providers if wish.provider in ("", one.provider_slug)]
        if uptime
        else [],
        "inside": _by_provider(uptime.strips) if uptime else {},
        "uptime": uptime,
        "leads": _or_none(lambda: kept_leads(month_of(now), wish.provider, now=now).value),
        "generated_at": board.at,
        "away": board.away,
        "choices": _choices(wish, board.value),
        "query": _query(wish),
        "feed_query": urlencode(
            {name: value for name, value in _chosen(wish) if name in ("provider", "severity")}
        ),
    }
    response = render(request, "status/incidents.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def incidents_open(request: HttpRequest) -> HttpResponse:
    """`/incidents/open`: the rendered part of that page which changes; with ETag."""
    now = timezone.now()
    wish = _wish(request, kept_snapshot(now=now).value)
    opened = _open(wish, now)
    context = {"open": opened, "lead_of": _leads(*opened, now=now), "filtered": wish != Wish()}
    html = render_to_string("status/_incidents_open.html", context)
    return _part(request, html)


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """`/incidents/<id>/`: what happened, when, to whom, and what was told of it."""
    now = timezone.now()
    kept = kept_incident(pk, now=now)
    if kept.value is None:
        raise Http404
    context = {"story": kept.value, "generated_at": kept.at, "away": kept.away}
    response = render(request, "status/incident.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def incident_story(request: HttpRequest, pk: int) -> HttpResponse:
    """`/incidents/<id>/story`: the rendered part of that page which changes; with ETag."""
    kept = kept_incident(pk, now=timezone.now())
    if kept.value is None:
        raise Http404
    return _part(request, render_to_string("status/_incident_story.html", {"story": kept.value}))


def _part(request: HttpRequest, html: str) -> HttpResponse:
    response = json_answer(request, {"type": "incidents", "data": {"html": html}})
    response["Cache-Control"] = "private, no-cache"
    return response


def _or_none(load: Callable[[], T]) -> T | None:
    """A part of the page beside its main one; None where it cannot be read, and the others stand."""
    try:
        return load()
    except Unavailable:
        return None


def _leads(*stories: IncidentStory, now: datetime) -> dict[int, LeadLine]:
    """Incident → who told first; one that is not known yet has no entry."""
    ids = frozenset(story.id for story in stories)
    return (_or_none(lambda: kept_lead_of(ids, now=now).value) if ids else None) or {}


def _wish(request: HttpRequest, board: Snapshot) -> Wish:
    """What the address asks for; on a page, what is unknown is as if it were not asked."""
    accepted = {
        "provider": {row.provider_slug for row in board.rows(ALL)},
        "severity": SEVERITIES,
        "region": {region.slug for region in board.regions},
        "function": FUNCTIONS,
        "state": STATES,
        "model": {row.slug for row in board.rows(ALL)} | {row.model_slug for row in board.rows(ALL)},
    }
    asked = {name: request.GET.get(name, "") for name in accepted}
    return Wish(**{name: value for name, value in asked.items() if value in accepted[name]})


def _open(wish: Wish, now: datetime) -> list[IncidentStory]:
    """The gravest first, then those that have gone on longest."""
    if wish.state == "closed":
        return []
    found = kept_stories(replace(wish, state="open"), limit=MOST_OPEN, now=now).value
    return sorted(
        found.stories, key=lambda story: (-SEVERITIES.index(story.severity), story.started_at, story.id)
    )


def _past(wish: Wish, number: int, now: datetime) -> Found:
    if wish.state == "open":
        return NONE
    offset = (number - 1) * PER_PAGE
    return kept_stories(replace(wish, state="closed"), offset=offset, limit=PER_PAGE, now=now).value


def _planned(wish: Wish, now: datetime) -> list[MaintenanceLine]:
    """What goes on or is to come, the earliest first; each window that recurs once."""
    lines = kept_maintenance(past=timedelta(0), ahead=AHEAD, now=now).value
    shown: dict[int, MaintenanceLine] = {}
    for line in lines:
        if line.state in ("scheduled", "in_progress") and _concerns(line, wish):
            shown.setdefault(line.id, line)
    return list(shown.values())


def _concerns(line: MaintenanceLine, wish: Wish) -> bool:
    of_provider = not wish.provider or any(slug.startswith(f"{wish.provider}--") for slug in line.slugs)
    of_model = not wish.model or any(
        slug.endswith(f"--{wish.model}") or slug == wish.model for slug in line.slugs
    )
    return of_provider and of_model and (not wish.region or not line.regions or wish.region in line.regions)


def _by_provider(strips: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for strip in strips:
        found.setdefault(strip.provider_slug, []).append(strip)
    return found


def _chosen(wish: Wish) -> list[tuple[str, str]]:
    """The filters that are set."""
    return [(name, getattr(wish, name)) for name in Wish.__dataclass_fields__ if getattr(wish, name)]


def _query(wish: Wish, **more: int) -> str:
    """ "?provider=nimbus&page=2"; "" where nothing is asked."""
    query = urlencode([*_chosen(wish), *more.items()])
    return f"?{query}" if query else ""


def _pager(wish: Wish, number: int, count: int) -> dict[str, Any] | None:
    """The neighbours of a page of what is over; None where one page holds all."""
    pages = max(1, -(-count // PER_PAGE))
    if pages == 1 and number == 1:
        return None
    last = min(number, pages)
    return {
        "number": number,
        "pages": pages,
        "newer": _query(wish, page=last - 1) if number > 2 else _query(wish) or "?" if number == 2 else "",
        "older": _query(wish, page=number + 1) if number < pages else "",
    }


def _choices(wish: Wish, board: Snapshot) -> list[dict[str, Any]]:
    """The filters with what each can be, the chosen one marked."""
    providers = dict(
        sorted(
            {row.provider_slug: row.provider for row in board.rows(ALL)}.items(),
            key=lambda p: p[1].casefold(),
        )
    )
    lists: list[tuple[str, Any, Any, dict[str, Any]]] = [
        ("state", _("State"), _("Open and over"), STATE_WORDS),
        ("severity", _("Severity"), _("Any severity"), FROM_SEVERITY),
        ("provider", _("Provider"), _("All providers"), providers),
        ("region", _("Region"), BY_SLUG[ALL].name, {region.slug: region.name for region in board.regions}),
        ("function", _("Function"), _("All functions"), {name: name for name in FUNCTIONS}),
    ]
    if wish.model:
        name = next(row.name for row in board.rows(ALL) if wish.model in (row.slug, row.model_slug))
        lists.append(("model", _("Model"), _("All models"), {wish.model: name}))
    return [
        {
            "name": name,
            "label": label,
            "options": [
                {"value": value, "label": text, "active": value == getattr(wish, name)}
                for value, text in {"": every, **known}.items()
            ],
        }
        for name, label, every, known in lists
    ]
