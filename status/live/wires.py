"""How frames leave: ready bytes to the transport of our own server, or messages to any other ASGI server.

Past its limit a wire is `paused` until everything has left; then `resumed` is called.
All of it runs in the connection's event loop.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

from status.live.frames import Parcel

Kind = Literal["websocket", "sse"]
Send = Callable[[dict[str, Any]], Awaitable[None]]
#: Where our server (aigo.serving) offers its protocol object.
EXTENSION = "aigo.wire"
#: Bytes that may wait for a client's socket, beside the frame under way; as Twisted's transports have it.
LIMIT_BYTES = 64 * 1024


class Wire(Protocol):
    """One connection's way out. `resumed`: called when a paused wire has sent everything."""

    paused: bool
    resumed: Callable[[], None]

    def send(self, parcel: Parcel) -> None:
        """Hand the frames over; never waits. Only while not `paused`."""
        ...

    def close(self, code: int) -> None:
        """End it after what was handed over; `code` is a WebSocket close code."""
        ...

    def abort(self) -> None:
        """End it without waiting for what was handed over."""
        ...


def _nobody() -> None:
    """Nobody waits for this wire."""


class DirectWire:
    """Writes to the transport below daphne's protocol: no message, task or copy per frame and client."""

    __slots__ = ("_protocol", "_transport", "paused", "resumed")

    def __init__(self, protocol: Any, transport: Any) -> None:
        self._protocol, self._transport = protocol, transport
        self.paused = False
        self.resumed: Callable[[], None] = _nobody
        self._register()

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if transport.dataBuffer or transport._tempDataBuffer:
            transport.write(data)
            return
        sent = transport.writeSomeData(data)
        if sent.__class__ is not int:  # lost: the reactor finds out by itself and tells the protocol
            transport.write(data)
        elif sent < len(data):
            transport.write(data[sent:])

    def abort(self) -> None:
        self._transport.abortConnection()

    # Twisted calls these: a streaming producer of its transport.
    def pauseProducing(self) -> None:  # noqa: N802
        self.paused = True

    def resumeProducing(self) -> None:  # noqa: N802
        self.paused = False
        self.resumed()

    def stopProducing(self) -> None:  # noqa: N802
        self.resumed = _nobody

    def _register(self) -> None:
        raise NotImplementedError


class DirectSocket(DirectWire):
    """A WebSocket after its handshake; `protocol` is autobahn's."""

    __slots__ = ()

    def _register(self) -> None:
        self._transport.unregisterProducer()  # of the HTTP channel that the socket began as
        self._transport.registerProducer(self, True)

    def send(self, parcel: Parcel) -> None:
        if self._protocol.state == 3:  # open: nothing may follow a close frame
            self._write(parcel.socket)

    def close(self, code: int) -> None:
        self._transport.unregisterProducer()
        self._protocol.serverClose(code)


class DirectStream(DirectWire):
    """A chunked HTTP response after its head; `protocol` is the request."""

    __slots__ = ()

    def _register(self) -> None:
        self._protocol.registerProducer(self, True)

    def send(self, parcel: Parcel) -> None:
        if not self._protocol.finished:
            self._write(parcel.chunk)

    def close(self, code: int) -> None:
        if not self._protocol.finished:
            self._protocol.unregisterProducer()
            self._protocol.handle_reply({"type": "http.response.body"})


class AsgiWire:
    """A queue and a task that empties it through ASGI's `send`, which waits for slow clients."""

    def __init__(self, send: Send, kind: Kind) -> None:
        self._send, self._kind = send, kind
        self._messages: deque[tuple[int, dict[str, Any]]] = deque()
        self._unsent = 0
        self._wake = asyncio.Event()
        self._pump = asyncio.get_running_loop().create_task(self._empty())
        self.paused = False
        self.resumed: Callable[[], None] = _nobody

    def send(self, parcel: Parcel) -> None:
        if self._kind == "sse":
            body = {"type": "http.response.body", "body": parcel.stream, "more_body": True}
            self._put(body, len(parcel.stream))
            return
        for frame in parcel.frames:
            self._put({"type": "websocket.send", "text": frame.text}, len(frame.text))

    def close(self, code: int) -> None:
        if self._kind == "sse":
            self._put({"type": "http.response.body"}, 0)
        else:
            self._put({"type": "websocket.close", "code": code}, 0)

    def abort(self) -> None:
        self._messages.clear()
        self._pump.cancel()

    def _put(self, message: dict[str, Any], size: int) -> None:
        self._messages.append((size, message))
        self._unsent += size
        self.paused = self._unsent > LIMIT_BYTES
        self._wake.set()

    async def _empty(self) -> None:
        while True:
            while self._messages:
                size, message = self._messages.popleft()
                await self._send(message)
                self._unsent -= size
            if self.paused:
                self.paused = False
                self.resumed()
            self._wake.clear()
            await self._wake.wait()


def wire_of(scope: dict[str, Any], send: Send) -> Wire:
    """The shortest way out of an accepted connection."""
    kind: Kind = "sse" if scope["type"] == "http" else "websocket"
    protocol = scope.get("extensions", {}).get(EXTENSION)
    if protocol is None:
        return AsgiWire(send, kind)
    if kind == "websocket":
        return DirectSocket(protocol, protocol.transport)
    if protocol.chunked:
        return DirectStream(protocol, protocol.channel.transport)
    return AsgiWire(send, kind)  # HTTP/1.0 knows no chunks
