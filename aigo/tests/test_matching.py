"""Folding, grading and ranking of what people type."""

import pytest

from aigo.lib.matching import Entry, Grade, Index, folded, names_of, query_of


def index_of(*names: str) -> Index[str]:
    return Index([Entry(name, "thing", names_of(name)) for name in names], ["thing"])


def found(typed: str, *names: str) -> list[str]:
    return [match.item for match in index_of(*names).find(query_of(typed))[:]]


@pytest.mark.parametrize(
    ("typed", "name", "grade"),
    [
        ("gpt-4.1", "GPT-4.1", Grade.EXACT),
        ("gpt4.1", "GPT-4.1", Grade.EXACT),
        ("GPT 4 1", "GPT-4.1", Grade.EXACT),
        ("gpt", "GPT-4.1", Grade.PREFIX),
        ("4.1", "GPT-4.1", Grade.WORD),
        ("sonnet", "Claude Sonnet 4.5", Grade.WORD),
        ("onnet", "Claude Sonnet 4.5", Grade.INSIDE),
        ("4.5 claude", "Claude Sonnet 4.5", Grade.WORD),
        ("cafe", "Café", Grade.EXACT),
        ("ｇｐｔ", "GPT", Grade.EXACT),
    ],
)
def test_case_spaces_hyphens_dots_and_accents_make_no_difference(typed: str, name: str, grade: Grade):
    (match,) = index_of(name).find(query_of(typed))[:]
    assert match.grade is grade


@pytest.mark.parametrize("typed", ["ㅇ", "오", "오ㅍ", "오프", "오픈", "오픈ㅇ", "오픈에", "오픈에이아이"])
def test_every_key_on_the_way_to_a_korean_word_finds_it(typed: str):
    assert found(typed, "오픈에이아이", "구글") == ["오픈에이아이"]


def test_a_consonant_that_is_typed_as_a_final_may_begin_the_next_syllable():
    assert found("국", "구글") == ["구글"]
    assert found("오", "와이즈") == ["와이즈"]


def test_first_consonants_find_a_korean_name():
    assert found("ㅋㄹㄷ", "클로드 소넷", "제미나이") == ["클로드 소넷"]


def test_a_single_letter_fits_only_where_a_word_begins():
    assert found("4", "gpt 3.54", "gpt 4") == ["gpt 4"]
    assert found("54", "gpt 3.54") == ["gpt 3.54"]


@pytest.mark.parametrize("typed", ["", "  ", "-- .", "\u3000"])
def test_nothing_typed_finds_nothing(typed: str):
    assert not query_of(typed)
    assert found(typed, "GPT") == []


def test_no_entries_are_no_trouble():
    assert len(index_of().find(query_of("gpt"))) == 0


def test_exact_comes_before_prefix_before_word_before_inside_and_the_shorter_before_the_longer():
    names = ("a flashgemini", "Gemini Flash Lite", "The Gemini", "Gemini", "Gemini Flash")
    assert found("gemini", *names) == [
        "Gemini",
        "Gemini Flash",
        "Gemini Flash Lite",
        "The Gemini",
        "a flashgemini",
    ]


def test_what_is_called_so_comes_before_what_is_only_about_it():
    called = Entry("called", "thing", names_of("x openai"))
    about = Entry("about", "thing", names_of("a"), about=names_of("OpenAI"))
    found = Index([about, called], ["thing"]).find(query_of("openai"))
    assert [(match.item, match.grade) for match in found[:]] == [
        ("called", Grade.WORD),
        ("about", Grade.EXACT),
    ]


def test_what_somebody_makes_stands_beside_what_begins_with_their_name():
    begins = Entry("begins", "thing", names_of("OpenAI Latest"), weight=1)
    made = Entry("made", "thing", names_of("GPT"), by=names_of("OpenAI"), weight=0)
    found = Index([begins, made], ["thing"]).find(query_of("openai"))
    assert [(match.item, match.grade) for match in found[:]] == [
        ("made", Grade.EXACT),
        ("begins", Grade.PREFIX),
    ]


def test_of_equals_the_kind_decides_then_the_weight():
    entries = [
        Entry("light endpoint", "endpoint", names_of("GPT"), weight=0),
        Entry("heavy model", "model", names_of("GPT"), weight=5),
        Entry("light model", "model", names_of("GPT"), weight=1),
    ]
    ranking = Index(entries, ["model", "endpoint"]).find(query_of("gpt"))
    assert [match.item for match in ranking[:]] == ["light model", "heavy model", "light endpoint"]
    assert ranking.by_kind() == {"model": 2, "endpoint": 1}
    assert [match.item for match in ranking.of(["endpoint"])[:]] == ["light endpoint"]


def test_two_indexes_rank_together():
    kinds = ["model", "incident"]
    models = Index([Entry("m", "model", names_of("GPT slow"))], kinds).find(query_of("gpt"))
    incidents = Index([Entry("i", "incident", names_of("GPT"))], kinds).find(query_of("gpt"))
    assert [match.item for match in models.beside(incidents)[:]] == ["i", "m"]


def test_a_query_is_cut_off_where_nobody_types_on():
    query = query_of("a " * 400)
    assert len(query.whole) <= 100
    assert folded("가" * 50).keys == "ㄱㅏ" * 50


def test_a_name_without_a_letter_or_digit_stands_in_nobodys_way():
    entries = [Entry("star", "thing", names_of("★")), Entry("gpt", "thing", names_of("GPT-4"))]
    about = Entry("known", "thing", names_of("★"), about=names_of("star-1"))
    index = Index([*entries, about], ["thing"])
    assert [match.item for match in index.find(query_of("gpt"))[:]] == ["gpt"]
    assert [match.item for match in index.find(query_of("star"))[:]] == ["known"]
