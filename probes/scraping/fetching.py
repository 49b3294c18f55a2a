"""Fetching the texts of many servers at once, each under its own deadline; asyncio, no Django.

Not `aigo.lib.fetch`: that one has a time limit per read, which a server that drips a byte a second never
meets, and it refuses private networks, which is where these servers are.
"""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from probes.addresses import is_refused
from probes.scraping.problems import Problem, ScrapeError

#: One try, from the name to the last byte.
TIMEOUT_S: Final = 5.0
MAX_BYTES: Final = 4_000_000
#: Within its own host a server may send us on (vLLM: from /metrics to /metrics/).
MAX_REDIRECTS: Final = 3
#: Before the second, third and fourth try.
BACKOFFS_S: Final = (0.5, 1.0, 2.0)
#: Names that wait for a resolver at once.
RESOLVERS: Final = 16

_HEADERS: Final = {
    "Accept": "text/plain;version=0.0.4",
    "Accept-Encoding": "identity",
    "User-Agent": "AI-GO/1.0 (self-hosted observatory of AI model APIs)",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A server to ask. `token_env` and `token`: the variable's name and value, both "" = without."""

    key: int
    url: str
    token_env: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """How asking ended: `body`, or `error`. `elapsed_s` from the start of the run, `tries` made."""

    key: int
    elapsed_s: float
    tries: int
    body: bytes = b""
    error: ScrapeError | None = None


def fetch_all(targets: Iterable[Target], *, backoffs_s: Iterable[float] = BACKOFFS_S) -> Iterator[Fetched]:
    """Ask all targets at once and yield each as it ends: none waits for another, nor for what you do with it.

    `backoffs_s`: the pauses before further tries after a transient failure; () = one try.
    """
    done: SimpleQueue[Fetched | None] = SimpleQueue()
    work = _all(list(targets), tuple(backoffs_s), done.put)
    thread = threading.Thread(target=_run, args=(work, done), name="scrape", daemon=True)
    thread.start()
    while (fetched := done.get()) is not None:
        yield fetched
    thread.join()


def _run(work: Coroutine[Any, Any, None], done: "SimpleQueue[Fetched | None]") -> None:
    """The loop has a thread of its own: what the caller does between two answers must not stop it."""
    try:
        asyncio.run(work)
    finally:
        done.put(None)


async def _all(targets: list[Target], backoffs_s: tuple[float, ...], put: Callable[[Fetched], None]) -> None:
    started = time.monotonic()
    names = ThreadPoolExecutor(max_workers=RESOLVERS, thread_name_prefix="scrape-names")
    try:
        async with asyncio.TaskGroup() as group:
            for target in targets:
                group.create_task(_one(target, started, backoffs_s, names, put))
    finally:
        names.shutdown(wait=False, cancel_futures=True)  # a resolver that hangs must not hold the run


async def _one(
    target: Target,
    started: float,
    backoffs_s: tuple[float, ...],
    names: ThreadPoolExecutor,
    put: Callable[[Fetched], None],
) -> None:
    tries = 0
    while True:
        tries += 1
        body, error = b"", None
        try:
            body = await _try(target, names)
        except ScrapeError as failure:
            error = failure
        if error is None or not error.transient or tries > len(backoffs_s):
            break
        await asyncio.sleep(backoffs_s[tries - 1])
    put(Fetched(target.key, time.monotonic() - started, tries, body, error))


async def _try(target: Target, names: ThreadPoolExecutor) -> bytes:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _get(target, names)
    except TimeoutError:
        raise ScrapeError(Problem.TIMEOUT, f"no whole answer within {TIMEOUT_S:g} s") from None
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        raise ScrapeError(Problem.TLS, _words(error)) from None
    except aiohttp.ClientConnectorError as error:
        raise ScrapeError(Problem.UNREACHABLE, _words(error.os_error)) from None
    except aiohttp.ClientResponseError as error:
        words = " ".join(error.message.split())
        raise ScrapeError(Problem.NOT_TEXT, f"not HTTP: {words}"[:200]) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ScrapeError(Problem.UNREACHABLE, _words(error)) from None


def _words(error: BaseException) -> str:
    """What went wrong, without the address, which the reader has."""
    reason = getattr(error, "strerror", None) or getattr(error, "certificate_error", None) or error
    return f"{type(error).__name__}: {reason}"[:200]


async def _get(target: Target, names: ThreadPoolExecutor) -> bytes:
    url = check_address(target.url)
    resolver = await _Checked.of(url, names)
    headers = dict(_HEADERS)
    if target.token_env:
        headers["Authorization"] = f"Bearer {_token(target, url, resolver)}"
    async with _session(resolver) as session:
        for _redirect in range(MAX_REDIRECTS + 1):
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status not in (301, 302, 303, 307, 308):
                    return await _body(answer)
                url = _next(url, answer.headers.get("Location", ""))
    raise ScrapeError(Problem.REDIRECT, f"more than {MAX_REDIRECTS} redirects")


@asynccontextmanager
async def _session(resolver: AbstractResolver) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(resolver=resolver, force_close=True, use_dns_cache=False)
    # A compressed answer would be measured after it has grown, so none is asked for and none is read.
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False, trust_env=False) as session:
        yield session


