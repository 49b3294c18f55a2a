"""From a story to a draft, and from a draft to readers: what is missing stands in the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from catalog.tests.factories import make_endpoint
from editorial import services as editorial
from editorial.models import Revision, Step
from editorial.services import Unfit
from news.models import Article, RawItem, Story, Tag
from news.services.drafting import Dismissed, Drafted, NoItems, draft_article, tags_of
from news.signals import words_wanted
from news.tagging import Word
from news.tests.making import ENGLISH, KOREAN, NOW, make_article, make_item, make_source, make_story

pytestmark = pytest.mark.django_db
SUITE = Word("suite", "swe-bench", ("SWE-bench", "SWE-벤치"))


def draft(story: Story, **options: Any) -> Article:
    return draft_article(story, by=None, by_name="test", now=NOW, **options)[0]


def problems(article: Article, move: str = "submit") -> dict[str, str]:
    """Field → reason, of a move that is refused; {} = it is made."""
    try:
        editorial.move(article, move, by=None, by_name="test", now=NOW)
    except Unfit as refusal:
        found: dict[str, str] = {}
        for one in refusal.problems:
            found[one.field] = f"{found.get(one.field, '')} {one.text}".strip()
        return found
    return {}


# --- drafting ------------------------------------------------------------------------------------------


def test_a_draft_says_what_the_items_say_with_all_of_them_as_sources():
    make_endpoint("openai")
    story = make_story()
    article = draft(story, words=[SUITE])
    assert (article.state, article.title_en, article.title_ko) == (
        *("draft", "OpenAI releases GPT-4.1"),
        "오픈AI, GPT-4.1 공개",
    )
    assert article.slug == "openai-releases-gpt-41"
    assert [claim["lang"] for claim in article.summary] == ["en"] * 3 + ["ko"] * 3
    assert {claim["lang"] for claim in article.key_facts} == {"en", "ko"}
    assert set(article.sources.all()) == set(RawItem.objects.all())
    assert article.category == "model"
    assert {(tag.kind, tag.slug) for tag in article.tags.all()} == {
        *{("model", "gpt-4.1"), ("provider", "openai"), ("suite", "swe-bench")}
    }
    assert Tag.objects.get(slug="swe-bench").name_ko == "SWE-벤치"


def test_a_draft_is_written_into_the_trail_and_the_story_left_the_inbox():
    story = make_story()
    article = draft(story)
    assert Step.objects.get(object_id=article.pk).move == "create"
    assert Revision.objects.get(object_id=article.pk).content["summary"] == article.summary
    story.refresh_from_db()
    assert story.state == Story.State.DRAFTED


def test_a_draft_of_extraction_in_both_languages_goes_to_readers():
    assert problems(draft(make_story())) == {}


def test_a_language_without_an_item_is_missing_and_says_so():
    article, made = draft_article(make_story(make_item()), by=None, by_name="test", now=NOW)
    assert (article.title_ko, article.dek_ko, made.missing) == ("", "", ["ko"])
    found = problems(article)
    assert set(found) == {"title_ko", "summary", "key_facts"}
    assert "three different lines in Korean" in found["summary"]


def test_a_story_has_one_article_on_its_way():
    story = make_story()
    first = draft(story)
    with pytest.raises(Drafted) as refusal:
        draft(story)
    assert refusal.value.article == first
    editorial.move(first, "archive", by=None, by_name="test", now=NOW)
    assert draft(story).slug == "openai-releases-gpt-41-2"


def test_what_was_dismissed_or_has_no_text_is_not_drafted():
    story = make_story(make_item(""))
    with pytest.raises(NoItems):
        draft(story)
    Story.objects.filter(pk=story.pk).update(state="dismissed", dismissed_at=NOW)
    story.refresh_from_db()
    with pytest.raises(Dismissed):
        draft(story)


def test_of_a_page_that_was_fetched_twice_the_newer_text_is_quoted():
    old = make_item("An old text. " * 9)
    new = make_item(ENGLISH, canonical_url=old.canonical_url, source=make_source())
    assert [item.pk for item in draft(make_story(old, new)).sources.all()] == [new.pk]


# --- on the way to readers -----------------------------------------------------------------------------


def test_a_whole_article_is_submitted():
    article = make_article()
    assert problems(article) == {}
    assert article.state == "review"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"summary": []}, "summary", "three different lines"),
        ({"key_facts": []}, "key_facts", "key facts"),
        ({"category": ""}, "category", "about"),
        ({"title_ko": ""}, "title_ko", "Korean"),
        ({"summary": [{"text": "x"}]}, "summary", "cannot be read"),
        ({"summary": "x"}, "summary", "cannot be read"),
    ],
)
def test_what_is_missing_is_told_at_its_field(change: dict[str, Any], field: str, words: str):
    assert words in problems(make_article(**change))[field]


def test_an_article_without_a_source_is_refused():
    article = make_article()
    article.sources.clear()
    found = problems(article)
    assert "fetched item" in found["sources"]
    assert "none of the article" in found["summary"]


def claimed(article: Article, **change: Any) -> Article:
    """With its first line changed, past all forms."""
    article.summary[0] |= change
    Article.objects.filter(pk=article.pk).update(summary=article.summary)
    article.refresh_from_db()
    return article


def test_a_planted_false_number_is_stopped_with_its_figure_and_the_quote_s():
    article = make_article()
    (priced,) = (one for one in article.summary if "$3" in one["text"])
    priced["text"] = priced["text"].replace("$3", "$2")
    Article.objects.filter(pk=article.pk).update(summary=article.summary)
    article.refresh_from_db()
    assert "“2” is a figure that the quote does not have" in problems(article)["summary"]


def test_a_quote_that_is_not_in_its_source_any_more_is_stopped():
    article = make_article()
    RawItem.objects.filter(pk=article.summary[0]["source"]).update(text="Another text.")
    assert "does not stand in its source any more" in problems(article)["summary"]


def test_a_claim_that_quotes_another_place_is_stopped():
    article = make_article()
    start = article.summary[0]["start"]
    moved = claimed(article, start=start + 1, end=article.summary[0]["end"] + 1)
    assert "does not stand in its source" in problems(moved)["summary"]


def test_every_move_to_readers_is_refused_and_others_are_not():
    article = make_article()
    Article.objects.filter(pk=article.pk).update(state="approved")
    article.refresh_from_db()
    wrong = claimed(article, text="OpenAI released GPT-5 on November 3.")
    assert "GPT-5" in problems(wrong, "publish")["summary"]
    editorial.move(wrong, "send_back", by=None, by_name="test", now=NOW, reason="a wrong model")
    assert wrong.state == "draft"


def test_no_article_is_published_as_trusted():
    article = make_article()
    with pytest.raises(editorial.WrongState):
        editorial.publish_trusted([article], by_name="test", now=NOW)


def test_a_body_is_cleaned_whoever_writes_it():
    article = make_article(body_en='<p onclick="x()">Hi<script>alert(1)</script></p>')
    assert article.body_en == "<p>Hi </p>"
    editorial.edit(article, {"body_ko": "<img src=x onerror=y>안녕"}, by=None, by_name="t", now=NOW)
    assert article.body_ko == "안녕"


def test_korean_alone_has_an_address():
    item = make_item(KOREAN, lang="ko", title="공개")
    assert draft(make_story(item)).slug.startswith("news-")


def test_suites_are_told_by_the_project_s_wiring():
    def told(sender: Any, **kwargs: Any) -> list[Word]:
        return [Word("suite", "ours", ("SWE-bench Verified",))]

    words_wanted.connect(told)
    found = tags_of([make_item()])
    words_wanted.disconnect(told)
    assert ("suite", "ours") in {(word.kind, word.slug) for word in found}


def test_the_project_tells_its_suites_by_name():
    Suite = apps.get_model("benchmarks", "Suite")
    facts = {
        "topic": "code",
        "unit": "percent",
        "summary": "-",
        "summary_ko": "-",
        "detail": "-",
        "detail_ko": "-",
    }
    Suite.objects.create(slug="swe-bench-verified", name="SWE-bench Verified", full_name="-", **facts)
    assert ("suite", "swe-bench-verified") in {(word.kind, word.slug) for word in tags_of([make_item()])}
