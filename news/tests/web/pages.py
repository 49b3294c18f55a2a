"""Labelled texts as pages of a site, and as listings of such pages. Pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from news.tests.labelled import Item, pairs

#: Every family's text "a" is published then, the others as much before or after it as they were.
FIRST_AT: Final = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
#: Who copies is later than who wrote it.
COPIED_AFTER: Final = timedelta(hours=1)
_DRESSES: Final = Path(__file__).parent / "dress"


@dataclass(frozen=True, slots=True)
class Paper:
    """One text at one path. `label`: what it tells; texts of one label are one story."""

    path: str
    title: str
    text: str
    lang: str
    at: datetime
    label: str


@cache
def texts() -> dict[str, Item]:
    """Labelled texts by name, copies as "orrin-41.a verbatim"; of the half that may be looked at."""
    found: dict[str, Item] = {}
    for pair in pairs("development"):
        found[pair.first.name] = pair.first
        found[f"{pair.first.name} {pair.how}" if pair.how else pair.second.name] = pair.second
    return found


def paper(name: str, prefix: str) -> Paper:
    """A labelled text below that path."""
    item = texts()[name]
    family = item.name.partition(".")[0]
    first = texts()[f"{family}.a"].published_at
    return Paper(
        path=prefix + name.replace(".", "-").replace(" ", "-"),
        title=item.title,
        text=item.text,
        lang=item.lang,
        at=FIRST_AT + (item.published_at - first) + (COPIED_AFTER if " " in name else timedelta()),
        label=f"{family}.{item.event}",
    )


def page(one: Paper, dress: str, site: str, *, nonce: int, charset: str = "utf-8") -> str:
    """The page; `nonce` differs in each answer, as tokens do. A sentence or two make a paragraph."""
    sentences = one.text.split(". ")
    halves = [". ".join(sentences[:2]) + ("." if len(sentences) > 2 else ""), ". ".join(sentences[2:])]
    return Template((_DRESSES / f"{dress}.html").read_text()).substitute(
        title=html.escape(one.title),
        first=html.escape(sentences[0]),
        body="\n".join(f"<p>{html.escape(half)}</p>" for half in halves if half),
        lang=one.lang,
        path=one.path,
        site=site,
        iso=one.at.isoformat(),
        day=f"{one.at:%Y-%m-%d}",
        nonce=f"{nonce:06d}",
        charset=charset,
    )


def rss(papers: Iterable[Paper], *, encoding: str = "utf-8", tracked: str = "") -> str:
    """RSS 2.0 with summaries; `tracked`: what its links end in."""
    items = "".join(
        f"<item><title>{html.escape(one.title)}</title><link>{{site}}{one.path}{tracked}</link>"
        f'<guid isPermaLink="false">{one.path}</guid><pubDate>{format_datetime(one.at)}</pubDate>'
        f"<description>{html.escape(html.escape(one.text.partition('. ')[0]))}</description></item>"
        for one in papers
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?><rss version="2.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title><link>{site}/</link>'
        f'<atom:link rel="self" href="{{site}}/feed"/><ttl>60</ttl>{items}</channel></rss>'
    )


def atom(papers: Iterable[Paper]) -> str:
    """Atom with relative links below an xml:base."""
    entries = "".join(
        f"<entry><title>{html.escape(one.title)}</title><id>tag:example,2026:{one.path}</id>"
        f'<link rel="alternate" href="{one.path}"/><published>{one.at.isoformat()}</published>'
        f"<updated>{(one.at + timedelta(minutes=5)).isoformat()}</updated>"
        f'<summary type="html">{html.escape(one.text.partition(". ")[0])}</summary></entry>'
        for one in papers
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="{site}/">'
        f"<title>Updates</title><id>tag:example,2026:feed</id>{entries}</feed>"
    )


def json_feed(papers: Iterable[Paper]) -> str:
    items = [
        {"id": one.path, "url": f"{{site}}{one.path}", "title": one.title, "language": one.lang}
        | {"date_published": one.at.isoformat(), "summary": one.text.partition(". ")[0]}
        for one in papers
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "Updates", "items": items}
    return json.dumps(told, ensure_ascii=False)


def sitemap(papers: Iterable[Paper], *, more: Iterable[str] = ()) -> str:
    """A news sitemap; `more`: paths of other pages."""
    urls = "".join(
        f"<url><loc>{{site}}{one.path}</loc><news:news><news:publication><news:name>N</news:name>"
        f"<news:language>{one.lang}</news:language></news:publication><news:publication_date>"
        f"{one.at.isoformat()}</news:publication_date><news:title>{html.escape(one.title)}</news:title>"
        "</news:news></url>"
        for one in papers
    )
    urls += "".join(f"<url><loc>{{site}}{path}</loc><lastmod>2026-11-18</lastmod></url>" for path in more)
    return (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
    )


def sitemap_index(*paths: str) -> str:
    maps = "".join(
        f"<sitemap><loc>{{site}}{path}</loc><lastmod>2026-11-20</lastmod></sitemap>" for path in paths
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'


def links(papers: Iterable[Paper], *, more: str = "") -> str:
    """A page that lists them: `li.story`, with relative links; `more` beside them."""
    items = "".join(
        f'<li class="story"><a class="thumb" href="/img/{number}"><img src="/t.png" alt=""></a>'
        f'<h2><a href=".{one.path}">{html.escape(one.title)}</a></h2>'
        f'<time datetime="{one.at.isoformat()}">{one.at:%d %B}</time></li>'
        for number, one in enumerate(papers)
    )
    head = '<html lang="en"><title>News</title><body><nav><a href="/">Home</a></nav>'
    return f"{head}<ul>{items}{more}</ul></body></html>"


def changelog(papers: Iterable[Paper]) -> str:
    """A page of sections, each below its heading."""
    sections = "".join(
        f'<h2 id="{one.path.rpartition("/")[2]}">{one.at:%Y-%m-%d} — {html.escape(one.title)} '
        f'<a href="#">#</a></h2>'
        f"<p>{html.escape(one.text)}</p>"
        for one in papers
    )
    return f'<html lang="en"><body><main><h1>Changelog</h1>{sections}</main></body></html>'
