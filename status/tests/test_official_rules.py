"""When a page is read again, when operators hear of it, and when an incident that vanished is over."""

from datetime import timedelta

import pytest

from status.rules.official import GONE_AFTER, is_alarming, is_gone, wait_s
from status.tests.incidents_given import NOW


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 120), (1, 120), (2, 240), (5, 1_920), (6, 3_600), (1_000, 3_600)]
)
def test_a_page_that_fails_is_asked_less_and_less_often_up_to_an_hour(failures: int, seconds: float):
    assert wait_s(120, failures) == seconds


def test_readings_are_spread_by_a_tenth():
    assert (wait_s(120, 0, luck=0), wait_s(120, 0, luck=1)) == (108, 132)
    assert wait_s(60, 0, luck=0) == 60  # but nobody is asked more than once a minute


@pytest.mark.parametrize(
    ("failures", "wish", "seconds"),
    [(1, 30, 120), (1, 600, 600), (1, 999_999, 86_400), (0, 600, 120), (1, None, 120)],
)
def test_a_servers_wish_to_wait_is_honoured_up_to_a_day(failures: int, wish: float | None, seconds: float):
    assert wait_s(120, failures, retry_after_s=wish) == seconds


@pytest.mark.parametrize(
    ("problem", "failures", "minutes", "alarming"),
    [
        ("unreadable", 1, 0, False),
        ("unreadable", 2, 2, True),
        ("forbidden", 2, 2, True),
        ("too_large", 2, 2, True),
        ("unreachable", 2, 2, False),
        ("unreachable", 4, 14.9, False),
        ("unreachable", 4, 15, True),
        ("rate_limited", 3, 15, True),
        ("unreachable", 1, 60, False),
    ],
)
def test_operators_hear_of_what_another_try_did_not_change(
    problem: str, failures: int, minutes: float, alarming: bool
):
    assert is_alarming(problem, failures, timedelta(minutes=minutes)) is alarming


def test_what_a_whole_page_does_not_tell_any_more_is_over_at_once_and_what_a_feed_does_not_after_a_day():
    assert is_gone(complete=True, last_seen_at=NOW, now=NOW)
    assert not is_gone(complete=False, last_seen_at=NOW - GONE_AFTER + timedelta(seconds=1), now=NOW)
    assert is_gone(complete=False, last_seen_at=NOW - GONE_AFTER, now=NOW)
