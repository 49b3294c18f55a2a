"""Values, days and clock times, in both languages."""

import pytest

from news.grouping.figures import dates_of, figures_of, weight_of


@pytest.mark.parametrize(
    ("english", "korean", "values"),
    [
        ("$640 million at $4.1 billion", "6억4000만달러, 41억달러", {640e6, 4.1e9}),
        ("1.46 trillion won for 13,000 GPUs", "GPU 1만3000장에 1조4600억원", {1.46e12, 13_000}),
        ("400k tokens, 38% fewer", "40만 토큰, 38% 감소", {400_000, 38}),
        ("256,000 tokens at 1.8 dollars", "25만6000토큰, 1.8달러", {256_000, 1.8}),
        ("30 million won", "3천만 원", {30e6}),
        ("a hundred thousand requests", "요청 10만 건", {100_000}),
        ("seven billion parameters", "70억 매개변수", {7e9}),
        ("twelve months", "12개월", {12}),
    ],
)
def test_a_value_is_the_same_in_both_languages(english: str, korean: str, values: set[float]):
    assert figures_of(english) == figures_of(korean) == values


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from 15 July 2026", {"7-15"}),
        ("on July 15, 2026", {"7-15"}),
        ("7월 15일부터", {"7-15"}),
        ("on 2026-07-15", {"7-15"}),
        ("since 10:52 UTC", {"10:52"}),
        ("오전 10시 52분부터", {"10:52"}),
        ("오후 3시 5분", {"15:05"}),
        ("mayhem of 3 marches", set()),
    ],
)
def test_days_and_clock_times(text: str, days: set[str]):
    assert dates_of(text)[0] == days


def test_what_is_a_day_or_a_year_is_no_figure():
    assert figures_of(dates_of("22일 시행, 2026년 3월, on 5 May 2026 at 10:30")[1]) == frozenset()
    assert figures_of(dates_of("90일간 보관")[1]) == {90}


@pytest.mark.parametrize(("value", "weight"), [(58.4, 1.0), (640e6, 1.0), (900, 0.6), (13, 0.6), (12, 0.15)])
def test_a_rarer_value_tells_more(value: float, weight: float):
    assert weight_of(value) == weight
