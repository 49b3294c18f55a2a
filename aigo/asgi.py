"""HTTP and WebSocket in one application."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")
http_application = get_asgi_application()

from aigo import metrics  # noqa: E402  (needs Django to be set up)
from status.consumers import StatusConsumer  # noqa: E402

metrics.register()
websocket_application = URLRouter(
    [path("ws/status", StatusConsumer.as_asgi())]  # type: ignore[arg-type, list-item]  # Django types views only
)
application = ProtocolTypeRouter(
    {"http": http_application, "websocket": AllowedHostsOriginValidator(websocket_application)}
)
