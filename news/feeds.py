"""News as Atom (RFC 4287) and as JSON Feed 1.1: three lines with their sources, the body, the corrections."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import one_of
from aigo.lib.atom import bytes_answer, feed_answer, new_feed, refusal, tag_of
from aigo.lib.moments import moment_text
from aigo.lib.problems import Problem
from aigo.lib.site import absolute
from news.api import wish_asked
from news.kept import kept_change, kept_page
from news.selectors.articles import ArticleFacts

#: Articles of a feed, those first that were published or put right last.
MOST_ENTRIES: Final = 50
_JSON_FEED: Final = "https://jsonfeed.org/version/1.1"
#: Links of a cleaned body to pages of this site: readers of a feed are elsewhere.
_OWN_LINK: Final = re.compile(r'(<(?:a|blockquote)\b[^<>]*? (?:href|cite)=")/(?!/)')


@require_safe
def atom(request: HttpRequest) -> HttpResponseBase:
    """`/news/feed.atom?category=&tag=&stance=&q=&lang=`: the language is the address's, never a cookie's."""
    return _answer(request, _atom)


@require_safe
def json_feed(request: HttpRequest) -> HttpResponseBase:
    """`/news/feed.json`: the same as JSON Feed 1.1, with stance, category and sources in `_aigo`."""
    return _answer(request, _json_feed)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address asks for. `query`: the same for equal wishes. `changed_at`: of any article, None = none
    was ever published."""

    articles: tuple[ArticleFacts, ...]
    language: str
    query: str
    changed_at: datetime | None

    def address(self, name: str) -> str:
        return f"{reverse(name)}{'?' if self.query else ''}{self.query}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An article in one language. `lines`: plain text; `terms`: what it is filed under."""

    id: str
    url: str
    title: str
    lines: str
    html: str
    terms: list[str]


def _asked(request: HttpRequest) -> _Asked:
    """Raises Problem, Unavailable."""
    languages = [code for code, _name in settings.LANGUAGES]
    wish = wish_asked(request.GET, also=("lang",))
    language = one_of(request.GET, "lang", languages, languages[0])
    now = timezone.now()
    changed_at = kept_change(now=now).value
    page = kept_page(wish, limit=MOST_ENTRIES, newest="told", now=now).value
    said = urlencode({"lang": language} if language != languages[0] else {})
    return _Asked(page.articles, language, "&".join(filter(None, (wish.query, said))), changed_at)


def _answer(
    request: HttpRequest, write: Callable[[HttpRequest, _Asked], HttpResponseBase]
) -> HttpResponseBase:
    try:
        asked = _asked(request)
    except Problem as refused:
        return refusal(refused)
    with translation.override(asked.language):
        return write(request, asked)


def _atom(request: HttpRequest, asked: _Asked) -> HttpResponseBase:
    feed = new_feed(
        title=_title(),
        subtitle=_description(),
        page=reverse("news"),
        own=asked.address("news-feed"),
        language=asked.language,
    )
    for article in asked.articles:
        told = _entry(article, asked.language)
        feed.add_item(
            title=told.title,
            link=told.url,
            description=told.lines,
            content=told.html,
            unique_id=told.id,
            pubdate=article.first_at,
            updateddate=article.updated_at,
            categories=told.terms,
        )
    return feed_answer(request, feed, changed_at=asked.changed_at)


def _json_feed(request: HttpRequest, asked: _Asked) -> HttpResponseBase:
    feed = {
        "version": _JSON_FEED,
        "title": _title(),
        "description": _description(),
        "home_page_url": absolute(reverse("news")),
        "feed_url": absolute(asked.address("news-json-feed")),
        "language": asked.language,
        "authors": [{"name": "AI-GO", "url": absolute("/")}],
        "items": [_item(article, asked.language) for article in asked.articles],
    }
    body = json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()
    return bytes_answer(request, body, "application/feed+json; charset=utf-8", changed_at=asked.changed_at)


def _title() -> str:
    return _("AI-GO: news")


def _description() -> str:
    return _("Three lines each, every sentence with the source that carries it.")


def _entry(article: ArticleFacts, language: str) -> _Entry:
    lines = article.summary[language]
    facts = {"article": article, "lines": lines, "body": _elsewhere(article.body(language))}
    return _Entry(
        id=tag_of(f"news/{article.pk}"),
        url=absolute(article.url),
        title=f"{_('[Simulated] ') if article.simulated else ''}{article.title.told(language)}",
        lines="\n".join(line.text for line in lines) or article.dek.told(language),
        html=render_to_string("news/_feed_entry.html", facts).strip(),
        terms=[article.category, article.stance, *(f"{tag.kind}:{tag.slug}" for tag in article.tags)],
    )


def _item(article: ArticleFacts, language: str) -> dict[str, Any]:
    told = _entry(article, language)
    return {
        "id": told.id,
        "url": told.url,
        "title": told.title,
        "summary": told.lines,
        "content_html": told.html,
        "date_published": moment_text(article.first_at),
        "date_modified": moment_text(article.updated_at),
        "language": language,
        "tags": told.terms,
        "_aigo": {
            "about": absolute(reverse("api-schema")),
            "slug": article.slug,
            "category": article.category,
            "stance": article.stance,
            "simulated": article.simulated,
            "sources": [source.to_json() for source in article.sources],
        },
    }


def _elsewhere(html: str) -> str:
    """A cleaned body whose links lead to this site from anywhere."""
    return _OWN_LINK.sub(rf"\1{absolute('/')}", html)
