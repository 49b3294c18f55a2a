"""How one frame reaches a thousand sockets: straight to those that can take it, and deflated once."""

import socket
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest

from status.live.frames import LEAST_PRESSED_BYTES, Frame, Parcel, View, pressed_frame, socket_frame
from status.live.listeners import Crowd, Listener
from status.live.wires import Straight, send_all

PARCEL = Parcel([Frame({"type": "update", "id": "1-0"})])


class OneWire:
    """A wire over one end of a pair of sockets; `queued` is what its server would still have to send."""

    encoding = "socket"

    def __init__(self, end: socket.socket) -> None:
        self.end, self.queued, self.given, self.paused = end, b"", 0, False
        self.resumed = self.interrupted = lambda: None

    def send(self, parcel: Parcel) -> None:
        self.given += 1

    def straight(self) -> Straight | None:
        return None if self.queued else self.end.send

    def send_rest(self, data: bytes) -> None:
        self.interrupted()
        self.queued += data

    def close(self, code: int) -> None: ...

    def abort(self) -> None: ...


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def full(end: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            end.send(b"x" * 4096)


def test_who_cannot_take_all_of_it_is_named_with_what_it_took(ends):
    closed = socket.socket()
    closed.close()
    ours, _theirs = ends
    free, reader = socket.socketpair()
    data = b"y" * 1_000_000
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    with free, reader:
        assert send_all({"free": free.send}, b"hello") == []
        assert reader.recv(9) == b"hello"
    ((name, taken),) = send_all({"slow": ours.send}, data)
    assert name == "slow"
    assert 0 < taken < len(data)
    full(ours)
    assert send_all({"full": ours.send, "closed": closed.send}, data) == [("full", 0), ("closed", 0)]


def test_in_the_flow_is_who_has_nothing_unsent(ends):
    ours, theirs = ends
    crowd, wire = Crowd(), OneWire(ours)
    listener = Listener(View("all"), wire)
    wire.interrupted = lambda: crowd.take_apart(listener)
    crowd.add(listener)

    crowd.give(PARCEL, 1.0)
    assert wire.given == 1  # by the wire, the first time
    crowd.give(PARCEL, 2.0)
    assert (wire.given, theirs.recv(100)) == (1, PARCEL.socket)

    full(ours)
    crowd.give(PARCEL, 3.0)
    assert wire.queued == PARCEL.socket  # what it did not take, and once
    crowd.give(PARCEL, 4.0)
    assert (wire.given, wire.queued) == (2, PARCEL.socket)

    wire.queued = b""
    crowd.give(PARCEL, 5.0)
    crowd.discard(listener)
    crowd.give(PARCEL, 6.0)
    assert (wire.given, bool(crowd), crowd.heard_at) == (3, False, 6.0)


def test_a_frame_that_is_long_enough_is_deflated_by_itself():
    short, long = b"x" * (LEAST_PRESSED_BYTES - 1), b"x" * LEAST_PRESSED_BYTES
    pressed = pressed_frame(long)

    assert pressed_frame(short) == socket_frame(short)
    assert (pressed[0], pressed[1]) == (0xC1, len(pressed) - 2)
    assert zlib.decompressobj(-15).decompress(pressed[2:] + b"\0\0\xff\xff") == long
