"""Fetching addresses that people or feeds name, without being led into our own network.

    FetchError            theirs or the operator's, see the message
      BadAddress          it is not written as an address is          (aigo.lib.addresses)
      ForbiddenAddress    it leads where such fetches must not go
      Unreachable         no name, no connection, no TLS, or it broke off   (aigo.lib.connecting)
      Garbled             what came is not HTTP, or not compressed as it says
      TooSlow             no whole answer within the time
      TooLarge            more than was wanted, also once it is unpacked
      TooManyRedirects
      Redirected       it is elsewhere, and whoever asks wanted to know before

The time runs from the name to the last byte, redirects included: a server that drips a byte a second ends
with it as one that hangs does.
"""

import asyncio
import re
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from django.conf import settings
from yarl import URL

from aigo.lib.addresses import BadAddress, FetchError, ForbiddenAddress, check_url
from aigo.lib.connecting import (
    USER_AGENT,
    Place,
    TlsFailed,
    Unreachable,
    Unresolved,
    failures_named,
    find,
    open_session,
)
from aigo.lib.networks import IpNetwork, Policy, why_refused
from aigo.lib.unpacking import ACCEPTED, Garbled, TooLarge, Unpacker

__all__ = [
    "USER_AGENT",
    "Answer",
    "BadAddress",
    "FetchError",
    "ForbiddenAddress",
    "Garbled",
    "Policy",
    "Redirected",
    "TlsFailed",
    "TooLarge",
    "TooManyRedirects",
    "TooSlow",
    "Unreachable",
    "Unresolved",
    "ask",
    "get",
    "guarded_get",
    "post",
]

MAX_REDIRECTS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
#: What may go along to another host; everything else might be a credential.
_FOR_ANYBODY: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "if-modified-since",
        "if-none-match",
        "user-agent",
    }
)
_HEADER_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class TooSlow(FetchError):
    """There was no whole answer within the time."""


class TooManyRedirects(FetchError):
    """It is sent on and on."""


class Redirected(FetchError):
    """It is at `url`, where to ask with `policy` and `allowed`: as strict as following would have been."""

    def __init__(self, url: str, policy: Policy, allowed: Sequence[IpNetwork]) -> None:
        self.url, self.policy, self.allowed = url, policy, allowed
        super().__init__(f"is now at {urlsplit(url).netloc}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever its status.

    headers: names in small letters, repeated ones joined by ", ". body: unpacked. url: the last one asked.
    elapsed_ms: from the name to the last byte, redirects included.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class _Errand:
    """One request and the rules for it."""

    method: str
    parts: SplitResult
    headers: Mapping[str, str]
    body: bytes
    max_bytes: int
    policy: Policy
    allowed: Sequence[IpNetwork]
    follow: bool

    @property
    def where(self) -> str:
        """The server, for messages: paths and queries of webhooks are secrets."""
        return f"{self.parts.scheme}://{self.parts.netloc}"


async def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] = _NONE,
    body: bytes = b"",
    max_bytes: int,
    timeout_s: float,
    policy: Policy = Policy.PUBLIC,
    allowed: Sequence[IpNetwork] | None = None,
    follow: bool = True,
) -> Answer:
    """Ask `url` once and read the whole answer; any status is an answer. FetchError: see the module.

    A GET follows at most five redirects, each checked like the first address; other methods follow none and
    answer the 3xx. max_bytes: 0 = status and headers are all that is wanted, however long and slow the body
    is. allowed: networks beyond the policy, by default the operator's FETCH_ALLOWED_NETWORKS. follow: False =
    a redirect raises Redirected.
    """
    started = time.monotonic()
    permitted = settings.FETCH_ALLOWED_NETWORKS if allowed is None else allowed
    sent = _lower(headers)
    errand = _Errand(method.upper(), check_url(url), sent, body, max_bytes, policy, permitted, follow)
    _check_headers(errand)
    try:
        async with asyncio.timeout(timeout_s):
            status, told, unpacked, last = await _follow(errand)
    except TimeoutError:
        raise TooSlow(f"{errand.where}: no whole answer within {timeout_s:g} s") from None
    return Answer(status, told, unpacked, last, (time.monotonic() - started) * 1000)


def get(
    url: str,
    *,
    headers: Mapping[str, str] = _NONE,
    max_bytes: int,
    timeout_s: float,
    policy: Policy = Policy.PUBLIC,
    allowed: Sequence[IpNetwork] | None = None,
    follow: bool = True,
) -> Answer:
    """`ask` by GET, for code that is not asynchronous."""
    return _run(
        ask(
            "GET",
            url,
            headers=headers,
            max_bytes=max_bytes,
            timeout_s=timeout_s,
            policy=policy,
            allowed=allowed,
            follow=follow,
        )
    )


