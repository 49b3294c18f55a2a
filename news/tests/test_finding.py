"""Which articles readers find, and how many are counted."""

import datetime as dt

import pytest

from catalog.models import Provider
from news.filtering import NewsWish
from news.models import Article
from news.selectors.portal import count_articles, count_tags, find_articles, known_tags
from news.tests.making import NOW, make_article
from news.tests.publishing import make_published, make_tag, withdraw

pytestmark = pytest.mark.django_db


def titles(**wish: object) -> list[str]:
    return [article.title_en for article in find_articles(NewsWish(**wish))]  # type: ignore[arg-type]


@pytest.fixture
def three() -> None:
    make_tag("provider:openai", name_en="OpenAI", name_ko="오픈AI")
    make_published("model:gpt-4.1", "provider:openai", title_en="First", dek_ko="가격을 20% 내렸다", at=NOW)
    later = NOW + dt.timedelta(hours=1)
    make_published("model:gpt-4.1", title_en="Second 100%_", category="policy", stance="opinion", at=later)
    make_published("suite:mmlu", title_en="Third", title_ko="세 번째", at=later + dt.timedelta(hours=1))
    make_article(title_en="First, unpublished")
    withdraw(make_published("model:gpt-4.1", title_en="Withdrawn"), "It was not true.")


def test_articles_are_found_newest_first_by_every_filter(three: None):
    assert titles() == ["Third", "Second 100%_", "First"]
    assert titles(category="policy") == ["Second 100%_"]
    assert titles(stance="facts_only") == ["Third", "First"]
    assert titles(tag=("model:gpt-4.1", "suite:mmlu")) == ["Third", "Second 100%_", "First"]
    assert titles(tag=("provider:openai",)) == ["First"]
    assert titles(tag=("provider:openai",), category="policy") == []


def test_words_are_found_in_both_languages_in_texts_and_tags(three: None):
    assert titles(q="번째") == ["Third"]
    assert titles(q="가격 내렸") == ["First"]
    assert titles(q="sECond") == ["Second 100%_"]
    assert titles(q="100%_") == ["Second 100%_"]
    assert titles(q="00%F") == []
    assert titles(q="오픈ai first") == ["First"]
    assert titles(q="GPT-4.1 mmlu") == ["Third"]
    assert titles(q="토큰") == ["Third", "Second 100%_", "First"], "a word of the summaries"


def test_every_count_is_of_the_same_articles(three: None, django_assert_num_queries):
    shown = Article.objects.shown().count()
    with django_assert_num_queries(1):
        every = count_articles(NewsWish())
    assert every.by_category[""] == every.by_stance[""] == every.found == shown == 3
    assert count_articles(NewsWish(category="model")).by_category["policy"] == 1
    assert count_articles(NewsWish(q="first")).by_category["policy"] == 0
    assert count_articles(NewsWish(category="policy")).by_stance == {"": 1, "facts_only": 0, "opinion": 1}
    both = count_articles(NewsWish(category="policy", stance="facts_only"))
    assert (both.found, both.by_category["model"], both.by_stance["opinion"]) == (0, 2, 1)
    counts = {f"{tag.kind}:{tag.slug}": found for tag, found in count_tags(NewsWish())}
    assert counts == {"model:gpt-4.1": 2, "provider:openai": 1, "suite:mmlu": 1}
    for tag, found in counts.items():
        assert len(titles(tag=(tag,))) == found


def test_a_tag_is_known_before_its_first_article(django_assert_num_queries):
    Provider.objects.create(slug="nimbus", name="Nimbus")
    make_tag("topic:pricing")
    asked = ["provider:nimbus", "topic:pricing", "topic:nothing", "model:nobody", "nimbus", "provider:"]
    assert known_tags(asked) == {"provider:nimbus", "topic:pricing"}
    with django_assert_num_queries(0):
        assert known_tags([]) == frozenset()
