"""One address for one page: what senders add for their statistics is left out. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit, urlunsplit

#: Parameters that change nothing of the page.
_TRACKING: Final = re.compile(
    r"(utm_.*|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|ttclid|twclid|li_fat_id|igshid|igsh|mc_[ce]id|ref_src"
    r"|_hsenc|_hsmi|_ga|_gl|mkt_tok|vero_id|oly_(anon|enc)_id|sc_(channel|campaign|content|country|detail|geo|medium"
    r"|outcome|publisher|segment|trk)|at_(medium|campaign)|wt_mc|spm|cmpid|ncid)",
    re.IGNORECASE,
)
#: Hosts and paths of the same page for telephones, and what asks for that form.
_MOBILE: Final = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_STEP: Final = re.compile(
    r"/amp(?=/|$)|\.amp(?=\.html?$|$)|(?<=/)(?:index|default)\.(?:html?|php|aspx?)$"
)
_AMP_QUERY: Final = re.compile(r"(amp|amp_.*|outputType=amp|output=amp|m=1)", re.IGNORECASE)
#: Google's cache of AMP pages: /c/s/host/path, where s stands for https.
_AMP_CACHE: Final = re.compile(r"^/[civ]/(?:s/)?([^/]+\.[^/]+)(/.*)?$")
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


def page_key(url: str) -> str:
    """What the addresses of one page have in common; to compare, not to visit. "" = no web address.

    Without scheme, "www.", AMP and mobile forms and the slash at the end; parameters in order, the fragment
    dropped. The page's own rel=canonical has been followed before (news.crawling).
    """
    parts = urlsplit(canonical_url(url))
    host, path = parts.netloc, parts.path
    cached = _AMP_CACHE.match(path) if host.endswith("ampproject.org") else None
    if cached:
        host, path = cached[1].lower(), cached[2] or "/"
    path = _AMP_STEP.sub("", path).rstrip("/")
    query = sorted(
        part for part in parts.query.split("&") if part and not _AMP_QUERY.fullmatch(part.removesuffix("=1"))
    )
    return f"{_MOBILE.sub('', host)}{path}{'?' + '&'.join(query) if query else ''}"
