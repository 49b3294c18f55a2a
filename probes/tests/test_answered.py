"""An order sent again is answered again."""

import pytest

from probes.answered import AnsweredOrders, key_of
from probes.tests.making import make_spec

KEY = key_of(make_spec())


def other(number: int):
    return key_of(make_spec(due_at=float(number)))


def test_an_answer_is_given_again_until_it_is_old():
    answered = AnsweredOrders(keep_s=600)
    answered.remember(KEY, [b"1", b"2"], now=0.0)
    assert answered.recall(KEY, now=600.0) == (b"1", b"2")
    assert answered.recall(KEY, now=600.1) is None
    assert answered.recall(other(1), now=0.0) is None


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"endpoint": "b"}, False),
        ({"region": "tokyo"}, False),
        ({"tier": "A"}, False),
        ({"due_at": 1.0}, False),
        ({"timeout_s": 9.0, "expect_ok": False}, True),
    ],
)
def test_what_makes_two_specs_one_order(change, same):
    assert (key_of(make_spec(**change)) == KEY) is same


def test_no_more_rows_are_kept_than_the_limit_and_the_oldest_go_first():
    answered = AnsweredOrders(max_rows=10)
    for number in range(100):
        answered.remember(other(number), [b"a", b"b", b"c"], now=float(number))
    assert len(answered) == 9
    assert [n for n in range(100) if answered.recall(other(n), now=99.0)] == [97, 98, 99]


def test_old_rows_are_let_go():
    answered = AnsweredOrders(keep_s=600)
    answered.remember(other(1), [b"a"], now=0.0)
    answered.remember(other(2), [b"b"], now=601.0)
    assert len(answered) == 1


def test_a_second_answer_replaces_the_first():
    answered = AnsweredOrders()
    answered.remember(KEY, [b"a"], now=0.0)
    answered.remember(KEY, [b"b", b"c"], now=1.0)
    assert (answered.recall(KEY, now=1.0), len(answered)) == ((b"b", b"c"), 2)
