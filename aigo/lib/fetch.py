"""Fetching addresses that people or feeds name, without being led into our own network.

    FetchError          theirs or the operator's, see the message
      ForbiddenAddress  the name resolves to a private, loopback, link-local or metadata address

The name is resolved once and the connection goes to that very address, so that a second answer of
the resolver cannot lead elsewhere; every redirect is checked the same way.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

USER_AGENT = "AI-GO/1.0 (self-hosted observatory of AI model APIs)"
MAX_REDIRECTS = 5


class FetchError(Exception):
    """The address could not be fetched; the message names it and says why."""


class ForbiddenAddress(FetchError):
    """The address leads into a network that fetches on others' behalf must not reach."""


def resolve_public(url: str, *, allow_private: bool = False) -> str:
    """The IP address to connect to for `url`.

    Raises ForbiddenAddress where any address of the name is not globally routable, unless
    `allow_private` (the operator's decision), and FetchError where the URL or the name is unusable.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{url!r} is not an http(s) address")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise FetchError(f"{parts.hostname} cannot be resolved: {error}") from None
    addresses = [str(info[4][0]) for info in found]
    for address in addresses:
        if not allow_private and not _is_public(address):
            raise ForbiddenAddress(f"{parts.hostname} leads to {address}, which is not a public address")
    return addresses[0]


def guarded_get(url: str, *, max_bytes: int, timeout_s: float = 20.0, allow_private: bool = False) -> bytes:
    """The body behind `url` after at most five checked redirects; at most `max_bytes`, else FetchError."""
    for _ in range(MAX_REDIRECTS + 1):
        answer = _get_once(url, timeout_s, resolve_public(url, allow_private=allow_private))
        with answer:
            if not answer.is_redirect:
                return _bounded_body(url, answer, max_bytes)
            url = urljoin(url, answer.headers["location"])
    raise FetchError(f"{url}: more than {MAX_REDIRECTS} redirects")


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return bool(mapped.is_global) and not mapped.is_multicast


def _get_once(url: str, timeout_s: float, address: str) -> requests.Response:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", _PinnedAdapter(address))
    session.mount("http://", _PinnedAdapter(address))
    try:
        return session.get(
            url,
            timeout=timeout_s,
            allow_redirects=False,
            stream=True,
            headers={"User-Agent": USER_AGENT},
        )
    except requests.RequestException as error:
        raise FetchError(f"{url}: {error.__class__.__name__}") from None


def _bounded_body(url: str, answer: requests.Response, max_bytes: int) -> bytes:
    if answer.status_code != 200:
        raise FetchError(f"{url} answered {answer.status_code}, expected 200")
    body = bytearray()
    try:
        for chunk in answer.iter_content(65_536):
            body += chunk
            if len(body) > max_bytes:
                raise FetchError(f"{url} is larger than {max_bytes} bytes")
    except requests.RequestException as error:
        raise FetchError(f"{url}: {error.__class__.__name__} while reading") from None
    return bytes(body)


class _PinnedAdapter(HTTPAdapter):
    """Connects to one resolved address while TLS and the Host header keep the name."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        tls = {"server_hostname": name, "assert_hostname": name} if host["scheme"] == "https" else {}
        return {**host, "host": self._address}, {**pool, **tls}

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        request.headers["Host"] = urlsplit(str(request.url)).netloc.rsplit("@")[-1]
