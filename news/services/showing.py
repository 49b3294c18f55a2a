"""One address, asked for a source: as it is, or as a browser shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.conf import settings

from aigo.lib.fetch import Answer
from news.models import HostRules, NewsSource, Problem
from news.rendering.browser import Browser, Unshown
from news.rendering.program import what_is_missing
from news.services.asking import MAX_REDIRECTS, Unfetched, ask
from news.services.hosts import is_allowed, origin_of

_PAGES: Final = frozenset({"", "text/html", "application/xhtml+xml"})


@contextmanager
def browser_of(source: NewsSource) -> Iterator[Browser | None]:
    """The browser that reads the source, None = it needs none. Unfetched: it needs one, and there is none."""
    if not source.renders:
        yield None
        return
    if missing := what_is_missing(settings.NEWS_BROWSER):
        raise Unfetched(Problem.SCRIPT, missing, passing=True)
    with Browser() as browser:
        yield browser


def ask_for(
    browser: Browser | None,
    url: str,
    *,
    etag: str,
    last_modified: str,
    accept: str,
    max_bytes: int,
    now: datetime,
) -> tuple[Answer, bool]:
    """What `ask` has, and whether it is what a browser showed. A page whose bytes are as they were may show
    something else, so that a browser is given no validators. Postponed, Unfetched."""
    if browser is not None:
        return _ask_shown(browser, url, accept=accept, max_bytes=max_bytes, now=now)
    answer = ask(url, etag=etag, last_modified=last_modified, accept=accept, max_bytes=max_bytes, now=now)
    return answer, False


def _ask_shown(
    browser: Browser, url: str, *, accept: str, max_bytes: int, now: datetime
) -> tuple[Answer, bool]:
    """Where a page leads elsewhere by itself, that address is asked as any other redirect is."""
    rules: dict[str, HostRules] = {}
    for _ in range(MAX_REDIRECTS + 1):
        answer = ask(url, accept=accept, max_bytes=max_bytes, now=now, rules=rules)
        if answer.headers.get("content-type", "").partition(";")[0].strip().lower() not in _PAGES:
            return answer, False
        origin = origin_of(answer.url)
        url, html = _shown(browser, answer, rules[origin])
        if not url:
            headers = {"content-type": "text/html; charset=utf-8"}
            return replace(answer, body=html.encode(errors="replace"), headers=headers), True
    raise Unfetched(Problem.NETWORK, f"more than {MAX_REDIRECTS} redirects by its scripts", passing=False)


def _shown(browser: Browser, answer: Answer, host: HostRules) -> tuple[str, str]:
    """(address that it leads to, "" = none; its HTML)."""
    try:
        shown = browser.show(answer, allowed=lambda address: is_allowed(host, address))
    except Unshown as error:
        problem = Problem.SIZE if error.large else Problem.SCRIPT
        raise Unfetched(problem, f"{host.origin}: {error}", passing=not error.large) from None
    return shown.moved, shown.html
