"""From listings to fetched items, on loopback sites; the clock is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aigo.lib.fetch import Answer
from news.models import HostRules, ListedItem, NewsSource, RawItem
from news.services import Crawled, crawl, hosts
from news.tests.sites import (
    ALL_ALLOWED,
    NOW,
    article,
    make_source,
    not_modified_by,
    redirect,
    rss,
    site,
    whole,
)

pytestmark = pytest.mark.django_db


def run(source: NewsSource, at: datetime = NOW) -> Crawled:
    done = crawl(source.pk, now=at)
    assert done is not None
    return done


def run_through(source: NewsSource, at: datetime = NOW, *, most: int = 30) -> datetime:
    """Runs whenever the source says so, until nothing is left; the moment of the last one."""
    for _ in range(most):
        done = run(source, at)
        assert done.next_at is not None
        if not done.left:
            return at
        at = max(done.next_at, at + timedelta(seconds=1))
    raise AssertionError(f"{done} is not done")


def test_a_feed_becomes_items_with_their_text_and_where_they_are_from():
    head = "<link rel='canonical' href='/a'><meta name='author' content='Ana Lopez'>"
    pages: dict[str, Any] = {
        "/robots.txt": ALL_ALLOWED,
        "/feed": rss("/a?utm_source=rss"),
        "/a": article("A fast model", head=head),
    }
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        run_through(source)
        agents = {headers["user-agent"] for headers in host.headers}
    item = RawItem.objects.get()
    assert agents == {"AI-GO/1.0 (+http://127.0.0.1:8000)"}
    assert item.canonical_url == f"{host.url}/a"
    assert (item.title, item.author, item.lang) == ("News of /a?utm_source=rss", "Ana Lopez", "en")
    assert (item.published_at, item.published_precision) == (datetime(2026, 11, 21, 9, tzinfo=UTC), "instant")
    assert "128,000 tokens" in item.text
    assert "Menu" not in item.text
    assert item.as_fetched() == article("A fast model", head=head).encode()
    source.refresh_from_db()
    assert (source.problem, source.error, source.failures) == ("", "", 0)


def test_a_host_is_asked_once_in_its_interval_and_nothing_waits():
    pages: dict[str, Any] = {"/feed": rss("/a", "/b"), "/a": article("A"), "/b": article("B")}
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        first = run(source)
        assert (first.listed, first.kept, first.left) == (2, 0, 2)
        assert host.asked == ["/feed"]
        assert first.next_at is not None
        assert 4 < (first.next_at - NOW).total_seconds() < 6
        assert crawl(source.pk, now=NOW + timedelta(seconds=1)) is None
        second = run(source, first.next_at)
        assert (second.listed, second.kept, second.left) == (None, 1, 1)
        assert host.asked == ["/feed", "/a"]


def test_crawl_delay_is_honoured():
    with site({"/robots.txt": "User-agent: ai-go\nCrawl-delay: 90", "/feed": rss("/a")}) as host:
        done = run(make_source(f"{host.url}/feed"))
    assert done.next_at is not None
    assert 89 < (done.next_at - NOW).total_seconds() < 92


def test_what_has_not_changed_is_not_read_again():
    pages: dict[str, Any] = {
        "/feed": not_modified_by('"1"', rss("/a").replace("{site}", "").encode()),
        "/a": article("A"),
    }
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        at = run_through(source)
        done = run(source, at + timedelta(hours=1, minutes=1))
        assert (done.listed, done.problem) == (0, "")
        assert host.headers[-1]["if-none-match"] == '"1"'
    assert RawItem.objects.count() == 1


def test_a_changed_page_is_a_new_row_and_a_token_in_it_is_not():
    pages: dict[str, Any] = {"/feed": rss("/a"), "/a": article("A", head="<meta name='csrf' content='1'>")}
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        at = run_through(source)
        pages["/a"] = article("A", head="<meta name='csrf' content='2'>")
        at = run_through(source, at + timedelta(days=1, minutes=1))
        assert RawItem.objects.count() == 1
        pages["/a"] = article("A", words="Correction: it reads 64,000 tokens, not more than that.")
        run_through(source, at + timedelta(days=1, minutes=1))
    old, new = RawItem.objects.order_by("pk")
    assert (old.canonical_url, "64,000" in old.text) == (new.canonical_url, False)
    assert "64,000" in new.text


def test_an_entry_that_the_feed_tells_otherwise_is_read_again():
    pages: dict[str, Any] = {"/feed": rss("/a"), "/a": article("A")}
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        at = run_through(source)
        pages["/feed"] = rss("/a", pub="Sun, 22 Nov 2026 10:00:00 GMT")
        run_through(source, at + timedelta(hours=1, minutes=1))
        assert host.asked.count("/a") == 2


def test_a_claimed_source_is_left_alone_until_its_claim_ends():
    with site({"/feed": rss()}) as host:
        source = make_source(f"{host.url}/feed")
        pages_of_other = NOW + timedelta(minutes=10)
        NewsSource.objects.update(claimed_until=pages_of_other)
        assert crawl(source.pk, now=NOW) is None
        assert host.asked == []
        assert crawl(source.pk, now=pages_of_other) is not None  # the other has died


def test_two_sources_of_one_host_share_its_turns():
    with site({"/feed": rss(), "/other": rss()}) as host:
        run(make_source(f"{host.url}/feed"))
        done = run(make_source(f"{host.url}/other"))
        assert host.asked == ["/feed"]
        assert done.next_at is not None
        assert 4 < (done.next_at - NOW).total_seconds() < 6


def test_an_old_source_does_not_flood_the_inbox():
    links = [f"/{number}" for number in range(60)]
    with site({"/feed": rss(*links)}) as host:
        done = run(make_source(f"{host.url}/feed"))
    assert (done.listed, ListedItem.objects.count()) == (20, 60)


def test_what_is_a_month_old_is_no_news():
    with site({"/feed": rss("/a", pub="Sat, 10 Oct 2026 09:00:00 GMT")}) as host:
        assert run(make_source(f"{host.url}/feed")).listed == 0


def test_a_changelog_gives_its_sections_without_asking_further():
    page = "<main><h2 id=v2>2026-11-20 Fast mode</h2><p>Answers come in half the time.</p></main>"
    pages: dict[str, Any] = {"/log": page}
    with site(pages) as host:
        source = make_source(f"{host.url}/log", kind="changelog")
        run(source)
        pages["/log"] = page.replace("half", "a third of")
        run(source, NOW + timedelta(hours=2))
        assert host.asked == ["/log", "/log"]
    new, old = RawItem.objects.all()
    assert (new.canonical_url, new.title) == (f"{host.url}/log#v2", "2026-11-20 Fast mode")
    assert (old.text, new.text) == ("Answers come in half the time.", "Answers come in a third of the time.")
    assert (new.published_precision, f"{new.published_at:%Y-%m-%d}") == ("day", "2026-11-20")


def test_an_index_leads_to_its_sitemaps_and_they_to_pages():
    pages: dict[str, Any] = {
        "/sitemap.xml": "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap>"
        "<loc>{site}/news.xml</loc></sitemap></sitemapindex>",
        "/news.xml": "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<url><loc>{site}/news/a</loc><lastmod>2026-11-20</lastmod></url>"
        "<url><loc>{site}/about</loc></url><url><loc>http://10.0.0.1/news/</loc></url></urlset>",
        "/news/a": article("A"),
    }
    with site(pages) as host:
        source = make_source(f"{host.url}/sitemap.xml", kind="sitemap", selectors={"path": "/news/"})
        run_through(source)
        assert host.asked == ["/sitemap.xml", "/news.xml", "/news/a"]
    assert [item.title for item in RawItem.objects.all()] == ["A"]


def test_a_page_of_another_host_obeys_that_host():
    with site({"/robots.txt": "User-agent: *\nDisallow: /", "/b": article("B")}) as closed:
        with site(
            {"/feed": rss().replace("</channel>", f"<item><link>{closed.url}/b</link></item></channel>")}
        ) as host:
            run_through(make_source(f"{host.url}/feed"))
        assert closed.asked == []
    item = RawItem.objects.get()
    assert (item.problem, item.canonical_url) == ("robots", f"{closed.url}/b")


def test_a_redirect_to_another_host_asks_that_hosts_rules_first():
    with site({"/robots.txt": "User-agent: *\nDisallow: /b", "/b": article("B")}) as closed:
        with site({"/feed": rss("/a"), "/a": redirect(f"{closed.url}/b")}) as host:
            run_through(make_source(f"{host.url}/feed"))
        assert (closed.asked, closed.asked_robots) == ([], 1)
    assert RawItem.objects.get().problem == "robots"


def test_a_redirect_inside_the_host_obeys_it_too():
    pages: dict[str, Any] = {
        "/robots.txt": "User-agent: *\nDisallow: /x",
        "/feed": redirect("/x/feed"),
        "/x/feed": rss("/a"),
    }
    with site(pages) as host:
        assert run(make_source(f"{host.url}/feed")).problem == "robots"
        assert host.asked == ["/feed"]


def test_nobody_asks_a_host_while_its_robots_txt_is_read_however_long_that_takes(monkeypatch):
    asked: list[str] = []

    def slow(url: str, **_: Any) -> Answer:
        asked.append(url)
        with pytest.raises(hosts.Postponed) as told:
            hosts.take_turn(url, now=NOW + timedelta(seconds=15))
        assert told.value.until == NOW + timedelta(seconds=16)
        return Answer(404, {}, b"", url, 15_000.0)

    monkeypatch.setattr(hosts, "get", slow)
    hosts.take_turn("https://news.test/feed", now=NOW)
    assert asked == ["https://news.test/robots.txt"]
    assert HostRules.objects.get().next_at == NOW + timedelta(seconds=5)


def test_hosts_keep_what_they_said():
    with site({"/robots.txt": ALL_ALLOWED, "/feed": rss()}) as host:
        source = make_source(f"{host.url}/feed")
        run(source)
        run(source, NOW + timedelta(hours=23))
        assert host.asked_robots == 1
        run(source, NOW + timedelta(hours=24, minutes=30))
        assert host.asked_robots == 2
    assert HostRules.objects.get().status == 200


def test_whoever_says_slow_down_is_left_alone():
    pages: dict[str, Any] = {"/feed": whole(b"", status=429, Retry_After="7200")}
    with site(pages) as host:
        source = make_source(f"{host.url}/feed")
        run(source)
        for minutes in (10, 60, 119):
            crawl(source.pk, now=NOW + timedelta(minutes=minutes))
        assert host.asked == ["/feed"]
        run(source, NOW + timedelta(minutes=130))
        assert host.asked == ["/feed", "/feed"]


def test_failures_wait_longer_each_time():
    with site({}) as host:
        source = make_source(f"{host.url}/feed")
        waits, at = [], NOW
        for _ in range(4):
            done = run(source, at)
            assert done.next_at is not None
            waits.append((done.next_at - at).total_seconds() / 60)
            at = done.next_at
        assert all(5 * 2**turn <= wait <= 7.6 * 2**turn for turn, wait in enumerate(waits)), waits
        assert (done.problem, done.error) == ("status", f"{host.url} answered 404")
