"""Connecting to where an address was judged to be, and nowhere else. asyncio, no Django.

    FetchError      see aigo.lib.addresses
      Unreachable   theirs or the network's, transient: no name, no connection, or it broke off
        Unresolved  the name has no address now
        TlsFailed   theirs, until a certificate changes
      Garbled       theirs: what came is not HTTP

A name is resolved once; all of its addresses are judged, and the connection goes to one of just these, so
that a second answer of the resolver cannot lead elsewhere. TLS and the Host header keep the name. No proxy of
the environment is used: it would connect for us, unjudged.
"""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import SplitResult

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult

from aigo.lib.addresses import FetchError, ForbiddenAddress
from aigo.lib.networks import IpNetwork, Policy, why_refused
from aigo.lib.unpacking import Garbled

USER_AGENT: Final = "AI-GO/1.0 (self-hosted observatory of AI model APIs)"
#: Names that wait for a resolver at once; one dead name server must not take the turn of all other names.
RESOLVERS: Final = 64
_TURN_S: Final = 0.02
_PORTS: Final = {"http": 80, "https": 443}

_AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]


class Unreachable(FetchError):
    """No answer could be had: no name, no connection, no TLS, or it broke off."""


class Unresolved(Unreachable):
    """The name has no address now."""


class TlsFailed(Unreachable):
    """The server cannot prove to be who it is asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A server and the IP addresses that it was judged by; at least one."""

    host: str
    port: int
    addresses: tuple[str, ...]

    def is_all(self, accepted: Callable[[str], bool]) -> bool:
        """Whether every address is `accepted`."""
        return all(map(accepted, self.addresses))


async def find(parts: SplitResult, policy: Policy, allowed: Sequence[IpNetwork] = ()) -> Place:
    """Where the server of a URL that passed `check_url` is, every address of it judged.

    ForbiddenAddress: one of them is refused. Unresolved: it has none. Who gives up need not wait for the name
    server.
    """
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    addresses = tuple(dict.fromkeys(await _addresses(host, port)))
    for address in addresses:
        if why := why_refused(address, policy, allowed):
            raise ForbiddenAddress(f"{host} leads to {why}" if host != address else why)
    return Place(host, port, addresses)


async def _addresses(host: str, port: int) -> list[str]:
    with suppress(ValueError):
        return [str(ip_address(host))]
    try:
        found = await _look_up(host, port)
    except (OSError, UnicodeError) as error:
        raise Unresolved(f"{host} cannot be resolved: {words(error)}") from None
    if not found:
        raise Unresolved(f"{host} cannot be resolved: it has no address")
    return [str(entry[4][0]) for entry in found]


@asynccontextmanager
async def open_session(place: Place) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of this one place, without cookies, proxies or decompression; the caller limits the time."""
    connector = aiohttp.TCPConnector(
        resolver=_Pinned(place), ssl=_tls(), limit=1, force_close=False, use_dns_cache=False
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield session


@contextmanager
def failures_named(where: str) -> Iterator[None]:
    """What aiohttp raises, as FetchErrors that name `where`."""
    try:
        yield
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        raise TlsFailed(f"{where}: {words(error)}") from None
    except aiohttp.ClientConnectorError as error:
        raise Unreachable(f"{where}: {words(error.os_error)}") from None
    except aiohttp.ClientResponseError as error:
        raise Garbled(f"{where}: not HTTP: {' '.join(error.message.split())[:150]}") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(f"{where}: {words(error)}") from None


def words(error: BaseException) -> str:
    """What went wrong, without the address."""
    reason = getattr(error, "strerror", None) or getattr(error, "certificate_error", None) or error
    return f"{type(error).__name__}: {reason}"[:200]


class _Pinned(AbstractResolver):
    """Answers what was judged, for the host that it was judged for."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host.lower() != self._place.host:
            raise OSError(f"{host} was not judged")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=0,
            )
            for address in self._place.addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def prepare() -> None:
    """Read what every session needs, once in a process: it takes longer than many a server's answer."""
    _tls()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The machine's authorities and certifi's: images ship none, companies have their own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


#: Slots for threads that resolve names; a child process begins with its own.
_slots = threading.Semaphore(RESOLVERS)


def _forget_slots() -> None:
    global _slots
    _slots = threading.Semaphore(RESOLVERS)


os.register_at_fork(after_in_child=_forget_slots)


async def _look_up(host: str, port: int) -> list[_AddressInfo]:
    """getaddrinfo in a daemon thread of its own: nothing can end it, so neither a loop that closes nor the
    process must wait for a name server that hangs."""
    slots = _slots
    while not slots.acquire(blocking=False):  # noqa: ASYNC110  (threads of several loops share the slots)
        await asyncio.sleep(_TURN_S)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[_AddressInfo]] = loop.create_future()

    def tell(found: list[_AddressInfo], failure: Exception | None) -> None:
        if answer.done():  # given up
            return
        if failure is None:
            answer.set_result(found)
        else:
            answer.set_exception(failure)

    def look() -> None:
        found: list[_AddressInfo] = []
        failure: Exception | None = None
        try:
            found = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            failure = error
        slots.release()
        with suppress(RuntimeError):  # the loop has closed
            loop.call_soon_threadsafe(tell, found, failure)

    threading.Thread(target=look, name=f"name {host}", daemon=True).start()
    return await answer
