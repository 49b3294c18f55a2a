"""From stored attempts to kept verdicts, on a real database."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection

from aigo.lib.events import event_log
from probes.models import ProbeTarget
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop, make_series
from status.models import EndpointState, StatusChange
from status.services import judge_endpoints, judging, refresh_stale

pytestmark = pytest.mark.django_db


def judged(endpoint, attempts, *, now=NOW):
    """Store and judge; returns the state rows by region."""
    store_attempts(attempts, now=now)
    judge_endpoints([endpoint.pk], now=now)
    return {row.region: row for row in EndpointState.objects.filter(endpoint=endpoint)}


def test_a_good_attempt_makes_an_endpoint_operational_in_its_region_and_over_all():
    endpoint = make_endpoint()
    states = judged(endpoint, make_series(endpoint, "+"))
    assert {region: row.state for region, row in states.items()} == {
        "seoul": "operational",
        "all": "operational",
    }
    assert states["seoul"].samples == 1
    assert states["seoul"].p50_ms == 500
    assert states["seoul"].p95_ms is None


def test_one_failed_attempt_changes_no_colour_but_stays_visible():
    endpoint = make_endpoint()
    judged(endpoint, make_series(endpoint, "++++"))
    states = judged(
        endpoint,
        [make_attempt(endpoint, "timeout", at=NOW + timedelta(seconds=30))],
        now=NOW + timedelta(seconds=31),
    )
    assert states["seoul"].state == "operational"
    assert states["seoul"].samples == 5
    assert states["seoul"].availability_pct == 80.0


def test_three_failures_make_an_outage_and_three_good_attempts_end_it():
    endpoint = make_endpoint()
    assert judged(endpoint, make_series(endpoint, "+++---"))["seoul"].state == "outage"
    later = NOW + timedelta(minutes=2)
    assert judged(endpoint, make_series(endpoint, "++", end=later), now=later)["seoul"].state == "outage"
    later += timedelta(minutes=1)
    assert judged(endpoint, make_series(endpoint, "+", end=later), now=later)["seoul"].state == "operational"
    changes = StatusChange.objects.filter(endpoint=endpoint, region="seoul").order_by("at")
    assert [(c.to_state, (c.at - NOW).total_seconds()) for c in changes] == [
        ("operational", -300),
        ("degraded", -60),
        ("outage", 0),
        ("operational", 180),
    ]
    assert changes[2].figures["failing_since"] == (NOW - timedelta(minutes=2)).isoformat()


def test_what_is_our_own_fault_never_counts():
    endpoint = make_endpoint()
    states = judged(endpoint, make_series(endpoint, "+???"))
    assert states["seoul"].state == "operational"
    assert states["seoul"].samples == 1
    assert states["seoul"].availability_pct == 100.0


def test_only_attempts_of_our_own_fault_leave_the_state_unknown():
    endpoint = make_endpoint()
    assert judged(endpoint, make_series(endpoint, "???"))["all"].state == "unknown"


def test_a_name_that_one_region_cannot_resolve_is_not_charged_and_one_that_two_cannot_is():
    endpoint = make_endpoint()
    lone = [make_attempt(endpoint, "dns_error", at=NOW - timedelta(seconds=n)) for n in range(3)]
    states = judged(endpoint, make_series(endpoint, "++", region="tokyo") + lone)
    assert states["all"].availability_pct == 100.0
    assert "seoul" not in states
    states = judged(endpoint, [make_attempt(endpoint, "dns_error", at=NOW, region="oregon")])
    assert states["seoul"].state == "outage"
    assert states["all"].samples == 6


def test_the_overall_figures_pool_the_regions_attempts():
    endpoint = make_endpoint()
    attempts = make_series(endpoint, "++++") + make_series(
        endpoint, "+-+-", region="tokyo", end=NOW - timedelta(seconds=1)
    )
    states = judged(endpoint, attempts)
    assert states["all"].samples == 8
    assert states["all"].availability_pct == 75.0
    assert states["seoul"].availability_pct == 100.0
    assert states["tokyo"].state == "degraded"


def test_a_state_without_fresh_samples_turns_unknown_and_is_announced():
    endpoint = make_endpoint()
    judged(endpoint, make_series(endpoint, "+++"))
    before = event_log().last_id()
    assert refresh_stale(now=NOW + timedelta(seconds=180)) == {}
    changed = refresh_stale(now=NOW + timedelta(seconds=181))
    assert changed == {"seoul": [endpoint.slug], "all": [endpoint.slug]}
    row = EndpointState.objects.get(endpoint=endpoint, region="seoul")
    assert (row.state, row.reason) == ("unknown", "stale")
    updates = [event for event in event_log().read_after(before) if event.type == "status.update"]
    assert updates[0].data["changed"]["seoul"] == [endpoint.slug]


def test_an_endpoint_that_is_no_longer_asked_loses_its_state():
    endpoint = make_endpoint()
    judged(endpoint, make_series(endpoint, "+++"))
    ProbeTarget.objects.update(enabled=False)
    assert set(refresh_stale(now=NOW + timedelta(minutes=10))) == set()
    assert not EndpointState.objects.exists()
    assert {(c.region, c.to_state) for c in StatusChange.objects.order_by("-pk")[:2]} == {
        ("seoul", "unknown"),
        ("all", "unknown"),
    }
    assert refresh_stale(now=NOW + timedelta(minutes=11)) == {}


def test_an_endpoint_that_is_asked_again_goes_on_from_where_it_was_forgotten():
    endpoint = make_endpoint()
    judged(endpoint, make_series(endpoint, "+++"))
    ProbeTarget.objects.update(enabled=False)
    refresh_stale(now=NOW + timedelta(minutes=10))
    before = StatusChange.objects.count()
    ProbeTarget.objects.update(enabled=True)
    later = NOW + timedelta(minutes=20)
    judge_endpoints([endpoint.pk], now=later)
    assert StatusChange.objects.count() == before
    assert judged(endpoint, make_series(endpoint, "+", end=later), now=later)["seoul"].state == "operational"
    changes = StatusChange.objects.filter(region="seoul").order_by("pk")
    assert [change.to_state for change in changes] == ["operational", "unknown", "operational"]
    assert changes[2].at == later


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_judgements_side_by_side_keep_a_change_once():
    endpoints = [make_endpoint(model=f"nimbus-{number}") for number in range(6)]
    for endpoint in endpoints:
        store_attempts(make_series(endpoint, "+++"), now=NOW)

    def judge_all():
        judge_endpoints([endpoint.pk for endpoint in endpoints], now=NOW)
        connection.close()

    threads = [threading.Thread(target=judge_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert StatusChange.objects.count() == 12
    assert EndpointState.objects.count() == 12


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_refreshing_side_by_side_keeps_once_that_nobody_asks_any_more():
    endpoints = [make_endpoint(model=f"nimbus-{number}") for number in range(5)]
    for endpoint in endpoints:
        store_attempts(make_series(endpoint, "+++"), now=NOW)
    judge_endpoints([endpoint.pk for endpoint in endpoints], now=NOW)
    for endpoint in endpoints:
        ProbeTarget.objects.filter(endpoint=endpoint).update(enabled=False)
        together = threading.Barrier(4)

        def refresh(later_s, together=together):
            connection.ensure_connection()
            together.wait()
            refresh_stale(now=NOW + timedelta(seconds=later_s))
            connection.close()

        threads = [threading.Thread(target=refresh, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for endpoint in endpoints:
        changes = StatusChange.objects.filter(endpoint=endpoint, region="seoul").order_by("at")
        assert [change.to_state for change in changes] == ["operational", "unknown"]


def test_judging_again_without_news_writes_and_announces_nothing():
    endpoint = make_endpoint()
    judged(endpoint, make_series(endpoint, "+++"))
    before = event_log().last_id()
    assert judge_endpoints([endpoint.pk], now=NOW) == {}
    assert event_log().last_id() == before


def test_every_change_of_state_is_announced():
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "---"), now=NOW)
    before = event_log().last_id()
    judge_endpoints([endpoint.pk], now=NOW)
    changes = [event.data for event in event_log().read_after(before) if event.type == "status.changed"]
    states = ["unknown", "operational", "degraded", "outage"]
    for region in ("seoul", "all"):
        told = [(c["slug"], c["from"], c["to"]) for c in changes if c["region"] == region]
        assert told == [(endpoint.slug, *pair) for pair in pairwise(states)]
    assert {c["change"] for c in changes} == set(StatusChange.objects.values_list("pk", flat=True))


def test_a_batch_that_takes_long_is_told_while_it_goes_on(monkeypatch):
    monkeypatch.setattr(judging, "TELL_EVERY_S", 0)
    endpoints = [make_endpoint(model=f"nimbus-{number}") for number in range(2)]
    for endpoint in endpoints:
        store_attempts(make_series(endpoint, "+"), now=NOW)
    before = event_log().last_id()
    changed = judge_endpoints([endpoint.pk for endpoint in endpoints], now=NOW)
    told = [(event.type, event.data.get("changed")) for event in event_log().read_after(before)]
    assert [kind for kind, _ in told] == 2 * ["status.update", "status.changed", "status.changed"]
    assert sorted(slugs for _, one in told if one for slugs in one["seoul"]) == sorted(changed["seoul"])


def test_judging_costs_the_same_queries_whatever_the_number_of_attempts(django_assert_num_queries):
    endpoint = make_endpoint()
    make_pop()
    store_attempts(make_series(endpoint, "+" * 3), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    store_attempts(make_series(endpoint, "+" * 40, end=NOW + timedelta(seconds=20)), now=NOW)
    with django_assert_num_queries(7):  # targets, savepoint, lock, states, attempts, upsert, release
        judge_endpoints([endpoint.pk], now=NOW + timedelta(seconds=21))
