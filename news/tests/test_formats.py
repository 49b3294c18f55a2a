"""Listings and dates in the forms that sites use, and in those that break."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from news.crawling.dates import read_moment
from news.crawling.decoding import decoded
from news.crawling.entries import Entry, Listing, Unreadable
from news.crawling.extracting import language, read_article
from news.crawling.kinds import read_listing
from news.crawling.pacing import asked_to_wait, backed_off

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://example.com/x/list"


def read(kind: str, page: str | bytes, /, **selectors: str) -> Listing:
    data = page.encode() if isinstance(page, str) else page
    return read_listing(kind, data, "", URL, NOW, selectors=selectors)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-04T10:00:00+09:00", "2026-03-04T01:00:00+00:00"),
        ("2026-03-04T10:00:00Z", "2026-03-04T10:00:00+00:00"),
        ("2026-03-04T10:00:00.123Z", "2026-03-04T10:00:00+00:00"),
        ("2026-03-04 10:00:00 +0900", "2026-03-04T01:00:00+00:00"),
        ("Wed, 04 Mar 2026 10:00:00 GMT", "2026-03-04T10:00:00+00:00"),
        ("Wed, 04 Mar 2026 10:00:00 -0500", "2026-03-04T15:00:00+00:00"),
        ("4 Mar 2026 10:00:00 EST", "2026-03-04T15:00:00+00:00"),
        ("2026-03-04T10:00:00", "2026-03-04"),  # whose ten o'clock is not said
        ("2026-03-04", "2026-03-04"),
        ("March 4, 2026", "2026-03-04"),
        ("Mar. 4th, 2026 · 5 min read", "2026-03-04"),
        ("4 March 2026", "2026-03-04"),
        ("2026년 3월 4일", "2026-03-04"),
        ("2026. 3. 4.", "2026-03-04"),
        ("2026.03.04 14:00", "2026-03-04"),
        ("2026/3/4", "2026-03-04"),
        ("v1.2 (2026-03-04)", "2026-03-04"),
        ("2026-02-30", ""),
        ("yesterday", ""),
        ("", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("2099-01-01", ""),
        ("9999-12-31T23:59:59-14:00", ""),
        ("version 2026.13.45", ""),
        ("1" * 5_000, ""),
    ],
)
def test_a_date_is_read_as_exactly_as_it_is_stated(written: str, read: str):
    assert str(read_moment(written, latest=NOW)) == read


def test_atom_with_relative_links_and_two_dates():
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ko"><entry><id>tag:1</id>
    <title>A &amp;amp; B</title><link href="../a"/><published>2026-11-20T00:00:00Z</published>
    <updated>2026-11-21T00:00:00Z</updated><author><name>Kim</name></author><content
    type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry></feed>"""
    [entry] = read("feed", feed).entries
    assert (entry.url, entry.title, entry.author) == ("https://example.com/a", "A & B", "Kim")
    assert (str(entry.published), entry.changed) == ("2026-11-20T00:00:00+00:00", "2026-11-21T00:00:00Z")


def test_rss_without_links_falls_back_on_what_is_one():
    items = "<item><guid>https://example.com/a</guid></item><item><guid>7</guid><title>no link</title></item>"
    entries = read("feed", f"<rss version='2.0'><channel>{items}</channel></rss>").entries
    assert [entry.url for entry in entries] == ["https://example.com/a"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "https://" + "a" * 2_000, "x y:"]
)
def test_links_that_are_no_address_of_the_web_are_left_out(address: str):
    feed = f"<rss version='2.0'><channel><item><title>x</title><link>{address}</link></item></channel></rss>"
    assert all(entry.url.startswith("https://example.com/") for entry in read("feed", feed).entries)


def test_a_listing_is_bounded():
    items = "".join(f"<item><link>https://example.com/{n}</link></item>" for n in range(2_000))
    assert len(read("feed", f"<rss version='2.0'><channel>{items}</channel></rss>").entries) == 300


def test_json_feed():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "ko",
        "items": [
            {"id": 1, "url": "/a", "title": "A", "content_html": "<p>x</p>",
             "date_published": "2026-11-20T09:00:00+09:00",
             "authors": [{"name": "Kim"}, {"name": "Lee"}]},
            {"id": "2", "content_text": "no address"},
            "no item",
        ],
    }  # fmt: skip
    [entry] = read("json_feed", json.dumps(feed)).entries
    assert (entry.url, entry.guid, entry.author, entry.lang) == (
        "https://example.com/a",
        "1",
        "Kim, Lee",
        "ko",
    )
    assert Entry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("json_feed", "<html>", "no JSON"),
        ("json_feed", "[" * 100_000, "no JSON"),
        ("json_feed", "[]", "expected version"),
        ("json_feed", '{"version": "https://jsonfeed.org/version/1.1", "items": 7}', "list of items"),
        ("json_feed", b"\xff\xfe\x00", "no JSON"),
        ("feed", "", "neither RSS nor Atom"),
        ("feed", "<html><body>Sign in</body></html>", "neither RSS nor Atom"),
        ("sitemap", "", "no sitemap"),
        ("sitemap", "<html></html>", "no sitemap"),
        ("sitemap", b"\x1f\x8b\x08garbage", "not gzip"),
        ("page", "", "empty"),
        ("changelog", "<p>No headings</p>", "finds no heading"),
    ],
)
def test_what_is_something_else_says_so(kind: str, body: str | bytes, said: str):
    with pytest.raises(Unreadable, match=said):
        read(kind, body, **({"item": "li"} if kind == "page" else {}))


