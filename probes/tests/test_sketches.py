"""Bins and sketches: within 1 % of the exact percentiles, however the attempts are split and merged."""

import math
import random

import numpy as np
import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from probes import sketches
from probes.sketches import LONGEST_US, RELATIVE_ERROR, SHORTEST_US, THRESHOLDS_US, Distributions, bin_of

SHARES = (0.5, 0.95, 0.99)
durations = st.integers(SHORTEST_US, LONGEST_US)
#: Times of a real provider are near each other; times of all providers are not.
samples = st.lists(durations, min_size=1, max_size=300) | st.lists(
    st.integers(200_000, 260_000), min_size=1, max_size=300
)
codes = st.builds(
    sketches.code_of,
    st.integers(0, 59),
    st.integers(0, 31),
    st.none() | st.integers(0, 2**31 - 1),
    st.none() | durations,
)


def nearest_rank(values, share):
    return sorted(values)[math.ceil(share * len(values)) - 1]


def whole(values, sketch):
    """The distribution of one place from a sketch's bytes."""
    bins, counts = sketches.unpack_sketch(sketch)
    found = Distributions(1, np.zeros_like(bins), bins, counts)
    assert found.samples[0] == len(values)
    return found


def test_the_published_thresholds_stay_what_they_are():
    assert len(THRESHOLDS_US) == 1023
    assert THRESHOLDS_US[:5] == (0, 100, 101, 103, 104)
    assert THRESHOLDS_US[512] == 110_298
    assert THRESHOLDS_US[-2:] == (118_366_036, 120_000_000)
    assert list(THRESHOLDS_US) == sorted(set(THRESHOLDS_US))
    assert sum(THRESHOLDS_US) == 8_812_913_795


@pytest.mark.parametrize(
    ("us", "expected"), [(None, 0), (0, 1), (99, 1), (100, 2), (119_999_999, 1022), (120_000_000, 1023)]
)
def test_bins_at_the_edges(us, expected):
    assert bin_of(us) == expected


@given(durations)
@example(101)
@example(LONGEST_US)
def test_a_bin_s_value_is_within_one_percent_of_what_fell_into_it(us):
    assert abs(sketches.VALUES_US[bin_of(us)] / us - 1) <= RELATIVE_ERROR


@given(samples, st.data())
def test_percentiles_of_any_partition_are_within_one_percent_of_the_exact_ones(values, data):
    """Split into parts at random, each part a sketch, merged in another order."""
    parts = data.draw(st.integers(1, 8))
    chosen = random.Random(data.draw(st.integers()))
    split: list[list[int]] = [[] for _ in range(parts)]
    for value in values:
        split[chosen.randrange(parts)].append(value)
    chosen.shuffle(split)
    merged = b"".join(sketches.pack_sketch(np.array([bin_of(us) for us in part], int)) for part in split)
    found = whole(values, merged)
    for share in SHARES:
        exact_ms = nearest_rank(values, share) / 1000
        assert found.percentile_ms(share)[0] == pytest.approx(exact_ms, rel=RELATIVE_ERROR)


@given(samples, samples, samples)
def test_merging_is_associative_and_commutative(first, second, third):
    one, two, three = (
        sketches.pack_sketch(np.array([bin_of(us) for us in part])) for part in (first, second, third)
    )
    values = [*first, *second, *third]
    expected = [whole(values, one + two + three).percentile_ms(share)[0] for share in SHARES]
    # A merge may be packed anew at any step.
    bins, counts = sketches.unpack_sketch(two + three)
    again = sketches.pack_sketch(np.repeat(bins, counts))
    for merged in (three + one + two, again + one):
        assert [whole(values, merged).percentile_ms(share)[0] for share in SHARES] == expected


@given(st.lists(codes, max_size=50), st.lists(codes, max_size=50))
def test_rows_of_attempts_merge_by_concatenation(first, second):
    merged = sketches.unpack(sketches.pack(first) + sketches.pack(second))
    assert merged.tolist() == [*first, *second]
    assert all(0 <= code < 2**31 for code in first)


def test_an_attempt_s_code_keeps_its_parts():
    codes = np.array([sketches.code_of(59, sketches.OK, 1_500_000, 400_000), sketches.code_of(0, 31, 7, 7)])
    assert sketches.minutes_of(codes).tolist() == [59, 0]
    assert sketches.outcomes_of(codes).tolist() == [0, 31]
    assert sketches.total_bins_of(codes).tolist() == [bin_of(1_500_000), 0]
    assert sketches.ttft_bins_of(codes).tolist() == [bin_of(400_000), 0]


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 5760])
def test_a_sketch_counts_one_bin_however_often_it_occurs(count):
    found = whole(range(count), sketches.pack_sketch(np.full(count, 500)))
    assert found.percentile_ms(0.5)[0] == sketches.VALUES_US[500] / 1000


def test_places_do_not_mix_and_an_empty_one_has_no_percentile():
    at, bins = np.array([0, 0, 2, 2, 2]), np.array([300, 0, 400, 500, 600])
    found = Distributions(4, at, bins)
    assert found.samples.tolist() == [1, 0, 3, 0]
    expected = [sketches.VALUES_US[300] / 1000, np.nan, sketches.VALUES_US[500] / 1000, np.nan]
    assert np.array_equal(found.percentile_ms(0.5), expected, equal_nan=True)


def test_nothing_at_all_has_no_percentile():
    none = np.array([], int)
    assert sketches.pack_sketch(none) == b""
    assert np.isnan(Distributions(2, none, none).percentile_ms(0.95)).all()


@pytest.mark.only_on("postgresql", "timescale")
@pytest.mark.django_db
def test_the_database_finds_the_same_bins():
    near = sorted({max(0, edge + step) for edge in THRESHOLDS_US for step in (-1, 0, 1)} | {2**31 - 1})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT us, width_bucket(us, %s::int[]) FROM unnest(%s::int[]) AS us", [list(THRESHOLDS_US), near]
        )
        assert cursor.fetchall() == [(us, bin_of(us)) for us in near]
