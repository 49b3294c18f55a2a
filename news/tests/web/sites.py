"""Fifteen hosts on loopback, what each has, and the sources that read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final

from news.tests.sites import Site, redirect, site, whole
from news.tests.web import traps
from news.tests.web.pages import (
    Paper,
    atom,
    changelog,
    json_feed,
    links,
    page,
    paper,
    rss,
    sitemap,
    sitemap_index,
)
from testing.exporter import Answer, Handler, dripping

#: Host → what stands around its texts, the path before them, and the texts (news/tests/labelled).
PLACED: Final[dict[str, tuple[str, str, str]]] = {
    "halden": ("vendor", "/blog/", "orrin-41.a, orrin-41.n, zephyrine-plan.a, zephyrine-plan.n"),
    "veyra": (
        *("vendor", "/news/"),
        "sorrel-3-vision.a, sorrel-3-vision.n, castellan-privacy.a, castellan-privacy.n",
    ),
    "quillon": ("lab", "/updates/", "tern-retired.a, tern-retired.n, fenn-batch.a, fenn-batch.n"),
    "castellan": (
        *("vendor", "/newsroom/"),
        "brine-2-context.a, brine-2-context.n, northmere-region.a, northmere-region.n",
    ),
    "sdk": ("", "/changes/", "sdk-release.a, sdk-release.n, sdk-release.m"),
    "wire": (
        *("journal", "/2026/"),
        "orrin-41.b, sorrel-3-vision.b, tern-retired.b, brine-2-context.b, zephyrine-plan.b, "
        "castellan-privacy.b, arctis-funding.a, arctis-funding.n, new-chief.b",
    ),
    "mirror": (
        *("journal", "/item/"),
        "orrin-41.a verbatim, arctis-funding.a verbatim, new-chief.a verbatim, gaon-ondevice.e edited, "
        "sorrel-3-vision.b trimmed, zephyrine-plan.b trimmed, agents-standard.a trimmed",
    ),
    "aisori": (
        *("press", "/article/"),
        "orrin-41.k, sorrel-3-vision.k, brine-2-context.k, gaon-ondevice.a, gaon-ondevice.n, "
        "northmere-region.b, castellan-privacy.k, arctis-funding.k",
    ),
    "portal": (
        *("press", "/read/"),
        "orrin-41.k edited, gaon-ondevice.a verbatim, northmere-region.b edited, zephyrine-plan.k, "
        "tern-retired.k, fenn-batch.k, new-chief.k",
    ),
    "lab": (
        "lab",
        "/notes/",
        "benchmark-two.a, benchmark-two.n, benchmark-two.o, arena-lead.a, arena-lead.n",
    ),
}
NAMES: Final = {
    **{"halden": "Halden", "veyra": "Veyra Labs", "quillon": "Quillon", "castellan": "Castellan"},
    **{"wire": "Token Wire", "mirror": "Feed Mirror", "lab": "Sleep Lab"},
    **{"aisori": "AI소리", "portal": "모아보기"},
}
#: What Halden says first of Orrin 4.1, and puts right a day later.
WRONG: Final = ("38% fewer mistakes", "83% fewer mistakes")
#: More than is read of a robots.txt; what stands behind it does not hold.
HUGE_ROBOTS: Final = (
    b"User-agent: *\nDisallow: /internal/\n" + b"# filler\n" * 60_000 + b"Disallow: /newsroom/\n"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A NewsSource to be; `path` of its listing on its host."""

    slug: str
    host: str
    kind: str
    path: str
    lang: str = "en"
    category: str = "model"
    selectors: dict[str, str] = field(default_factory=dict)


SOURCES: Final = (
    Source("halden-blog", "halden", "feed", "/feed"),
    Source("veyra-news", "veyra", "feed", "/atom.xml"),
    Source("quillon-updates", "quillon", "json_feed", "/feed.json"),
    Source("castellan-map", "castellan", "sitemap", "/sitemap.xml", selectors={"path": "/newsroom/"}),
    Source("sdk-changes", "sdk", "changelog", "/changelog", category="product"),
    Source("token-wire", "wire", "page", "/latest/", selectors={"item": "li.story", "link": "h2 a"}),
    Source("feed-mirror", "mirror", "feed", "/all.rss", lang=""),
    Source("aisori", "aisori", "feed", "/rss", lang="ko"),
    Source("moa", "portal", "sitemap", "/news.xml", lang="ko"),
    Source("sleep-lab", "lab", "feed", "/feed.xml", category="research"),
    Source("traps", "traps", "feed", "/feed"),
    Source("honeypot", "traps", "page", "/list", selectors={"item": "li.story", "link": "h2 a"}),
    Source("cut-off", "broken", "feed", "/cut"),
    Source("wrong-encoding", "broken", "feed", "/encoding", lang="ko"),
    Source("undeclared", "broken", "feed", "/entities"),
    Source("html-as-feed", "broken", "feed", "/html"),
    Source("closed", "closed", "feed", "/feed"),
    Source("down", "down", "feed", "/feed"),
    Source("slow", "slow", "feed", "/feed"),
)