def test_a_sitemap_that_breaks_off_is_read_until_there_newest_first():
    rows = "".join(
        f"<url><loc>https://example.com/news/{day}</loc><lastmod>2026-11-{day}</lastmod></url>"
        for day in (10, 20, 15)
    )
    listing = read("sitemap", f"<urlset>{rows}<url><loc>https://exa", path="/news/")
    assert [entry.url[-2:] for entry in listing.entries] == ["20", "15", "10"]
    assert "breaks off" in listing.note


def test_a_news_sitemap_names_title_language_and_date():
    sitemap = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://example.com/a</loc><news:news>
    <news:publication><news:language>ko</news:language></news:publication><news:title>새 모델</news:title>
    <news:publication_date>2026-11-20T09:00:00+09:00</news:publication_date></news:news></url></urlset>"""
    [entry] = read("sitemap", sitemap).entries
    assert (entry.title, entry.lang, str(entry.published)) == ("새 모델", "ko", "2026-11-20T00:00:00+00:00")


def test_a_changelog_keeps_each_section_apart_wherever_it_is_nested():
    page = """<body><nav><h2>Menu</h2></nav><main><p>Intro</p>
    <section><div><h2 id="v2">v2 <a href="#v2">#</a></h2><time datetime="2026-11-20">x</time></div>
    <ul><li>One <b>bold</b> thing</li><li>Two</li></ul></section>
    <section><h2>November 1, 2026</h2><p>Old</p></section><h2>November 1, 2026</h2></main>
    <footer>Bye</footer></body>"""
    first, second, third = read("changelog", page, item="main h2", body="main").entries
    assert (first.guid, first.title, first.content) == ("v2", "v2", "<p>x</p><p>One bold thing</p><p>Two</p>")
    assert (second.url, second.content) == (f"{URL}#november-1-2026", "<p>Old</p>")
    assert (str(second.published), third.guid) == ("2026-11-01", "november-1-2026-")


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("모델".encode("euc-kr"), "text/html; charset=EUC-KR", "모델"),
        ("모델".encode("euc-kr"), "", "모델"),
        ("뷁".encode("cp949"), "text/html; charset=euc-kr", "뷁"),
        (b"<meta charset=euc-kr>" + "모델".encode("euc-kr"), "", "<meta charset=euc-kr>모델"),
        ("모델".encode("utf-16"), "", "모델"),
        ("모델".encode(), "text/html; charset=iso-8859-1x", "모델"),
        ("모델".encode(), "text/html; charset=utf-7", "모델"),
        ("모델".encode(), "text/html; charset=rot13", "모델"),
        ("caf\u00e9".encode("latin-1"), "text/html; charset=latin1", "café"),
        ("모델".encode() * 200 + b"\xff", "", "모델" * 200 + "\ufffd"),
        (b"", "", ""),
    ],
)
def test_bytes_become_text_whatever_their_server_says(body: bytes, content_type: str, text: str):
    assert decoded(body, content_type) == text


@pytest.mark.parametrize(
    ("stated", "text", "lang"),
    [
        ("en", "새 모델이 GPT 를 이긴다", "ko"),
        ("ko-KR", "A page in English", ""),
        ("en-US", "A page", "en-US"),
        ("en_GB", "A page", "en-GB"),
        ("<script>", "A page", ""),
    ],
)
def test_the_language_is_that_of_the_words(stated: str, text: str, lang: str):
    assert language(stated, text) == lang


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "text",
        "<a href=x>y</a>" * 60_000,
        "<table><tr><td>" * 30_000,
        "<" * 1_000_000,
        "<p " + "a=b " * 300_000 + ">",
        "&" * 500_000,
        "<style>" + ".a{" * 100_000 + "</style><p>x",
        "<p>" + "x" * 1_900_000,
        "<script type=application/ld+json>" + "[" * 100_000 + "</script><p>x",
    ],
    ids=["deep", "links", "tables", "signs", "attributes", "entities", "styles", "one word", "data"],
)
@pytest.mark.timeout(30)
def test_pages_that_are_made_to_be_heavy_end(page: str):
    try:
        reading = read_article(page.encode(), "text/html", URL, NOW)
    except Unreadable:
        return
    assert len(reading.text) <= 200_000


def test_waits_grow_and_differ():
    waits = [backed_off(failures, chance=0).total_seconds() / 60 for failures in (1, 2, 3, 9, 500)]
    assert waits == [5, 10, 20, 1_280, 1_440]
    assert backed_off(1, chance=1) == timedelta(minutes=7.5)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("999999999", 7 * 86_400),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600),
        ("Sun, 22 Nov 2020 12:10:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_a_server_may_say_how_long(header: str, seconds: int | None):
    wait = asked_to_wait(header, now=NOW)
    assert (None if wait is None else wait.total_seconds()) == seconds
