"""When bytes arrived: the kernel's stamps on the monotonic clock."""

import socket
import struct
import time
from collections.abc import Iterator

import pytest

from probes.wire.clock import ANCILLARY_BYTES, SO_TIMESTAMPNS, ask_for_stamps, received_at
from testing.patience import PATIENCE_S

STAMPED_AT = 1_800_000_000.25


def stamp(seconds: float = STAMPED_AT, *, kind: int = SO_TIMESTAMPNS) -> list[tuple[int, int, bytes]]:
    whole = int(seconds)
    return [(socket.SOL_SOCKET, kind, struct.pack("@qq", whole, round((seconds - whole) * 1e9)))]


def moment(ancillary, *, age: float = 0.0, since_last_look: float = 0.1) -> float | None:
    """As seen at monotonic 1,000 s; age: how long before now the real-time clock says that it was stamped."""
    return received_at(ancillary, now=1000.0, realtime=STAMPED_AT + age, not_before=1000.0 - since_last_look)


def test_a_stamp_is_carried_over_by_its_age():
    assert moment(stamp(), age=0.03) == pytest.approx(999.97, abs=1e-6)


def test_without_a_stamp_there_is_no_moment():
    assert moment([]) is None
    assert moment(stamp(kind=29), age=0.03) is None
    assert moment([(socket.SOL_SOCKET, SO_TIMESTAMPNS, b"short")], age=0.03) is None


@pytest.mark.parametrize(
    ("age", "believed"),
    [
        (0.0, True),
        (0.1, True),
        (0.2, False),  # older than the last look at the socket, which found nothing: a step forward
        (3600.0, False),
        (-0.001, False),  # from the future: a step back
        (-3600.0, False),
    ],
)
def test_a_stamp_from_before_a_step_of_the_clock_is_not_believed(age, believed):
    assert (moment(stamp(), age=age) is not None) is believed


def test_a_stamp_is_never_later_than_now():
    assert moment(stamp(), age=-0.000_05) == 1000.0


def clocks() -> tuple[float, float]:
    """(monotonic, realtime) of one moment: read until nothing came between the two readings."""
    while True:
        before, realtime, after = time.monotonic(), time.time(), time.monotonic()
        if after - before < 0.000_1:
            return after, realtime


@pytest.fixture
def wanted() -> Iterator[None]:
    """Somebody wants stamps all the while, as every loop does: the kernel stops when nobody does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        ask_for_stamps(sock)
        yield


def stamped() -> tuple[float, float, float] | None:
    """(before, arrived, sent) of one byte; None if the clock was set meanwhile or stamping had not begun."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as ours,
        server.accept()[0] as theirs,
    ):
        ask_for_stamps(ours)
        before, realtime_before = clocks()
        theirs.sendall(b"x")
        sent = time.monotonic()
        time.sleep(0.2)  # as if this process had been busy
        _, ancillary, _, _ = ours.recvmsg(10, ANCILLARY_BYTES)
        now, realtime = clocks()
    if not ancillary or abs((realtime - now) - (realtime_before - before)) > 0.001:
        return None
    arrived = received_at(ancillary, now=now, realtime=realtime, not_before=before)
    assert arrived is not None
    return before, arrived, sent


@pytest.mark.usefixtures("wanted")
def test_the_kernel_stamps_what_waits_in_the_socket():
    # A kernel that is asked begins a little later, in a thread of its own.
    deadline = time.monotonic() + PATIENCE_S
    while (moments := stamped()) is None:
        assert time.monotonic() < deadline, "no byte was stamped"
    before, arrived, sent = moments
    assert before - 0.002 < arrived < sent + 0.1
