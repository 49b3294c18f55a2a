"""Files that readers keep of a page, and what is said where there is none just now."""

import logging
from collections.abc import Callable
from typing import Final, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.functional import Promise
from django.utils.translation import get_language

from aigo.lib.answers import PUBLIC_CACHE, packed
from aigo.lib.printing import Busy, FontsMissing
from aigo.lib.throttles import DrawingThrottle, SheetThrottle

logger = logging.getLogger(__name__)
#: Form → its media type. json: Every Eval Ever.
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
}
#: Forms that take a while, and are packed as they are.
DRAWN: Final = ("pdf", "png")
#: Who finds all others drawing may ask again after so long, in seconds.
BUSY_S: Final = 30


class Wanted(Protocol):
    """A file. form: one of MEDIA; stated: the address says in which language, so that caches may keep it."""

    @property
    def form(self) -> str: ...
    @property
    def stated(self) -> bool: ...
    @property
    def tag(self) -> str:
        """Its ETag, in quotes: the same for the same file."""

    @property
    def name(self) -> str:
        """What a reader's disk calls it."""

    @property
    def address(self) -> str:
        """Of the page that shows the same."""


def file_answer(
    request: HttpRequest, wanted: Wanted, make: Callable[[], bytes], *, back: str | Promise
) -> HttpResponse:
    """The file, which `make` makes; 304 where the reader has it, 429 where one asks too often, 503 where
    others draw. back: what the link to the page is called where there is no file.
    """
    if unchanged := get_conditional_response(request, etag=wanted.tag):
        return unchanged
    drawn = wanted.form in DRAWN
    throttle = DrawingThrottle() if drawn else SheetThrottle()
    if not throttle.allows(request):
        return _later(request, wanted, back, status=429, wait_s=int(throttle.wait() or 60))
    try:
        body = make()
    except (Busy, FontsMissing) as error:
        logger.warning("%s is not drawn: %s", wanted.name, error)
        return _later(request, wanted, back, status=503, wait_s=BUSY_S)
    response = HttpResponse(body, content_type=MEDIA[wanted.form])
    response["Content-Disposition"] = f'attachment; filename="{wanted.name}"'
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = wanted.tag
    response["Cache-Control"] = PUBLIC_CACHE if wanted.stated else "private, no-cache"
    return response if drawn else packed(request, response)


def language_of(request: HttpRequest) -> tuple[str, bool]:
    """The one that the address states, and that it does; else the reader's."""
    lang = request.GET.get("lang", "")
    if lang in dict(settings.LANGUAGES):
        return lang, True
    return get_language() or settings.LANGUAGE_CODE, False


def _later(
    request: HttpRequest, wanted: Wanted, back: str | Promise, *, status: int, wait_s: int
) -> HttpResponse:
    context = {"too_often": status == 429, "address": wanted.address, "back": back}
    response = render(request, "later.html", context, status=status)
    response["Retry-After"] = str(wait_s)
    response["Cache-Control"] = "no-store"
    return response
