"""Burn rates by plain values: each limit with a value on either side."""

import pytest

from status.rules.slo import (
    BY_NAME,
    PAIRS,
    Alert,
    Window,
    budget_left_pct,
    least_attempts,
    look,
    to_tell,
)

HOUR, SIX, THREE_DAYS = PAIRS


def window(failed: int, counted: int = 1_000, older: int = 500) -> Window:
    return Window(counted, failed, older)


@pytest.mark.parametrize(
    ("failed", "counted", "target_pct", "burn"),
    [
        (1, 200, 99.5, 1.0),
        (72, 1_000, 99.5, 14.4),
        (1, 100, 99.0, 1.0),
        (0, 5, 99.5, 0.0),
        (0, 0, 99.5, None),
    ],
)
def test_a_burn_rate_is_the_share_that_failed_by_the_share_that_may(failed, counted, target_pct, burn):
    assert window(failed, counted).burn(target_pct) == pytest.approx(burn)


def test_the_pairs_are_those_of_the_workbook():
    assert [(p.factor, p.long_s / 3600, p.short_s / 60, p.severity.value) for p in PAIRS] == [
        (14.4, 1, 5, "critical"),
        (6, 6, 30, "critical"),
        (1, 72, 360, "minor"),
    ]
    assert [pytest.approx(p.budget_pct()) for p in PAIRS] == [2, 5, 10]


@pytest.mark.parametrize(
    ("long", "short", "on"),
    [
        (window(72), window(72), None),  # just 14.4
        (window(73), window(73), True),
        (window(73), window(72), None),
        (window(72), window(73), None),
        (window(73), window(36), None),  # 7.2, half of it
        (window(73), window(35), False),
        (window(35), window(73), False),
        (window(4, 50), window(4, 10), True),
        (window(4, 49), window(4, 10), False),  # an hour with fewer than 50 attempts says nothing
        (window(4, 50), window(4, 9), None),
        (window(4, 50), window(3, 10), None),  # one request and its two confirmations
        (window(73, older=0), window(73), None),  # measured for half an hour at most
        (window(0), window(0, 0), False),
        (window(0, 0), window(0, 0), False),
    ],
)
def test_both_windows_must_burn_and_hold_enough(long, short, on):
    assert look(HOUR, long, short, 99.5).on is on


def test_what_burns_goes_on_until_half_the_factor():
    """A burn rate between the two limits neither begins nor ends anything: no alert flaps around one."""
    states, on = [], False
    for failed in (60, 80, 60, 40, 60, 80, 30, 60):
        found = look(HOUR, window(300), window(failed), 99.5).on
        on = on if found is None else found
        states.append(on)
    assert states == [False, True, True, True, True, True, False, False]


def test_a_slow_burn_is_a_ticket():
    assert look(THREE_DAYS, window(6), window(6), 99.5).on is True
    assert look(THREE_DAYS, window(5), window(6), 99.5).on is None
    assert BY_NAME["3d"].severity == "minor"


@pytest.mark.parametrize(
    ("counted", "failed", "left"),
    [(200, 0, 100), (200, 1, 0), (200, 2, -100), (199, 0, None), (43_200, 54, 75), (0, 0, None)],
)
def test_a_budget_is_told_from_the_attempts_on_that_one_failure_cannot_overspend(counted, failed, left):
    found = budget_left_pct(counted, failed, 99.5)
    assert found is left if left is None else found == pytest.approx(left)
    assert (least_attempts(99.5), least_attempts(99.9), least_attempts(99.99), least_attempts(90)) == (
        200, 1_000, 10_000, 10,
    )  # fmt: skip


def alert(pk: int, pair: str, *, is_open: bool = True, told: bool = False, over: bool = False) -> Alert:
    return Alert(pk, pair, is_open, told, over)


@pytest.mark.parametrize(
    ("alerts", "hindered", "begun", "over"),
    [
        ([alert(1, "1h")], [], [1], []),
        ([alert(1, "1h")], ["1h"], [], []),
        ([alert(1, "1h"), alert(2, "6h"), alert(3, "3d")], [], [1], []),
        ([alert(1, "1h", told=True), alert(2, "6h"), alert(3, "3d")], [], [], []),
        ([alert(1, "1h"), alert(2, "3d", told=True)], [], [1], []),  # graver than what was told
        ([alert(1, "1h"), alert(2, "6h")], ["1h"], [2], []),
        # it ended, but six hours still burn: the same trouble goes on
        ([alert(1, "1h", is_open=False, told=True), alert(2, "6h")], [], [], []),
        ([alert(1, "1h", is_open=False, told=True), alert(2, "3d")], [], [2], [1]),
        ([alert(1, "3d", is_open=False, told=True), alert(2, "1h")], [], [2], []),
        ([alert(1, "1h", is_open=False, told=True)], ["1h"], [], [1]),
        ([alert(1, "1h", is_open=False)], [], [], []),  # nobody heard of it
    ],
)  # fmt: skip
def test_one_trouble_is_told_once_and_its_end_once(alerts, hindered, begun, over):
    found = to_tell(alerts, hindered)
    assert [[one.pk for one in part] for part in found] == [begun, over]
