"""Addresses that people and imports name: whether the text is one, before anybody resolves it. Pure.

    FetchError          an address could not be fetched; the message names its host and says why
      BadAddress        theirs, permanent: the text is no http(s) address that all parsers read alike
      ForbiddenAddress  theirs or the operator's, permanent: it leads where such fetches must not go

(`aigo.lib.connecting` and `aigo.lib.fetch` have those that only asking finds out.)

Parsers differ about what `http://127.1/`, `http://a\\@b/` or `http://①②⑦.0.0.1/` name, and whoever checks
with one and connects with another is led astray. So what is not written the plain way is refused, not read.
`aigo.lib.networks` judges the IP addresses that names lead to.
"""

import re
import unicodedata
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

import idna

from aigo.lib.networks import IpNetwork, Policy, carried, is_refused, networks, why_refused

__all__ = [
    "BadAddress",
    "FetchError",
    "ForbiddenAddress",
    "Form",
    "IpNetwork",
    "Policy",
    "check_url",
    "is_refused",
    "networks",
    "why_refused",
]

#: Longer ones are cut by browsers, proxies and our own columns.
MAX_CHARS: Final = 2_000

_AUTHORITY: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(.*))?", re.DOTALL)
_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
#: A name whose last part is a number is an IPv4 address to some parsers: https://url.spec.whatwg.org/#ends-in-a-number-checker
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PLAIN_IPV4: Final = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})", re.ASCII)
#: Controls, invisible formatting, halves of characters, private use, and blanks of any kind.
#: Of ASCII, what stays as it is in paths and queries; everything else is percent-encoded.
_AS_IS: Final = "!$%&'()*+,/:;=?@[]"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


class FetchError(Exception):
    """The address could not be fetched; the message names its host, never its path, which may be a secret."""


class Form(StrEnum):
    """What can be wrong with an address as it is written."""

    CHARACTERS = "characters"
    SCHEME = "scheme"
    USER = "user"
    HOST = "host"
    PORT = "port"
    LONG = "long"


class BadAddress(FetchError):
    """The text is no address that can be asked. form: what is wrong, for whoever says it in other words."""

    def __init__(self, form: Form, message: str) -> None:
        super().__init__(message)
        self.form = form


class ForbiddenAddress(FetchError):
    """The address leads where fetches on others' behalf must not go."""


def check_url(url: str) -> SplitResult:
    """The parts of an http(s) URL as they are sent: in ASCII, scheme and host in small letters, no fragment.

    No name is resolved and no policy is asked. BadAddress: it is not written as an address is.
    ForbiddenAddress: its host is an IP address in disguise (`127.1`, `0x7f.0.0.1`, `[::ffff:10.0.0.1]`).
    No message repeats a user name or password.
    """
    _check_characters(url)
    try:
        parts = urlsplit(url)
    except ValueError:  # its words repeat user name and password
        raise BadAddress(
            Form.HOST, "the address names no host; write it like https://api.example.com"
        ) from None
    if parts.scheme not in ("http", "https"):
        said = f"{parts.scheme[:20]!r} instead of" if parts.scheme else "without"
        raise BadAddress(Form.SCHEME, f"this is not an http(s) address, it begins {said} https://")
    if "@" in parts.netloc:
        host = parts.netloc.rpartition("@")[2]
        raise BadAddress(Form.USER, f"the address of {host} holds a user name or password; leave it out")
    split = _AUTHORITY.fullmatch(parts.netloc)
    if split is None:
        raise BadAddress(Form.HOST, f"{parts.netloc!r} is not a host, or a host and a port")
    host, port = _host(split[1]), _port(split[2])
    shown = f"[{host}]" if ":" in host else host
    return SplitResult(
        parts.scheme,
        shown if port is None else f"{shown}:{port}",
        quote(parts.path, _AS_IS),
        quote(parts.query, _AS_IS),
        "",
    )


def _check_characters(url: str) -> None:
    if len(url) > MAX_CHARS:
        raise BadAddress(Form.LONG, f"the address is {len(url)} characters long; {MAX_CHARS} are accepted")
    for place, character in enumerate(url):
        if character == "\\" or unicodedata.category(character) in _UNSEEN:
            raise BadAddress(
                Form.CHARACTERS,
                f"the address holds {character!a} at character {place + 1}; percent-encode it",
            )


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not _PORT.fullmatch(text) or not 0 < int(text) < 65_536:
        raise BadAddress(Form.PORT, f"port {text[:20]!r} is not accepted; use 1 to 65535, or none")
    return int(text)


def _host(text: str) -> str:
    """The host as it is asked for: a name in ASCII, or an IP address in its one plain form."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    name = text.lower() if text.isascii() else _to_ascii(text)
    labels = name.split(".")
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        return _ipv4(name)
    if not name:
        raise BadAddress(Form.HOST, "the address is not an http(s) address: it names no host")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress(Form.HOST, f"{text[:100]!r} is not a host name; write it like api.example.com")
    return name


def _to_ascii(text: str) -> str:
    """An international name as name servers know it. What only looks like other characters is refused."""
    try:
        name = idna.encode(text.lower()).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        # Fullwidth digits, circled numbers: some resolvers read them as what they look like.
        raise BadAddress(
            Form.HOST, f"{text[:100]!r} is not a host name: write it in small letters, digits and dots"
        ) from None
    if "。" in text or unicodedata.normalize("NFKC", text) != text:
        raise BadAddress(Form.HOST, f"{text[:100]!r} is not a host name: write plain dots and letters")
    return name


def _ipv4(text: str) -> str:
    try:
        if _PLAIN_IPV4.fullmatch(text):
            return str(IPv4Address(text))
    except AddressValueError:
        pass
    raise ForbiddenAddress(
        f"{text[:100]!r} is an IPv4 address in an odd form, or none; write four numbers like 192.0.2.1"
    )


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise BadAddress(
            Form.HOST, f"[{text[:100]}] is not an IPv6 address; write it like [2001:db8::1]"
        ) from None
    if address.scope_id is not None:
        raise ForbiddenAddress(f"[{text[:100]}] names a zone of this machine; leave it out")
    for inner, scheme in carried(address):
        raise ForbiddenAddress(f"[{address}] carries {inner} in the {scheme} form; write http://{inner}")
    return str(address)