def post(
    url: str,
    *,
    headers: Mapping[str, str] = _NONE,
    body: bytes,
    max_bytes: int,
    timeout_s: float,
    policy: Policy = Policy.PUBLIC,
    allowed: Sequence[IpNetwork] | None = None,
) -> Answer:
    """`ask` by POST, for code that is not asynchronous."""
    return _run(
        ask(
            "POST",
            url,
            headers=headers,
            body=body,
            max_bytes=max_bytes,
            timeout_s=timeout_s,
            policy=policy,
            allowed=allowed,
        )
    )


def guarded_get(
    url: str,
    *,
    max_bytes: int,
    timeout_s: float = 20.0,
    policy: Policy = Policy.PUBLIC,
    allowed: Sequence[IpNetwork] | None = None,
) -> bytes:
    """The body behind `url`; FetchError also where the answer is no 200."""
    answer = get(url, max_bytes=max_bytes, timeout_s=timeout_s, policy=policy, allowed=allowed)
    if answer.status != 200:
        raise FetchError(f"{check_url(answer.url).netloc} answered {answer.status}, expected 200")
    return answer.body


def _run(asking: Coroutine[Any, Any, Answer]) -> Answer:
    """In a loop of its own; in a thread of its own where this one has a loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(asking)
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        return thread.submit(asyncio.run, asking).result()


async def _follow(errand: _Errand) -> tuple[int, Mapping[str, str], bytes, str]:
    """Status, headers, body and address of the answer that is no redirect."""
    first = errand
    for _ in range(MAX_REDIRECTS + 1):
        place = await find(errand.parts, errand.policy, errand.allowed)
        status, told, unpacked = await _exchange(errand, place)
        if errand.method != "GET" or status not in _REDIRECTS or not told.get("location"):
            return status, told, unpacked, errand.parts.geturl()
        errand = _next(errand, place, told["location"])
        if not errand.follow:
            raise Redirected(errand.parts.geturl(), errand.policy, errand.allowed)
    raise TooManyRedirects(f"{first.where}: more than {MAX_REDIRECTS} redirects")


def _next(errand: _Errand, place: Place, location: str) -> _Errand:
    """The errand at the place that a redirect names: fewer headers and stricter rules where it leaves."""
    try:
        parts = check_url(urljoin(errand.parts.geturl(), location))
    except (FetchError, ValueError) as error:
        kind = type(error) if isinstance(error, ForbiddenAddress) else FetchError
        raise kind(f"{errand.where} redirects to what is not asked: {error}") from None
    sent = dict(errand.headers)
    if parts[:2] != errand.parts[:2]:
        sent = {name: value for name, value in sent.items() if name in _FOR_ANYBODY}
        if parts.scheme == "http" and errand.parts.scheme == "https" and len(sent) < len(errand.headers):
            raise ForbiddenAddress(f"{errand.where} redirects to plain http, where credentials must not go")
        if errand.policy is Policy.OPERATOR:  # it was named, where it sends us was not
            errand = replace(errand, policy=Policy.PUBLIC)
    # A public server must not send us inside: what the operator permits is permitted to whoever names it.
    if place.is_all(lambda address: not why_refused(address, Policy.PUBLIC)):
        errand = replace(errand, policy=Policy.PUBLIC, allowed=())
    return replace(errand, parts=parts, headers=sent)


async def _exchange(errand: _Errand, place: Place) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"user-agent": USER_AGENT, "accept-encoding": ACCEPTED, **errand.headers}
    with failures_named(errand.where):
        async with (
            open_session(place) as session,
            session.request(
                errand.method,
                URL(errand.parts.geturl(), encoded=True),
                headers=headers,
                data=errand.body or None,
                allow_redirects=False,
                skip_auto_headers=("content-type",),
            ) as answer,
        ):
            told = _lower(answer.headers)
            if errand.method == "GET" and answer.status in _REDIRECTS and told.get("location"):
                return answer.status, told, b""
            if not errand.max_bytes:
                return answer.status, told, b""
            return answer.status, told, await _body(errand, answer, told.get("content-encoding", ""))


async def _body(errand: _Errand, answer: aiohttp.ClientResponse, coding: str) -> bytes:
    unpacker = Unpacker(errand.where, coding, errand.max_bytes)
    async for piece in answer.content.iter_any():
        unpacker.feed(piece)
    return unpacker.whole()


def _check_headers(errand: _Errand) -> None:
    """FetchError: a header that HTTP cannot carry, by its name alone."""
    for name, value in errand.headers.items():
        if not name.isascii() or not name.isprintable() or not _HEADER_VALUE.fullmatch(value):
            raise FetchError(f"{errand.where}: the header {name[:40]!r} holds what no header may hold")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    """Names in small letters, repeated ones joined as RFC 9110 says; bytes that are no UTF-8 are replaced."""
    joined: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined
