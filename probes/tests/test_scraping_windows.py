"""Rates over readings and percentiles of histograms: the arithmetic, on plain values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.scraping.exposition import Exposition
from probes.scraping.quantiles import histogram_quantile
from probes.scraping.table import Histogram, Rate
from probes.scraping.windows import (
    P95_MIN_SAMPLES,
    Reading,
    increases,
    quantile_window,
    rate_window,
    span_s,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REQUESTS = Rate("requests", ("requests_total",))


def readings(*values: tuple[float, dict[str, float]]) -> list[Reading]:
    """(seconds from NOW, series → value) → readings of the counter "requests"."""
    return [Reading(NOW + timedelta(seconds=s), {"requests": series}) for s, series in values]


@pytest.mark.parametrize(
    ("q", "buckets", "expected"),
    [
        # The example of ClickHouse's quantilePrometheusHistogram, which follows histogram_quantile().
        (0.5, {"0": 6, "0.5": 11, "1": 14, "+Inf": 19}, 0.35),
        (0.5, {"1": 10, "2": 20, "+Inf": 20}, 1.0),
        (0.25, {"1": 10, "2": 20, "+Inf": 20}, 0.5),
        (0.75, {"1": 10, "2": 20, "+Inf": 20}, 1.5),
        (0.95, {"1": 10, "2": 10, "+Inf": 20}, 2.0),
        (0.1, {"-1": 10, "2": 20, "+Inf": 20}, -1.0),
        (0.5, {"2": 20, "+Inf": 20, "1": 10}, 1.0),
        (0.5, {"1": 10, "2": 9, "+Inf": 20}, 1.0),
        (0.5, {"1": 0, "+Inf": 0}, None),
        (0.5, {"1": 10, "2": 20}, None),
        (0.5, {"+Inf": 20}, None),
        (0.5, {}, None),
        (0.5, {"x": 1, "1": 10, "+Inf": 20}, 1.0),
    ],
)
def test_a_quantile_is_what_prometheus_computes(q: float, buckets: dict[str, float], expected: float | None):
    assert histogram_quantile(q, buckets) == (None if expected is None else pytest.approx(expected))


@given(
    st.lists(st.integers(0, 1000), min_size=2, max_size=12),
    st.floats(0.001, 1),
    st.floats(0.001, 1),
)
def test_a_higher_quantile_is_never_lower_and_lies_within_the_bounds(counts: list[int], a: float, b: float):
    total = 0
    buckets: dict[str, float] = {}
    for bound, count in enumerate(counts, 1):
        total += count
        buckets[str(bound)] = total
    buckets["+Inf"] = total
    low, high = histogram_quantile(min(a, b), buckets), histogram_quantile(max(a, b), buckets)
    if total == 0:
        assert low is high is None
    else:
        assert 0 <= low <= high <= len(counts)


def test_a_rate_is_the_rise_over_the_time_between_two_readings():
    assert REQUESTS.told(readings((0, {"a": 10}), (60, {"a": 70}))) == 1.0


def test_a_counter_that_fell_was_reset_and_counts_from_zero():
    assert increases(readings((0, {"a": 1000}), (60, {"a": 30})), "requests") == {"a": 30}


def test_a_reset_between_two_others_loses_nothing():
    assert increases(readings((0, {"a": 100}), (60, {"a": 160}), (120, {"a": 5})), "requests") == {"a": 65}


def test_a_series_that_comes_or_goes_is_no_reset_of_the_others():
    both = readings((0, {"a": 100, "b": 900}), (60, {"a": 130, "c": 50}))
    assert increases(both, "requests") == {"a": 30}


def test_one_reading_and_readings_without_the_counter_tell_no_rate():
    assert REQUESTS.told(readings((0, {"a": 1}))) is None
    assert REQUESTS.told([Reading(NOW, {}), Reading(NOW + timedelta(seconds=60), {})]) is None


def at(*seconds: float) -> list[Reading]:
    return readings(*((s, {"a": s}) for s in seconds))


@pytest.mark.parametrize(
    ("moments", "span"),
    [
        ((0, 60), 60),
        ((0, 60, 120, 180), 60),
        ((0, 60, 62, 64), 64),
        ((0, 60, 100, 105), 45),
        ((0, 60, 100, 104), 104),
        ((0, 12), 12),
        ((0, 5), 5),
        ((0, 4.9), 0),
        ((0, 330), 330),
        ((0, 331), 0),
        ((0,), 0),
    ],
)
def test_a_rate_is_of_45_seconds_or_more_where_readings_reach_back(moments: tuple[float, ...], span: float):
    assert span_s(rate_window(at(*moments))) == span


def test_percentiles_are_of_the_last_five_minutes():
    assert span_s(quantile_window(at(0, 60, 120, 180, 240, 300, 360, 420))) == 300
    assert span_s(quantile_window(at(0, 400))) == 0


def observed(count: int) -> list[Reading]:
    before = {"ttft": {"0.1": 0.0, "0.2": 0.0, "+Inf": 0.0}}
    after = {"ttft": {"0.1": 0.0, "0.2": float(count), "+Inf": float(count)}}
    return [Reading(NOW, before), Reading(NOW + timedelta(seconds=60), after)]


@pytest.mark.parametrize(("count", "told"), [(P95_MIN_SAMPLES, True), (P95_MIN_SAMPLES - 1, False)])
def test_a_95th_percentile_needs_twenty_requests(count: int, told: bool):
    found = Histogram("ttft", ("ttft_seconds",)).told(observed(count))
    assert found.p50_ms == pytest.approx(150)
    assert (found.p95_ms is not None) is told
    assert found.samples == count


def test_a_window_without_requests_has_no_percentiles():
    assert Histogram("ttft", ("ttft_seconds",)).told(observed(0)) is None


def test_histograms_of_several_engines_are_added_bucket_by_bucket():
    samples = [({"engine": e, "le": le}, 1.0) for e in "01" for le in ("0.1", "+Inf")]
    text = Exposition({"ttft_seconds_bucket": samples})
    assert Histogram("ttft", ("ttft_seconds",)).counted(text) == {"0.1": 2.0, "+Inf": 2.0}
