"""How frames leave: ready bytes to the transport of our own server, or messages to any other ASGI server.

Past its limit a wire is `paused` until everything has left; then `resumed` is called.
All of it runs in the connection's event loop.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Literal, Protocol, TypeVar

from status.live.frames import Parcel

Kind = Literal["websocket", "sse"]
Send = Callable[[dict[str, Any]], Awaitable[None]]
#: A socket's own `send`: how many bytes it took, OSError where it takes none.
Straight = Callable[[bytes], int]
T = TypeVar("T")
#: Where our server (aigo.serving) offers its protocol object.
EXTENSION = "aigo.wire"
#: Bytes that may wait for a client's socket, beside the frame under way; as Twisted's transports have it.
LIMIT_BYTES = 64 * 1024


class Wire(Protocol):
    """One connection's way out.

    `encoding`: the attribute of a parcel with the bytes that it takes. `resumed`: called when a paused wire
    has sent everything. `interrupted`: called before something is queued: `straight` may not be used then.
    """

    encoding: str
    paused: bool
    resumed: Callable[[], None]
    interrupted: Callable[[], None]

    def send(self, parcel: Parcel) -> None:
        """Hand the frames over; never waits. Only while not `paused`."""
        ...

    def straight(self) -> Straight | None:
        """Sends past the wire, as long as nothing interrupts; None = not now."""
        ...

    def send_rest(self, data: bytes) -> None:
        """Queue what `straight` did not take of a parcel."""
        ...

    def close(self, code: int) -> None:
        """End it after what was handed over; `code` is a WebSocket close code."""
        ...

    def abort(self) -> None:
        """End it without waiting for what was handed over."""
        ...


def _nobody() -> None:
    """Nobody waits for this wire."""


def send_all(ways: Mapping[T, Straight], data: bytes) -> list[tuple[T, int]]:
    """The same bytes to all; who could not take all of them, and how many they took.

    One call for each, and nothing else: this loop is what a frame costs. Who is lost takes nothing either;
    the reactor finds out by itself and tells the protocol.
    """
    size, short = len(data), []
    for one, send in ways.items():
        try:
            sent = send(data)
        except OSError:
            sent = 0
        if sent != size:
            short.append((one, sent))
    return short


def _taken(straight: Straight, data: bytes) -> int:
    try:
        return straight(data)
    except OSError:
        return 0


class DirectWire:
    """Writes to the transport below daphne's protocol: no message, task or copy per frame and client."""

    __slots__ = ("_protocol", "_transport", "encoding", "interrupted", "paused", "resumed")

    def __init__(self, protocol: Any, transport: Any) -> None:
        self._protocol, self._transport = protocol, transport
        self.encoding = ""
        self.paused = False
        self.resumed: Callable[[], None] = _nobody
        self.interrupted: Callable[[], None] = _nobody
        self._register()

    def send(self, parcel: Parcel) -> None:
        if not self._is_open():
            return
        data: bytes = getattr(parcel, self.encoding)
        straight = self.straight()
        sent = _taken(straight, data) if straight else 0
        if sent < len(data):
            self.send_rest(data[sent:])

    def straight(self) -> Straight | None:
        transport = self._transport
        if self.paused or not self._is_open() or not transport.connected:
            return None
        if transport.dataBuffer or transport._tempDataBuffer:
            return None
        straight: Straight = transport.socket.send
        return straight

    def send_rest(self, data: bytes) -> None:
        self.interrupted()
        self._transport.write(data)

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

    def _is_open(self) -> bool:
        raise NotImplementedError


class DirectSocket(DirectWire):
    """A WebSocket after its handshake; `protocol` is autobahn's, which sends pongs and closes by itself."""

    __slots__ = ()

    def _register(self) -> None:
        self.encoding = "pressed" if self._protocol.websocket_extensions_in_use else "socket"
        self._transport.unregisterProducer()  # of the HTTP channel that the socket began as
        self._transport.registerProducer(self, True)
        self._protocol.sendData = self._let_protocol_send

    def _is_open(self) -> bool:
        return bool(self._protocol.state == 3)  # nothing may follow a close frame

    def _let_protocol_send(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        self.interrupted()
        type(self._protocol).sendData(self._protocol, data, sync, chopsize)

    def pauseProducing(self) -> None:  # noqa: N802
        super().pauseProducing()
        self._transport.pauseProducing()  # who does not read is not heard either: each ping has its pong

    def resumeProducing(self) -> None:  # noqa: N802
        self._transport.resumeProducing()
        super().resumeProducing()

    def close(self, code: int) -> None:
        self._transport.unregisterProducer()
        self._transport.resumeProducing()
        self._protocol.serverClose(code)


class DirectStream(DirectWire):
    """A chunked HTTP response after its head; `protocol` is the request."""

    __slots__ = ()

    def _register(self) -> None:
        self.encoding = "chunk"
        self._protocol.registerProducer(self, True)

    def _is_open(self) -> bool:
        return not self._protocol.finished

    def close(self, code: int) -> None:
        if self._is_open():
            self._protocol.unregisterProducer()
            self._protocol.handle_reply({"type": "http.response.body"})

    def abort(self) -> None:
        if not self._protocol.finished:  # else its last bytes may be on their way
            super().abort()


class AsgiWire:
    """A queue and a task that empties it through ASGI's `send`, which waits for slow clients."""

    def __init__(self, send: Send, kind: Kind) -> None:
        self._send, self._kind = send, kind
        self._messages: deque[tuple[int, dict[str, Any]]] = deque()
        self._unsent = 0
        self._wake = asyncio.Event()
        self.encoding = ""
        self._pump = asyncio.get_running_loop().create_task(self._empty())
        #: The connection's own: ASGI ends a connection where its application returns.
        self._reader = asyncio.current_task()
        self.aborted = False
        self.paused = False
        self.resumed: Callable[[], None] = _nobody
        self.interrupted: Callable[[], None] = _nobody

    def straight(self) -> Straight | None:
        return None

    def send_rest(self, data: bytes) -> None:
        """Nothing was sent past this wire."""

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
        self._pump.cancel()
        if self._reader and self._reader is not asyncio.current_task():
            self.aborted = True
            self._reader.cancel()

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


@contextlib.contextmanager
def ending_by(wire: Wire) -> Iterator[None]:
    """Where the connection's application ends because its wire was aborted, it ends well."""
    try:
        yield
    except asyncio.CancelledError:
        if not (isinstance(wire, AsgiWire) and wire.aborted):
            raise


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
