"""What belongs to one story, and what splits two that look alike."""

from datetime import UTC, datetime, timedelta

import pytest

from news.grouping import rules
from news.grouping.keys import keys_of
from news.grouping.names import lexicon_of
from news.grouping.rules import Told, judge, told
from news.grouping.texts import BANDS, bands_of, containment, shingles_of, title_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEXICON = lexicon_of({"claude": ["클로드"], "anthropic": ["앤트로픽"], "haiku": ["하이쿠"], "mini": ["미니"]})
TEXT = (
    "Anthropic has opened an office in Seoul with 45 people. Minjun Park, who came from a bank, leads it. "
    "The company expects 1,200 Korean customers by autumn and has rented two floors near Gangnam station."
)


def an_item(
    text: str = TEXT,
    *,
    title: str = "Anthropic opens an office in Seoul",
    url: str = "https://a.example/1",
    after: timedelta = timedelta(0),
) -> Told:
    return told(title=title, text=text, url=url, at=NOW + after, lexicon=LEXICON)


def ground(one: Told, other: Told) -> str:
    """The rules do not know which came first."""
    match, turned = judge(one, other), judge(other, one)
    assert match == turned
    return match.ground if match else ""


def test_one_page_under_two_addresses():
    other = an_item(url="https://www.a.example/amp/1/?utm_source=x", after=timedelta(days=40))
    assert ground(an_item(), other) == "url"


def test_a_page_that_was_corrected_is_the_same_page():
    corrected = an_item(TEXT.replace("45 people", "54 people"))
    assert ground(an_item(), corrected) == "url"


def test_two_entries_of_a_changelog_are_two_pages():
    first = an_item("Retries honour the header.", title="1.2", url="https://a.example/log#1.2")
    second = an_item("Streams are closed at the end.", title="1.3", url="https://a.example/log#1.3")
    assert ground(first, second) == ""


def test_the_same_text_elsewhere_cut_or_edited():
    elsewhere = "https://b.example/2"
    cut = TEXT.split(". ")[0] + "."
    edited = TEXT.replace("has rented", "rented").replace("expects", "hopes for")
    assert ground(an_item(), an_item(title="Seoul", url=elsewhere)) == "text"
    assert ground(an_item(), an_item(cut, title="Seoul", url=elsewhere)) == "text"
    assert ground(an_item(), an_item(edited, title="Seoul", url=elsewhere)) == "text"


def test_the_very_same_text_is_one_whatever_its_title_says():
    one = an_item(title="Claude 5 in Seoul", url="https://a.example/9")
    assert ground(one, an_item(title="After Claude 4: Seoul", url="https://b.example/9")) == "text"


def test_the_same_words_with_other_figures_are_another_text():
    other = an_item(TEXT.replace("45", "61").replace("1,200", "3,400"), url="https://b.example/2")
    assert ground(an_item(), other) == ""


def test_the_same_title_over_another_text_is_not_the_same():
    weekly = "https://a.example/week/{}"
    one = an_item("Keys can be rotated.", title="What's new", url=weekly.format(1))
    other = an_item("The console has a dark theme.", title="What's new", url=weekly.format(2))
    assert ground(one, other) == ""


def test_a_title_without_text_is_enough_while_it_is_news():
    soon = an_item("", url="https://b.example/2", after=timedelta(hours=5))
    late = an_item("", url="https://b.example/2", after=timedelta(hours=100))
    assert ground(an_item(), soon) == "title"
    assert ground(an_item(), late) == ""


KOREAN = "앤트로픽이 서울에 사무소를 열었다. 직원은 45명이며 연내 고객 1,200곳을 확보할 계획이다."


@pytest.mark.parametrize(("hours", "expected"), [(72, "event"), (73, "")])
def test_one_event_in_two_languages_within_three_days(hours: int, expected: str):
    korean = an_item(
        KOREAN, title="앤트로픽 서울 상륙", url="https://k.example/1", after=timedelta(hours=hours)
    )
    assert ground(an_item(), korean) == expected


def test_another_variant_in_the_title_is_another_event():
    text = "Anthropic released it with 200,000 tokens of context at $3.10 in 31 regions."
    big = an_item(text, title="Claude 5 is out", url="https://a.example/5")
    small = an_item(text + " It is fast.", title="Claude 5 mini is out", url="https://a.example/5m")
    assert ground(big, small) == ""
    assert ground(big, an_item(text, title="클로드 5 출시", url="https://k.example/5")) == "text"


def test_two_names_of_the_catalogue_are_no_event():
    one = an_item("Claude answers faster.", title="Anthropic improves Claude", url="https://a.example/3")
    other = an_item("Claude is down.", title="Anthropic looks into Claude", url="https://a.example/4")
    assert ground(one, other) == ""


def test_letters_are_compared_in_one_form():
    assert shingles_of("ＡＩ　모델") == shingles_of("ai 모델")
    assert title_key("[속보] AI 모델 공개 | 가나일보") == title_key("AI 모델 공개")
    assert shingles_of("") == frozenset()
    assert bands_of(frozenset()) == []


def test_bands_are_the_same_on_every_machine():
    bands = bands_of(shingles_of("앤트로픽이 서울에 사무소를 열었다"))
    assert len(bands) == BANDS
    assert bands[:2] == [8789396125798433245, 8805765733494554405]


def test_an_edited_text_is_found_by_a_band_and_another_text_is_not():
    one, other = keys_of(an_item(title="", url="")), keys_of(an_item(KOREAN, title="", url=""))
    edited = keys_of(an_item(TEXT.replace("has rented", "rented"), title="", url=""))
    assert one.copies & edited.copies
    assert not one.copies & other.copies
    assert one.marks & other.marks


def test_containment_is_of_the_smaller_text():
    whole, part = shingles_of("a quick brown fox"), shingles_of("a quick")
    assert containment(whole, part) == containment(part, whole) == 1.0
    assert containment(frozenset(), part) == 0.0


def test_the_version_names_the_month():
    assert rules.METHOD_VERSION.startswith("2026.")
