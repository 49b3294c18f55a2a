"""`/ws/status` and `/events/status`: one open page each, let in here and handed to the hub.

Plain ASGI applications: a page costs one task, and nothing per frame.
"""

import asyncio
import json
import time
from collections import deque
from typing import Any

from rest_framework.exceptions import APIException, MethodNotAllowed, PermissionDenied

from aigo.lib.events import LogUnavailable
from aigo.lib.kept import Unavailable
from aigo.lib.problems import CONTENT_TYPE, Problem, problem_of
from status.live.asking import MOST_BYTES, message_asked, since_asked, subscribed, view_asked
from status.live.audience import BAD_REQUEST, TOO_MANY, TRY_LATER, Audience
from status.live.doors import Full, address_of, doors, header, is_our_origin, session_of, user_of
from status.live.frames import SSE_RETRY, View, single
from status.live.hub import hub
from status.live.listeners import Listener
from status.live.wires import Wire, ending_by, wire_of

#: So many messages of a client within a time in seconds.
MOST_MESSAGES, WITHIN_S = 20, 10.0
#: Close codes: the message is too long, there are too many.
TOO_LONG, TOO_OFTEN = 4413, TOO_MANY
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


async def status_socket(scope: Any, receive: Any, send: Any) -> None:
    """A WebSocket: hello, a snapshot (or what was missed after `since`), then what changes."""
    await receive()
    if not is_our_origin(header(scope, b"origin")):
        await send({"type": "websocket.close", "code": 4403})
        return
    await send({"type": "websocket.accept"})
    wire, address = wire_of(scope, send), address_of(scope)
    try:
        doors().enter(address)
    except Full as full:
        _refuse(wire, full)
        await _until_gone(receive)
        wire.abort()
        return
    try:
        with ending_by(wire):
            await _serve_socket(scope, receive, wire)
    finally:
        doors().leave(address)
        wire.abort()


async def _serve_socket(scope: Any, receive: Any, wire: Wire) -> None:
    query = scope["query_string"].decode()
    try:
        view, since = view_asked(query), since_asked(query)
        audience = await _audience()
    except APIException as refused:
        _refuse(wire, refused)
        await _until_gone(receive)
        return
    listener = await _join(audience, scope, view, wire, since)
    try:
        await _hear(audience, listener, receive)
    finally:
        audience.leave(listener)


def _refuse(wire: Wire, refused: APIException) -> None:
    wire.send(single("error", "", "", problem_of(refused)))
    codes = {429: TOO_MANY, 503: TRY_LATER}
    wire.close(codes.get(refused.status_code, BAD_REQUEST))


async def _until_gone(receive: Any) -> None:
    while not (await receive())["type"].endswith(".disconnect"):
        pass


async def _audience() -> Audience:
    try:
        return await hub().audience()
    except LogUnavailable as error:
        raise Unavailable("event log") from error


async def _join(audience: Audience, scope: Any, view: View, wire: Wire, since: str) -> Listener:
    session = session_of(scope)
    user_id = await asyncio.to_thread(user_of, session) if session else None
    listener = Listener(view, wire, user_id)
    audience.join(listener, since)
    return listener


async def _hear(audience: Audience, listener: Listener, receive: Any) -> None:
    """What the client says, until it goes; nothing it says can end more than its own connection."""
    heard_at: deque[float] = deque(maxlen=MOST_MESSAGES)
    while (message := await receive())["type"] == "websocket.receive":
        now = time.monotonic()
        if len(heard_at) == MOST_MESSAGES and now - heard_at[0] < WITHIN_S:
            audience.dismiss(listener, TOO_OFTEN)
        elif len(message.get("text") or message.get("bytes") or "") > MOST_BYTES:
            audience.dismiss(listener, TOO_LONG)
        else:
            _obey(audience, listener, message.get("text"))
        heard_at.append(now)


def _obey(audience: Audience, listener: Listener, text: str | None) -> None:
    try:
        audience.look_at(listener, subscribed(listener.view, message_asked(text)))
    except Problem as refused:
        audience.tell(listener, "error", problem_of(refused))


async def status_events(scope: Any, receive: Any, send: Any) -> None:
    """The same frames as server-sent events; whatever is refused is refused by status and problem."""
    address = address_of(scope)
    entered = False
    try:
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(scope["method"])
        if not is_our_origin(header(scope, b"origin")):
            raise PermissionDenied("The Origin header names another site.")
        query = scope["query_string"].decode()
        view, since = view_asked(query), since_asked(query, header(scope, b"last-event-id"))
        doors().enter(address)
        entered = True
        audience = await _audience()
        await audience.check(view, since)
        await _serve_stream(audience, scope, receive, send, view, since)
    except APIException as refused:
        await _answer_problem(send, refused)
    finally:
        if entered:
            doors().leave(address)


async def _serve_stream(
    audience: Audience, scope: Any, receive: Any, send: Any, view: View, since: str
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body"})
        return
    await send({"type": "http.response.body", "body": SSE_RETRY, "more_body": True})
    wire = wire_of(scope, send)
    try:
        with ending_by(wire):
            listener = await _join(audience, scope, view, wire, since)
            try:
                await _until_gone(receive)
            finally:
                audience.leave(listener)
    finally:
        wire.abort()


async def _answer_problem(send: Any, refused: APIException) -> None:
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store")]
    if wait_s := getattr(refused, "wait", None):
        headers.append((b"retry-after", str(int(wait_s)).encode()))
    await send({"type": "http.response.start", "status": refused.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem_of(refused)).encode()})
