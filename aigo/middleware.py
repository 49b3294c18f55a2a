"""What every answer passes through besides the libraries' middleware."""

import logging
import re
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from aigo.lib.kept import AWAY, Unavailable
from aigo.templatetags.assets import import_map_hash

logger = logging.getLogger(__name__)
#: Ends of the content types besides text/* that are text.
PACKED = ("json", "xml")
#: Not "br;q=0".
BROTLI = re.compile(r"\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
#: A sixth smaller than gzip's 6 for the same time; 4 is as large, 6 takes a third longer for a hundredth.
QUALITY = 5
#: Below so many bytes nothing is gained.
LEAST_PACKED = 200


def import_map_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Allow the one inline script, the import map, by its hash. Stands below django-csp's middleware."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response._csp_update = {"script-src": [import_map_hash()]}  # type: ignore[attr-defined]
        return response

    return handle


def private_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A page is written for one reader, in their language: none is kept for another where no view says so."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.setdefault("Cache-Control", "private, no-cache")
        return response

    return handle


def neutral_api(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The API answers everybody alike: no language, no session, so that caches can share its answers."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/api/"):
            packs = "Accept-Encoding" in response.get("Vary", "")
            response["Vary"] = "Accept, Accept-Encoding" if packs else "Accept"
        return response

    return handle


def pack(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Whole texts go compressed; an ETag becomes a weak one. What streams goes as it is: its bytes must not
    wait in a compressor."""
    gzip = GZipMiddleware(get_response)

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or not (kind.startswith("text/") or kind.endswith(PACKED)):
            return response
        if BROTLI.search(request.headers.get("Accept-Encoding", "")):
            return _brotli(response)
        return gzip.process_response(request, response)  # type: ignore[return-value]

    return handle


def _brotli(response: HttpResponse) -> HttpResponse:
    """As Django's GZipMiddleware does it, but without random bytes against guessed secrets: tokens against
    forged requests are masked anew in each answer."""
    if len(response.content) < LEAST_PACKED or response.has_header("Content-Encoding"):
        return response
    patch_vary_headers(response, ("Accept-Encoding",))
    response.content = brotli.compress(response.content, mode=brotli.MODE_TEXT, quality=QUALITY)
    response["Content-Length"] = str(len(response.content))
    response["Content-Encoding"] = "br"
    etag = response.get("ETag")
    if etag and etag.startswith('"'):
        response["ETag"] = f"W/{etag}"
    return response


def unavailable_page(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A page that has nothing to show while a part is away says so with a 503; the API's own errors are
    problems before they come here."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AWAY):
            logger.warning("%s is not answered: %s", request.path, error)
        elif not isinstance(error, Unavailable):
            return None
        page = HttpResponse(render_to_string("503.html"), status=Unavailable.status_code)
        page["Retry-After"] = str(int(Unavailable.wait))
        return page

    handle.process_exception = process_exception  # type: ignore[attr-defined]  # where Django looks for it
    return handle
