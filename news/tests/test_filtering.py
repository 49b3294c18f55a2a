"""Which articles an address asks for."""

import pytest
from django.http import QueryDict

from news.filtering import CATEGORIES, MOST_TYPED, STANCES, TAG_KINDS, NewsWish, Remedy, asked, folded
from news.models import Category, Stance, Tag

KNOWN = {"model:gpt-4.1", "provider:openai"}


def wish(query: str) -> NewsWish:
    found = asked(dict(QueryDict(query).lists()), KNOWN)
    assert found.refused == ()
    return found.wish


def test_the_words_of_addresses_are_those_of_the_tables():
    assert tuple(Category.values) == CATEGORIES
    assert tuple(Stance.values) == STANCES
    assert tuple(Tag.Kind.values) == TAG_KINDS


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", ""),
        ("category=model&form=cards&page=7&utm_source=x", "category=model"),
        ("tag=provider:openai,model:gpt-4.1", "tag=model:gpt-4.1&tag=provider:openai"),
        ("tag=provider:openai&tag=provider:openai", "tag=provider:openai"),
        ("q=%20가격%20%20인하%20&form=list", "q=%EA%B0%80%EA%B2%A9+%EC%9D%B8%ED%95%98&form=list"),
        ("stance=opinion&stance=facts_only", "stance=facts_only"),
    ],
)
def test_equal_wishes_have_one_address(query: str, address: str):
    assert wish(query).query == address
    assert wish(address) == wish(query)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("category=sports", ("category", "sports", Remedy.CHOICE, CATEGORIES)),
        ("stance=none", ("stance", "none", Remedy.CHOICE, STANCES)),
        ("form=table", ("form", "table", Remedy.CHOICE, ("cards", "list"))),
        ("tag=model:nobody", ("tag", "model:nobody", Remedy.TAG, ())),
        ("tag=gpt-4.1,model:gpt-4.1", ("tag", "gpt-4.1", Remedy.TAG, ())),
        (f"q={'x' * (MOST_TYPED + 1)}", ("q", "x" * (MOST_TYPED + 1), Remedy.SHORTER, ())),
        ("q=a%00b", ("q", "a\x00b", Remedy.SHORTER, ())),
    ],
)
def test_what_nobody_knows_is_refused_with_its_remedy(query: str, refusal: tuple[object, ...]):
    assert asked(dict(QueryDict(query).lists()), KNOWN).refused == (refusal,)


def test_too_many_tags_are_refused():
    many = {f"model:m{number}" for number in range(30)}
    found = asked({"tag": [",".join(sorted(many))]}, many)
    assert [refusal.remedy for refusal in found.refused] == [Remedy.FEWER]
    assert found.wish.tag == ()


def test_words_are_looked_for_in_one_form():
    assert folded("ＧＰＴ-4 가격") == "gpt-4 가격"
    assert NewsWish(q="GPT  gpt 가격").terms == ["gpt", "가격"]


def test_what_is_sought_does_not_depend_on_how_it_is_laid_out():
    assert wish("q=a&form=list").as_sought() == wish("q=a")
    assert not wish("form=list").narrows
    assert wish("tag=model:gpt-4.1").narrows
