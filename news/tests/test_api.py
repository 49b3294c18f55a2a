"""`/api/v1/news`: every sentence with what carries it; what cannot be had, with why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime

from aigo.lib.events import tell
from news.filtering import MOST_TAGS
from news.models import Article, Correction, Tag
from news.tests.making import NOW, make_article
from news.tests.publishing import make_published, withdraw

pytestmark = pytest.mark.django_db
#: How many, the articles, and of all of them sources, tags (whether a model, a provider is invented),
#: corrections and when they were first published.
LIST_QUERIES = 8


@pytest.fixture
def articles() -> None:
    """Two that readers see, and a draft."""
    make_published("model:gpt-4.1", slug="older", at=NOW - timedelta(days=1))
    make_published(
        "provider:openai", slug="newer", category="policy", stance="opinion", title_en="A new rule"
    )
    make_article(slug="draft")


def get(path: str, status: int = 200, **headers: str) -> Any:
    answer = Client().get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.mark.usefixtures("articles")
def test_a_list_names_each_article_with_its_claims_sources_and_corrections():
    older = Article.objects.get(slug="older")
    Correction.objects.create(article=older, at=NOW, text_en="The price is $2, not $3.")
    body = get("news")
    assert (body["count"], body["next"], body["previous"], body["away"]) == (2, None, None, None)
    newer, told = body["results"]
    assert (newer["slug"], newer["category"], newer["stance"]) == ("newer", "policy", "opinion")
    assert (told["url"], told["title"]) == (
        "/news/older/",
        {"en": "OpenAI releases GPT-4.1", "ko": "오픈AI, GPT-4.1 공개"},
    )
    assert parse_datetime(told["published_at"]) == NOW - timedelta(days=1)
    assert parse_datetime(told["updated_at"]) == NOW
    assert told["corrections"][0]["text"]["en"] == "The price is $2, not $3."
    assert told["tags"] == [
        {
            "kind": "model",
            "slug": "gpt-4.1",
            "name": {"en": "gpt-4.1", "ko": "gpt-4.1"},
            "url": "/news/topics/model/gpt-4.1/",
            "simulated": False,
        }
    ]
    assert {lang: len(lines) for lang, lines in told["summary"].items()} == {"en": 3, "ko": 3}
    source = older.sources.get(lang="en")
    for claim in told["summary"]["en"] + told["key_facts"]["en"]:
        assert claim["quote"] in source.text
        assert (claim["source"]["sha256"], claim["source"]["url"]) == (source.sha256, source.url)
        assert parse_datetime(claim["source"]["fetched_at"]) == source.fetched_at
        assert claim["source"] in told["sources"]
    assert "body" not in told


@pytest.mark.usefixtures("articles")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("tag=model:gpt-4.1", ["older"]),
        ("tag=model:gpt-4.1,provider:openai", ["newer", "older"]),
        ("tag=provider:openai&category=model", []),
        ("category=policy", ["newer"]),
        ("stance=facts_only", ["older"]),
        ("q=공개 gpt", ["newer", "older"]),
        ("q=new rule", ["newer"]),
        ("limit=1&offset=1", ["older"]),
    ],
)
def test_filters_and_pages_are_those_of_the_news_page(query: str, slugs: list[str]):
    body = get(f"news?{query}")
    assert [article["slug"] for article in body["results"]] == slugs
    assert body["count"] == (2 if "limit" in query else len(slugs))


@pytest.mark.usefixtures("articles")
@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ("category=sport", "one of: model, provider, research, product, policy, infra"),
        ("stance=rumour", "one of: facts_only, opinion"),
        ("tag=gpt-4.1", "a tag of /news/topics/, as model:gpt-4.1"),
        ("tag=model:nobody", "a tag of /news/topics/, as model:gpt-4.1"),
        (f"q={'a' * 101}", "at most 100 characters, without NUL"),
        ("q=%00", "without NUL"),
        ("limit=0", "1 to 500"),
        ("offset=-1", "0 to"),
        ("page=2", "offset"),
        ("form=list", "category"),
    ],
)
def test_what_cannot_be_asked_is_named_with_what_can(query: str, accepted: str):
    name, _, value = query.partition("=")
    problem = get(f"news?{query}", 400)
    assert (problem["parameter"], problem["value"]) == (name, unquote(value))
    assert accepted in problem["accepted"]


def test_too_many_tags_are_named_by_the_first_that_is():
    slugs = [f"t{number:02}" for number in range(MOST_TAGS + 1)]
    Tag.objects.bulk_create(Tag(kind="topic", slug=slug, name_en=slug) for slug in slugs)
    problem = get(f"news?tag={','.join(f'topic:{slug}' for slug in slugs)}", 400)
    assert (problem["value"], problem["accepted"]) == ("topic:t20", "at most 20 tags")


@pytest.mark.usefixtures("articles")
@pytest.mark.parametrize("path", ["/api/v1/news", "/news/feed.atom", "/news/feed.json"])
def test_no_value_is_a_fault_of_ours(client: Client, path: str):
    values = ("\0", "x" * 10_000, "%", "_", "\\", "'\"><script>", "model:", ":", ",,,", "²", "\ud7ff")
    for name in ("category", "tag", "stance", "q"):
        for value in values:
            assert client.get(path, {name: value}).status_code in (200, 400), (name, value)
            assert client.get(path, {name: [value, ""]}).status_code in (200, 400), (name, value)
    assert client.get(path, {"q": "%"}).content.count(b"released GPT-4.1") == 0


@pytest.mark.usefixtures("articles")
def test_one_article_has_its_body_in_the_languages_that_it_was_written_in(client: Client):
    Article.objects.filter(slug="older").update(body_en="<p>More.</p><script>x()</script>")
    answer = client.get("/api/v1/news/older")
    assert answer.json()["body"]["en"].strip() == "<p>More.</p>"
    assert answer.json()["body"]["ko"] is None
    assert "s-maxage=30" in answer["Cache-Control"]
    again = client.get("/api/v1/news/older", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("articles")
def test_what_is_withdrawn_leaves_at_once_and_says_why(client: Client):
    before = client.get("/api/v1/news")
    assert client.get("/api/v1/news/older").status_code == 200
    withdraw(Article.objects.get(slug="older"), "The source took it back.")
    tell("news.changed", {}, now=NOW)
    gone = client.get("/api/v1/news/older")
    assert (gone.status_code, gone["Content-Type"]) == (410, "application/problem+json")
    assert (gone.json()["reason"], gone.json()["slug"]) == ("The source took it back.", "older")
    assert "2026-11-21: The source took it back." in gone.json()["detail"]
    after = client.get("/api/v1/news", headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, after.json()["count"]) == (200, 1)


@pytest.mark.usefixtures("articles")
def test_what_readers_have_never_seen_is_not_there():
    for slug in ("draft", "nothing"):
        assert get(f"news/{slug}", 404)["value"] == slug
    assert get("news/older?lang=ko", 400)["parameter"] == "lang"


@pytest.mark.usefixtures("articles")
def test_a_list_costs_the_same_however_long_it_is_then_nothing(
    client: Client, django_assert_num_queries: Any
):
    make_published("model:gpt-4.1", slug="third")
    with django_assert_num_queries(LIST_QUERIES):
        assert client.get("/api/v1/news").json()["count"] == 3
    with django_assert_num_queries(0):
        client.get("/api/v1/news")


@pytest.mark.usefixtures("articles")
def test_the_page_the_api_and_the_feeds_count_the_same(client: Client):
    for query in ("", "?category=policy", "?tag=model:gpt-4.1"):
        count = get(f"news{query}")["count"]
        assert client.get(f"/news/{query}").content.decode().count('<li class="news-card') == count
        assert len(client.get(f"/news/feed.json{query}").json()["items"]) == count
        assert client.get(f"/news/feed.atom{query}").content.count(b"<entry>") == count


def test_the_answers_are_those_of_the_schema(client: Client):
    make_published("model:gpt-4.1", slug="told")
    schemas = client.get("/api/v1/schema/").json()["components"]["schemas"]
    told = get("news")["results"][0]
    assert set(schemas["ArticleAnswer"]["properties"]) == set(told)
    assert set(schemas["NewsSourceAnswer"]["properties"]) == set(told["sources"][0])
    assert set(schemas["ClaimAnswer"]["properties"]) == set(told["summary"]["en"][0])
    assert set(schemas["ArticleDetailAnswer"]["properties"]) == set(get("news/told"))
