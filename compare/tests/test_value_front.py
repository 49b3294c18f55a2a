"""The Pareto front by hand, and that it is what its definition says of any places."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compare.value.front import dominates, front

pytestmark = pytest.mark.only_on("sqlite")

PLACES = st.lists(st.none() | st.tuples(*[st.integers(-4, 4).map(float)] * 3), max_size=14)


def test_what_is_as_good_in_all_and_better_in_one_dominates():
    assert dominates((2.0, 5.0), (2.0, 4.0))
    assert not dominates((2.0, 5.0), (1.0, 6.0))
    assert not dominates((2.0, 5.0), (2.0, 5.0))


def test_a_front_by_hand():
    #         dear, best     cheaper, as good   tie of it      cheapest, worst   dominated      unknown
    places = [(-9.0, 90.0), (-5.0, 90.0), (-5.0, 90.0), (-1.0, 40.0), (-6.0, 80.0), None]
    assert front(places) == [False, True, True, True, False, False]


def test_a_third_respect_brings_others_onto_the_front():
    assert front([(-5.0, 90.0, 20.0), (-6.0, 80.0, 300.0), (-7.0, 79.0, 299.0)]) == [True, True, False]


def test_nothing_and_a_single_place():
    assert front([]) == []
    assert front([None, (1.0,)]) == [False, True]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLACES)
def test_the_front_is_what_nothing_dominates(places):
    known = [place for place in places if place is not None]
    assert front(places) == [
        place is not None and not any(dominates(other, place) for other in known) for place in places
    ]
