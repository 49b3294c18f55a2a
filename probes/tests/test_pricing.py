"""What an attempt costs, from what was reported, or estimated where nothing was."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.charging import Rates
from probes.attempts import Attempt
from probes.outcomes import OUTCOMES
from probes.pricing import (
    MAX_USD,
    NOTHING,
    READ_TO_THE_END,
    REFUSALS,
    UNPRICED,
    Cost,
    Tariff,
    cost_of,
    expected_cost,
    prompt_tokens,
)

AT = 1_800_000_000.0
RATES = Rates(input=Decimal(2), output=Decimal(8))
TARIFF = Tariff((RATES,))


def make_answer(**fields: Any) -> Attempt:
    """A right answer of tier B: 20 tokens in, 4 out, 3 chunks."""
    facts: dict[str, Any] = {
        **{"target_id": 1, "endpoint": "nimbus--n1", "region": "seoul", "tier": "B", "worker": "test"},
        **{"due_at": AT, "started_at": AT, "outcome": "ok", "http_status": 200, "sent_ms": 40.0},
        **{"chunks": 3, "input_tokens": 20, "output_tokens": 4},
    }
    return Attempt(**facts | fields)


def cut(**fields: Any) -> Attempt:
    """An answer that ended before its usage came."""
    return make_answer(**{"outcome": "truncated", "input_tokens": None, "output_tokens": None} | fields)


def usd(text: str, *, estimated: bool = False) -> Cost:
    return Cost(Decimal(text), estimated)


def test_reported_tokens_are_paid_at_the_rates_of_input_and_output():
    assert cost_of(make_answer(), TARIFF) == usd("0.000072")


def test_cached_input_and_reasoning_have_rates_of_their_own_where_these_are_stated():
    attempt = make_answer(input_tokens=1000, cached_tokens=600, output_tokens=100, reasoning_tokens=70)
    assert cost_of(attempt, TARIFF) == usd("0.0028")
    both = replace(RATES, cache_read=Decimal("0.5"), reasoning=Decimal(10))
    assert cost_of(attempt, Tariff((both,))) == usd("0.00204")
    free = replace(RATES, cache_read=Decimal(0), reasoning=Decimal(0))
    assert cost_of(attempt, Tariff((free,))) == usd("0.00104")


def test_parts_that_are_larger_than_their_whole_are_the_whole():
    attempt = make_answer(cached_tokens=99, reasoning_tokens=99)
    assert cost_of(attempt, TARIFF) == usd("0.000072")


def test_what_the_provider_says_that_it_charged_wins():
    assert cost_of(make_answer(reported_cost_usd=0.00012345), TARIFF) == usd("0.00012345")
    assert cost_of(make_answer(reported_cost_usd=0.0), Tariff(())) == NOTHING


@pytest.mark.parametrize("told", [-1.0, 1000.0, float("nan"), float("inf")])
def test_a_charge_that_is_no_amount_is_passed_over(told):
    assert cost_of(make_answer(reported_cost_usd=told), TARIFF) == usd("0.000072")


@pytest.mark.parametrize(
    ("moment", "cost"),
    [(AT - 1, UNPRICED), (AT, usd("0.000072")), (AT + 9, usd("0.000072")), (AT + 10, usd("0.00014400"))],
)
def test_the_price_is_that_of_the_moment_the_attempt_started(moment, cost):
    old = replace(RATES, valid_from=AT, valid_to=AT + 10)
    new = Rates(input=Decimal(4), output=Decimal(16), valid_from=AT + 10)
    assert cost_of(make_answer(started_at=moment), Tariff((new, old))) == cost


@pytest.mark.parametrize(
    ("tokens", "cost"), [(200_000, "0.400032"), (200_001, "0.800036"), (300_000, "2.400032")]
)
def test_long_prompts_are_paid_at_the_longest_step_that_they_exceed(tokens, cost):
    steps = (
        Rates(input=Decimal(8), output=None, over_tokens=272_000),
        Rates(input=Decimal(4), output=None, over_tokens=200_000),
    )
    assert cost_of(make_answer(input_tokens=tokens), Tariff((*steps, RATES))) == usd(cost)


@pytest.mark.parametrize("rates", [(), (replace(RATES, output=None),), (replace(RATES, input=None),)])
def test_without_a_rate_that_is_needed_the_cost_is_unknown(rates):
    assert cost_of(make_answer(), Tariff(rates)) == UNPRICED


def test_an_embedding_needs_no_output_rate():
    rates = replace(RATES, output=None)
    assert cost_of(make_answer(output_tokens=None, chunks=0), Tariff((rates,))) == usd("0.00004")


@pytest.mark.parametrize(
    "attempt",
    [
        make_answer(tier="A", input_tokens=None, output_tokens=None),
        cut(outcome="connect_error", http_status=None, sent_ms=None, chunks=0),
        cut(outcome="missed", http_status=None, sent_ms=None, chunks=0),
        cut(outcome="lagged", http_status=None, sent_ms=None, chunks=0),
        cut(outcome="rate_limited", http_status=429, chunks=0),
        cut(outcome="bad_request", http_status=400, chunks=0),
        cut(outcome="http_5xx", http_status=503, chunks=0),
        cut(outcome="edge_block", http_status=200, chunks=0),
        cut(outcome="overloaded", http_status=200, chunks=0),
    ],
    ids=lambda attempt: f"{attempt.tier} {attempt.outcome} {attempt.http_status}",
)
def test_what_was_never_sent_or_was_refused_costs_nothing_whatever_the_price(attempt):
    assert cost_of(attempt, TARIFF) == cost_of(attempt, Tariff(())) == NOTHING


def test_a_cut_answer_is_estimated_from_its_prompt_and_its_chunks():
    assert prompt_tokens("B") == 27
    assert cost_of(cut(chunks=5), TARIFF) == usd("0.000094", estimated=True)  # 27 x 2 + 5 x 8


def test_a_request_that_was_sent_and_never_answered_is_estimated_at_its_prompt():
    attempt = cut(outcome="timeout", http_status=None, chunks=0)
    assert cost_of(attempt, TARIFF) == usd("0.000054", estimated=True)


def test_a_count_told_before_the_cut_is_not_the_last_word():
    """Anthropic tells the input and one output token at the start."""
    attempt = cut(input_tokens=20, output_tokens=1, chunks=6)
    assert cost_of(attempt, TARIFF) == usd("0.000088", estimated=True)


def test_chunks_say_nothing_where_the_answer_was_read_to_its_end():
    assert cost_of(make_answer(chunks=40), TARIFF) == usd("0.000072")


def test_unseen_thinking_is_reckoned_at_the_whole_output_limit():
    thinker = Tariff((RATES,), reasoning=True)
    assert cost_of(cut(outcome="timeout", chunks=0), thinker) == usd("0.000566", estimated=True)  # 64 out
    assert cost_of(cut(outcome="timeout", chunks=2), thinker) == usd("0.00007", estimated=True)
    limited = replace(thinker, options={"max_output_tokens": 1000})
    assert cost_of(cut(outcome="timeout", chunks=0), limited) == usd("0.008054", estimated=True)


def test_a_count_without_its_other_half_is_completed_by_an_estimate():
    assert cost_of(make_answer(input_tokens=None), TARIFF) == usd("0.000086", estimated=True)
    assert cost_of(make_answer(output_tokens=None), TARIFF) == usd("0.000064", estimated=True)


def test_more_than_any_probe_costs_is_no_amount():
    assert cost_of(make_answer(output_tokens=2**31 - 1), TARIFF) == UNPRICED
    assert cost_of(make_answer(output_tokens=124_999_990), TARIFF).usd < MAX_USD


@pytest.mark.parametrize(
    ("tier", "tariff", "cost"),
    [
        ("A", TARIFF, "0"),
        ("B", TARIFF, "0.000118"),  # 27 in, 8 out
        ("B", Tariff((RATES,), reasoning=True), "0.000566"),
        ("C", TARIFF, "0.006028"),  # 1,014 in, 500 out
        ("D", Tariff((RATES,), options={"max_output_tokens": 100}), "0.000892"),
        ("B", Tariff((replace(RATES, output=None),)), "0.000054"),
        ("B", Tariff((RATES,), options={"max_output_tokens": "many"}), "0.000118"),
    ],
)
def test_what_a_probe_is_expected_to_cost_is_its_prompt_and_its_whole_limit(tier, tariff, cost):
    assert expected_cost(tier, tariff, AT) == Decimal(cost)


def test_nothing_can_be_expected_of_an_unknown_price():
    assert expected_cost("B", Tariff(()), AT) is None
    assert expected_cost("B", Tariff((replace(RATES, valid_from=AT + 1),)), AT) is None


def test_the_performance_prompt_has_about_as_many_pieces_as_tokens():
    assert prompt_tokens("C") == pytest.approx(999, rel=0.02)


def test_outcomes_that_costs_follow_from_exist():
    assert set(OUTCOMES) >= READ_TO_THE_END | REFUSALS


counts = st.one_of(st.none(), st.integers(0, 2**31 - 1))
rate = st.one_of(st.none(), st.decimals(0, 1000, places=4))


@given(
    tier=st.sampled_from("ABCD"),
    outcome=st.sampled_from(sorted(OUTCOMES)),
    numbers=st.tuples(counts, counts, counts, counts, st.integers(0, 600)),
    http_status=st.one_of(st.none(), st.sampled_from([200, 302, 400, 429, 500])),
    sent_ms=st.one_of(st.none(), st.just(1.0)),
    rates=st.builds(Rates, input=rate, output=rate, cache_read=rate, reasoning=rate),
)
def test_whatever_came_back_has_a_cost_that_the_ledger_holds(
    tier, outcome, numbers, http_status, sent_ms, rates
):
    names = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "chunks")
    fields = dict(zip(names, numbers, strict=True))
    attempt = make_answer(tier=tier, outcome=outcome, http_status=http_status, sent_ms=sent_ms, **fields)
    cost = cost_of(attempt, Tariff((rates,)))
    if cost.usd is None:
        assert cost == UNPRICED
    else:
        assert 0 <= cost.usd < MAX_USD
        assert cost.usd.as_tuple().exponent >= -8
    if tier == "A":
        assert cost == NOTHING
