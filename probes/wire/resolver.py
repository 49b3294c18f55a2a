"""Names to addresses, in threads: getaddrinfo blocks, and a probe's clock must not stand still for it."""

import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from probes.wire.errors import DnsFailedError, LocalFailedError, TransportError
from probes.wire.loop import Loop

# With too few threads names would queue behind slow ones.
DNS_THREADS: Final = 64
MAX_ADDRESSES: Final = 4
# One dead nameserver must not take the threads of all other names: more attempts share what is under way.
MAX_PER_HOST: Final = 16


@dataclass(slots=True)
class Resolution:
    """What a name resolves to. begun, ended: monotonic seconds, stamped in the thread; 0 = not yet.

    addresses: at most four, families interleaved as the resolver ordered them. error: why there are none.
    """

    begun: float = 0.0
    ended: float = 0.0
    addresses: list[str] = field(default_factory=list)
    error: TransportError | None = None
    task: Future[None] | None = None

    def cancel(self) -> None:
        """Nobody waits for it any more: a look-up that has not begun never does."""
        if self.task is not None:
            self.task.cancel()


class Resolver:
    """No cache of our own: a cold connection begins with its name."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._under_way: Counter[str] = Counter()
        self._sharing: dict[str, list[tuple[Resolution, Callable[[], None]]]] = {}
        self._pool = ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns")

    def resolve(self, host: str, port: int, done: Callable[[], None]) -> Resolution:
        """Start resolving; `done` is called in the loop's thread, once, when the result stands in what this
        returns."""
        resolution = Resolution()
        if self._under_way[host] < MAX_PER_HOST:
            self._start(host, port, resolution, done)
        else:
            resolution.begun = time.monotonic()
            self._sharing.setdefault(host, []).append((resolution, done))
        return resolution

    def _start(self, host: str, port: int, resolution: Resolution, done: Callable[[], None]) -> None:
        self._under_way[host] += 1

        def finished() -> None:
            self._under_way[host] -= 1
            resolution.task = None  # it leads back here: without it there is no cycle for the collector
            done()
            self._share(host, port, resolution)

        resolution.task = self._pool.submit(_look_up, host, port, resolution)
        resolution.task.add_done_callback(lambda _: self._loop.call_from_thread(finished))

    def _share(self, host: str, port: int, found: Resolution) -> None:
        """Those that wait for this name get the same; where nothing was found out the first begins anew."""
        waiting = self._sharing.pop(host, [])
        if not found.ended and waiting:
            (resolution, done), *rest = waiting
            self._sharing[host] = rest
            self._start(host, port, resolution, done)
            return
        for resolution, done in waiting:
            resolution.addresses, resolution.error = list(found.addresses), found.error
            resolution.ended = max(found.ended, resolution.begun)
            done()

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
