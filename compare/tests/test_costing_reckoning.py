"""From tokens and prices to money, against sums made by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from catalog.charging import Rates
from compare.costing.asking import CostWish, asked, too_long
from compare.costing.reckoning import (
    LEAST_ANSWERS,
    Fee,
    InputCount,
    Offer,
    Overhead,
    PriceRow,
    cost_line,
)

pytestmark = pytest.mark.only_on("sqlite")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MOMENT = NOW.timestamp()
STANDARD = Rates(input=Decimal(2), output=Decimal(8), cache_read=Decimal("0.5"), row=1)
LONG = Rates(input=Decimal(4), output=Decimal(12), over_tokens=200_000, row=2)
BATCH = Rates(input=Decimal(1), output=Decimal(4), row=3)
OVERHEAD = Overhead(ratio=1.5, answers=40, window_s=2_592_000, last_at=NOW)


def make_offer(**facts: Any) -> Offer:
    rows = {pk: PriceRow(pk, "standard", "models.dev", "", NOW, NOW) for pk in (1, 2, 3, 9)}
    fields: dict[str, Any] = {
        **{"endpoint_id": 1, "slug": "p--m", "model": "m", "name": "M", "creator": "p", "creator_name": "P"},
        **{"provider": "p", "provider_name": "P", "icon": {}, "own": True, "simulated": False},
        **{"watched": True, "reasoning": False, "open_weights": None, "context_window": 300_000},
        **{
            "max_output_tokens": None,
            "standard": (STANDARD, LONG),
            "batch": (),
            "regional": {},
            "fees": (),
            "rows": rows,
        },
    }
    return Offer(**fields | facts)


def given(tokens: int) -> InputCount:
    return InputCount(tokens, "given")


def reckon(offer: Offer, count: InputCount, overhead: Overhead | None = None, **wish: Any) -> Any:
    return cost_line(offer, CostWish(**wish), count, overhead, moment=MOMENT)


def test_a_request_a_day_and_a_month():
    line = reckon(make_offer(), given(1_000), output_tokens=500, cache_pct=30, requests_per_day=1_000)
    # 700 × 2 + 300 × 0.5 + 500 × 8 = 5,550 millionths
    assert (line.request, line.day, line.month) == (Decimal("0.00555"), Decimal("5.55"), Decimal("166.5"))
    assert [row.pk for row in line.price_rows] == [1]
    assert line.fits is True


def test_half_a_cached_token_is_rounded_up():
    assert reckon(make_offer(), given(5), cache_pct=50).tokens.cached == 3


def test_a_long_prompt_pays_the_step_for_all_of_it():
    at, above = (reckon(make_offer(), given(n), output_tokens=0).request for n in (200_000, 200_001))
    assert (at, above) == (Decimal("0.4"), Decimal("0.800004"))


def test_what_is_longer_than_the_model_takes_is_said():
    assert reckon(make_offer(), given(299_501), output_tokens=500).fits is False
    assert reckon(make_offer(), given(299_500), output_tokens=500).fits is True
    assert reckon(make_offer(max_output_tokens=499), given(1), output_tokens=500).fits is False
    assert reckon(make_offer(context_window=None), given(10**6)).fits is None


def test_reasoning_is_paid_as_output_by_the_measured_ratio():
    line = reckon(make_offer(reasoning=True), given(0), OVERHEAD, output_tokens=500)
    assert (line.tokens.output, line.tokens.reasoning) == (1_250, 750)
    assert line.request == Decimal("0.01")
    assert line.reasoning_known
    without = reckon(make_offer(reasoning=True), given(0), OVERHEAD, output_tokens=500, reasoning="none")
    assert without.request == Decimal("0.004")


def test_reasoning_that_nobody_measured_is_not_counted_and_said():
    few = replace(OVERHEAD, ratio=None, answers=LEAST_ANSWERS - 1)
    for overhead in (None, few):
        line = reckon(make_offer(reasoning=True), given(0), overhead, output_tokens=500)
        assert (line.tokens.reasoning, line.reasoning_known) == (0, False)
    assert reckon(make_offer(reasoning=False), given(0)).reasoning_known


def test_a_batch_has_its_own_rates_and_none_that_are_guessed():
    offer = make_offer(batch=(BATCH,))
    assert reckon(offer, given(1_000), output_tokens=0, batch="1").request == Decimal("0.001")
    assert reckon(make_offer(), given(1_000), batch="1").missing == "no-batch"
    assert reckon(offer, given(200_001), batch="1").missing == "no-batch-step"
    step = replace(BATCH, over_tokens=200_000, input=Decimal(2))
    assert reckon(make_offer(batch=(BATCH, step)), given(200_001), batch="1").request is not None


def test_a_region_with_rates_of_its_own_has_these_alone():
    seoul = Rates(input=Decimal(3), output=Decimal(9), row=9)
    offer = make_offer(regional={"seoul": ((seoul,), ())})
    assert reckon(offer, given(1_000), output_tokens=0, region="seoul").request == Decimal("0.003")
    assert reckon(offer, given(300_000), output_tokens=0, region="seoul").request == Decimal("0.9")
    assert reckon(offer, given(1_000), output_tokens=0, region="tokyo").request == Decimal("0.002")


def test_a_fee_per_request_is_added_while_it_holds():
    fee = Fee(Decimal(5), MOMENT, MOMENT + 60, 9)
    line = reckon(make_offer(fees=(fee,)), given(1_000), output_tokens=0)
    assert line.request == Decimal("0.007")
    assert [row.pk for row in line.price_rows] == [1, 9]
    over = replace(fee, valid_from=MOMENT - 60, valid_to=MOMENT)
    assert reckon(make_offer(fees=(over,)), given(1_000), output_tokens=0).request == Decimal("0.002")


def test_the_error_of_an_estimate_is_that_of_the_input_alone():
    count = InputCount(1_000, "estimate", "", 25.0)
    line = reckon(make_offer(), count, output_tokens=500)
    # 1,000 ÷ 1.25 = 800 and 1,000 ÷ 0.75 = 1,333 tokens in
    assert (line.low, line.request, line.high) == (Decimal("0.0056"), Decimal("0.006"), Decimal("0.006666"))
    unmeasured = reckon(make_offer(), replace(count, error_pct=None))
    assert (unmeasured.low, unmeasured.high) == (None, None)


@pytest.mark.parametrize(
    ("offer", "count", "missing"),
    [
        (make_offer(standard=()), given(1), "no-price"),
        (make_offer(standard=(replace(STANDARD, output=None),)), given(1), "no-rate"),
        (make_offer(), InputCount(None, "exact", "gemma3"), "not-counted"),
    ],
)
def test_what_is_not_known_has_no_cost(offer, count, missing):
    line = reckon(offer, count)
    assert (line.request, line.day, line.month, line.missing) == (None, None, None, missing)


def test_only_what_is_stated_as_0_is_free():
    nought = Rates(input=Decimal(0), output=Decimal(0))
    assert make_offer(standard=(nought,)).is_free
    assert not make_offer(standard=(replace(nought, output=None), STANDARD)).is_free
    assert not make_offer(standard=()).is_free
    assert not make_offer(standard=(nought,), fees=(Fee(Decimal(1), 0, None, 9),)).is_free


def test_equal_wishes_have_one_address():
    one = asked(
        {"models": ["gpt-4.1,o3", "gpt-4.1"], "input_tokens": ["2,000"], "cache_pct": ["0"], "q": [" "]}
    )
    assert one.wish == CostWish(models=("gpt-4.1", "o3"), input_tokens=2_000)
    assert one.wish.address() == "/cost/?models=gpt-4.1,o3&input_tokens=2000"
    assert CostWish().address() == "/cost/"
    assert CostWish().address(page=2) == "/cost/?page=2"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("cache_pct", "101", "a whole number from 0 to 100"),
        ("cache_pct", "-1", "a whole number from 0 to 100"),
        ("input_tokens", "1e9", "a whole number from 0 to 10000000"),
        ("input_tokens", "٣", "a whole number from 0 to 10000000"),
        ("requests_per_day", "0", "a whole number from 1 to 100000000"),
        ("batch", "yes", "one of: 0, 1"),
        ("sample", "fr", "one of: ko, en, code"),
        ("q", "x" * 101, "a text of at most 100 characters"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_the_remedy(name, value, accepted):
    found = asked({name: [value]})
    assert found.wish == CostWish()
    (refusal,) = found.refusals
    assert (refusal.name, refusal.accepted) == (name, accepted)
    assert value.startswith(refusal.value)


def test_a_fifth_model_is_named():
    found = asked({"models": ["a,b,c,d,e"]})
    assert found.wish.models == ("a", "b", "c", "d")
    assert [(refusal.value, refusal.remedy) for refusal in found.refusals] == [("e", "four")]


def test_a_text_of_200000_bytes_is_counted_and_one_more_is_not():
    assert too_long("a" * 200_000) is None
    assert too_long("가" * 66_667).value == "200,001 bytes"
