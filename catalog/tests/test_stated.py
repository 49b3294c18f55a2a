"""What a list states is compared; what it is silent about stays."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from catalog.stated import Difference, KnownOffer, StatedModel, compare, facts_of, gone, read_stated, shown
from catalog.tests.factories import NOW, make_stated

MOMENT = "2026-11-21T12:00:00+00:00"
KNOWN = {"input_usd_per_mtok": Decimal("2.00000000"), "output_usd_per_mtok": Decimal(8)}


def differences(stated: StatedModel, **known: Any) -> list[tuple[str, str, Any, Any]]:
    found = compare([stated], {"gpt-4.1": KnownOffer(**known)})
    return [(row.kind, row.field, row.old, row.new) for row in found]


def test_a_silent_list_says_nothing_against_the_catalogue() -> None:
    known = {"lifecycle": "deprecated", "retires_at": NOW, "context_window": 8, "limits_are_its_own": True}
    assert differences(make_stated(), rates=KNOWN, **known) == []


def test_a_model_that_nobody_knows_is_new_with_all_that_is_stated() -> None:
    stated = make_stated("gpt-6", name="GPT-6", context_window=1000, retires_at=NOW, rates={"input": "0.5"})
    [found] = compare([stated], {})
    assert (found.kind, found.field, found.old, found.new) == ("new_model", "presence", "absent", "listed")
    assert found.facts == {
        "id": "gpt-6",
        "name": "GPT-6",
        "context_window": 1000,
        "retires_at": MOMENT,
        "prices": {"input_usd_per_mtok": "0.5"},
    }
    assert read_stated([found.facts])[0] == [stated]


def test_a_lifecycle_that_is_stated_differently_is_a_change() -> None:
    assert differences(make_stated(lifecycle="deprecated")) == [
        ("lifecycle", "lifecycle", "active", "deprecated")
    ]
    assert differences(make_stated(lifecycle="active")) == []


def test_what_is_retired_here_and_listed_there_lives_again() -> None:
    assert differences(make_stated(), lifecycle="retired") == [
        ("lifecycle", "lifecycle", "retired", "active")
    ]
    assert differences(make_stated(lifecycle="retired"), lifecycle="retired") == []


def test_dates_change_and_only_the_list_that_set_them_takes_them_back() -> None:
    assert differences(make_stated(retires_at=NOW)) == [("lifecycle", "retires_at", None, MOMENT)]
    assert differences(make_stated(retires_at=NOW), retires_at=NOW) == []
    assert differences(make_stated(), retires_at=NOW) == []
    assert differences(make_stated(), retires_at=NOW, own_dates=True) == [
        ("lifecycle", "retires_at", MOMENT, None)
    ]


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    seoul = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert differences(make_stated(deprecated_at=seoul), deprecated_at=NOW) == []


@pytest.mark.parametrize("input_rate", ["2", "2.0", "2.00000000"])
def test_an_equal_price_is_no_change_however_it_is_written(input_rate: str) -> None:
    assert differences(make_stated(rates={"input": input_rate}), rates=KNOWN) == []


def test_the_smallest_step_of_a_price_is_a_change() -> None:
    [(kind, field, old, new)] = differences(make_stated(rates={"input": "2.00000001"}), rates=KNOWN)
    assert (kind, field) == ("price", "price")
    assert old == {"input_usd_per_mtok": "2", "output_usd_per_mtok": "8"}
    assert new == {"input_usd_per_mtok": "2.00000001"}


def test_free_of_charge_is_a_price_and_no_price_is_none() -> None:
    free = make_stated(rates={"input": "0", "output": "0"})
    stated = {"input_usd_per_mtok": "0", "output_usd_per_mtok": "0"}
    assert differences(free) == [("price", "price", None, stated)]
    assert (
        differences(free, rates={"input_usd_per_mtok": Decimal(0), "output_usd_per_mtok": Decimal(0)}) == []
    )
    assert differences(make_stated()) == []


@pytest.mark.parametrize("own", [True, False])
def test_limits_count_only_from_who_may_state_them(own: bool) -> None:
    found = differences(make_stated(context_window=9), context_window=8, limits_are_its_own=own)
    assert found == ([("limit", "context_window", 8, 9)] if own else [])


def test_a_model_that_is_gone_is_listed_no_more() -> None:
    assert gone("m") == Difference("gone", "m", "presence", "listed", "absent")


@pytest.mark.parametrize("row", [None, 7, {}, {"id": ""}, {"id": "a\0b"}, {"id": "x" * 201}, {"id": ["m"]}])
def test_a_row_without_a_usable_id_is_counted_and_left_out(row: Any) -> None:
    assert read_stated([row, {"id": "m"}]) == ([StatedModel(id="m")], 1)


def test_the_first_of_two_rows_of_one_id_counts() -> None:
    models, unusable = read_stated([{"id": "m", "name": "A"}, {"id": "m", "name": "B"}])
    assert ([model.name for model in models], unusable) == (["A"], 0)


def test_a_field_that_is_not_what_it_should_be_is_not_stated() -> None:
    odd = {
        "id": "m",
        "name": 7,
        "lifecycle": "asleep",
        "deprecated_at": "soon",
        "retires_at": "2026-11-21T12:00:00",
        "context_window": True,
        "max_output_tokens": -1,
        "prices": {"input_usd_per_mtok": "-1", "output_usd_per_mtok": "NaN", "reasoning_usd_per_mtok": 2.0},
        "modalities_in": "text",
    }
    assert read_stated([odd]) == ([StatedModel(id="m")], 0)


def test_facts_of_a_full_model_give_it_again() -> None:
    model = make_stated(
        "m",
        name="M",
        lifecycle="deprecated",
        deprecated_at=NOW,
        retires_at=NOW,
        released_at=NOW,
        context_window=1,
        max_output_tokens=2,
        rates={"input": "1.25", "cache_read": "0"},
        modalities_in=("text", "image"),
        modalities_out=("text",),
    )
    assert read_stated([facts_of(model)]) == ([model], 0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "—"),
        ("active", "active"),
        (8, "8"),
        ({}, "—"),
        ({"input_usd_per_mtok": "2", "cache_read_usd_per_mtok": "0.5"}, "input 2, cache_read 0.5"),
    ],
)
def test_values_are_shown_in_words(value: Any, words: str) -> None:
    assert shown(value) == words
