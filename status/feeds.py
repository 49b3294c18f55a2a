"""The Atom feed of incidents (RFC 4287): one entry for each, which changes whenever it is told of anew."""

import hashlib
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import PUBLIC_CACHE, one_of, refuse_unknown
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from status.api import wish_asked
from status.chronicle import IncidentStory
from status.kept import kept_stories

#: Incidents of a feed, those first that were told of last.
MOST_ENTRIES: Final = 50
#: When these ids began to be given (RFC 4151): part of them for ever.
MINTED: Final = "2026-11-22"


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """`/incidents/feed.atom?provider=&severity=&lang=`: the language is the address's, never a cookie's."""
    languages = [code for code, _name in settings.LANGUAGES]
    try:
        refuse_unknown(request.GET, ("provider", "severity", "lang"))
        wish, language = wish_asked(request.GET), one_of(request.GET, "lang", languages, languages[0])
    except Problem as refused:
        return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
    found = kept_stories(wish, limit=MOST_ENTRIES, newest="updated_at", now=timezone.now()).value
    query = urlencode({name: value for name, value in sorted(request.GET.items()) if value})
    with translation.override(language):
        body = _feed(found.stories, query, language).writeString("utf-8").encode()
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response["ETag"] = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response["Cache-Control"] = PUBLIC_CACHE
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


class _Feed(Atom1Feed):
    """Without entries it was last changed when there could have been some, not at every reading."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime.fromisoformat(f"{MINTED}T00:00:00Z")


def _feed(stories: tuple[IncidentStory, ...], query: str, language: str) -> Atom1Feed:
    site = settings.SITE_URL.rstrip("/")
    own = f"{reverse('incidents-feed')}{'?' if query else ''}{query}"
    feed = _Feed(
        title=_("AI-GO: incidents of AI model APIs"),
        description="",
        subtitle=_("As our own measurements confirm them, and as people report on them."),
        link=f"{site}{reverse('incidents')}",
        feed_url=f"{site}{own}",
        feed_guid=tag_of(own.lstrip("/")),
        language=language,
        author_name="AI-GO",
    )
    for story in stories:
        simulated = _("[Simulated] ") if story.simulated else ""
        feed.add_item(
            title=simulated + story.title.told(language),
            link=f"{site}{reverse('incident', args=[story.id])}",
            description=render_to_string("status/_incident_feed.html", {"story": story}).strip(),
            unique_id=tag_of(f"incidents/{story.id}"),
            pubdate=story.announced_at or story.detected_at,
            updateddate=story.updated_at,
            categories=[story.severity, story.provider_slug],
        )
    return feed


def tag_of(name: str) -> str:
    """A tag: URI that stays the same for ever (RFC 4151); the host is that of SITE_URL."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{MINTED}:{name}"
