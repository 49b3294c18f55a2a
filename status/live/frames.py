"""What travels: a view, a frame of it, and the frame's bytes as each kind of wire carries them."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from status.board import SORTS
from status.filtering import BoardWish, Filters

FORMATS = ("json", "html")
#: What ends an event stream whose length nobody knew: the last chunk.
SSE_RETRY = b"retry: 3000\n\n"
#: Below that, deflating saves no packet and no time.
LEAST_PRESSED_BYTES = 1_024
#: Frames that tell nothing of the board: their ids are nothing to go on from.
_ASIDE = ("hello", "error", "reload", "signed_out")


@dataclass(frozen=True, slots=True)
class View:
    """What a listener looks at. `models`: slugs of endpoints or models, () = all of them.

    Of the rows that `filters` leave, those at the places from `offset` on, `limit` of them; 0 = to the end.
    """

    region: str
    format: str = "json"
    lang: str = "en"
    sort: str = SORTS[0]
    models: tuple[str, ...] = ()
    filters: Filters = ()
    offset: int = 0
    limit: int = 0

    @property
    def wish(self) -> BoardWish:
        """What it asks of the board."""
        return BoardWish(region=self.region, sort=self.sort).filtered(self.filters)


class Frame:
    """One message, serialised once. `id`: the newest event that it holds."""

    __slots__ = ("_pressed", "id", "text", "type")

    def __init__(self, frame: dict[str, Any], text: str = "") -> None:
        """text: the frame's JSON where it is there already."""
        self.type: str = frame["type"]
        self.id: str = frame["id"]
        self.text = text or json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        self._pressed = b""

    @property
    def pressed(self) -> bytes:
        """As a server's WebSocket text frame, deflated where that is worth it."""
        if not self._pressed:
            self._pressed = pressed_frame(self.text.encode())
        return self._pressed


class Parcel:
    """Frames that leave together, encoded once for each kind of wire, however many listen."""

    __slots__ = ("_chunk", "_pressed", "_socket", "_stream", "frames", "id")

    def __init__(self, frames: Iterable[Frame]) -> None:
        self.frames = tuple(frames)
        self.id = self.frames[-1].id
        self._pressed = self._socket = self._stream = self._chunk = b""

    @property
    def socket(self) -> bytes:
        """As a server's WebSocket text frames."""
        if not self._socket:
            self._socket = b"".join(socket_frame(frame.text.encode()) for frame in self.frames)
        return self._socket

    @property
    def pressed(self) -> bytes:
        """As `socket`, for clients that inflate."""
        self.press()
        return self._pressed

    def press(self) -> None:
        """Deflate now, in a thread that can take its time."""
        if not self._pressed:
            self._pressed = b"".join(frame.pressed for frame in self.frames)

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


def socket_frame(payload: bytes, first: int = 0x81) -> bytes:
    """A whole message as a server sends it: final, not masked (RFC 6455, 5.2). first: a text of one frame."""
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 65_536:
        return bytes((first, 126)) + length.to_bytes(2, "big") + payload
    return bytes((first, 127)) + length.to_bytes(8, "big") + payload


def pressed_frame(payload: bytes) -> bytes:
    """For clients with permessage-deflate (RFC 7692): deflated by itself, so that all get the same bytes."""
    if len(payload) < LEAST_PRESSED_BYTES:
        return socket_frame(payload)
    press = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = press.compress(payload) + press.flush(zlib.Z_SYNC_FLUSH)
    return socket_frame(deflated[:-4], 0xC1)


def _stream_event(frame: Frame) -> bytes:
    """The type in the words of the stream, too. JSON text holds no line break."""
    event_id = f"id: {frame.id}\n" if frame.id and frame.type not in _ASIDE else ""
    return f"{event_id}event: {frame.type}\ndata: {frame.text}\n\n".encode()


def framed(kind: str, event_id: str, region: str, data: dict[str, Any]) -> dict[str, Any]:
    """The shape of every frame."""
    return {"type": kind, "id": event_id, "region": region, "data": data}


def single(kind: str, event_id: str, region: str, data: dict[str, Any]) -> Parcel:
    """A parcel of one frame."""
    return Parcel([Frame(framed(kind, event_id, region, data))])
