"""What travels: a view, a frame of it, and the frame's bytes as each kind of wire carries them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from status.board import SORTS

FORMATS = ("json", "html")
#: What ends an event stream whose length nobody knew: the last chunk.
SSE_RETRY = b"retry: 3000\n\n"
#: Frames that tell nothing of the board: their ids are nothing to go on from.
_ASIDE = ("hello", "error", "reload", "signed_out")


@dataclass(frozen=True, slots=True)
class View:
    """What a listener looks at. `models`: slugs of endpoints or models, () = all of them."""

    region: str
    format: str = "json"
    lang: str = "en"
    sort: str = SORTS[0]
    models: tuple[str, ...] = ()


class Frame:
    """One message, serialised once. `id`: the newest event that it holds."""

    __slots__ = ("id", "text", "type")

    def __init__(self, frame: dict[str, Any]) -> None:
        self.type: str = frame["type"]
        self.id: str = frame["id"]
        self.text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


class Framed(Protocol):
    """What a parcel is made of: a frame's type, event id and JSON text."""

    type: str
    id: str
    text: str


class Parcel:
    """Frames that leave together, encoded once for each kind of wire, however many listen."""

    __slots__ = ("_chunk", "_socket", "_stream", "frames", "id")

    def __init__(self, frames: Iterable[Framed]) -> None:
        self.frames = tuple(frames)
        self.id = self.frames[-1].id
        self._socket = self._stream = self._chunk = b""

    @property
    def socket(self) -> bytes:
        """As a server's WebSocket text frames."""
        if not self._socket:
            self._socket = b"".join(socket_frame(frame.text.encode()) for frame in self.frames)
        return self._socket

    @property
    def stream(self) -> bytes:
        """As server-sent events."""
        if not self._stream:
            self._stream = b"".join(map(_stream_event, self.frames))
        return self._stream

    @property
    def chunk(self) -> bytes:
        """As a chunk of a chunked HTTP body that holds these server-sent events."""
        if not self._chunk:
            self._chunk = b"%x\r\n%b\r\n" % (len(self.stream), self.stream)
        return self._chunk


def socket_frame(payload: bytes) -> bytes:
    """A whole text message as a server sends it: final, neither masked nor compressed (RFC 6455, 5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + payload
    return b"\x81\x7f" + length.to_bytes(8, "big") + payload


def _stream_event(frame: Framed) -> bytes:
    """The type in the words of the stream, too. JSON text holds no line break."""
    event_id = f"id: {frame.id}\n" if frame.id and frame.type not in _ASIDE else ""
    return f"{event_id}event: {frame.type}\ndata: {frame.text}\n\n".encode()


def framed(kind: str, event_id: str, region: str, data: dict[str, Any]) -> dict[str, Any]:
    """The shape of every frame."""
    return {"type": kind, "id": event_id, "region": region, "data": data}


def single(kind: str, event_id: str, region: str, data: dict[str, Any]) -> Parcel:
    """A parcel of one frame."""
    return Parcel([Frame(framed(kind, event_id, region, data))])
