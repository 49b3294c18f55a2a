"""Known-answer questions, and whether a text gives the answer."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.protocols.canary import MAKERS, gives_answer, make_item

DAY = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
ENDPOINTS = [f"provider--model-{number}" for number in range(40)]


def test_there_are_a_dozen_kinds_at_least():
    assert len(MAKERS) >= 12


@pytest.mark.parametrize("endpoint", ENDPOINTS[:5])
def test_all_regions_of_a_day_ask_the_same_kind(endpoint):
    kinds = {make_item(endpoint, DAY + hours * 3600, f"{hours:08x}").name for hours in range(-12, 12)}
    assert len(kinds) == 1


def test_days_and_endpoints_get_kinds_of_their_own():
    by_day = {make_item(ENDPOINTS[0], DAY + day * 86_400, "n").name for day in range(60)}
    by_endpoint = {make_item(endpoint, DAY, "n").name for endpoint in ENDPOINTS}
    assert len(by_day) > 8
    assert len(by_endpoint) > 8


@pytest.mark.parametrize("name", MAKERS)
def test_no_question_is_asked_twice(name):
    day = next(day for day in range(400) if make_item("e", DAY + day * 86_400, "n").name == name)
    asked = [make_item("e", DAY + day * 86_400, f"{number:08x}") for number in range(50)]
    assert len({item.prompt for item in asked}) == 50
    assert len({item.expected for item in asked}) > 1
    assert {item.name for item in asked} == {name}
    assert make_item("e", DAY + day * 86_400, "00000007") == asked[7]


SOLVED = {
    "sum": lambda words: int(words[2]) + int(words[4].strip("?")),
    "difference": lambda words: int(words[2]) - int(words[4].strip("?")),
    "product": lambda words: int(words[2]) * int(words[4].strip("?")),
    "larger": lambda words: max(int(words[4].strip(",")), int(words[6].strip("?"))),
    "letters": lambda words: len(words[6].strip("?")),
    "next_number": lambda words: 2 * int(words[7].strip("?")) - int(words[6].strip(",")),
    "korean_sum": lambda words: int(words[0]) + int(words[2].removesuffix("는")),
}


@pytest.mark.parametrize("name", SOLVED)
@given(seed=st.integers(0, 10**6))
def test_the_expected_number_is_right(name, seed):
    prompt, expected = MAKERS[name](random.Random(seed))
    assert expected == str(SOLVED[name](prompt.split()))
    assert 0 < int(expected) < 1000


@pytest.mark.parametrize("name", MAKERS)
@given(seed=st.integers(0, 10**6))
def test_an_answer_gives_itself_and_another_does_not(name, seed):
    _, expected = MAKERS[name](random.Random(seed))
    assert gives_answer(expected, expected)
    assert gives_answer(f"The answer is: **{expected.upper()}**.", expected)
    assert not gives_answer("I do not know, sorry.", expected)
    assert not gives_answer(f"9{expected}9" if expected.isdigit() else f"x{expected}x", expected)


@pytest.mark.parametrize(
    ("text", "expected", "given"),
    [
        ("79", "79", True),
        ("The answer is 79.", "79", True),
        ("**79**", "79", True),
        ("79.0", "79", True),
        ("７９", "79", True),
        ("79입니다.", "79", True),
        ("1,234", "1234", True),
        ("1234", "1,234", True),
        ("179", "79", False),
        ("790", "79", False),
        ("79.5", "79", False),
        ("-79", "79", False),
        ("\u221279", "79", False),
        ("7 9", "79", False),
        ("seventy-nine", "79", False),
        ("Paris", "paris", True),
        ("It is Paris!", "Paris", True),
        ("Parisian", "Paris", False),
        ("comparis", "Paris", False),
        ("서울", "서울", True),
        ("정답은 서울입니다.", "서울", True),
        ("남서울", "서울", False),
        ("부산", "서울", False),
        ("d c b a", "d c b a", True),
        ("D, C, B, A", "d c b a", True),
        ("dcba", "d c b a", False),
        ("a b c d", "d c b a", False),
        ("d c b", "d c b a", False),
        ("river 4821", "river 4821", True),
        ("river 4822", "river 4821", False),
        ("", "79", False),
        ("🙂 fine", "🙂", True),
        ("fine", "🙂", False),
    ],
)
def test_an_answer_is_found_as_whole_words(text, expected, given):
    assert gives_answer(text, expected) is given


@given(st.text(max_size=200), st.text(max_size=20))
def test_no_text_breaks_the_comparison(text, expected):
    assert gives_answer(text, expected) in (True, False)
