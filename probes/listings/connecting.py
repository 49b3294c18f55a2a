"""Connecting to where a list is, and nowhere else.

ListingFailed    theirs or the operator's; the message says which
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import certifi
from aiohttp.abc import AbstractResolver, ResolveResult

from probes.addresses import Address, Source, is_refused


class ListingFailed(Exception):
    """The list could not be read. retry_after_s: seconds the provider asks us to wait, None = not told."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@asynccontextmanager
async def open_session(address: Address) -> AsyncIterator[aiohttp.ClientSession]:
    """A client without cookies, proxies or decompression; the caller limits the time."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    resolver = _Resolver(guarded=address.source is Source.CATALOGUE)
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, ssl=context, limit=1),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
        ) as session:
            yield session
    finally:
        await resolver.close()


class _Resolver(AbstractResolver):
    """What is checked is what is connected to, so that a name cannot answer differently a second time.

    It does not wait for a resolver that hangs, as the loop's own would when it ends.
    """

    def __init__(self, *, guarded: bool) -> None:
        self._guarded = guarded
        self._executor = ThreadPoolExecutor(max_workers=1)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._executor, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        if self._guarded:
            _refuse([str(entry[4][0]) for entry in found], host)
        return [
            ResolveResult(
                hostname=host, host=str(entry[4][0]), port=port, family=entry[0], proto=entry[2], flags=0
            )
            for entry in found
        ]

    async def close(self) -> None:
        self._executor.shutdown(wait=False)


def _refuse(addresses: list[str], host: str) -> None:
    if refused := next(filter(is_refused, addresses), None):
        raise ListingFailed(f"{host} is at {refused}, which is link-local or a metadata service")


def refuse_literal(url: str, address: Address) -> None:
    """An address in numbers never comes before the resolver."""
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return
    if address.source is Source.CATALOGUE:
        _refuse([host], host)
