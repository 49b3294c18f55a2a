"""Every error of the API in one shape: RFC 9457 `application/problem+json`.

Problem    theirs, permanent until the request is changed: names the parameter, the value and what is accepted
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from aigo.lib.kept import AWAY, Unavailable

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """A parameter that cannot be accepted: 400 unless another status is given.

    `accepted`: the values that would be, or one sentence that says so.
    """

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(
        self,
        parameter: str,
        value: Any,
        accepted: Iterable[str] | str,
        *,
        title: str = "Parameter not accepted",
        status_code: int = status.HTTP_400_BAD_REQUEST,
    ) -> None:
        words = accepted if isinstance(accepted, str) else f"one of: {', '.join(accepted)}"
        super().__init__(f"{parameter}={value!r} is not accepted. Use {words}.")
        self.status_code = status_code  # type: ignore[assignment]  # the stubs pin the default
        self.extra = {"title": title, "parameter": parameter, "value": value, "accepted": words}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: every known error as a problem; None (a 500) for what nobody foresaw."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(str(error) or None)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, AWAY):
        logger.warning("%s is not answered: %s", context["request"].path, error)
        error = Unavailable("database")
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    body = problem_of(error)
    wait_s, scheme = getattr(error, "wait", None), getattr(error, "auth_header", None)
    headers = {"Retry-After": str(int(wait_s))} if wait_s else {}
    if scheme:
        headers["WWW-Authenticate"] = scheme
    return Response(body, status=error.status_code, headers=headers, content_type=CONTENT_TYPE)


def problem_of(error: exceptions.APIException) -> dict[str, Any]:
    """The body that tells this error."""
    return problem(error.status_code, _detail(error.detail), **getattr(error, "extra", {}))


def problem(code: int, detail: str, *, title: str = "", **extra: Any) -> dict[str, Any]:
    """The body: type, title, status, detail and what else is known."""
    return {
        "type": "about:blank",
        "title": title or _TITLES.get(code, "Error"),
        "status": code,
        "detail": detail,
        **extra,
    }


def not_found(request: HttpRequest, path: str = "") -> JsonResponse:
    """For addresses below /api/ that do not exist."""
    body = problem(404, f"There is nothing at {request.path}. See /api/v1/schema/.")
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)


_TITLES = {
    400: "Bad request",
    401: "Authentication required",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    415: "Unsupported media type",
    429: "Too many requests",
    503: "Temporarily unavailable",
}


def _detail(detail: Any) -> str:
    if isinstance(detail, dict):
        return "; ".join(f"{name}: {_detail(part)}" for name, part in detail.items())
    return "; ".join(_detail(part) for part in detail) if isinstance(detail, list) else str(detail)
