"""Order and counts of the board as plain data, then from the database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.models import AIModel
from probes.models import Pop
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_pop, make_series
from status.board import SORTS, count, ranked
from status.rules import State
from status.selectors import load_board, load_stats
from status.services import judge_endpoints


@pytest.fixture
def row(db):
    """A measured row with all figures."""
    endpoint = make_endpoint()
    make_pop()
    store_attempts(make_series(endpoint, "+" * 20, every_s=10), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    return load_board("seoul", now=NOW).endpoints[0]


def test_unknown_figures_come_last_in_every_order(row):
    known = replace(row, slug="b--known")
    unknown = replace(
        row,
        slug="a--unknown",
        usage_rpm=None,
        availability_pct=None,
        p50_ms=None,
        p95_ms=None,
        error_rate_pct=None,
    )
    for sort in SORTS:
        assert [r.slug for r in ranked([unknown, known], sort)] == ["b--known", "a--unknown"]


@pytest.mark.parametrize(
    ("sort", "better", "worse"),
    [
        ("usage", {"usage_rpm": 90.0}, {"usage_rpm": 10.0}),
        ("usage", {"availability_pct": 100.0}, {"availability_pct": 99.0}),
        ("latency", {"p95_ms": 400.0}, {"p95_ms": 900.0}),
        ("error_rate", {"error_rate_pct": 9.0}, {"error_rate_pct": 1.0}),
        ("availability", {"availability_pct": 100.0}, {"availability_pct": 99.0}),
    ],
)
def test_each_order_ranks_by_its_own_figure(row, sort, better, worse):
    rows = [replace(row, slug="a--a", **worse), replace(row, slug="b--b", **better)]
    assert [(r.slug, r.rank) for r in ranked(rows, sort)] == [("b--b", 1), ("a--a", 2)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attempts", "reason"), [("----", "too_few_samples"), ("-----", "confirmed_failures")]
)
def test_a_failing_row_says_when_its_attempts_are_too_few_for_an_incident(attempts, reason):
    endpoint = make_endpoint()
    make_pop()
    store_attempts(make_series(endpoint, attempts), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    shown = load_board("seoul", now=NOW).endpoints[0]
    assert (shown.state, shown.reason) == (State.OUTAGE, reason)


def test_counts_add_up(row):
    rows = [
        replace(row, state=state)
        for state in (State.OPERATIONAL, State.DEGRADED, State.OUTAGE, State.UNKNOWN)
    ]
    rows.append(replace(row, state=State.UNKNOWN, measured=False, simulated=False))
    counts = count(rows, catalogue_models=7)
    assert counts.total == 5 == counts.active + counts.unknown
    assert counts.active == 3 == counts.operational + counts.degraded + counts.outage
    assert (counts.simulated, counts.not_measured, counts.catalogue_models) == (4, 1, 7)


def test_a_row_carries_its_provenance(row):
    assert (row.samples, row.window_s, row.tier, row.region) == (20, 300, "B", "seoul")
    assert row.last_sample_at == NOW
    assert row.method_version


def test_the_same_counts_stand_on_the_board_and_in_the_stats_of_every_region(row):
    make_endpoint(model="nimbus-2")
    make_endpoint(provider="openreal", model="real-1", simulated=False, key_env="REAL_API_KEY")
    stats = load_stats(now=NOW)
    assert stats.counts == load_board("all", now=NOW).counts
    for region, counts in stats.by_region.items():
        assert counts == load_board(region, now=NOW).counts
    assert stats.counts.total == 3
    assert stats.by_region["seoul"].operational == 1
    assert stats.by_region["tokyo"].operational == 0
    assert stats.counts.catalogue_models == AIModel.objects.filter(simulated=False).count() == 1


def test_a_state_turns_unknown_for_readers_even_if_nobody_sweeps(row):
    later = NOW + timedelta(seconds=181)
    Pop.objects.update(last_seen_at=later)
    shown = load_board("seoul", now=later).endpoints[0]
    assert (shown.state, shown.reason) == (State.UNKNOWN, "stale")
    assert shown.last_sample_at == NOW
    assert (shown.availability_pct, shown.p50_ms, shown.samples) == (None, None, 0)


def test_what_is_unknown_ranks_below_what_is_known_to_be_bad(row):
    bad = replace(row, slug="b--bad", state=State.OUTAGE, availability_pct=0.0, p95_ms=None)
    unknown = replace(row, slug="a--unknown", state=State.UNKNOWN)
    for sort in SORTS:
        assert [r.slug for r in ranked([unknown, bad], sort)] == ["b--bad", "a--unknown"]


def test_a_dead_worker_leaves_a_gap_that_shows_and_says_why(row):
    shown = load_board("seoul", now=NOW + timedelta(minutes=10)).endpoints[0]
    assert (shown.measured, shown.state, shown.reason) == (True, State.UNKNOWN, "no_worker")


@pytest.mark.django_db
def test_a_real_endpoint_is_measured_only_where_a_worker_stands_and_holds_its_key():
    make_endpoint(provider="openreal", model="real-1", simulated=False, key_env="REAL_API_KEY")
    make_pop("seoul", real=False, keys=["REAL_API_KEY"])
    make_pop("tokyo", real=True, keys=["OTHER_API_KEY"])
    shown = load_board("all", now=NOW).endpoints[0]
    assert (shown.measured, shown.reason, shown.state) == (False, "no_key", State.UNKNOWN)
    make_pop("frankfurt", real=True, keys=["REAL_API_KEY"])
    assert load_board("all", now=NOW).endpoints[0].measured
    assert load_board("frankfurt", now=NOW).endpoints[0].measured
    assert not load_board("seoul", now=NOW).endpoints[0].measured


@pytest.mark.django_db
def test_an_address_of_the_operators_own_account_is_measured_once_it_is_given():
    placeholder = "https://${ACCOUNT}.example.com/v1"
    make_endpoint(
        provider="own", model="own-1", simulated=False, key_env="OWN_API_KEY", base_url=placeholder,
        base_url_env="OWN_BASE_URL",
    )  # fmt: skip
    pop = make_pop("seoul", real=True, keys=["OWN_API_KEY"])
    assert not load_board("seoul", now=NOW).endpoints[0].measured
    Pop.objects.filter(pk=pop.pk).update(keys=["OWN_API_KEY", "OWN_BASE_URL"])
    assert load_board("seoul", now=NOW).endpoints[0].measured


@pytest.mark.django_db
def test_the_board_costs_the_same_queries_whatever_its_length(django_assert_num_queries):
    make_pop()
    for number in range(12):
        make_endpoint(model=f"nimbus-{number}")
    # workers now and of the day, budgets, ledger, gaps, endpoints, prices, states, usage, models, incidents,
    # news
    with django_assert_num_queries(14):
        assert len(load_board("all", now=NOW).endpoints) == 12
