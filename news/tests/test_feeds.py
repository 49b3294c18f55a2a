"""`/news/feed.atom`, read by feedparser, and `/news/feed.json`, held to JSON Feed 1.1."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime
from django.utils.http import http_date

from aigo.lib.events import tell
from catalog.tests.factories import make_model
from news.models import Article, Correction
from news.tests.making import NOW, make_article
from news.tests.publishing import make_published, withdraw

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "]]><b>“R&D”</b> <script>alert(1)</script>"
HOUR = timedelta(hours=1)
FEEDS = ("/news/feed.atom", "/news/feed.json")
#: JSON Feed 1.1 (jsonfeed.org/version/1.1): key → type, and which a feed and an item must have.
FEED_KEYS: dict[str, type] = {
    **dict.fromkeys(("version", "title", "home_page_url", "feed_url", "description", "language"), str),
    **{"authors": list, "items": list},
}
ITEM_KEYS: dict[str, type] = {
    **dict.fromkeys(("id", "url", "title", "content_html", "summary", "language"), str),
    **dict.fromkeys(("date_published", "date_modified"), str),
    **{"tags": list, "_aigo": dict},
}


def atom(client: Client, query: str = "") -> Any:
    answer = client.get(f"/news/feed.atom{query}")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    return feed


def json_feed(client: Client, query: str = "") -> dict[str, Any]:
    """Held to the specification."""
    answer = client.get(f"/news/feed.json{query}")
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed: dict[str, Any] = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    _has(feed, FEED_KEYS)
    assert all(set(author) <= {"name", "url", "avatar"} for author in feed["authors"])
    for item in feed["items"]:
        _has(item, ITEM_KEYS)
        for name in ("date_published", "date_modified"):
            moment = parse_datetime(item[name])
            assert moment is not None
            assert moment.tzinfo is not None
        assert all(isinstance(tag, str) for tag in item["tags"])
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    return feed


def _has(found: dict[str, Any], keys: dict[str, type]) -> None:
    assert set(found) == set(keys)
    assert all(isinstance(found[name], kind) for name, kind in keys.items())


def test_an_entry_has_three_lines_with_their_sources_the_body_and_one_id_in_both(client: Client):
    made = make_published("model:gpt-4.1", slug="told", stance="opinion", dek_en="What is new.")
    Article.objects.update(
        body_en='<p onclick="x()">See <a href="/models/gpt-4.1/">it</a>.</p><script>x()</script>'
    )
    (entry,) = atom(client).entries
    (item,) = json_feed(client)["items"]
    assert entry.id == item["id"] == f"tag:127.0.0.1,2026-11-22:news/{made.pk}"
    assert entry.link == item["url"] == "http://127.0.0.1:8000/news/told/"
    assert entry.published == entry.updated == "2026-11-21T12:00:00+00:00"
    assert [tag.term for tag in entry.tags] == item["tags"] == ["model", "opinion", "model:gpt-4.1"]
    html, source = item["content_html"], made.sources.get(lang="en")
    assert html.count("<li>") == 3 == html.count(f'(<a href="{source.url}">blog</a>)')
    assert [line in html for line in entry.summary.split("\n")] == [True] * 3
    assert "<strong>contains opinion</strong>" in html
    assert "<p>What is new.</p>" in html
    assert 'href="http://127.0.0.1:8000/models/gpt-4.1/">it</a>' in html
    assert "onclick" not in html
    assert "<script" not in html
    root = ElementTree.fromstring(client.get("/news/feed.atom").content)
    assert root.findtext(f"{ATOM}entry/{ATOM}content") == html
    assert item["_aigo"]["sources"][0]["sha256"] in {row.sha256 for row in made.sources.all()}


def test_every_element_that_rfc_4287_asks_for_is_there(client: Client):
    make_published("model:gpt-4.1", slug="told")
    query = "?tag=model:gpt-4.1&lang=ko"
    root = ElementTree.fromstring(client.get(f"/news/feed.atom{query}").content)
    for parent in (root, root.find(f"{ATOM}entry")):
        assert parent is not None
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1, name
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "AI-GO"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == json_feed(client, query)["feed_url"].replace(".json", ".atom")
    assert links["self"] == f"http://127.0.0.1:8000/news/feed.atom{query}"
    assert root.findtext(f"{ATOM}id") == f"tag:127.0.0.1,2026-11-22:news/feed.atom{query}"


def test_what_is_put_right_changes_and_comes_first_and_what_is_withdrawn_leaves(client: Client):
    older = make_published(slug="older", at=NOW - 5 * HOUR)
    newer = make_published(slug="newer", at=NOW - HOUR)
    make_article(slug="draft")
    assert [entry.link[-7:] for entry in atom(client).entries] == ["/newer/", "/older/"]
    first = client.get("/news/feed.atom")
    Correction.objects.create(article=older, at=NOW, text_en="The price is <$2>, not $3.")
    tell("news.changed", {}, now=NOW)
    entry, other = atom(client).entries
    assert (entry.link[-7:], entry.published, entry.updated) == (
        "/older/",
        "2026-11-21T07:00:00+00:00",
        "2026-11-21T12:00:00+00:00",
    )
    item = json_feed(client)["items"][0]
    assert item["date_modified"] == "2026-11-21T12:00:00Z"
    assert "The price is &lt;$2&gt;, not $3." in item["content_html"]
    assert client.get("/news/feed.atom", headers={"If-None-Match": first["ETag"]}).status_code == 200
    withdraw(newer, "It was wrong.", at=NOW + HOUR)
    tell("news.changed", {}, now=NOW + HOUR)
    assert [entry.id for entry in atom(client).entries] == [entry.id] != [other.id]
    since = http_date((NOW + HOUR / 2).timestamp())
    assert client.get("/news/feed.json", headers={"If-Modified-Since": since}).status_code == 200


@pytest.mark.parametrize("feed", FEEDS)
def test_an_unchanged_feed_is_not_sent_again(client: Client, feed: str, django_assert_num_queries: Any):
    empty = client.get(feed)
    assert not empty.has_header("Last-Modified")
    assert client.get(feed, headers={"If-None-Match": empty["ETag"]}).status_code == 304
    make_published(slug="told")
    tell("news.changed", {}, now=NOW)
    told = client.get(feed, headers={"If-None-Match": empty["ETag"]})
    assert (told.status_code, told["Last-Modified"]) == (200, "Sat, 21 Nov 2026 12:00:00 GMT")
    assert "s-maxage" in told["Cache-Control"]
    with django_assert_num_queries(0):
        for name, value in (("If-None-Match", told["ETag"]), ("If-Modified-Since", told["Last-Modified"])):
            again = client.get(feed, headers={name: value})
            assert (again.status_code, again.content) == (304, b"")


def test_a_feed_can_be_of_some_and_in_korean(client: Client):
    make_published("model:gpt-4.1", slug="told")
    make_published("provider:openai", slug="other", category="policy")
    client.cookies["django_language"] = "ko"
    assert atom(client).feed.language == "en"
    korean = atom(client, "?tag=model:gpt-4.1&lang=ko")
    assert (korean.feed.language, [entry.title for entry in korean.entries]) == (
        "ko",
        ["오픈AI, GPT-4.1 공개"],
    )
    assert korean.entries[0].summary.startswith("오픈AI가 11월 3일")
    assert [item["url"][-7:] for item in json_feed(client, "?category=policy")["items"]] == ["/other/"]
    assert json_feed(client, "?q=nothing+of+that+kind")["items"] == []


def test_what_is_invented_says_so_in_its_title(client: Client):
    make_model("nimbus-1", simulated=True)
    make_published("model:nimbus-1", slug="told", title_en="Nimbus is here")
    assert atom(client).entries[0].title == "[Simulated] Nimbus is here"
    (item,) = json_feed(client)["items"]
    assert (item["title"], item["_aigo"]["simulated"]) == ("[Simulated] Nimbus is here", True)


def test_a_hostile_title_is_text(client: Client):
    make_published(slug="told", title_en=f"\x0b{HOSTILE}\ufffe", dek_en=HOSTILE)
    raw = client.get("/news/feed.atom").content
    assert ElementTree.fromstring(raw).findtext(f"{ATOM}entry/{ATOM}title") == HOSTILE
    assert b"<script" not in raw
    (item,) = json_feed(client)["items"]
    assert HOSTILE in item["title"]
    assert "<script" not in item["content_html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in item["content_html"]


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("query", ["category=sport", "tag=model:nobody", "stance=x", "lang=tlh", "page=2"])
def test_what_cannot_be_accepted_is_named(client: Client, feed: str, query: str):
    answer = client.get(f"{feed}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["parameter"] == query.partition("=")[0]
