"""Who may come in: pages of this site and programs, so many per process and per address; and who it is."""

from collections import Counter
from collections.abc import Iterator
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from rest_framework.exceptions import Throttled

from aigo.lib.kept import AWAY
from aigo.lib.once import once

#: When to come back to a full process, in seconds.
COME_BACK_S = 30


class Full(Throttled):
    """Theirs or the operator's, transient: names the setting that is reached."""

    def __init__(self, what: str) -> None:
        super().__init__(
            COME_BACK_S, f"Too many live connections {what}. Poll /status/rows, or come back later."
        )


class Doors:
    """The open connections of this process. All calls from event loops."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._all = 0

    def enter(self, address: str) -> None:
        """One more from this address ("" = it has none to count by). Raises Full."""
        if self._all >= settings.LIVE_MAX_CONNECTIONS:
            raise Full(f"to this process (LIVE_MAX_CONNECTIONS={settings.LIVE_MAX_CONNECTIONS})")
        if address and self._inside[address] >= settings.LIVE_MAX_PER_ADDRESS:
            raise Full(f"from {address} (LIVE_MAX_PER_ADDRESS={settings.LIVE_MAX_PER_ADDRESS})")
        self._all += 1
        self._inside[address] += 1

    def leave(self, address: str) -> None:
        """One less."""
        self._all -= 1
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]


@once
def doors() -> Doors:
    """This process's doors."""
    return Doors()


def header(scope: dict[str, Any], name: bytes) -> str:
    """Of a request or handshake; "" where it is not there."""
    return next(headers(scope, name), "")


def headers(scope: dict[str, Any], name: bytes) -> Iterator[str]:
    """All lines of it: a proxy may add its own after the client's."""
    return (value.decode("latin-1") for key, value in scope["headers"] if key == name)


def is_our_origin(origin: str) -> bool:
    """Whether a page of this site, or a program, which sends none, asks."""
    if not origin:
        return True
    try:
        host, _port = split_domain_port(urlsplit(origin).netloc)
    except ValueError:  # a bracket that does not close
        return False
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


def address_of(scope: dict[str, Any]) -> str:
    """The client's, behind as many proxies as NUM_PROXIES believes; "" on a Unix socket."""
    proxies = settings.NUM_PROXIES
    lines = ",".join(headers(scope, b"x-forwarded-for"))
    told = [part.strip() for part in lines.split(",") if part.strip()]
    if proxies and told:
        return told[-min(proxies, len(told))]
    return str(scope["client"][0]) if scope.get("client") else ""


def session_of(scope: dict[str, Any]) -> str:
    """The key in the session cookie; "" without one."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header(scope, b"cookie"))
    except CookieError:
        return ""
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def user_of(session_key: str) -> int | None:
    """Whose session it is; None for nobody's, and while the database is away. Asks the database."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    try:
        user_id: int | None = get_user(request).pk
        return user_id
    except AWAY:
        return None
    finally:
        close_old_connections()
