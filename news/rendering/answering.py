"""What a page asks for, and what it gets: all of it through the guard of every fetch, in bounds.

Scripts and style sheets come from any public host, as pages have them; data from the page's own host and
hosts below it; nothing else comes. What the rules of the page's own origin forbid is not asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from aigo.lib.fetch import Answer, FetchError, ask
from aigo.lib.networks import IpNetwork
from news.rendering.rules import Limits

CODE: Final = frozenset({"script", "stylesheet"})
DATA: Final = frozenset({"xhr", "fetch"})
#: So many at once, as browsers do.
_AT_ONCE: Final = 6


class Answers:
    """What one page gets. `allowed`: whether the rules of its own origin allow an address."""

    def __init__(self, url: str, allowed: Callable[[str], bool], limits: Limits) -> None:
        self._page, self._allowed, self._limits = urlsplit(url), allowed, limits
        self._requests, self._bytes = limits.requests, limits.answers_bytes
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def answer(self, url: str, kind: str) -> Answer | None:
        """None: it gets nothing."""
        if not self._may_have(url, kind):
            return None
        self._requests -= 1
        async with self._turns:
            try:
                found = await self._ask(url, kind)
            except FetchError:
                return None
        self._bytes -= len(found.body)
        return found

    async def _ask(self, url: str, kind: str) -> Answer:
        accept = "text/css, */*;q=0.1" if kind == "stylesheet" else "*/*"
        return await ask(
            "GET",
            url,
            headers={"user-agent": settings.NEWS_USER_AGENT, "accept": accept},
            max_bytes=max(self._bytes, 1),
            timeout_s=self._limits.answer_s,
            allowed=self._networks(url),
        )

    def _may_have(self, url: str, kind: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if self._requests <= 0 or self._bytes <= 0 or parts.scheme not in ("http", "https"):
            return False
        if kind not in CODE and not (kind in DATA and self._is_own(parts.hostname or "")):
            return False
        return parts[:2] != self._page[:2] or self._allowed(url)

    def _is_own(self, host: str) -> bool:
        own = (self._page.hostname or "").removeprefix("www.")
        return host == own or host.endswith(f".{own}")

    def _networks(self, url: str) -> tuple[IpNetwork, ...] | None:
        """Into networks that the operator allows a page leads only where it is itself."""
        return None if urlsplit(url).hostname == self._page.hostname else ()
