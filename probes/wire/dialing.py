"""Opening a TCP connection without waiting for it."""

import socket
from contextlib import suppress
from typing import Final

from probes.wire.clock import ask_for_stamps

# With several addresses, one that does not answer must not eat the whole attempt.
ADDRESS_TIMEOUT_S: Final = 2.5
_KIND: Final = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


def dial(address: str, port: int, *, talks: bool) -> socket.socket:
    """A socket that connects, its reads stamped by the kernel. OSError: the kernel refused at once.

    talks: more than one thing will be said (TLS): none shall wait until the other is acknowledged.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, _KIND)
    try:
        if talks:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # a kernel without stamps can still be measured on, by our own clock
            ask_for_stamps(sock)
        sock.connect((address, port))
    except BlockingIOError:
        pass
    except BaseException:
        sock.close()
        raise
    return sock
