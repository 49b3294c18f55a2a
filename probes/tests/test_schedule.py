"""Due moments: spread, stable, handed out once."""

from hypothesis import given
from hypothesis import strategies as st

from aigo.lib.regions import SLUGS
from probes import schedule


def test_due_moments_lie_at_the_phase_of_every_interval():
    assert schedule.due_moments(60, 0.5, 0, 120) == [30.0, 90.0]


def test_a_moment_at_the_end_of_a_window_belongs_to_the_next():
    assert schedule.due_moments(60, 0, 0, 60) == [0.0]
    assert schedule.due_moments(60, 0, 60, 120) == [60.0]


@given(
    st.integers(5, 3600),
    st.floats(0, 1, exclude_max=True),
    st.lists(st.floats(0.1, 100), min_size=1, max_size=30),
)
def test_windows_side_by_side_give_every_moment_exactly_once(interval_s, phase, lengths):
    start = 1_795_000_000.0
    at, pieces = start, []
    for length in lengths:
        pieces += schedule.due_moments(interval_s, phase, at, at + length)
        at += length
    assert pieces == schedule.due_moments(interval_s, phase, start, at)


def test_phases_spread_a_fleet_over_the_interval():
    phases = [schedule.phase(f"provider--model-{n}", region, "B") for n in range(50) for region in SLUGS]
    tenths = [sum(n / 10 <= phase < (n + 1) / 10 for phase in phases) for n in range(10)]
    assert min(tenths) > 0.4 * len(phases) / 10


def test_a_phase_is_the_same_in_every_process():
    assert schedule.phase("aurora-labs--aurora-1", "seoul", "B") == schedule.phase(
        "aurora-labs--aurora-1", "seoul", "B"
    )
    assert round(schedule.phase("a--b", "seoul", "B"), 6) == 0.521422


def test_the_next_window_begins_where_the_last_one_ended():
    assert schedule.window(1_005.0, 1_000.0) == (1_005.0, 1_010.0)


def test_missed_ticks_stay_a_gap():
    assert schedule.window(900.0, 1_000.0) == (1_000.0, 1_010.0)


def test_a_clock_set_back_a_little_hands_out_nothing_twice():
    start, end = schedule.window(1_015.0, 1_000.0)
    assert start == end == 1_015.0


def test_a_clock_set_back_by_more_than_any_tick_begins_anew():
    assert schedule.window(1_015.1, 1_000.0) == (1_000.0, 1_010.0)


def test_the_count_of_moments_is_that_of_the_list():
    for start in range(0, 300, 7):
        for span in (1, 59, 60, 61, 600):
            listed = schedule.due_moments(60, 0.3, start, start + span)
            assert schedule.due_count(60, 0.3, start, start + span) == len(listed)
