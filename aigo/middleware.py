"""What every answer passes through besides the libraries' middleware."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string

from aigo.lib.kept import AWAY, Unavailable
from aigo.templatetags.assets import import_map_hash

logger = logging.getLogger(__name__)
#: Ends of the content types besides text/* that are text.
PACKED = ("json", "xml")


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
    packer = GZipMiddleware(get_response)

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        if response.streaming or not (kind.startswith("text/") or kind.endswith(PACKED)):
            return response
        return packer.process_response(request, response)  # type: ignore[return-value]

    return handle


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
