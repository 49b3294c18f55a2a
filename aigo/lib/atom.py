"""Atom feeds (RFC 4287) as all of ours are: the same ids for ever, one author, an answer with its ETag."""

import hashlib
import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date, quote_etag

from aigo.lib.answers import PUBLIC_CACHE
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from aigo.lib.site import absolute

#: When these ids began to be given (RFC 4151): part of them for ever.
MINTED: Final = "2026-11-22"
#: All but Char of XML 1.0 (w3.org/TR/xml/#charsets).
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Feed(Atom1Feed):
    """Without entries it was last changed when there could have been some, not at every reading. Of an entry
    `content` is HTML, beside its description, the summary. What XML cannot hold is left out: one sign would
    take every entry along."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        written = {name: _UNWRITABLE.sub("", text) for name, text in item.items() if isinstance(text, str)}
        super().add_item_elements(handler, item | written)
        if written.get("content"):
            handler.addQuickElement("content", written["content"], {"type": "html"})

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime.fromisoformat(f"{MINTED}T00:00:00Z")


def new_feed(*, title: str, subtitle: str, page: str, own: str, language: str) -> Atom1Feed:
    """A feed without entries. page, own: paths of the page that it follows, and of itself with its query."""
    return _Feed(
        title=title,
        description="",
        subtitle=subtitle,
        link=absolute(page),
        feed_url=absolute(own),
        feed_guid=tag_of(own.lstrip("/")),
        language=language,
        author_name="AI-GO",
    )


def tag_of(name: str) -> str:
    """A tag: URI that stays the same for ever (RFC 4151); the host is that of SITE_URL."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{MINTED}:{name}"


def feed_answer(
    request: HttpRequest, feed: Atom1Feed, *, changed_at: datetime | None = None
) -> HttpResponseBase:
    """The feed, or 304 where the reader has it."""
    body = feed.writeString("utf-8").encode()
    return bytes_answer(request, body, "application/atom+xml; charset=utf-8", changed_at=changed_at)


def bytes_answer(
    request: HttpRequest, body: bytes, content_type: str, *, changed_at: datetime | None = None
) -> HttpResponseBase:
    """Public bytes with ETag and Cache-Control; 304 where the reader has them. changed_at: the newest change
    of anything that they could tell, for Last-Modified; None = not known."""
    response = HttpResponse(body, content_type=content_type)
    response["ETag"] = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response["Cache-Control"] = PUBLIC_CACHE
    second = None if changed_at is None else int(changed_at.timestamp())
    if second is not None:
        response["Last-Modified"] = http_date(second)
    found = get_conditional_response(request, etag=response["ETag"], last_modified=second, response=response)
    return found or response


def refusal(refused: Problem) -> HttpResponse:
    """What the API answers to the same fault."""
    return JsonResponse(problem_of(refused), status=refused.status_code, content_type=CONTENT_TYPE)
