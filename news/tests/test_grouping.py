"""How fetched items become stories."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from news.grouping.names import lexicon_of
from news.models import ItemKey, RawItem, Story
from news.services.grouping import Grouped, group_item, group_new
from news.tests import making
from news.tests.making import NOW

pytestmark = pytest.mark.django_db

LEXICON = lexicon_of({"anthropic": ["앤트로픽"]})
TITLE = "Anthropic opens an office in Seoul"
TEXT = (
    "Anthropic has opened an office in Seoul with 45 people. Minjun Park, who came from a bank, leads it. "
    "The company expects 1,200 Korean customers by autumn and has rented two floors near Gangnam station."
)
KOREAN = "앤트로픽이 서울에 사무소를 열었다. 직원은 45명이며 연내 고객 1,200곳을 확보할 계획이다."
OTHER = "A library for queues, version 3.1.4, was published under a free licence by Ada Lorne."


def make_item(title: str = "", text: str = "", *, at: datetime = NOW, url: str = "") -> RawItem:
    """Fetched when it was published, at an address of its own where none is given."""
    where = {"url": url, "canonical_url": url} if url else {}
    return making.make_item(
        text, title=title, published_at=at, published_precision="instant", fetched_at=at, **where
    )


def group(item: RawItem) -> RawItem:
    made = group_item(item.pk, now=NOW, lexicon=LEXICON)
    assert made is not None
    return made


def test_a_first_item_begins_a_story():
    item = group(make_item(TITLE, TEXT))
    assert item.story is not None
    assert (item.joined_by, item.similarity, item.story.state) == ("", None, "inbox")
    assert item.story.last_at == NOW


def test_the_same_text_elsewhere_joins_it_even_much_later():
    first = group(make_item(TITLE, TEXT))
    again = group(make_item("Seoul", TEXT, at=NOW + timedelta(days=200)))
    assert again.story_id == first.story_id
    assert (again.joined_by, again.similarity) == ("text", 1.0)
    assert Story.objects.get().last_at == NOW + timedelta(days=200)


def test_a_changed_page_joins_what_it_was_in():
    first = group(make_item(TITLE, TEXT, url="https://a.example/1"))
    changed = group(make_item(TITLE, TEXT.replace("45", "54"), url="https://www.a.example/1/"))
    assert (changed.story_id, changed.joined_by) == (first.story_id, "url")


@pytest.mark.parametrize(("hours", "joined_by"), [(71, "event"), (73, "")])
def test_the_same_event_in_korean_joins_within_three_days(hours: int, joined_by: str):
    first = group(make_item(TITLE, TEXT))
    korean = group(make_item("앤트로픽 서울 상륙", KOREAN, at=NOW + timedelta(hours=hours)))
    assert korean.joined_by == joined_by
    assert (korean.story_id == first.story_id) is bool(joined_by)


def test_a_story_does_not_grow_from_item_to_item_into_the_news_of_a_week():
    first = group(make_item(TITLE, TEXT))
    second = group(make_item("앤트로픽 서울 상륙", KOREAN, at=NOW + timedelta(hours=60)))
    third = group(make_item("앤트로픽, 서울서 채용", KOREAN[:40], at=NOW + timedelta(hours=100)))
    assert second.story_id == first.story_id
    assert third.joined_by != "event"


def test_an_event_of_another_model_of_a_story_begins_its_own():
    claude = make_item(
        "Claude 5 is out", "It came with 200,000 tokens, in 31 regions at $3.10, says Ada Lorne."
    )
    blog = make_item(
        "A busy day", "Lorne had promised it: 31 regions. Ada even kept 3.10 dollars, 200k tokens."
    )
    small = make_item(
        "Claude 5 mini is out", "Ada Lorne added: 31 regions for this one at $3.10 and 200k tokens, too."
    )
    first, untitled, mini = group(claude), group(blog), group(small)
    assert untitled.story_id == first.story_id
    assert mini.story_id != first.story_id


def test_something_else_begins_another_story():
    assert group(make_item(TITLE, TEXT)).story_id != group(make_item("Queues 3.1.4", OTHER)).story_id


def test_an_item_is_put_into_a_story_once():
    item = make_item(TITLE, TEXT)
    group(item)
    assert group_item(item.pk, now=NOW, lexicon=LEXICON) is None
    assert Story.objects.count() == 1


def test_new_items_are_taken_in_the_order_in_which_they_came():
    make_item("Seoul", TEXT, at=NOW + timedelta(hours=1))
    first = make_item(TITLE, TEXT)
    make_item("Queues 3.1.4", OTHER)
    empty = make_item()
    assert group_new(now=NOW) == Grouped(joined=1, begun=2)
    assert group_new(now=NOW) == Grouped(joined=0, begun=0)
    first.refresh_from_db()
    empty.refresh_from_db()
    assert first.joined_by == ""
    assert empty.story is None


def test_a_comparison_reads_no_page_and_asks_no_more_with_more_items(django_assert_max_num_queries):
    for number in range(12):
        group(make_item(f"Note {number}", f"{TEXT} Number {number}.", at=NOW - timedelta(days=number)))
    item = make_item(TITLE, TEXT)
    with django_assert_max_num_queries(12) as asked:
        group_item(item.pk, now=NOW, lexicon=LEXICON)
    reading = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("SELECT")]
    assert not any('"news_rawitem"."body"' in sql for sql in reading)


def test_keys_of_an_event_are_dated_and_those_of_a_text_are_not():
    item = group(make_item(TITLE, TEXT))
    dated = set(ItemKey.objects.filter(item=item).values_list("at", flat=True))
    assert dated == {None, NOW}


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_begin_one_story():
    numbers = [make_item(f"Copy {number}", TEXT).pk for number in range(8)]

    def work(number: int) -> None:
        try:
            group_item(number, now=NOW, lexicon=LEXICON)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work, number) for number in numbers * 2]:
            done.result()
    assert Story.objects.count() == 1
    assert RawItem.objects.filter(story=None).count() == 0
    assert RawItem.objects.filter(joined_by="").count() == 1
