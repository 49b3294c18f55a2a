"""Names to addresses, in threads: getaddrinfo blocks, and a probe's clock must not stand still for it."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from probes.wire.errors import DnsFailedError, LocalFailedError, TransportError
from probes.wire.loop import Loop

# With too few threads names would queue behind slow ones.
DNS_THREADS: Final = 64
MAX_ADDRESSES: Final = 4


@dataclass(slots=True)
class Resolution:
    """What a name resolves to. begun, ended: monotonic seconds, stamped in the thread; 0 = not yet.

    addresses: at most four, families interleaved as the resolver ordered them. error: why there are none.
    """

    begun: float = 0.0
    ended: float = 0.0
    addresses: list[str] = field(default_factory=list)
    error: TransportError | None = None


class Resolver:
    """No cache of our own: a cold connection begins with its name."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._pool = ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")

    def resolve(self, host: str, port: int, done: Callable[[], None]) -> Resolution:
        """Start resolving; `done` is called in the loop's thread, once, when the result stands in what this
        returns."""
        resolution = Resolution()
        task = self._pool.submit(_look_up, host, port, resolution)

        def finished(_: Future[None]) -> None:
            self._loop.call_from_thread(done)

        task.add_done_callback(finished)
        return resolution

    def close(self) -> None:
        """What is being resolved is left to itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, resolution: Resolution) -> None:
    resolution.begun = time.monotonic()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        resolution.addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))[:MAX_ADDRESSES]
    except (OSError, UnicodeError) as exc:
        ours = isinstance(exc, OSError) and exc.errno in (socket.EAI_MEMORY, socket.EAI_SYSTEM)
        resolution.error = (LocalFailedError if ours else DnsFailedError)(f"{host}: {exc}")
    except Exception as exc:  # whatever else the system's resolver does must reach the attempt
        resolution.error = LocalFailedError(f"{host}: {type(exc).__name__} {exc}")
    resolution.ended = time.monotonic()
