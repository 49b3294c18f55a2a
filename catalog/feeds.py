"""What has changed of prices and models as an Atom feed, and what will as a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib import icalendar
from aigo.lib.answers import one_of, refuse_unknown
from aigo.lib.atom import bytes_answer, feed_answer, new_feed, refusal, tag_of
from aigo.lib.problems import Problem
from catalog.kept import kept_days, kept_tidings
from catalog.models import AIModel, Provider
from catalog.telling import day_title, details, headline
from catalog.tidings import CALENDAR_KINDS, TIDING_KINDS, DayEvent, TidingWish

MOST_ENTRIES: Final = 60
_ASKED: Final = ("kind", "provider", "model", "lang")


@require_safe
def pricing(request: HttpRequest) -> HttpResponseBase:
    """`/pricing/feed.atom?kind=&provider=&model=&lang=`: changed prices, new models, retirements,
    corrections. The language is the address's, never a cookie's."""
    try:
        wish, language = _asked(request.GET, TIDING_KINDS)
    except Problem as refused:
        return refusal(refused)
    found = kept_tidings(wish, MOST_ENTRIES, now=timezone.now()).value
    query = urlencode({name: value for name, value in sorted(request.GET.items()) if value})
    with translation.override(language):
        return feed_answer(request, _feed(found, query, language))


@require_safe
def calendar(request: HttpRequest) -> HttpResponseBase:
    """`/calendar.ics?kind=&provider=&model=&lang=`: days of prices, deprecations and retirements."""
    try:
        wish, language = _asked(request.GET, CALENDAR_KINDS)
    except Problem as refused:
        return refusal(refused)
    found = kept_days(wish, now=timezone.now()).value
    with translation.override(language):
        name = _("AI-GO: prices and retirements of AI models")
        body = icalendar.calendar(name, [_event(day) for day in found], product="Prices")
    return bytes_answer(request, body, icalendar.CONTENT_TYPE)


def _asked(query: QueryDict, kinds: Iterable[str]) -> tuple[TidingWish, str]:
    """The wish and the language; a value that cannot be is a Problem. A query per slug that is given."""
    refuse_unknown(query, _ASKED)
    provider, model = query.get("provider", ""), query.get("model", "")
    if provider and not Provider.objects.filter(slug=provider).exists():
        raise Problem("provider", provider, "the slug of a provider (/api/v1/providers)")
    if model and not AIModel.objects.filter(Q(slug=model) | Q(endpoints__slug=model)).exists():
        raise Problem("model", model, "the slug of an endpoint or a model (/api/v1/models)")
    languages = [code for code, _name in settings.LANGUAGES]
    wish = TidingWish(kind=one_of(query, "kind", kinds, ""), provider=provider, model=model)
    return wish, one_of(query, "lang", languages, languages[0])


def _feed(found: Iterable[dict[str, Any]], query: str, language: str) -> Atom1Feed:
    feed = new_feed(
        title=_("AI-GO: prices, new models and retirements"),
        subtitle=_("As cited sources state them; each entry names its own."),
        page=reverse("pricing"),
        own=f"{reverse('pricing-feed')}{'?' if query else ''}{query}",
        language=language,
    )
    for told in found:
        simulated = _("[Simulated] ") if told["simulated"] else ""
        facts = {"told": told, "details": details(told)}
        at = dt.datetime.fromisoformat(told["told_at"])
        feed.add_item(
            title=simulated + headline(told),
            link=told["url"],
            description=render_to_string("pricing/_feed_entry.html", facts).strip(),
            unique_id=tag_of(f"tidings/{told['id']}"),
            pubdate=at,
            updateddate=at,
            categories=[told["kind"], told["provider"]["slug"]],
        )
    return feed


def _event(day: DayEvent) -> icalendar.Event:
    """A whole day where the source names no time of it."""
    told = day.told
    simulated = _("[Simulated] ") if told["simulated"] else ""
    whole = day.at.astimezone(dt.UTC).time() == dt.time(0)
    lines = [f"{label}: {value}" for label, value in details(told)]
    return icalendar.Event(
        uid=f"{day.uid}@{urlsplit(settings.SITE_URL).hostname}",
        start=day.at.astimezone(dt.UTC).date() if whole else day.at,
        end=None,
        summary=simulated + day_title(told, day.kind),
        description="\n".join([*lines, told["url"]]),
        cancelled=False,
        created_at=day.created_at,
        changed_at=day.changed_at,
        url=told["url"],
        categories=(day.kind,),
    )
