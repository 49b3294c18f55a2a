"""One address for one page: what senders add for their statistics is left out. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

#: Parameters that change nothing of the page.
_TRACKING: Final = re.compile(
    r"(utm_.*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|ref_src|_hsenc|_hsmi)"
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def canonical_url(url: str, base: str = "") -> str:
    """The address without fragment, tracking and default port, host in small letters; "" = no web address.

    base: what a relative address is relative to.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ""
    where = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS[parts.scheme]:
        where = f"{where}:{port}"
    kept = [
        part for part in parts.query.split("&") if part and not _TRACKING.fullmatch(part.partition("=")[0])
    ]
    return urlunsplit((parts.scheme, where, parts.path or "/", "&".join(kept), ""))
