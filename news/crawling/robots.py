"""What a host's robots.txt allows (RFC 9309). Pure.

A group holds for us where its product token is ours, in any case and with any version behind it; such a
group replaces the one of "*". Without an answer that is a file or a 4xx, nothing is allowed. Crawl-delay is
not in the RFC and is honoured.
"""

from __future__ import annotations

import math
import re
from datetime import timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

#: Our product token.
PRODUCT: Final = "AI-GO"
#: What is parsed at least and at most: RFC 9309 asks for 500 KiB.
MAX_BYTES: Final = 512_000
MAX_DELAY: Final = timedelta(hours=1)
#: How long an answer holds: RFC 9309 allows a day.
HOLDS: Final = timedelta(hours=24)
_AGENT: Final = re.compile(r"^(?P<key>[ \t]*user-agent[ \t]*:)(?P<value>[^\r\n#]*)", re.I | re.M)
_NAME: Final = re.compile(r"[A-Za-z_-]+")


def has_rules(status: int | None) -> bool:
    """Whether an answer of this status is a file of rules."""
    return status is not None and 200 <= status < 300


def allows_everything(status: int | None) -> bool:
    """Whether there are no rules: 4xx (RFC 9309 2.3.1.3). 5xx and no answer at all forbid everything."""
    return status is not None and 400 <= status < 500


def may_fetch(status: int | None, robots: str, url: str) -> bool:
    """Whether we may ask for the address. status None: robots.txt could not be had."""
    if urlsplit(url).path == "/robots.txt" or allows_everything(status):
        return True
    return has_rules(status) and bool(_parsed(robots).can_fetch(url, PRODUCT))


def crawl_delay_s(robots: str) -> float | None:
    """Seconds that it asks for between requests, an hour at most; None = not stated."""
    stated = _parsed(robots).crawl_delay(PRODUCT)
    if stated is None or not math.isfinite(stated) or stated < 0:
        return None
    return min(float(stated), MAX_DELAY.total_seconds())


def rules_text(body: bytes) -> str:
    """The rules as kept: UTF-8, as much of it as is parsed."""
    return body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff").replace("\x00", "")


@lru_cache(maxsize=64)
def _parsed(robots: str) -> Protego:
    return Protego.parse(_AGENT.sub(_plain_token, robots))


def _plain_token(line: re.Match[str]) -> str:
    """Protego takes a token for ours where it is a part of ours ("ai"); here only the whole one stays."""
    value = line["value"].strip()
    product = _NAME.match(value)
    if product and product[0].lower() == PRODUCT.lower():
        value = PRODUCT
    elif value != "*":
        value = "another"
    return f"{line['key']} {value}"
