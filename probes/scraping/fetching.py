"""Fetching the texts of many servers at once, each under its own deadline; asyncio, no Django.

The guard is `aigo.lib.fetch`'s; the manners are a scraper's: redirects only within the host, nothing
compressed, and a token that does not travel in clear.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from aigo.lib.addresses import FetchError, ForbiddenAddress, check_url
from aigo.lib.connecting import USER_AGENT, Place, Unresolved, find, open_session, prepare, words
from aigo.lib.networks import IpNetwork, Policy, is_address, is_inside, why_refused
from probes.scraping.problems import Problem, ScrapeError

#: One try, from the name to the last byte.
TIMEOUT_S: Final = 5.0
MAX_BYTES: Final = 4_000_000
#: Within its own host a server may send us on (vLLM: from /metrics to /metrics/).
MAX_REDIRECTS: Final = 3
#: Before the second, third and fourth try.
BACKOFFS_S: Final = (0.5, 1.0, 2.0)

_HEADERS: Final = {
    "Accept": "text/plain;version=0.0.4",
    "Accept-Encoding": "identity",
    "User-Agent": USER_AGENT,
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


def fetch_all(
    targets: Iterable[Target],
    *,
    backoffs_s: Iterable[float] = BACKOFFS_S,
    allowed: Sequence[IpNetwork] = (),
) -> Iterator[Fetched]:
    """Ask all targets at once and yield each as it ends: none waits for another, nor for what you do with it.

    `backoffs_s`: the pauses before further tries after a transient failure; () = one try. `allowed`: networks
    beyond `Policy.HOSTING`.
    """
    done: SimpleQueue[Fetched | None] = SimpleQueue()
    work = _all(list(targets), tuple(backoffs_s), allowed, done.put)
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


async def _all(
    targets: list[Target],
    backoffs_s: tuple[float, ...],
    allowed: Sequence[IpNetwork],
    put: Callable[[Fetched], None],
) -> None:
    started = time.monotonic()
    prepare()  # at nobody's cost: it holds the loop, and the servers' time is theirs
    async with asyncio.TaskGroup() as group:
        for target in targets:
            group.create_task(_one(target, started, backoffs_s, allowed, put))


async def _one(
    target: Target,
    started: float,
    backoffs_s: tuple[float, ...],
    allowed: Sequence[IpNetwork],
    put: Callable[[Fetched], None],
) -> None:
    tries = 0
    while True:
        tries += 1
        body, error = b"", None
        try:
            body = await _try(target, allowed)
        except ScrapeError as failure:
            error = failure
        if error is None or not error.transient or tries > len(backoffs_s):
            break
        await asyncio.sleep(backoffs_s[tries - 1])
    put(Fetched(target.key, time.monotonic() - started, tries, body, error))


async def _try(target: Target, allowed: Sequence[IpNetwork]) -> bytes:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _get(target, allowed)
    except TimeoutError:
        raise ScrapeError(Problem.TIMEOUT, f"no whole answer within {TIMEOUT_S:g} s") from None


@contextmanager
def _failures_named() -> Iterator[None]:
    """What can go wrong on the way, as ScrapeError: without the address, which the reader has."""
    try:
        yield
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        raise ScrapeError(Problem.TLS, words(error)) from None
    except aiohttp.ClientConnectorError as error:
        raise ScrapeError(Problem.UNREACHABLE, words(error.os_error)) from None
    except aiohttp.ClientResponseError as error:
        said = " ".join(error.message.split())
        raise ScrapeError(Problem.NOT_TEXT, f"not HTTP: {said}"[:200]) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ScrapeError(Problem.UNREACHABLE, words(error)) from None
    except ForbiddenAddress as error:
        raise ScrapeError(Problem.REFUSED, str(error)) from None
    except Unresolved as error:
        raise ScrapeError(Problem.NAME, str(error)) from None


async def _get(target: Target, allowed: Sequence[IpNetwork]) -> bytes:
    url = check_address(target.url, allowed)
    headers = dict(_HEADERS)
    with _failures_named():
        place = await find(urlsplit(str(url)), Policy.HOSTING, allowed)
        if target.token_env:
            headers["Authorization"] = f"Bearer {_token(target, url, place)}"
        async with open_session(place) as session:
            for _redirect in range(MAX_REDIRECTS + 1):
                async with session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status not in (301, 302, 303, 307, 308):
                        return await _body(answer)
                    url = _next(url, answer.headers.get("Location", ""))
    raise ScrapeError(Problem.REDIRECT, f"more than {MAX_REDIRECTS} redirects")


def check_address(text: str, allowed: Sequence[IpNetwork] = ()) -> URL:
    """The address as it will be asked. ScrapeError: ADDRESS, and REFUSED where it is a refused IP itself."""
    try:
        parts = check_url(text)
    except ForbiddenAddress as error:
        raise ScrapeError(Problem.REFUSED, str(error)) from None
    except FetchError as error:
        raise ScrapeError(Problem.ADDRESS, str(error)) from None
    host = parts.hostname or ""
    if is_address(host) and (why := why_refused(host, Policy.HOSTING, allowed)):
        raise ScrapeError(Problem.REFUSED, why)
    return URL(parts.geturl(), encoded=True)


def _next(url: URL, location: str) -> URL:
    try:
        target = url.join(URL(location))
    except ValueError:
        raise ScrapeError(Problem.REDIRECT, f"to {location[:100]!r}") from None
    if not location or target.origin() != url.origin():
        raise ScrapeError(Problem.REDIRECT, f"to {str(target)[:150]}")
    return target


def _token(target: Target, url: URL, place: Place) -> str:
    """The bearer token, which leaves in clear only for this machine and private networks."""
    if not target.token:
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} is not set where servers are read")
    if url.scheme != "https" and not place.is_all(is_inside):
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} would travel in clear over a public network")
    if not target.token.isprintable() or not target.token.isascii():
        raise ScrapeError(Problem.TOKEN, f"{target.token_env} holds characters that no header may have")
    return target.token


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != 200:
        said = f"answered {answer.status} {answer.reason or ''}"[:100].strip()
        raise ScrapeError(Problem.STATUS, said, transient=answer.status >= 502)  # restarting, or loading
    coding = answer.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise ScrapeError(Problem.NOT_TEXT, f"compressed ({coding[:30]}) though nobody asked for that")
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ScrapeError(Problem.TOO_LARGE, f"more than {MAX_BYTES:,} bytes")
    return bytes(body)
