"""Unknown is an answer, and it says why: no budget, or a measuring point that was offline itself."""

from datetime import timedelta
from decimal import Decimal
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from probes.models import DispatchCursor, Gap, LedgerEntry, Pop, ProbeBudget, ProbeTarget
from probes.pacing import PAUSED
from probes.services.dispatch import due_batches
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_pop, make_series
from probes.tests.money import make_price, make_real
from status.models import EndpointState, StatusChange
from status.rules import State
from status.selectors import load_board
from status.services import judge_endpoints, refresh_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint():
    """A real endpoint that was operational in Seoul a moment ago, its worker still there."""
    endpoint = make_endpoint(
        provider="openreal", model="real-1", simulated=False, key_env="X_API_KEY", tiers="B"
    )
    make_pop("seoul", real=True, keys=["X_API_KEY"])
    store_attempts(make_series(endpoint, "+++"), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    return endpoint


def shown(seconds: float):
    later = NOW + timedelta(seconds=seconds)
    Pop.objects.update(last_seen_at=later)
    row = load_board("seoul", now=later).endpoints[0]
    return row.state, row.reason


def spend(endpoint, usd: str) -> None:
    line = {"provider": endpoint.provider, "date": NOW.date(), "tier": "B", "region": "seoul"}
    LedgerEntry.objects.update_or_create(**line, defaults={"cost_usd": Decimal(usd)})


def test_at_the_cap_the_state_becomes_unknown_for_want_of_budget_and_never_an_outage(endpoint):
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal("0.5"))
    spend(endpoint, "0.49")
    assert shown(181) == (State.UNKNOWN, "stale")
    spend(endpoint, "0.50")
    assert shown(60)[0] == State.OPERATIONAL
    assert shown(181) == (State.UNKNOWN, "budget")
    refresh_stale(now=NOW + timedelta(seconds=181))
    change = StatusChange.objects.filter(region="seoul").latest("at")
    assert (change.to_state, change.reason) == ("unknown", "budget")


def test_a_target_that_its_budget_cannot_bear_is_not_asked_and_its_state_says_so(endpoint):
    ProbeTarget.objects.update(stretch=PAUSED)
    DispatchCursor.objects.all().delete()
    assert due_batches(now=NOW) == []
    assert shown(60)[0] == State.OPERATIONAL
    assert shown(181) == (State.UNKNOWN, "budget")


def test_a_stretched_target_is_fresh_for_three_of_its_longer_intervals(endpoint):
    ProbeTarget.objects.update(stretch=4)
    refresh_stale(now=NOW + timedelta(seconds=100))
    assert set(EndpointState.objects.values_list("interval_s", flat=True)) == {240}
    assert shown(700)[0] == State.OPERATIONAL
    assert shown(721) == (State.UNKNOWN, "stale")


@pytest.mark.parametrize("pace_s", [900, 300])
def test_a_sample_stays_fresh_by_the_cadence_under_which_it_was_taken(endpoint, pace_s):
    ProbeTarget.objects.update(stretch=pace_s // 60)
    refresh_stale(now=NOW + timedelta(seconds=5))
    ProbeTarget.objects.update(stretch=1)  # midnight, or a suspicion
    assert refresh_stale(now=NOW + timedelta(seconds=200)) == {}
    assert shown(200)[0] == State.OPERATIONAL
    later = NOW + timedelta(seconds=210)
    store_attempts(make_series(endpoint, "+", end=later), now=later)
    judge_endpoints([endpoint.pk], now=later)
    assert set(EndpointState.objects.values_list("interval_s", flat=True)) == {60}
    assert shown(210 + 181) == (State.UNKNOWN, "stale")
    assert StatusChange.objects.filter(region="seoul").count() == 1


def test_a_target_that_speeds_up_and_is_silent_turns_unknown_by_its_former_cadence(endpoint):
    ProbeTarget.objects.update(stretch=4)
    refresh_stale(now=NOW + timedelta(seconds=5))
    ProbeTarget.objects.update(stretch=1)
    assert refresh_stale(now=NOW + timedelta(seconds=720)) == {}
    changed = refresh_stale(now=NOW + timedelta(seconds=721))
    assert set(changed) == {"seoul", "all"}


def test_a_target_that_its_provider_cannot_pay_once_more_says_so_before_the_cap_is_reached(endpoint):
    make_price(endpoint, "0", "10000")  # 0.24 USD with its confirmations
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal("0.5"))
    spend(endpoint, "0.30")
    refresh_stale(now=NOW + timedelta(seconds=181))
    assert StatusChange.objects.filter(region="seoul").latest("at").reason == "budget"


def test_the_reasons_of_many_stale_endpoints_are_looked_up_once(endpoint):
    endpoints = [endpoint, *(make_real(model=f"many-{n}") for n in range(19))]
    series = [make_series(one, "+++", region=region) for one in endpoints for region in ("seoul", "tokyo")]
    store_attempts(list(chain.from_iterable(series)), now=NOW)

    def queries(count: int, seconds: float) -> int:
        asked, later = [one.pk for one in endpoints[:count]], NOW + timedelta(seconds=seconds)
        judge_endpoints(asked, now=later)
        with CaptureQueriesContext(connection) as captured:
            assert judge_endpoints(asked, now=later) == {}
        return len(captured)

    fresh, many_fresh = queries(1, 0), queries(20, 0)
    assert [queries(1, 181) - fresh, queries(20, 181) - many_fresh] == [4, 4]


def test_a_measuring_point_that_is_offline_is_the_reason_in_its_region_alone(endpoint):
    Gap.objects.create(region="seoul", reason=Gap.Reason.POP_OFFLINE, started_at=NOW)
    assert shown(181) == (State.UNKNOWN, "pop_offline")
    everywhere = load_board("all", now=NOW + timedelta(seconds=181)).endpoints[0]
    assert (everywhere.state, everywhere.reason) == (State.UNKNOWN, "stale")
