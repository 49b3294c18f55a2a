"""What people decide about stories, and that nothing undoes it."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from news.grouping.names import lexicon_of
from news.models import Article, RawItem, Regrouping, Story
from news.services.grouping import group_item, group_new
from news.services.regrouping import Refused, merge_stories, split_story
from news.tests.making import NOW
from news.tests.test_grouping import OTHER, TEXT, TITLE, make_item

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def editor():
    return get_user_model().objects.create_user("editor")


def grouped(*items: RawItem) -> list[RawItem]:
    for item in items:
        group_item(item.pk, now=NOW, lexicon=lexicon_of({}))
        item.refresh_from_db()
    return list(items)


def story_of(item: RawItem) -> Story:
    item.refresh_from_db()
    assert item.story is not None
    return item.story


def test_a_split_makes_a_story_of_the_chosen_items(editor):
    one, other = grouped(make_item(TITLE, TEXT), make_item("Seoul", TEXT))
    made = split_story(story_of(one), [other], by=editor, now=LATER)
    assert story_of(other) == made != story_of(one)
    assert (other.joined_by, other.similarity) == ("person", None)
    told = Regrouping.objects.get()
    assert (told.item, told.source, told.target, told.by, told.at) == (
        other,
        story_of(one),
        made,
        editor,
        LATER,
    )


def test_a_split_is_not_undone_and_a_new_version_follows_its_page(editor):
    one, other = grouped(
        make_item(TITLE, TEXT, url="https://a.example/1"), make_item(TITLE, TEXT, url="https://b.example/2")
    )
    made = split_story(story_of(one), [other], by=editor, now=LATER)
    group_new(now=LATER)
    changed, third = grouped(
        make_item(TITLE, f"{TEXT} And more.", url="https://b.example/2"), make_item("Seoul", TEXT)
    )
    assert story_of(other) == made
    assert story_of(changed) == made
    assert story_of(third).pk in {story_of(one).pk, made.pk}
    assert Story.objects.count() == 2


def test_a_merge_moves_all_and_dismisses_what_is_left_empty(editor):
    one, other = grouped(make_item(TITLE, TEXT), make_item("Queues 3.1.4", OTHER, at=LATER))
    emptied, target = story_of(other), story_of(one)
    merge_stories([emptied, target], target, by=editor, now=LATER)
    emptied.refresh_from_db()
    assert story_of(other) == story_of(one) == target
    assert (other.joined_by, one.joined_by) == ("person", "")
    assert (emptied.state, emptied.dismissed_by, emptied.dismissed_at) == ("dismissed", editor, LATER)
    assert str(target.pk) in emptied.dismissed_reason
    assert story_of(one).last_at == LATER


def test_what_was_merged_draws_its_likes_to_where_it_is_now(editor):
    one, other = grouped(make_item(TITLE, TEXT), make_item("Queues 3.1.4", OTHER))
    merge_stories([story_of(other)], story_of(one), by=editor, now=LATER)
    (copy,) = grouped(make_item("Queues", OTHER))
    assert story_of(copy) == story_of(one)


def test_a_story_with_an_article_stays(editor):
    one, other = grouped(make_item(TITLE, TEXT), make_item("Queues 3.1.4", OTHER))
    Article.objects.create(story=story_of(other))
    with pytest.raises(Refused, match="has an article"):
        merge_stories([story_of(other)], story_of(one), by=editor, now=LATER)
    merge_stories([story_of(one)], story_of(other), by=editor, now=LATER)
    assert story_of(one) == story_of(other)


@pytest.mark.parametrize(
    ("chosen", "why"), [((), "Choose"), ((0, 1), "Nothing would be left"), ((2,), "look again")]
)
def test_a_split_that_cannot_be_is_refused(editor, chosen: tuple[int, ...], why: str):
    items = grouped(make_item(TITLE, TEXT), make_item("Seoul", TEXT), make_item("Queues 3.1.4", OTHER))
    with pytest.raises(Refused, match=why):
        split_story(story_of(items[0]), [items[number] for number in chosen], by=editor, now=LATER)
    assert not Regrouping.objects.exists()
