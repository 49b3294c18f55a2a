"""HTTP and WebSocket in one application."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")
http_application = get_asgi_application()

from aigo import metrics  # noqa: E402  (needs Django to be set up)
from status.consumers import status_socket  # noqa: E402

metrics.register()


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    """Refuse a socket at any other address (the handshake is answered with 403)."""
    await send({"type": "websocket.close", "code": 4404})


websocket_application = URLRouter(
    [  # Django types views only
        path("ws/status", status_socket),  # type: ignore[arg-type, list-item]
        re_path(r"", no_such_socket),  # type: ignore[arg-type, list-item]
    ]
)


class BrowserOriginValidator(OriginValidator):
    """Refuses other sites' pages. Programs send no Origin; the socket carries no cookie's authority."""

    def valid_origin(self, parsed_origin: Any) -> bool:
        return parsed_origin is None or bool(super().valid_origin(parsed_origin))


application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": BrowserOriginValidator(websocket_application, settings.ALLOWED_HOSTS),
    }
)
