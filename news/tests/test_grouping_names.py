"""Who and what a text is about."""

import pytest

from news.grouping.names import KNOWN, Model, in_capitals, lexicon_of, models_of, names_of, without_models

LEXICON = lexicon_of(
    {
        "claude": ["클로드"],
        "sonnet": ["소넷", "소네트"],
        "openai": ["오픈AI"],
        "kimi": ["키미"],
        "mini": ["미니"],
    }
)


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        ("클로드 소넷 4.5를 공개", "Claude Sonnet 4.5를 공개"),
        ("클로드소네트가", "Claude Sonnet가"),
        ("오픈AI의 발표", "Openai의 발표"),
        ("미니멀리즘과 키미노", "미니멀리즘과 키미노"),
    ],
)
def test_known_names_are_written_as_their_owners_do(korean: str, latin: str):
    assert LEXICON.in_latin(korean) == latin


def test_without_a_catalogue_nothing_changes():
    assert lexicon_of({}).in_latin("클로드") == "클로드"


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("GPT-4.1 mini is here", {("gpt", "4.1", "mini")}),
        ("gpt-4.1-mini and gpt-4.1", {("gpt", "4.1", "mini"), ("gpt", "4.1", "")}),
        ("Llama 70B", {("llama", "70b", "")}),
        ("Kimi 2.5는 빠르다", {("kimi", "2.5", "")}),
        ("Kimi 3월 출시", set()),
        ("openai-python 2.1.0", {("openai-python", "2.1.0", "")}),
        ("raised by Series 3 investors, tier 2", set()),
        ("Sonnet 40% cheaper, Sonnet 5 million", set()),
    ],
)
def test_models_by_version_and_variant(text: str, models: set[tuple[str, str, str]]):
    assert models_of(text) == {Model(*each) for each in models}


def test_a_version_is_no_figure():
    assert without_models("Kimi 2.5 costs 3.5 dollars") == " Kimi  costs 3.5 dollars".lower().replace(
        "kimi", "Kimi"
    )


def test_names_weigh_more_where_the_catalogue_does_not_know_them():
    names = names_of("Today Claude met Dalgaard. Markets rose.", LEXICON)
    assert names == {"claude": KNOWN, "dalgaard": 1.0}


def test_in_korean_a_capital_is_a_name_even_at_the_beginning():
    assert names_of("Dalgaard 대표가 말했다", LEXICON) == {"dalgaard": 1.0}


def test_capitals_tell_nothing_where_most_words_have_them():
    assert in_capitals("Halden Releases Its Fastest Model Ever")
    assert not in_capitals("Halden releases its fastest model ever")
