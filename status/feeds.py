"""The Atom feed of incidents (RFC 4287): one entry for each, which changes whenever it is told of anew."""

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import one_of, refuse_unknown
from aigo.lib.atom import feed_answer, new_feed, refusal, tag_of
from aigo.lib.problems import Problem
from aigo.lib.site import absolute
from status.api import wish_asked
from status.chronicle import IncidentStory
from status.kept import kept_stories

#: Incidents of a feed, those first that were told of last.
MOST_ENTRIES: Final = 50


@require_safe
def incidents(request: HttpRequest) -> HttpResponseBase:
    """`/incidents/feed.atom?provider=&severity=&lang=`: the language is the address's, never a cookie's."""
    languages = [code for code, _name in settings.LANGUAGES]
    try:
        refuse_unknown(request.GET, ("provider", "severity", "lang"))
        wish, language = wish_asked(request.GET), one_of(request.GET, "lang", languages, languages[0])
    except Problem as refused:
        return refusal(refused)
    found = kept_stories(wish, limit=MOST_ENTRIES, newest="updated_at", now=timezone.now()).value
    query = urlencode({name: value for name, value in sorted(request.GET.items()) if value})
    with translation.override(language):
        return feed_answer(request, _feed(found.stories, query, language))


def _feed(stories: tuple[IncidentStory, ...], query: str, language: str) -> Atom1Feed:
    feed = new_feed(
        title=_("AI-GO: incidents of AI model APIs"),
        subtitle=_("As our own measurements confirm them, and as people report on them."),
        page=reverse("incidents"),
        own=f"{reverse('incidents-feed')}{'?' if query else ''}{query}",
        language=language,
    )
    for story in stories:
        simulated = _("[Simulated] ") if story.simulated else ""
        feed.add_item(
            title=simulated + story.title.told(language),
            link=absolute(reverse("incident", args=[story.id])),
            description=render_to_string("status/_incident_feed.html", {"story": story}).strip(),
            unique_id=tag_of(f"incidents/{story.id}"),
            pubdate=story.announced_at or story.detected_at,
            updateddate=story.updated_at,
            categories=[story.severity, story.provider_slug],
        )
    return feed
