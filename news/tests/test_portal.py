"""The readers' pages of News."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import AIModel, Creator
from editorial.roles import PUBLISHER
from editorial.services import preview_token
from news.filtering import MOST_TAGS, MOST_TYPED
from news.kept import keeper
from news.models import Article, RawItem
from news.selectors.cards import PER_PAGE
from news.services.correcting import note_correction
from news.tests.making import KOREAN, NOW, make_article, make_item, make_story
from news.tests.publishing import make_published, make_tag, person, withdraw

#: The selectors below are asked on every database by test_finding.py.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
HOSTILE = "<script>alert(1)</script></title>‮" + "W" * 150


def html(path: str, lang: str = "en", status: int = 200) -> str:
    client = Client()
    client.cookies.load({"django_language": lang})
    answer = client.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def data_of(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_list_shows_what_readers_need_in_both_languages():
    make_tag("provider:openai", name_en="OpenAI", name_ko="오픈AI")
    make_published("provider:openai", title_en="A price falls", title_ko="가격이 내린다", dek_ko="머리말")
    make_published(title_en="A view", category="policy", stance="opinion", at=NOW + dt.timedelta(hours=1))
    page = html("/news/")
    assert words(page).index("A view") < words(page).index("A price falls")
    assert "2 articles" in words(page)
    for told in ("Policy 1", "contains opinion", "2026-11-21 12:00 UTC", "1 site", 'lang="ko">머리말'):
        assert told in (page if "=" in told else words(page)), told
    korean = html("/news/", "ko")
    assert "가격이 내린다" in korean
    assert "오픈AI" in korean
    assert 'lang="ko">가격이 내린다' in korean
    listed = html("/news/?form=list&category=policy")
    assert "1 of 2 articles" in words(listed)
    assert "news-list--list" in listed
    assert 'href="/news/?category=model&amp;form=list"' in listed
    assert 'href="/news/feed.atom?category=policy"' in listed


def test_nothing_found_says_what_to_change_and_wrong_values_name_their_remedy():
    make_published("topic:pricing")
    nothing = html("/news/?q=zebra&category=model")
    assert "No article matches" in nothing
    assert "Try fewer words" in nothing
    assert "<p>" in nothing
    wrong = html("/news/?category=<script>&tag=model:nobody&page=x&stance=y", status=400)
    assert "category=&lt;script&gt;" in wrong
    assert "Use one of: model, provider, research" in wrong
    assert "tag=model:nobody" in wrong
    assert "Use a whole number from 1 on." in wrong
    assert "stance=y" in html("/news/topics/topic/pricing/?stance=y", "ko", status=400)


def test_every_remedy_is_told_in_the_language_of_the_page():
    many = ",".join(f"model:nobody-{number}" for number in range(MOST_TAGS + 1))
    query = f"?category=x&tag={many}&q={'x' * (MOST_TYPED + 1)}&page=0"
    english, korean = (words(html(f"/news/{query}", lang, status=400)) for lang in ("en", "ko"))
    for told in (
        "Use one of: model, provider, research, product, policy, infra.",
        "Use a tag of the page of topics, written as model:gpt-4.1.",
        "Choose fewer tags.",
        "Use at most 100 characters and no control characters.",
        "Use a whole number from 1 on.",
    ):
        assert told in english
    for told in (
        "다음 중 하나를 쓰세요: model, provider, research, product, policy, infra.",
        "주제 페이지에 있는 태그를 model:gpt-4.1처럼 적으세요.",
        "태그를 더 적게 고르세요.",
        "제어 문자 없이 100자 이하로 쓰세요.",
        "1 이상의 정수를 쓰세요.",
    ):
        assert told in korean


def test_pages_follow_each_other_and_the_last_stands_for_those_behind():
    items = [make_item(), make_item(KOREAN, lang="ko")]
    for number in range(PER_PAGE + 1):
        make_published(title_en=f"Number {number:02}", items=items, at=NOW + dt.timedelta(minutes=number))
    first, second, behind = (html(f"/news/{query}") for query in ("", "?page=2", "?page=99"))
    assert 'rel="next" href="/news/?page=2"' in first
    assert 'rel="prev" href="/news/"' in second
    assert "Number 00" in second
    assert "Number 00" in behind
    assert "Number 00" not in first


def test_an_article_tells_where_each_sentence_is_from(one_story: Article):
    page = html(one_story.public_url())
    text = words(page)
    quote = one_story.summary[0]["quote"].replace("'", "&#x27;")
    assert page.count(quote) >= 2, "as a sentence and as its quote"
    assert page.count('class="traced__figure claim-line__mark"') == sum(
        claim["lang"] == "en" for claim in (*one_story.summary, *one_story.key_facts)
    )
    for told in (
        *(
            "Published 2026-11-21 12:00 UTC",
            "Updated 2026-11-21 14:00 UTC",
            "2 independent sites",
            "facts only",
        ),
        *("It was $3, not $2.", "$2가 아니라 $3입니다.", "Who else told it 1", "Ada Lovelace", "2026-11-20"),
        *("date not stated", "Approved", "editor", "the others say what the quoted words say", "Related"),
    ):
        assert told in text, told
    item = one_story.sources.order_by("pk")[0]
    assert f'<abbr title="{item.sha256}">SHA-256 <code>{item.sha256[:12]}</code>' in page
    assert f'<a href="{item.url}" rel="nofollow noopener noreferrer"' in page
    assert '<div data-state-of="gpt-4.1"><a href="/models/gpt-4.1/">GPT-4.1</a></div>' in page
    assert 'href="/methodology/#stories"' in page
    korean = html(one_story.public_url(), "ko")
    assert next(claim["text"] for claim in one_story.summary if claim["lang"] == "ko") in korean


def test_machines_are_told_the_same(one_story: Article):
    page = html(one_story.public_url())
    told = data_of(page)
    assert told["@type"] == "NewsArticle"
    assert told["headline"] == one_story.title_en
    assert told["datePublished"] == "2026-11-21T12:00:00Z"
    assert told["dateModified"] == "2026-11-21T14:00:00Z"
    assert told["correction"][0]["text"] == "It was $3, not $2."
    assert [one["url"] for one in told["citation"]] == told["isBasedOn"]
    assert {"datePublished": "2026-11-20"}.items() <= told["citation"][0].items()
    assert data_of(html(one_story.public_url(), "ko"))["inLanguage"] == "ko"
    assert '<meta property="og:type" content="article">' in page
    assert f'<link rel="canonical" href="http://127.0.0.1:8000{one_story.public_url()}">' in page
    addresses = html("/sitemap.xml")
    for path in (one_story.public_url(), "/news/", "/news/topics/", "/news/topics/model/gpt-4.1/"):
        assert f"http://127.0.0.1:8000{path}</loc>" in addresses


@pytest.fixture
def one_story() -> Article:
    """An article of a story that a third page told, too; corrected later; related to another."""
    creator = Creator.objects.create(slug="openai", name="OpenAI")
    AIModel.objects.create(slug="gpt-4.1", name="GPT-4.1", creator=creator)
    day = NOW - dt.timedelta(days=1)
    dated = make_item(published_at=day, published_precision="day", author="Ada Lovelace")
    items = [dated, make_item(KOREAN, lang="ko", url="https://www.example.com/2")]
    other = make_item("Another page.", title="Told elsewhere", url="https://example.net/3")
    story = make_story(*items, other)
    make_published("model:gpt-4.1", title_en="Related to it")
    article = make_published("model:gpt-4.1", items=items, story=story, title_en="GPT-4.1 is out")
    at = NOW + dt.timedelta(hours=2)
    told = {"text_en": "It was $3, not $2.", "text_ko": "$2가 아니라 $3입니다."}
    note_correction(article, by=person(PUBLISHER), now=at, **told)
    return article


def test_what_is_withdrawn_is_gone_with_the_reason_that_readers_are_told():
    article = make_published()
    url = article.public_url()
    assert html(url)
    withdraw(article, "The price was <wrong>.", at=timezone.now())
    keeper.take()  # what is told on commit is told to no test
    for lang in ("en", "ko"):
        page = html(url, lang, status=410)
        assert "The price was &lt;wrong&gt;." in page
        assert article.title_en not in page
    html("/news/never-published/", status=404)
    make_article(slug="only-a-draft")
    html("/news/only-a-draft/", status=404)


def test_hostile_texts_stay_texts():
    tag = make_tag("topic:evil", name_en=HOSTILE[:100])
    item = make_item(title=HOSTILE, author=HOSTILE)
    items = [item, make_item(KOREAN, lang="ko")]
    article = make_published(title_en=HOSTILE[:200], dek_en=HOSTILE, items=items)
    article.tags.add(tag)
    RawItem.objects.filter(pk=item.pk).update(lang='"><b>')
    Article.objects.filter(pk=article.pk).update(body_en="<script>alert(2)</script><p onclick=x()>Body</p>")
    for path in ("/news/", article.public_url(), "/news/topics/", "/news/topics/topic/evil/"):
        page = html(path)
        assert "<script>alert" not in page, path
        assert "onclick" not in page
        assert page.count("</title>") == 1
    assert "영어로만 작성되었습니다" in html(article.public_url(), "ko")
    assert data_of(html(article.public_url()))["headline"].startswith("<script>alert(1)</script>")


def test_topics_have_the_same_counts_as_their_pages():
    make_published("model:gpt-4.1", "topic:pricing")
    make_published("model:gpt-4.1")
    make_tag("topic:never")
    page = words(html("/news/topics/"))
    assert "gpt-4.1 2" in page
    assert "pricing 1" in page
    assert "never" not in page
    assert "2 articles" in words(html("/news/topics/model/gpt-4.1/"))
    assert "1 of 2 articles" in words(html("/news/topics/topic/pricing/"))
    assert "No article bears this tag now" in html("/news/topics/topic/never/")
    html("/news/topics/topic/nothing/", status=404)
    html("/news/topics/animal/gpt-4.1/", status=404)
    html("/news/topics/model/a%00b/", status=404)


def test_a_page_asks_the_database_as_often_whatever_it_holds(django_assert_max_num_queries):
    def queries(path: str) -> int:
        keeper.take()
        with django_assert_max_num_queries(60) as asked:
            html(path)
        return len(asked)

    make_published("model:a", "provider:b")
    last = make_published("model:a", "provider:b")
    paths = ("/news/", "/news/topics/", "/news/topics/model/a/", last.public_url())
    before = [queries(path) for path in paths]
    for number in range(4):
        make_published("model:a", "provider:b", f"topic:t{number}")
    items = [make_item(), make_item()]
    last.sources.add(*items)
    assert [queries(path) for path in paths] == before
    assert max(before) <= 26
    html("/news/")
    with django_assert_max_num_queries(0):
        html("/news/")


def test_a_preview_is_what_readers_will_see():
    article = make_article(body_en="<p>Body</p>")
    page = html(reverse("editorial-preview", args=[preview_token(article)]))
    assert 'class="traced__figure claim-line__mark"' in page
    assert 'id="sources"' in page
    assert RawItem.objects.first().sha256[:12] in page
    assert article.title_ko in page
