"""`/ws/status` and `/events/status`: one open page each, read here and handed to the hub."""

import logging
from typing import Any

from aigo.lib.events import LogUnavailable
from aigo.lib.problems import Problem, problem_of
from status.live.asking import message_asked, since_asked, subscribed, view_asked
from status.live.audience import BAD_REQUEST, HEARTBEAT_S, TRY_LATER, Audience, Listener
from status.live.frames import single
from status.live.hub import hub
from status.live.wires import Wire, wire_of

logger = logging.getLogger(__name__)


async def status_socket(scope: Any, receive: Any, send: Any) -> None:
    """A WebSocket: hello, a snapshot (or what was missed after `since`), then what changes."""
    await receive()
    await send({"type": "websocket.accept"})
    wire = wire_of(scope, send)
    try:
        joined = await _joined(scope, wire)
        while (message := await receive())["type"] == "websocket.receive":
            if joined:
                _heard(*joined, message)
        if joined:
            joined[0].leave(joined[1])
    finally:
        wire.abort()


async def _joined(scope: Any, wire: Wire) -> tuple[Audience, Listener] | None:
    query = scope["query_string"].decode()
    try:
        view, since = view_asked(query), since_asked(query)
        audience = await hub().audience()
    except Problem as refused:
        wire.send(single("error", "", "", problem_of(refused)))
        wire.close(BAD_REQUEST)
        return None
    except LogUnavailable:
        wire.close(TRY_LATER)
        return None
    listener = Listener(view, wire)
    audience.tell(listener, "hello", {"connection": listener.token, "heartbeat_s": HEARTBEAT_S})
    audience.join(listener, since)
    return audience, listener


def _heard(audience: Audience, listener: Listener, message: dict[str, Any]) -> None:
    try:
        wish = message_asked(message.get("text"))
        audience.look_at(listener, subscribed(listener.view, wish))
    except Problem as refused:
        audience.tell(listener, "error", problem_of(refused))
