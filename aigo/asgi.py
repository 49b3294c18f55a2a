"""HTTP and WebSocket in one application."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")
django_application = get_asgi_application()

from aigo import metrics  # noqa: E402  (needs Django to be set up)
from status.consumers import status_events, status_socket  # noqa: E402

metrics.register()


async def http_application(scope: Any, receive: Any, send: Any) -> None:
    """Streams stay open beside Django, which would keep a request and its middleware for each."""
    if scope["path"] == "/events/status":
        await status_events(scope, receive, send)
    else:
        await django_application(scope, receive, send)


async def websocket_application(scope: Any, receive: Any, send: Any) -> None:
    """A socket at any other address is refused (the handshake is answered with 403)."""
    if scope["path"] == "/ws/status":
        await status_socket(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 4404})


application = ProtocolTypeRouter({"http": http_application, "websocket": websocket_application})
