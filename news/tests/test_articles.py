"""What readers are told of an article: every claim with what carries it, and why one is gone."""

from datetime import timedelta

import pytest

from catalog.tests.factories import make_model
from editorial.models import Step
from news.models import Article, Correction
from news.selectors.articles import NoSuchArticle, Withdrawn, facts_of, load_article
from news.tests.making import KOREAN, NOW, claims_of, make_item
from news.tests.publishing import make_published, withdraw

pytestmark = pytest.mark.django_db


def test_every_claim_has_its_quote_and_the_fetched_item_that_it_stands_in():
    item = make_item()
    made = make_published("model:gpt-4.1", slug="told", items=[item, make_item(KOREAN, lang="ko")])
    found = load_article("told")
    first = found.summary["en"][0]
    assert (first.text, first.quote) == (made.summary[0]["text"], made.summary[0]["quote"])
    assert (first.source.url, first.source.sha256, first.source.site) == (item.url, item.sha256, "blog")
    assert len(found.summary["ko"]) == 3
    assert [(tag.kind, tag.slug) for tag in found.tags] == [("model", "gpt-4.1")]
    assert found.url == "/news/told/"


def test_what_names_none_of_its_sources_is_told_to_nobody():
    stranger = make_item()
    made = make_published(slug="told")
    claims = [*claims_of(stranger), {"lang": "en", "text": "No claim at all."}, "words", *made.summary]
    Article.objects.filter(pk=made.pk).update(summary=claims)
    assert [claim.text for claim in load_article("told").summary["en"]] == [
        claim["text"] for claim in made.summary if claim["lang"] == "en"
    ]


def test_a_correction_is_the_newest_change():
    made = make_published(slug="told")
    assert load_article("told").updated_at == NOW
    Correction.objects.create(article=made, at=NOW + timedelta(hours=2), text_en="$2, not $3.")
    found = load_article("told")
    assert found.updated_at == NOW + timedelta(hours=2)
    assert found.corrections[0].text.told("ko") == "$2, not $3."


def test_what_came_back_keeps_the_day_on_which_it_was_first_read():
    made = make_published(slug="told")
    Step.objects.filter(object_id=made.pk, move="publish").update(at=NOW - timedelta(days=3))
    found = load_article("told")
    assert (found.first_at, found.published_at) == (NOW - timedelta(days=3), NOW)


def test_what_tells_of_an_invented_model_says_so():
    make_model("nimbus-1", simulated=True)
    make_published("model:nimbus-1", slug="told")
    assert load_article("told").to_json()["simulated"] is True


def test_a_body_is_cleaned_on_its_way_out():
    made = make_published(slug="told")
    Article.objects.filter(pk=made.pk).update(body_en="<p onclick='x()'>Words</p><script>x()</script>")
    assert load_article("told").body("en").strip() == "<p>Words</p>"


def test_who_asks_for_one_that_is_gone_is_told_why_until_it_is_back():
    made = make_published(slug="told")
    withdraw(made, "The source took it back.")
    with pytest.raises(Withdrawn) as gone:
        load_article("told")
    assert (gone.value.at, gone.value.reason) == (NOW, "The source took it back.")
    Article.objects.filter(pk=made.pk).update(state="draft")
    with pytest.raises(Withdrawn):
        load_article("told")


@pytest.mark.parametrize("state", ["draft", "review", "archived"])
def test_what_readers_have_never_seen_is_not_there(state: str):
    made = make_published(slug="told")
    Article.objects.filter(pk=made.pk).update(state=state, published_at=None)
    for slug in ("told", "other", ""):
        with pytest.raises(NoSuchArticle):
            load_article(slug)


def test_many_cost_the_queries_of_one(django_assert_num_queries):
    for number in range(3):
        make_published("model:gpt-4.1", slug=f"told-{number}")
        with django_assert_num_queries(6):
            assert len(facts_of(Article.objects.shown())) == number + 1
