"""When bytes arrived: the kernel's own stamp, carried over to the monotonic clock. Pure, except for one flag.

Our process may be busy or not scheduled when an answer arrives; the kernel stamps every packet at that moment
with the real-time clock (SO_TIMESTAMPNS, https://docs.kernel.org/networking/timestamping.html). On a TCP
socket the stamp that a read brings is that of the last packet in it.
"""

import socket
import struct
from collections.abc import Iterable
from typing import Final

# Linux's SO_TIMESTAMPNS_OLD = SCM_TIMESTAMPNS_OLD; Python names neither.
SO_TIMESTAMPNS: Final = 35
_TIMESPEC: Final = struct.Struct("@qq")
_SIZE: Final = _TIMESPEC.size
_unpack = _TIMESPEC.unpack
#: Room for the stamp in recvmsg's ancillary data.
ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_SIZE)
# The two clocks are read one after the other; what lies between is no step. A thread that loses its core
# just then can find a stamp that seems a little too old.
_TOLERANCE_S: Final = 0.000_1
_AGE_TOLERANCE_S: Final = 0.005


def ask_for_stamps(sock: socket.socket) -> None:
    """From now on reads of this socket bring stamps, where the kernel offers them."""
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def received_at(
    ancillary: Iterable[tuple[int, int, bytes]], *, now: float, realtime: float, not_before: float
) -> float | None:
    """The monotonic moment (seconds) at which the last byte of a read arrived, from its ancillary data.

    now, realtime: both clocks, read just after the read. not_before: monotonic; nothing was there at that
    moment. None where there is no stamp, or one outside not_before … now: then somebody set the clock.
    """
    for level, kind, data in ancillary:
        if kind == SO_TIMESTAMPNS and level == socket.SOL_SOCKET and len(data) == _SIZE:
            seconds, nanoseconds = _unpack(data)
            moment: float = now - (realtime - (seconds + nanoseconds * 1e-9))
            if not_before - _AGE_TOLERANCE_S <= moment <= now + _TOLERANCE_S:
                return moment if moment < now else now
    return None
