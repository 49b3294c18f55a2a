"""One HTTP exchange on a cold connection, its phases timed. HTTP itself is httpcore's work.

TransportError            outcome
├── DnsFailedError            dns_error      theirs, transient
├── ConnectFailedError        connect_error  theirs, transient
├── TlsFailedError            tls_error      theirs, permanent until they renew
├── LocalFailedError          pop_offline    ours: no route, no resolver, no free sockets
└── AddressRefusedError       bad_request    ours: the catalogue points into our own network; not connected
"""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, ClassVar

import certifi
import httpcore

from probes.addresses import is_refused
from probes.protocols.description import WireRequest

# With several addresses, one that does not answer must not eat the whole attempt.
ADDRESS_TIMEOUT_S = 2.5
MAX_ADDRESSES = 4

# Ours: the kernel sends nothing (no sockets, memory, ports, interface or route), or nobody can deliver it.
# ENETDOWN is always ours. EHOSTUNREACH is mostly our own gateway that does not answer ARP. A far router's
# ICMP "unreachable" arrives as the same EHOSTUNREACH or ENETUNREACH, so the two cannot be told apart; but it
# is never the word of the provider's server, which refuses (ECONNREFUSED), resets or stays silent (timeout).
# Who cannot be shown to have failed is not charged: the attempt is a gap here, other regions still judge.
_LOCAL_ERRNOS = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EADDRNOTAVAIL,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
}


class TransportError(Exception):
    """The exchange failed below HTTP. The message may bear an address, never a secret."""

    outcome: ClassVar[str] = "connect_error"


class DnsFailedError(TransportError):
    outcome = "dns_error"


class ConnectFailedError(TransportError):
    outcome = "connect_error"


class TlsFailedError(TransportError):
    outcome = "tls_error"


class LocalFailedError(TransportError):
    outcome = "pop_offline"


class AddressRefusedError(TransportError):
    outcome = "bad_request"


@dataclass(slots=True)
class Phases:
    """Times of one exchange. Moments: `time.monotonic` seconds. `_ms`: durations, first_byte_ms since start.

    None = the phase did not happen (no DNS for an IP address, no TLS for http).
    """

    started: float
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    last_read: float = 0.0
    remote_ip: str = ""
    stage: str = "resolving the name"

    def since_start_ms(self, moment: float | None = None) -> float:
        return ((time.monotonic() if moment is None else moment) - self.started) * 1000


class TimedStream(httpcore.AsyncNetworkStream):
    """Stamps every read when the bytes arrive, before anything parses them."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, phases: Phases) -> None:
        self._inner = inner
        self._phases = phases

    # The parameter `timeout` is httpcore's interface.
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        data = await self._inner.read(max_bytes, timeout)
        self._phases.last_read = time.monotonic()
        if self._phases.first_byte_ms is None and data:
            self._phases.first_byte_ms = self._phases.since_start_ms(self._phases.last_read)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)
        self._phases.stage = "waiting for the first byte"

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        self._phases.stage = "TLS handshake"
        begun = time.monotonic()
        try:
            secured = await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
            raise TlsFailedError(_reason(exc)) from exc
        self._phases.tls_ms = (time.monotonic() - begun) * 1000
        return TimedStream(secured, self._phases)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class TimedBackend(httpcore.AsyncNetworkBackend):
    """Resolves and connects as two phases; httpcore would do both at once.

    guarded: refuse link-local and metadata addresses. What is checked is what is connected to, so that a name
    cannot answer differently a second time.
    """

    def __init__(self, phases: Phases, *, guarded: bool) -> None:
        self._phases = phases
        self._guarded = guarded
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        if self._guarded and (refused := next(filter(is_refused, addresses), None)):
            raise AddressRefusedError(f"{host} is at {refused}, which is link-local or a metadata service")
        self._phases.stage = "connecting"
        begun = time.monotonic()
        failures: list[Exception] = []
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            try:
                stream = await self._inner.connect_tcp(
                    address, port, timeout=ADDRESS_TIMEOUT_S if left else None
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failures.append(exc)
                continue
            self._phases.connect_ms = (time.monotonic() - begun) * 1000
            self._phases.remote_ip = address
            return TimedStream(stream, self._phases)
        # Ours only where no address could be tried: without IPv6, a refused IPv4 address is still theirs.
        theirs = [exc for exc in failures if not _errnos(exc) & _LOCAL_ERRNOS]
        last = (theirs or failures)[-1]
        raise (ConnectFailedError if theirs else LocalFailedError)(_reason(last)) from last

    async def _resolve(self, host: str, port: int) -> list[str]:
        """At most four addresses, families interleaved as the resolver ordered them."""
        try:
            return [str(ip_address(host.strip("[]")))]
        except ValueError:
            pass
        begun = time.monotonic()
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as exc:
            ours = isinstance(exc, socket.gaierror) and exc.errno in (socket.EAI_MEMORY, socket.EAI_SYSTEM)
            raise (LocalFailedError if ours else DnsFailedError)(f"{host}: {exc}") from exc
        finally:
            self._phases.dns_ms = (time.monotonic() - begun) * 1000
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:MAX_ADDRESSES]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def make_ssl_context() -> ssl.SSLContext:
    """The system's authorities (and SSL_CERT_FILE) plus certifi's, for images that ship none.

    One context serves all attempts: Python resumes no TLS session unless it is handed one, so each handshake
    is full.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@asynccontextmanager
async def exchange(
    request: WireRequest, phases: Phases, ssl_context: ssl.SSLContext, *, guarded: bool = True
) -> AsyncIterator[httpcore.Response]:
    """Send the request on a connection of its own; the body is still to be read.

    Redirects are not followed. guarded: False where the operator named the address.
    """
    url = httpcore.URL(request.url)
    connection = httpcore.AsyncHTTPConnection(
        origin=url.origin, ssl_context=ssl_context, network_backend=TimedBackend(phases, guarded=guarded)
    )
    try:
        async with connection.stream(
            request.method, url, headers=list(request.headers.items()), content=request.body or None
        ) as response:
            phases.stage = "reading the answer"
            yield response
    finally:
        await connection.aclose()


def _chain(exc: BaseException | None) -> list[BaseException]:
    """The exception and what caused it, innermost last; groups are opened."""
    found: list[BaseException] = []
    while exc is not None and exc not in found:
        found.append(exc)
        if isinstance(exc, BaseExceptionGroup):
            found += [inner for part in exc.exceptions for inner in _chain(part)]
        exc = exc.__cause__ or exc.__context__
    return found


def _errnos(exc: BaseException | None) -> set[int]:
    return {part.errno for part in _chain(exc) if isinstance(part, OSError) and part.errno is not None}


def _reason(exc: BaseException | None) -> str:
    """The innermost text: anyio's and httpcore's own wrappers say little."""
    texts = [str(part) for part in _chain(exc) if str(part)]
    return texts[-1] if texts else type(exc).__name__
