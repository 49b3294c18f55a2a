"""Reading the newest verdicts quickly, with the same values as Django's own reading."""

from datetime import UTC, timedelta

import pytest

from aigo.lib.rows import fetched
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_pop, make_series
from status.models import EndpointState
from status.selectors import latest_states
from status.services import judge_endpoints
from status.snapshot import LatestState


@pytest.fixture
def _states(db):
    make_pop()
    good, bad = make_endpoint(), make_endpoint(model="nimbus-2")
    at = NOW + timedelta(microseconds=123_456)
    for endpoint, pattern in ((good, "+" * 20), (bad, "---")):
        store_attempts(make_series(endpoint, pattern, every_s=10, end=at), now=at)
        judge_endpoints([endpoint.pk], now=at)
    state = EndpointState.objects.filter(endpoint=bad, region="seoul")
    state.update(last_sample_at=None)


@pytest.mark.usefixtures("_states")
def test_every_state_comes_with_the_values_that_django_reads(django_assert_num_queries):
    with django_assert_num_queries(1):
        found = latest_states()
    rows = EndpointState.objects.all()
    assert len(found) == len(rows) == 4
    for row in rows:
        state = found[row.endpoint_id, row.region]
        assert state == LatestState(*(getattr(row, name) for name in LatestState._fields))
        assert state.since.tzinfo is not None
        assert state.since.utcoffset() == timedelta(0)


@pytest.mark.usefixtures("_states")
def test_conditions_are_kept(django_assert_num_queries):
    rows = EndpointState.objects.filter(region="seoul", last_sample_at=None)
    assert fetched(rows.values_list("region", "last_sample_at"), moments=[1]) == [("seoul", None)]
    newest = fetched(
        EndpointState.objects.values_list("last_sample_at").order_by("-samples")[:1], moments=[0]
    )
    assert newest[0][0].astimezone(UTC) == NOW + timedelta(microseconds=123_456)
