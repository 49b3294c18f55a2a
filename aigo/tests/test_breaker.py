"""The circuit breaker: one value on each side of every step."""

from datetime import UTC, datetime

import pytest

from aigo.lib.breaker import FAILURES, RETRY_S, Breaker

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("database", clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.allows()
        breaker.failed(OSError("refused"), now=NOW)


def test_four_errors_in_a_row_leave_it_closed_and_five_open_it(breaker: Breaker):
    fail(breaker, FAILURES - 1)
    assert breaker.allows()
    assert breaker.report().state == "closed"
    fail(breaker, 1)
    assert not breaker.allows()
    report = breaker.report()
    assert (report.state, report.failures, report.opened_at) == ("open", 5, NOW)
    assert report.error == "OSError: refused"


def test_a_success_in_between_starts_the_counting_anew(breaker: Breaker):
    fail(breaker, FAILURES - 1)
    breaker.succeeded()
    fail(breaker, FAILURES - 1)
    assert breaker.allows()


def test_half_open_lets_one_try_and_closes_when_it_succeeds(breaker: Breaker, clock: Clock):
    fail(breaker, FAILURES)
    clock.s += RETRY_S - 0.01
    assert not breaker.allows()
    clock.s += 0.01
    assert breaker.report().state == "half_open"
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    report = breaker.report()
    assert (report.state, report.failures, report.opened_at) == ("closed", 0, None)


def test_half_open_opens_again_when_the_try_fails(breaker: Breaker, clock: Clock):
    fail(breaker, FAILURES)
    clock.s += RETRY_S
    fail(breaker, 1)
    clock.s += RETRY_S - 0.01
    assert not breaker.allows()


def test_a_try_that_never_reports_does_not_bar_the_next_for_ever(breaker: Breaker, clock: Clock):
    fail(breaker, FAILURES)
    clock.s += RETRY_S
    assert breaker.allows()
    clock.s += RETRY_S
    assert breaker.allows()
