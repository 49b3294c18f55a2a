"""Crawling by hand and by the timetable."""

from __future__ import annotations

from io import StringIO

import pytest
from celery import current_app as app
from django.core.management import CommandError, call_command

from news import tasks
from news.models import NewsSource, RawItem
from news.tests.sites import make_source, rss, site

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("crawl", *arguments, stdout=out)
    return out.getvalue()


def test_a_named_source_is_read_though_it_is_off_and_not_due():
    section = "<h2 id='v2'>2026-11-20 Fast mode</h2><p>Answers come in half the time.</p>"
    with site({"/log": section}) as host:
        source = make_source(f"{host.url}/log", kind="changelog", enabled=False)
        assert said(source.slug).startswith(
            f"{source.slug}: 1 pages due, 1 kept, 0 unchanged, 0 failed, 0 left"
        )
        assert said(source.slug).startswith(f"{source.slug}: listing not due")  # it is not its host's turn
    assert RawItem.objects.get().title == "2026-11-20 Fast mode"


def test_a_problem_is_told():
    with site({}) as host:
        source = make_source(f"{host.url}/feed")
        assert f"status: {host.url} answered 404" in said(source.slug)
    assert f"{source.slug}: feed, crawled, never read; answers with an error" in said("--list")


def test_an_unknown_source_is_named():
    with pytest.raises(CommandError, match="There is no source nope"):
        said("nope")


@pytest.mark.parametrize(("on", "browser"), [(True, ""), (False, "1"), (True, "1")])
def test_the_timetable_sends_what_is_due_where_news_are_crawled(
    on: bool, browser: str, settings, monkeypatch
):
    settings.NEWS_CRAWL, settings.NEWS_BROWSER = on, browser
    sent: list[int] = []
    shown: list[int] = []
    monkeypatch.setattr(tasks.crawl_source, "delay", sent.append)
    monkeypatch.setattr(tasks.show_source, "delay", shown.append)
    due = make_source("https://example.org/a")
    make_source("https://example.org/b", enabled=False)
    scripted = make_source("https://example.org/c", renders=True)
    tasks.crawl()
    assert sent == ([due.pk] if on else [])
    assert shown == ([scripted.pk] if on and browser else [])


def test_what_needs_a_browser_has_a_queue_of_its_own():
    assert app.amqp.router.route({}, tasks.show_source.name)["queue"].name == "browser"
    assert app.amqp.router.route({}, tasks.crawl_source.name)["queue"].name == "default"


def test_a_task_runs_one_source():
    with site({"/feed": rss()}) as host:
        tasks.crawl_source(make_source(f"{host.url}/feed").pk)
    assert NewsSource.objects.get().last_ok_at is not None
