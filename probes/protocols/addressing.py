"""Whose host a base URL names. Pure."""

from functools import lru_cache
from urllib.parse import urlsplit


@lru_cache(maxsize=4096)
def host_of(base_url: str) -> str:
    """Lower-case host name, "" when the URL has none."""
    try:
        return urlsplit(base_url).hostname or ""
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
