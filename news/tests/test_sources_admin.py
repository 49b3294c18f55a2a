"""News sources and fetched items in the admin, and the sources that ship."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from catalog.models import Provider
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from news.crawling.kinds import selector_faults
from news.models import Category, NewsSource, RawItem, SourceKind
from news.services import seed_sources
from news.services.seeding import shipped_sources
from news.tests.making import make_item
from news.tests.sites import make_source
from testing.environment import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
LIST = "admin:news_newssource_changelist"


def signed_in(role: str) -> Client:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def form_of(**given: Any) -> dict[str, Any]:
    row = {
        "name": "Blog",
        "slug": "blog",
        "kind": "feed",
        "url": "https://example.org/feed",
        "selectors": "{}",
    }
    return {**row, "interval_s": "3600", **given}


def saved(client: Client, **given: Any) -> str:
    """The page after sending the form: "" where it was saved."""
    answer = client.post(reverse("admin:news_newssource_add"), form_of(**given))
    return "" if answer.status_code == 302 else answer.content.decode()


def test_an_editor_adds_a_source():
    assert saved(signed_in(EDITOR)) == ""
    source = NewsSource.objects.get()
    assert (source.kind, source.selectors, source.enabled) == ("feed", {}, False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "page"}, "Selector “item” is missing"),
        ({"kind": "page", "selectors": '{"item": "::"}'}, "is no CSS selector"),
        (
            {"kind": "page", "selectors": '{"item": ".a", "titel": "h2"}'},
            "Use: body, date, item, link, title",
        ),
        ({"kind": "page", "selectors": '{"item": 7}'}, "got 7. Write a text"),
        ({"kind": "sitemap", "selectors": '{"path": "news/"}'}, "begins with a slash"),
        ({"selectors": '{"item": "h2"}'}, "has none of that name"),
        ({"selectors": "[]", "kind": "page"}, "Selector"),
        ({"interval_s": "60"}, "Got 60 seconds. Write at least 300"),
        ({"url": "file:///etc/passwd"}, "Enter a valid URL"),
    ],
)
def test_what_a_source_cannot_be_is_refused_at_its_field(given: dict[str, str], said: str):
    assert said in saved(signed_in(EDITOR), **given)
    assert not NewsSource.objects.exists()


def test_crawl_now_makes_it_due_and_leaves_a_trace(monkeypatch):
    sent: list[int] = []
    monkeypatch.setattr("news.tasks.crawl_source.delay", sent.append)
    source = make_source("https://example.org/feed", enabled=False, failures=3)
    client = signed_in(EDITOR)
    client.post(reverse(LIST), {"action": "crawl_now", "_selected_action": [source.pk]})
    source.refresh_from_db()
    assert (sent, source.last_tried_at) == ([source.pk], None)
    assert LogEntry.objects.get().change_message == "to be crawled at once, by hand"


def test_what_needs_a_browser_says_so_while_there_is_none(monkeypatch, settings):
    sent: list[int] = []
    monkeypatch.setattr("news.tasks.show_source.delay", sent.append)
    source, client = make_source("https://example.org/feed", renders=True), signed_in(EDITOR)
    for browser in ("", "1"):
        settings.NEWS_BROWSER = browser
        action = {"action": "crawl_now", "_selected_action": [source.pk]}
        page = client.post(reverse(LIST), action, follow=True).content.decode()
        assert ("Waits for a browser: set NEWS_BROWSER=1" in page) is (browser == "")
        assert ("Not crawled, since nothing here runs a browser: A source." in page) is (browser == "")
    assert sent == [source.pk]


def test_the_state_and_the_last_error_stand_in_the_list():
    make_source("https://example.org/feed", problem="status", error="https://example.org answered 404")
    page = signed_in(EDITOR).get(reverse(LIST)).content.decode()
    assert "answers with an error: https://example.org answered 404" in page


def test_another_address_forgets_what_the_old_one_answered():
    source = make_source("https://example.org/feed", etag='"1"', failures=4, problem="status", error="x")
    page = reverse("admin:news_newssource_change", args=[source.pk])
    signed_in(EDITOR).post(page, form_of(url="https://example.org/new"))
    source.refresh_from_db()
    assert (source.etag, source.failures, source.problem, source.error) == ("", 0, "", "")


def test_authors_look_and_change_nothing():
    source = make_source("https://example.org/feed")
    client = signed_in(AUTHOR)
    assert client.get(reverse(LIST)).status_code == 200
    page = reverse("admin:news_newssource_change", args=[source.pk])
    assert client.post(page, form_of(name="Mine")).status_code == 403


def test_nobody_writes_or_deletes_what_was_fetched():
    item = make_item("<script>alert(1)</script> The model reads 128,000 tokens.")
    client = signed_in(PUBLISHER)
    page = client.get(reverse("admin:news_rawitem_change", args=[item.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert 'name="_save"' not in page
    assert client.post(reverse("admin:news_rawitem_delete", args=[item.pk])).status_code == 403
    assert client.get(reverse("admin:news_rawitem_add")).status_code == 403
    source = reverse("admin:news_newssource_delete", args=[item.source_id])
    assert client.post(source, {"post": "yes"}).status_code == 403
    assert RawItem.objects.filter(pk=item.pk).exists()


def test_lists_cost_the_same_queries_however_much_there_is(django_assert_max_num_queries):
    client = signed_in(EDITOR)
    for number in range(9):
        make_source(f"https://example.org/{number}")
        make_item(f"Text {number} of an item that was fetched.")
    with django_assert_max_num_queries(14):
        client.get(reverse(LIST))
    with django_assert_max_num_queries(16):
        client.get(reverse("admin:news_rawitem_changelist"))


# --- the sources that ship -----------------------------------------------------------------------


def test_what_ships_is_sound_and_says_where_it_is_from():
    rows = shipped_sources()
    fields = {field.name for field in NewsSource._meta.fields}
    known = {field.name for field in NewsSource._meta.fields} & fields
    assert len(rows) >= 40
    assert sum(row.get("lang") == "ko" for row in rows) >= 4
    for unique in ("slug", "url", "name"):
        assert len({row[unique] for row in rows}) == len(rows)
    for row in rows:
        assert set(row) <= known
        assert row["kind"] in SourceKind.values
        assert row.get("category", "") in {"", *Category.values}
        assert selector_faults(row["kind"], row.get("selectors", {})) == []
        assert row["interval_s"] >= 3_600
        assert urlsplit(row["url"]).scheme == urlsplit(row["home_url"]).scheme == "https"
        stated = row["stated_at"]
        assert stated.startswith("https://") or (ROOT / stated).is_file(), stated


def test_seeding_twice_keeps_what_operators_set_and_learns_providers():
    assert seed_sources() == len(shipped_sources())
    NewsSource.objects.filter(slug="openai-news").update(enabled=False, interval_s=7_200)
    openai = Provider.objects.create(slug="openai", name="OpenAI")
    assert seed_sources() == 0
    source = NewsSource.objects.get(slug="openai-news")
    assert (source.enabled, source.interval_s, source.provider) == (False, 7_200, openai)
