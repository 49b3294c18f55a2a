"""An endpoint against itself on earlier days."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from status.rules.anomaly import Hour, Level, compare, error_level, slow_level, spread
from status.rules.figures import Figures

NORMAL, BETWEEN, ABOVE = Level
NOW = Figures(20, 300, 100.0, 0.0, 500.0, 900.0, None, None)
DAY = Hour(60, 0.0, 800.0)


@pytest.mark.parametrize(
    ("p95_ms", "level"),
    [(2001, ABOVE), (2000, BETWEEN), (1501, BETWEEN), (1500, NORMAL), (None, NORMAL)],
)
def test_twice_the_usual_latency_is_slow_until_one_and_a_half(p95_ms, level):
    assert slow_level(p95_ms, [1000.0] * 7) is level


@pytest.mark.parametrize(
    ("pct", "level"), [(5.1, ABOVE), (5.0, BETWEEN), (3.1, BETWEEN), (3.0, NORMAL), (0.0, NORMAL)]
)
def test_five_points_more_errors_are_an_anomaly_until_three(pct, level):
    assert error_level(pct, [0.0] * 7) is level


def test_where_days_differ_much_it_takes_more():
    usual = [400.0, 700.0, 1000.0, 1300.0, 1600.0]  # MAD 300: three deviations are 1334 ms
    assert spread(usual) == pytest.approx((1000.0, 444.78))
    assert slow_level(2334.0, usual) is BETWEEN
    assert slow_level(2335.0, usual) is ABOVE
    assert slow_level(1889.0, usual) is NORMAL
    errors = [0.0, 4.0, 8.0, 12.0, 16.0]  # MAD 4: three deviations are 17.8 points
    assert (error_level(25.7, errors), error_level(25.8, errors)) == (BETWEEN, ABOVE)


def test_one_bad_day_moves_nothing():
    assert slow_level(2001, [1000.0] * 6 + [60_000.0]) is ABOVE
    assert error_level(5.1, [0.0] * 6 + [100.0]) is ABOVE


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (NOW, []),
        (NOW, [DAY] * 2),
        (NOW, [DAY, DAY, replace(DAY, samples=19)]),
        (replace(NOW, samples=19), [DAY] * 7),
        (replace(NOW, samples=0, error_rate_pct=None), [DAY] * 7),
    ],
)
def test_too_little_history_is_no_baseline(now, days):
    assert compare(now, days) is None


def test_three_days_with_twenty_attempts_are_a_baseline():
    found = compare(replace(NOW, p95_ms=1601.0), [DAY, DAY, replace(DAY, samples=20)])
    assert (found.slow, found.errors, found.days, found.window_s) == (ABOVE, NORMAL, 3, 300)
    assert (found.p95_ms, found.usual_p95_ms, found.usual_error_rate_pct) == (1601.0, 800.0, 0.0)


def test_days_without_right_answers_say_nothing_about_latency():
    dead = replace(DAY, p95_ms=None, error_rate_pct=100.0)
    found = compare(replace(NOW, p95_ms=90_000.0), [dead, DAY, DAY])
    assert (found.slow, found.usual_p95_ms) == (NORMAL, 800.0)


@given(st.integers(20, 2000), st.lists(st.floats(0, 100), min_size=3, max_size=7))
def test_one_failure_is_never_an_anomaly(samples, usual):
    assert error_level(100 - 100 * (samples - 1) / samples, usual) is not ABOVE


@given(st.lists(st.floats(1, 100), min_size=3, max_size=7))
def test_a_day_like_the_median_is_normal(usual):
    assert slow_level(spread(usual)[0], usual) is NORMAL
    assert error_level(spread(usual)[0], usual) is NORMAL