@dataclass(frozen=True, slots=True)
class Web:
    """The hosts as they stand."""

    hosts: dict[str, Site]

    def rows(self) -> list[dict[str, Any]]:
        """The sources as `crawl.py` takes them."""
        return [
            {"slug": one.slug, "name": NAMES.get(one.host, one.slug), "kind": one.kind, "lang": one.lang}
            | {"url": self.hosts[one.host].url + one.path, "category": one.category}
            | {"selectors": one.selectors, "home_url": self.hosts[one.host].url}
            for one in SOURCES
        ]


def papers(host: str) -> list[Paper]:
    _, prefix, names = PLACED[host]
    return [paper(name, prefix) for name in names.split(", ")]


@contextmanager
def standing() -> Iterator[Web]:
    """All hosts until the block ends."""
    urls: dict[str, str] = {}
    with ExitStack() as stack:
        hosts = {name: stack.enter_context(site(pages)) for name, pages in _hosts(urls).items()}
        urls |= {name: host.url for name, host in hosts.items()}
        yield Web(hosts)


def _hosts(urls: dict[str, str]) -> dict[str, dict[str, Any]]:
    """urls: filled in once they stand; pages name other hosts by it."""
    return {
        "halden": _halden(),
        "veyra": {
            **_served("veyra", how="etag"),
            "/atom.xml": _stamped(lambda own: atom(papers("veyra")).replace("{site}", own), "etag"),
        },
        "quillon": {
            "/robots.txt": "User-agent: *\nCrawl-delay: 20\n",
            **_served("quillon", how="modified"),
            "/feed.json": json_feed(papers("quillon")),
        },
        "castellan": {
            "/robots.txt": whole(HUGE_ROBOTS, kind="text/plain"),
            **_served("castellan"),
            "/sitemap.xml": sitemap_index("/sitemap-news.xml", "/sitemap-gone.xml"),
            "/sitemap-news.xml": sitemap(papers("castellan"), more=("/about", "/internal/plan")),
        },
        "sdk": {"/changelog": changelog(papers("sdk"))},
        "wire": {
            "/robots.txt": redirect("/rules/robots.txt", 301),
            "/rules/robots.txt": "User-agent: *\nDisallow: /search\n\nUser-agent: AI-GO\nAllow: /\n",
            **_served("wire"),
            "/latest/": links(papers("wire"), more=_elsewhere(urls)),
            **{f"/latest{one.path}": redirect(one.path, 308) for one in papers("wire")},
            "/out/veyra": _redirect_to(urls, "veyra", "/news/sorrel-3-vision-a"),
            "/out/closed": _redirect_to(urls, "closed", "/secret"),
        },
        "mirror": {
            **_served("mirror"),
            "/all.rss": rss(papers("mirror"), tracked="?utm_source=all&amp;fbclid=x1"),
        },
        "aisori": {
            "/robots.txt": whole(b"no", status=403),
            **_served("aisori", charset="euc-kr"),
            "/rss": _encoded(rss(papers("aisori"), encoding="euc-kr"), "euc-kr", "text/xml"),
        },
        "portal": {**_served("portal"), "/news.xml": sitemap(papers("portal"))},
        "lab": {**_served("lab"), "/feed.xml": rss(papers("lab"))},
        "traps": {
            **{path: answer for path, (_, answer, _) in traps.TRAPS.items()},
            **traps.BEHIND,
            "/feed": traps.feed(),
            "/list": links([_OPEN], more=traps.HONEYPOT),
            _OPEN.path: _answer(_OPEN, "lab", "traps"),
        },
        "broken": _broken(),
        "closed": {
            "/robots.txt": "User-agent: *\nDisallow: /\n",
            "/feed": rss([]),
            "/secret": "<p>secret</p>",
        },
        "down": {"/robots.txt": whole(b"", status=500), "/feed": rss([])},
        "slow": {
            "/feed": rss([Paper("/drip", "A slow page", "Drop by drop", "en", _AT, "")]),
            "/drip": dripping,
        },
    }