def check_address(text: str) -> URL:
    """The address as it will be asked. ScrapeError: ADDRESS, and REFUSED where it is a refused IP itself."""
    try:
        url = URL(text)
        fit = url.scheme in ("http", "https") and url.host and not url.user and not url.password
    except ValueError:
        fit = False
    if not fit:
        raise ScrapeError(Problem.ADDRESS, "it is not an http(s) address without user name and password")
    with suppress(ValueError):  # a name: checked when it is resolved
        if is_refused((url.host or "").partition("%")[0]):
            raise ScrapeError(Problem.REFUSED, f"{url.host} is a link-local or metadata address")
    return url.with_fragment(None)


def _next(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location))
    except ValueError:
        raise ScrapeError(Problem.REDIRECT, f"to {location[:100]!r}") from None
    if not location or target.origin() != url.origin():
        raise ScrapeError(Problem.REDIRECT, f"to {str(target)[:150]}")
    return target


def _token(target: Target, url: URL, resolver: "_Checked") -> str:
    """The bearer token, which leaves in clear only for this machine and private networks."""
    if not target.token:
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} is not set where servers are read")
    if url.scheme != "https" and not all(ip_address(found).is_private for found in resolver.addresses):
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} would travel in clear over a public network")
    if not target.token.isprintable() or not target.token.isascii():
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} holds characters that no header may have")
    return target.token


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != 200:
        words = f"answered {answer.status} {answer.reason or ''}"[:100].strip()
        raise ScrapeError(Problem.STATUS, words, transient=answer.status >= 502)  # restarting, or loading
    coding = answer.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise ScrapeError(Problem.NOT_TEXT, f"compressed ({coding[:30]}) though nobody asked for that")
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ScrapeError(Problem.TOO_LARGE, f"more than {MAX_BYTES:,} bytes")
    return bytes(body)


class _Checked(AbstractResolver):
    """Answers what was resolved and checked once, so that a second answer cannot lead elsewhere."""

    def __init__(self, found: list[ResolveResult]) -> None:
        self._found = found

    @property
    def addresses(self) -> list[str]:
        return [result["host"] for result in self._found]

    @classmethod
    async def of(cls, url: URL, names: ThreadPoolExecutor) -> "_Checked":
        """Resolve the URL's host. ScrapeError: NAME, and REFUSED where any of its addresses is refused."""
        host, port = url.raw_host or "", url.port or 80
        loop = asyncio.get_running_loop()
        try:
            infos = await loop.run_in_executor(
                names, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise ScrapeError(Problem.NAME, f"{host}: {_words(error)}") from None
        found = [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=family, proto=proto, flags=0)
            for family, _type, proto, _name, address in infos
        ]
        for result in found:
            if is_refused(result["host"].partition("%")[0]):
                raise ScrapeError(Problem.REFUSED, f"{host} leads to {result['host']}")
        return cls(found)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return self._found

    async def close(self) -> None:
        """Nothing is held."""
