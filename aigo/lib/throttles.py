"""Limits on requests to the API."""

from typing import TYPE_CHECKING, cast

import redis
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle

if TYPE_CHECKING:  # DRF's views import their throttles
    from rest_framework.views import APIView


class OpenAnonRateThrottle(AnonRateThrottle):
    """Counts requests per address in the cache; while the cache is away nobody is turned away for it."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        try:
            return super().allow_request(request, view)
        except redis.RedisError:
            return True


class PageThrottle(OpenAnonRateThrottle):
    """Of pages, which are no views of the API; subclasses say how often in what."""

    def allows(self, request: HttpRequest) -> bool:
        """Whether there is room for this request, which counts."""
        return self.allow_request(cast(Request, request), cast("APIView", None))

    def get_cache_key(self, request: Request, view: "APIView | None") -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class SubscribeThrottle(PageThrottle):
    """So many letters to strangers may be asked for from one address."""

    scope = "subscribe"
    rate = "10/hour"


class SheetThrottle(PageThrottle):
    """Tables of everything: up to a megabyte each."""

    scope = "sheet"
    rate = "60/min"


class DrawingThrottle(PageThrottle):
    """Documents that are drawn: up to two seconds of computing each."""

    scope = "drawing"
    rate = "12/min"


class PictureThrottle(PageThrottle):
    """Pictures of links: a tenth of a second each, fetched by whoever shows a link."""

    scope = "picture"
    rate = "30/min"


class DiagnoseThrottle(PageThrottle):
    """Reports of errors: each is read and looked up anew."""

    scope = "diagnose"
    rate = "30/min"


class CountingThrottle(PageThrottle):
    """Texts whose tokens are counted: up to half a second of computing each, in one process."""

    scope = "counting"
    rate = "30/min"
