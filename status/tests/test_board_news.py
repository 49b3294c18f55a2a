"""Lines of news on the board: in rows, on cards and in frames, as soon as an article can be read."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.events import event_log, tell
from aigo.lib.regions import ALL
from news.models import Article, Tag
from news.tests.test_lines import published
from probes.tests.factories import make_endpoint
from status.kept import kept_snapshot
from status.live.asking import view_asked
from status.live.source import BoardSource, ready_resume
from status.model_views import MOST_NEWS
from status.tests.test_provider_pages import make_state

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> None:
    """Two models, one of them served twice; all measured."""
    for provider, model in (("nimbus", "nimbus-1"), ("nimbus", "nimbus-2"), ("resold", "nimbus-1")):
        make_state(make_endpoint(provider, model, provider_model_id=f"{provider}-{model}"))


def told() -> None:
    """News have changed, as a move of an article tells once it is committed."""
    tell("news.changed", {}, now=timezone.now())


def test_rows_carry_the_newest_lines_of_their_model(client, fleet):
    published("older", "nimbus-1", days=3)
    Article.objects.filter(slug="older").update(title_en="Nimbus 1 reads more", title_ko="님버스 1")
    published("of-before", "nimbus-1", days=40)
    rows = {row["slug"]: row for row in client.get("/api/v1/status").json()["results"]}
    (line,) = rows["nimbus--nimbus-1"]["news"]
    assert line["title"] == {"en": "Nimbus 1 reads more", "ko": "님버스 1"}
    assert (line["slug"], line["url"]) == ("older", "/news/older/")
    assert line["published_at"].endswith("Z")
    assert rows["resold--nimbus-1"]["news"] == [line]
    assert rows["nimbus--nimbus-2"]["news"] == []
    client.cookies["django_language"] = "ko"
    html = client.get("/status/top").content.decode()
    assert '<a href="/news/older/" lang="ko">님버스 1</a>' in html
    assert html.count("data-card-news hidden") == 1
    published("newest", "nimbus-1")
    told()
    before = kept_snapshot(now=timezone.now()).value.rows(ALL)
    assert [line.slug for line in before[0].news] == ["newest", "older"]
    Article.objects.filter(slug="newest").update(state="withdrawn")
    told()
    after = kept_snapshot(now=timezone.now()).value.rows(ALL)
    assert [line.slug for line in after[0].news] == ["older"]
    assert [row is old for row, old in zip(after, before, strict=True)] == [False, True, False]


def test_open_boards_are_told_of_the_rows_that_have_other_lines_and_of_no_others(fleet):
    source = BoardSource()
    whole, page = view_asked("region=all"), view_asked("region=seoul&format=html&limit=50&lang=ko")
    picked = view_asked("models=nimbus-2")
    start = event_log().last_id()
    for view in (whole, page, picked):
        source.first(view, "")
    published("fresh", "nimbus-1")
    told()
    news = source.news(event_log().read_after(start))
    (frame,) = news(whole)
    data = json.loads(frame.text)["data"]
    assert {row["slug"] for row in data["rows"]} == {"nimbus--nimbus-1", "resold--nimbus-1"}
    assert [line["slug"] for line in data["rows"][0]["news"]] == ["fresh"]
    rows = [row for frame in news(page) for row in json.loads(frame.text)["data"].get("rows", [])]
    assert {row["news"] for row in rows} == {'<li><a href="/news/fresh/" lang="en">fresh</a></li>'}
    assert not news(picked)
    assert json.loads(ready_resume(whole, start).text)["type"] == "snapshot", "who missed it gets everything"
    before = event_log().last_id()
    told()
    assert not source.news(event_log().read_after(before))(whole), "a correction changes no line"
    Article.objects.filter(slug="fresh").update(published_at=timezone.now() - timedelta(days=90))
    told()
    (frame,) = source.news(event_log().read_after(before))(whole)
    assert all(row["news"] == [] for row in json.loads(frame.text)["data"]["rows"])


def test_pages_of_models_endpoints_and_providers_name_the_newest_articles_of_any_age(client, fleet):
    empty = client.get("/models/nimbus-1/news/").content.decode()
    assert "Nothing has been published about this model yet." in empty
    assert 'id="provider-news"' not in client.get("/providers/nimbus/").content.decode()
    for number in range(MOST_NEWS + 2):
        published(f"told-{number}", "nimbus-1", days=1 + 20 * number)
    told_of = Article.objects.get(slug="told-3")
    told_of.tags.add(Tag.objects.create(kind="provider", slug="nimbus", name_en="Nimbus"))
    Article.objects.filter(pk=told_of.pk).update(stance="opinion", title_en="", title_ko="님버스의 의견")
    told()
    for slug in ("nimbus-1", "resold--nimbus-1"):
        answer = client.get(f"/models/{slug}/news/")
        text = answer.content.decode()
        assert [line.slug for line in answer.context["news"].lines] == [f"told-{n}" for n in range(MOST_NEWS)]
        assert answer.context["news"].count == MOST_NEWS + 2
        assert 'href="/news/told-3/" lang="ko">님버스의 의견</a>' in text
        assert text.count("contains opinion") == 1
        assert f'href="/news/topics/model/nimbus-1/">All {MOST_NEWS + 2} articles</a>' in text
    provider = client.get("/providers/nimbus/").content.decode()
    assert (provider.count('href="/news/told-'), "님버스의 의견" in provider) == (1, True)
