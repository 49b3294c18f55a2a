"""What every answer passes through besides the libraries' middleware."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from aigo.templatetags.assets import import_map_hash


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


def neutral_api(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The API answers everybody alike: no language, no session, so that caches can share its answers."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/api/"):
            response["Vary"] = "Accept"
        return response

    return handle
