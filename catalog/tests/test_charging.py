"""Tokens × rates: parts, steps of a price list, and what no source states."""

from decimal import Decimal

from catalog.charging import Part, Rates, Tokens, parts_of, rows_at, total_of

NOW = 1_800_000_000.0
STANDARD = Rates(input=Decimal(2), output=Decimal(8), cache_read=Decimal("0.5"), row=1)
LONG = Rates(input=Decimal(4), output=Decimal(12), over_tokens=200_000, row=2)


def test_each_part_names_the_row_that_its_rate_is_from():
    parts = parts_of(Tokens(input=1_000, output=300, cached=400, reasoning=100), [STANDARD], NOW)
    assert parts == (
        Part("input", 600, Decimal(2), "input", 1),
        Part("cached", 400, Decimal("0.5"), "cache_read", 1),
        Part("output", 200, Decimal(8), "output", 1),
        Part("reasoning", 100, Decimal(8), "output", 1),
    )
    assert total_of(parts) == Decimal("0.0038")


def test_a_step_holds_from_the_token_after_its_length_on():
    assert rows_at([LONG, STANDARD], NOW, 200_000)["input"] is STANDARD
    assert rows_at([LONG, STANDARD], NOW, 200_001)["input"] is LONG
    # The step states no rate for cached input: the shorter prompts' one holds.
    assert rows_at([LONG, STANDARD], NOW, 200_001)["cache_read"] is STANDARD


def test_a_price_to_come_holds_from_its_moment_on():
    rise = Rates(input=Decimal(3), output=Decimal(9), valid_from=NOW + 10, row=3)
    now = Rates(input=Decimal(2), output=Decimal(8), valid_to=NOW + 10, row=1)
    assert rows_at([now, rise], NOW + 9, 1)["input"] is now
    assert rows_at([now, rise], NOW + 10, 1)["input"] is rise


def test_no_total_without_a_rate_that_is_needed():
    silent = Rates(input=Decimal(2), output=None)
    assert total_of(parts_of(Tokens(1_000, 1), [silent], NOW)) is None
    assert total_of(parts_of(Tokens(1_000, 0), [silent], NOW)) == Decimal("0.002")
    assert total_of(parts_of(Tokens(1_000, 0), [], NOW)) is None
