"""The rules of DESIGN §5, with a value on each side of every threshold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status import rules
from status.rules import Reason, Sample, State, Thresholds, Verdict

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LIMITS = rules.DEFAULT_THRESHOLDS


def samples(
    *oks: bool, every_s: float = 60, total_ms: float | None = 500, end: datetime = NOW
) -> list[Sample]:
    """Attempts at even distance, oldest first, the newest one interval before `end`."""
    start = end - timedelta(seconds=every_s * len(oks))
    return [
        Sample(start + timedelta(seconds=every_s * n), ok, total_ms if ok else None, 200 if ok else None)
        for n, ok in enumerate(oks)
    ]


def outcomes(pattern: str) -> list[bool]:
    """ "++-" → two right answers, then a failure."""
    return [sign == "+" for sign in pattern]


@pytest.mark.parametrize(
    ("pattern", "state"),
    [
        ("+", State.OPERATIONAL),
        ("-", State.OPERATIONAL),
        ("+++-", State.OPERATIONAL),
        ("+++-++++", State.OPERATIONAL),
        ("+++--", State.DEGRADED),
        ("++-+-", State.DEGRADED),
        ("---", State.OUTAGE),
        ("++---", State.OUTAGE),
        ("-+-+-", State.OUTAGE),
        ("+++---++", State.OUTAGE),
        ("+++---+++", State.OPERATIONAL),
        ("+++--+++", State.OPERATIONAL),
        ("---++-++", State.OUTAGE),
        ("---+++-", State.DEGRADED),
        ("--++++++-", State.OPERATIONAL),
    ],
)
def test_confirmed_failures_decide_the_state(pattern, state):
    assert rules.by_failures(outcomes(pattern)) is state


@given(st.lists(st.booleans(), max_size=60))
def test_a_single_failure_among_good_attempts_never_changes_a_colour(oks):
    before = rules.by_failures([*oks, True, True, True, True])
    after = rules.by_failures([*oks, True, True, True, True, False])
    assert before is State.OPERATIONAL
    assert after is State.OPERATIONAL


@given(st.lists(st.booleans(), max_size=60))
def test_three_failures_in_a_row_are_always_an_outage_and_three_good_ones_always_end_it(oks):
    assert rules.by_failures([*oks, False, False, False]) is State.OUTAGE
    assert rules.by_failures([*oks, True, True, True]) is State.OPERATIONAL


@pytest.mark.parametrize(
    ("availability", "state"),
    [
        (100.0, State.OPERATIONAL),
        (99.5, State.OPERATIONAL),
        (99.49, State.DEGRADED),
        (98.0, State.DEGRADED),
        (97.99, State.OUTAGE),
        (0.0, State.OUTAGE),
    ],
)
def test_availability_thresholds_include_their_own_value(availability, state):
    assert rules.by_availability(availability, LIMITS) is state


@pytest.mark.parametrize(
    ("p95_ms", "state"),
    [
        (None, State.OPERATIONAL),
        (1499, State.OPERATIONAL),
        (1500, State.DEGRADED),
        (2999, State.DEGRADED),
        (3000, State.OUTAGE),
    ],
)
def test_latency_thresholds_exclude_their_own_value(p95_ms, state):
    assert rules.by_latency(p95_ms, LIMITS) is state


def test_the_window_is_five_minutes_where_it_holds_twenty_attempts():
    history = samples(*[True] * 60, every_s=10)
    used = rules.in_window(history, NOW)
    assert len(used) == 29
    assert used[0].at > NOW - rules.WINDOW


def test_the_window_widens_to_the_last_twenty_attempts_and_says_so():
    history = samples(*[True] * 40, every_s=60)
    found = rules.figures(rules.in_window(history, NOW), NOW)
    assert found.samples == 20
    assert found.window_s == 20 * 60


def test_the_window_never_widens_past_an_hour():
    history = samples(*[True] * 10, every_s=600)
    assert len(rules.in_window(history, NOW)) == 5


def test_a_p95_needs_twenty_attempts():
    nineteen = rules.figures(samples(*[True] * 19), NOW)
    twenty = rules.figures(samples(*[True] * 20), NOW)
    assert nineteen.p95_ms is None
    assert nineteen.p50_ms == 500
    assert twenty.p95_ms == 500


def test_figures_count_failures_but_take_latency_from_right_answers():
    found = rules.figures(samples(True, True, False, True), NOW)
    assert found.samples == 4
    assert found.availability_pct == 75.0
    assert found.error_rate_pct == 25.0
    assert found.p50_ms == 500
    assert found.ttft_p50_ms == 200
    assert found.last_sample_at == NOW - timedelta(seconds=60)


def test_without_a_countable_attempt_nothing_is_known():
    found = rules.figures([], NOW)
    assert found.availability_pct is None
    assert found.p50_ms is None
    assert found.last_sample_at is None
    assert rules.judge_region([], found, LIMITS) == Verdict(State.UNKNOWN, Reason.NO_SAMPLES)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([10, 20, 30, 40], 0.5, 20), (list(range(1, 21)), 0.95, 19), ([7], 0.95, 7)],
)
def test_percentiles_are_measured_values_by_nearest_rank(values, share, expected):
    assert rules.percentile(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_at_least_the_share_of_all_values_is_not_above_the_percentile(values, share):
    found = rules.percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_from_two_hundred_attempts_on_the_thresholds_judge_availability():
    history = samples(*[True] * 199, False, every_s=1)
    found = rules.figures(rules.in_window(history, NOW), NOW)
    assert found.availability_pct == 99.5
    assert rules.judge_region(history, found, LIMITS).state is State.OPERATIONAL
    worse = samples(*[True] * 198, False, False, every_s=1)
    found = rules.figures(rules.in_window(worse, NOW), NOW)
    assert rules.judge_region(worse, found, LIMITS) == Verdict(State.DEGRADED, Reason.AVAILABILITY)


def test_slow_answers_degrade_a_region_that_never_fails():
    history = samples(*[True] * 20, total_ms=1500)
    found = rules.figures(history, NOW)
    assert rules.judge_region(history, found, LIMITS) == Verdict(State.DEGRADED, Reason.LATENCY)


def test_a_reasoning_model_and_an_embedding_model_are_judged_by_their_own_thresholds():
    assert rules.thresholds_for(["chat"], reasoning=False) == Thresholds()
    assert rules.thresholds_for(["chat"], reasoning=True).operational_ms > Thresholds().operational_ms
    assert rules.thresholds_for(["embedding"], reasoning=False).operational_ms < Thresholds().operational_ms


@pytest.mark.parametrize(
    ("regional", "state"),
    [
        ("oooooo", State.OPERATIONAL),
        ("xooooo", State.DEGRADED),
        ("xxoooo", State.DEGRADED),
        ("xxxooo", State.OUTAGE),
        ("doooooo", State.OPERATIONAL),
        ("dddooo", State.DEGRADED),
        ("xuuuuu", State.OUTAGE),
        ("uuuuuu", State.UNKNOWN),
    ],
)
def test_half_of_the_reporting_regions_make_an_outage_global(regional, state):
    words = {"o": State.OPERATIONAL, "d": State.DEGRADED, "x": State.OUTAGE, "u": State.UNKNOWN}
    found = rules.figures(samples(True, True), NOW)
    assert rules.judge_everywhere([words[sign] for sign in regional], found, LIMITS).state is state


def test_a_state_is_fresh_for_three_intervals():
    assert rules.is_fresh(NOW - timedelta(seconds=180), 60, NOW)
    assert not rules.is_fresh(NOW - timedelta(seconds=181), 60, NOW)
    assert not rules.is_fresh(None, 60, NOW)
