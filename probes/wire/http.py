"""HTTP/1.1: our request as bytes; the answer's bytes as status, headers and body (httptools parses)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import httptools

from probes.protocols.description import WireRequest
from probes.wire.errors import NotHttpError, UnsendableError

#: No API needs more; a server that sends headers without end must not fill our memory.
MAX_HEAD_BYTES: Final = 65_536
_URL: Final = re.compile(r"(https?)://([^/?#]+)([^#]*)", re.IGNORECASE)
_TARGET: Final = re.compile(r"[!-~]+")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ILLEGAL: Final = re.compile(r"[\0\r\n]")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to connect to. literal: the host is an IP address already. authority: for the Host header."""

    host: str
    port: int
    tls: bool
    literal: bool
    authority: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom to ask, and for what. target: path and query."""

    server: Server
    target: str


def destination_of(url: str) -> Destination:
    """UnsendableError: this URL names no host that http or https can reach, or a path that is none."""
    match = _URL.match(url)
    if match is None:
        raise UnsendableError(f"our request cannot be sent: no host in {url!r}")
    scheme, authority, target = match.groups()
    if not _TARGET.fullmatch(target):
        if target:
            raise UnsendableError("our request cannot be sent: a character in its path that no URL may have")
        target = "/"
    elif target[0] == "?":
        target = f"/{target}"
    return Destination(_server_of(scheme.lower(), authority), target)


@lru_cache(maxsize=4096)
def _server_of(scheme: str, authority: str) -> Server:
    """Kept: every probe asks, and there are few."""
    try:
        parts = urlsplit(f"{scheme}://{authority}")
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise UnsendableError(f"our request cannot be sent: {exc}") from exc
    if not host:
        raise UnsendableError(f"our request cannot be sent: no host in {authority!r}")
    return Server(
        host=host,
        port=port or _PORTS[scheme],
        tls=scheme == "https",
        literal=_is_address(host),
        authority=authority.rpartition("@")[2],
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def encode_request(request: WireRequest, destination: Destination) -> bytes:
    """The request as it goes over the wire. UnsendableError names what HTTP cannot carry, never its value."""
    lines = [f"{request.method} {destination.target} HTTP/1.1", f"Host: {destination.server.authority}"]
    for name, value in request.headers.items():
        if not _NAME.fullmatch(name) or _ILLEGAL.search(value):
            raise UnsendableError(f"our request cannot be sent: illegal header {name[:40]!r}")
        lines.append(f"{name}: {value}")
    if request.body or request.method != "GET":
        lines.append(f"Content-Length: {len(request.body)}")
    try:
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body
    except UnicodeEncodeError as exc:
        raise UnsendableError("our request cannot be sent: a header that is not latin-1") from exc


class ResponseParser:
    """The answer to one request. Feed it; then look at what it knows.

    status: of the final answer, interim ones (1xx) are passed over; None until its headers are complete.
    headers: lower-case names, repeated ones joined by ", ". complete: the body has ended as its framing says.
    error: why what came last follows no framing of HTTP; nothing is read after it.
    """

    __slots__ = (
        "_head_bytes",
        "_ours",
        "_parser",
        "_pieces",
        "complete",
        "error",
        "headers",
        "on_body",
        "status",
    )

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.complete = False
        self.error: NotHttpError | None = None
        self._pieces: list[bytes] = []
        self.on_body = self._pieces.append  # httptools calls it; a frame of Python less at every chunk
        self._ours = 0  # how many of them belong to this answer, once it is complete
        self._head_bytes = 0
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> bytes:
        """The part of the body that `data` brought, also where an error follows it."""
        if self._parser is None or self.complete or self.error:
            return b""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.error = NotHttpError("switches to another protocol unasked")
        except httptools.HttpParserError as exc:
            self.error = None if self.complete else NotHttpError(f"{type(exc).__name__}: {exc}"[:200])
        if self.status is None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.error = NotHttpError(f"headers of more than {MAX_HEAD_BYTES} bytes")
        pieces = self._pieces
        if self.complete:
            del pieces[self._ours :]  # of an answer that nobody asked for
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return body

    @property
    def ends_with_connection(self) -> bool:
        """True where only the end of the connection tells the end of the body."""
        chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        return self.status is not None and not chunked and "content-length" not in self.headers

    def close(self) -> None:
        """Let the parser go: it and this object hold each other."""
        self._parser = None

    # What httptools calls.

    def on_message_begin(self) -> None:
        if self.status is None:
            self.headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.status is not None:  # trailers, or an answer that nobody asked for
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        if self._parser is not None and not self.complete and (code := self._parser.get_status_code()) >= 200:
            self.status = code

    def on_message_complete(self) -> None:
        if self.status is not None and not self.complete:
            self.complete = True
            self._ours = len(self._pieces)


def other_host(host: str, headers: Mapping[str, str]) -> str:
    """The host that a redirect leads to, "" when it stays at `host` or is none."""
    try:
        named = urlsplit(headers.get("location", "")).hostname or ""
    except ValueError:
        return "an unreadable address"
    return "" if named == host else named