def _halden() -> dict[str, Any]:
    """Its feed leads through counting redirects to its pages; one entry is not for crawlers."""
    told = papers("halden")
    first = replace(told[0], text=told[0].text.replace(*WRONG))
    preview = Paper("/preview/orrin-5", "A look at what is next", "Only for partners", "en", _AT, "")
    listed = [replace(one, path=f"/go{one.path}") for one in told]
    return {
        "/robots.txt": "# hello\nUser-agent: *\nDisallow: /preview/\nSitemap: /sitemap.xml\n",
        **_served("halden"),
        told[0].path: _put_right(_answer(first, "vendor", "halden"), _answer(told[0], "vendor", "halden")),
        "/feed": rss([*listed, preview], tracked="?utm_source=rss"),
        **{f"/go{one.path}": redirect(f"/r{one.path}", 301) for one in told},
        **{f"/r{one.path}": redirect(f"/r2{one.path}", 302) for one in told},
        **{f"/r2{one.path}": redirect(one.path, 307) for one in told},
        preview.path: "<p>Not for crawlers.</p>",
    }


def _broken() -> dict[str, Any]:
    names = ("agents-standard.b", "agents-standard.k", "new-chief.n")
    one, korean, other = (paper(name, "/b/") for name in names)
    cut = rss([one, other])
    entities = rss([other]).replace("<title>", "<title>&nbsp;&eacute;&hellip; ", 2)
    return {
        one.path: _answer(one, "lab", "broken"),
        other.path: _answer(other, "lab", "broken"),
        korean.path: _encoded(page(korean, "press", "k", nonce=1, charset="euc-kr"), "euc-kr", "text/html"),
        "/cut": cut[: cut.index("<title>", cut.index(other.path) - 200)],
        "/encoding": _encoded(rss([korean]), "euc-kr", "application/rss+xml; charset=utf-8"),
        "/entities": entities,
        "/html": page(one, "vendor", "Feeds have moved", nonce=1),
    }


_AT = paper("orrin-41.a", "/").at
#: What stands openly on the page that also has links which nobody sees.
_OPEN = paper("fenn-batch.b", "/open/")


def _elsewhere(urls: dict[str, str]) -> str:
    names = {"/out/veyra": "Sorrel 3 Vision, in the words of its makers", "/out/closed": "A secret"}
    return "".join(
        f'<li class="story"><h2><a href="{path}">{title}</a></h2></li>' for path, title in names.items()
    )


# --- answers ---------------------------------------------------------------------------------------


def _served(host: str, *, how: str = "", charset: str = "utf-8") -> dict[str, Answer]:
    dress = PLACED[host][0]
    return {
        one.path + query: _answer(one, dress, host, how=how, charset=charset)
        for one in papers(host)
        for query in _queries(host)
    }


def _queries(host: str) -> tuple[str, ...]:
    return ("", "?utm_source=all&fbclid=x1") if host == "mirror" else ("",)


def _answer(one: Paper, dress: str, host: str, *, how: str = "", charset: str = "utf-8") -> Answer:
    """how: "etag", "modified" = 304 for whoever has it; "" = a new token in each answer."""
    nonces = count(1)

    def body(own: str) -> str:
        made = page(one, dress, NAMES.get(host, host), nonce=1 if how else next(nonces), charset=charset)
        return made.replace("{site}", own)

    return _stamped(body, how, charset=charset)


def _stamped(body: Any, how: str, *, charset: str = "utf-8") -> Answer:
    names = {"etag": ("If-None-Match", "ETag", '"v1"')}
    names["modified"] = ("If-Modified-Since", "Last-Modified", "Tue, 17 Nov 2026 09:00:00 GMT")

    def answer(handler: Handler) -> None:
        asked, told, value = names.get(how, ("", "", ""))
        headers: Any = {told.replace("-", "_"): value} if how else {}
        if how and handler.headers.get(asked) == value:
            return whole(b"", status=304, **headers)(handler)
        own = f"http://127.0.0.1:{handler.server.server_port}"
        kind = f"text/html; charset={charset}"
        return whole(body(own).encode(charset), kind=kind, **headers)(handler)

    return answer


def _encoded(text: str, charset: str, kind: str) -> Answer:
    """In a charset that only the text itself names."""

    def answer(handler: Handler) -> None:
        own = f"http://127.0.0.1:{handler.server.server_port}"
        whole(text.replace("{site}", own).encode(charset), kind=kind)(handler)

    return answer


def _put_right(first: Answer, then: Answer) -> Answer:
    """Another answer from the second asking on."""
    turns = count()

    def answer(handler: Handler) -> None:
        (then if next(turns) else first)(handler)

    return answer


def _redirect_to(urls: dict[str, str], host: str, path: str) -> Answer:
    def answer(handler: Handler) -> None:
        redirect(urls[host] + path, 301)(handler)

    return answer
