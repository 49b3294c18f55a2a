"""Loopback sites: what stands at each path, and everything that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from news.models import NewsSource
from testing.exporter import Answer, Exporter, Handler, exporting, text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
#: What a path answers: bytes or text = a page of status 200; or anything at all.
Pages = Mapping[str, "Answer | bytes | str"]
HTML = "text/html; charset=utf-8"
ALL_ALLOWED = "User-agent: *\nAllow: /\n"
LOREM = "The new model reads 128,000 tokens and answers in half the time of the one before it. "


class Site:
    """One host. `asked`: paths in their order, robots.txt left out; `headers`: of each of these requests."""

    def __init__(self, server: Exporter) -> None:
        self._server = server
        self.url = server.url.removesuffix("/metrics")

    @property
    def asked(self) -> list[str]:
        return [path for path, _ in self._server.asked if path != "/robots.txt"]

    @property
    def asked_robots(self) -> int:
        return sum(path == "/robots.txt" for path, _ in self._server.asked)

    @property
    def headers(self) -> list[dict[str, str]]:
        return [
            {name.lower(): value for name, value in headers.items()}
            for path, headers in self._server.asked
            if path != "/robots.txt"
        ]


@contextmanager
def site(pages: Pages) -> Iterator[Site]:
    """A host with these pages; without /robots.txt it has none (404). `{site}` in a page is its own address.
    Pages may be exchanged while it stands."""

    def answer(handler: Handler) -> None:
        found = pages.get(handler.path)
        if found is None:
            return text(b"nothing here", status=404)(handler)
        if callable(found):
            return found(handler)
        own = f"http://127.0.0.1:{handler.server.server_port}"
        body = found.replace("{site}", own).encode() if isinstance(found, str) else found
        return whole(body)(handler)

    with exporting(answer) as server:
        yield Site(server)


def whole(body: bytes, *, status: int = 200, kind: str = HTML, **headers: str) -> Answer:
    """A whole answer of that content type."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def not_modified_by(etag: str, body: bytes, kind: str = "application/rss+xml") -> Answer:
    """304 for whoever names the tag."""

    def answer(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            return whole(b"", status=304, ETag=etag)(handler)
        return whole(body, kind=kind, ETag=etag)(handler)

    return answer


def redirect(location: str, status: int = 302) -> Answer:
    return whole(b"", status=status, Location=location)


def rss(*links: str, more: str = "", pub: str = "Sat, 21 Nov 2026 09:00:00 GMT") -> str:
    """A feed of these links."""
    items = "".join(
        f"<item><title>News of {link}</title><link>{{site}}{link}</link><guid>{link}</guid>"
        f"<pubDate>{pub}</pubDate><description>About {link}, as the feed tells it.</description></item>"
        for link in links
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}{more}</channel></rss>"


def article(title: str, *, words: str = "", head: str = "") -> str:
    """A page with enough to read."""
    return (
        f"<html lang='en'><head><title>{title} | Site</title>{head}</head><body><nav>Menu</nav><article>"
        f"<h1>{title}</h1><p>{LOREM * 3}</p><p>{words or LOREM * 2}</p></article></body></html>"
    )


def make_source(url: str, **given: Any) -> NewsSource:
    row: dict[str, Any] = {"slug": f"s{NewsSource.objects.count()}", "name": "A source", "kind": "feed"}
    return NewsSource.objects.create(**{**row, "url": url, "enabled": True, **given})
