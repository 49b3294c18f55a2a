"""No more probes than can be timed."""

import pytest

from probes.admission import MAX_IN_FLIGHT, Admission


@pytest.mark.parametrize(
    ("in_flight", "lag_s", "admitted"),
    [(9, 0.05, True), (10, 0.0, False), (9, 0.051, False), (0, 9.0, True)],
)
def test_who_may_start(in_flight, lag_s, admitted):
    assert Admission(10, 0.05).admits(in_flight=in_flight, lag_s=lag_s) is admitted


@pytest.mark.parametrize(("descriptors", "most"), [(1024, 896), (100, 1), (1_000_000, MAX_IN_FLIGHT)])
def test_there_must_be_a_socket_for_everyone(descriptors, most):
    assert Admission.for_descriptors(descriptors).max_in_flight == most
