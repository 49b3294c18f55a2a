"""News in a line, and what is told when it changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.events import event_log
from news.models import Article, Correction, Tag
from news.selectors.lines import FRESH, ON_A_CARD, lines_about, lines_of_models
from news.services.announcing import announce_news

pytestmark = pytest.mark.django_db


def published(slug: str, *models: str, days: float = 1, state: str = "published") -> Article:
    at = timezone.now() - timedelta(days=days)
    article = Article.objects.create(slug=slug, title_en=slug, state=state, published_at=at, category="model")
    article.tags.set(
        Tag.objects.get_or_create(kind="model", slug=model, defaults={"name_en": model})[0]
        for model in models
    )
    return article


def test_a_model_has_its_newest_lines_and_nothing_that_readers_do_not_see():
    now = timezone.now()
    published("older", "gpt-5", days=3)
    published("newest", "gpt-5", "claude", days=1)
    published("third", "gpt-5", days=5)
    published("draft", "gpt-5", state="draft")
    published("stale", "gemini", days=FRESH.days + 1)
    found = lines_of_models(now=now)
    assert [line.slug for line in found["gpt-5"]] == ["newest", "older"][:ON_A_CARD]
    assert [line.url for line in found["claude"]] == ["/news/newest/"]
    assert "gemini" not in found


def test_what_is_about_several_is_told_once_and_at_any_age(django_assert_num_queries):
    published("both", "gpt-5", "claude")
    published("stale", "gemini", days=FRESH.days + 1)
    with django_assert_num_queries(1):
        lines = lines_about("model", ["gpt-5", "claude", "gemini"], most=5)
    assert [line.slug for line in lines] == ["both", "stale"]


def test_a_transaction_tells_once_that_news_have_changed(django_capture_on_commit_callbacks):
    article = published("told", "gpt-5")
    last = event_log().last_id()
    with django_capture_on_commit_callbacks(execute=True):
        announce_news(now=timezone.now())
        Correction.objects.create(article=article, at=timezone.now(), text_en="The price is $2, not $3.")
    assert [event.type for event in event_log().read_after(last)] == ["news.changed"]
