"""Whose host a base URL names. Pure."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

_AUTHORITY: Final = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)


def host_of(base_url: str) -> str:
    """Lower-case host name, "" when the URL has none."""
    match = _AUTHORITY.match(base_url)
    return _host_in(match[1]) if match else ""


@lru_cache(maxsize=4096)
def _host_in(authority: str) -> str:
    """Kept: every probe asks, and there are few."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def served_by(base_url: str, *domains: str) -> bool:
    """True when the host is one of the domains or below it."""
    return is_within(host_of(base_url), *domains)


def is_within(host: str, *domains: str) -> bool:
    """True when a host is one of the domains or below it."""
    for domain in domains:  # a loop: asked a hundred times for one request, and `any` costs double
        if host.endswith(domain) and (host == domain or host.endswith("." + domain)):
            return True
    return False
