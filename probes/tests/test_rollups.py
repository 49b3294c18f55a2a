"""Hours and wider buckets say the same as the raw rows, whatever happens to these."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import transaction

from aigo.lib.regions import ALL, CODES
from probes import sketches
from probes.models import EightHourRollup, HourRollup, ProbeResult, RollupMark, ThreeHourRollup
from probes.models.results import TIER_CODES
from probes.outcomes import CODES as OUTCOME_CODES
from probes.outcomes import counts
from probes.services import orders, rollups
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_due, make_endpoint, make_pop, make_result
from probes.timeseries import hours, vendor
from probes.timeseries.rows import write

pytestmark = pytest.mark.django_db
#: The start of the day before: buckets of it are over by NOW.
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def row(endpoint, outcome="ok", *, at=DAY, left_out="", **fields):
    good = outcome == "ok"
    more = {"total_ms": 500.0 if good else 40.0, "first_answer_ms": 200.0 if good else None}
    believed = counts(outcome) and not left_out
    return make_result(endpoint, outcome, at=at, left_out=left_out, counts=believed, **more | fields)


@transaction.atomic
def keep(*rows):
    write(rows)
    rollups.add(rows)


def in_hours(endpoint):
    """(region, minute, outcome, bins) → how often, as the hours tell it."""
    kept = hours.read(0, 2**33, endpoint_id=endpoint.pk)
    found = kept.attempts()
    columns = (kept.of_attempts(kept.tier), found.region, found.at_s, found.outcome, found.total, found.ttft)
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def in_raw_rows(endpoint):
    found: Counter[tuple[int, ...]] = Counter()
    for result in ProbeResult.objects.filter(endpoint=endpoint):
        outcome = "pop_offline" if result.left_out else result.outcome
        right = outcome == "ok"
        found[
            TIER_CODES[result.tier],
            CODES[result.region],
            int(result.due_at.timestamp()) // 60 * 60,
            OUTCOME_CODES[outcome],
            sketches.bin_of(round(result.total_ms * 1000)) if right and result.total_ms is not None else 0,
            sketches.bin_of(round(result.first_answer_ms * 1000)) if right and result.first_answer_ms else 0,
        ] += 1
    return found


def test_hours_keep_every_attempt_of_every_minute():
    endpoint, other = make_endpoint(), make_endpoint("cirrus", "cirrus-1")
    keep(*(row(endpoint, at=DAY + timedelta(seconds=30 * n), total_ms=100.0 + n) for n in range(300)))
    keep(
        row(endpoint, "timeout", at=DAY + timedelta(minutes=59, seconds=59.999)),
        row(endpoint, at=DAY, tier="A", total_ms=0.05, first_answer_ms=None),
        row(endpoint, at=DAY, region="oregon", total_ms=125_000.0),
        row(endpoint, at=DAY - timedelta(milliseconds=1)),
        row(other, at=DAY),
    )
    assert in_hours(endpoint) == in_raw_rows(endpoint)
    assert in_hours(other) == in_raw_rows(other)
    assert in_hours(endpoint).total() == 304


def test_what_is_left_out_or_replaced_is_derived_anew():
    endpoint = make_endpoint()
    keep(*(row(endpoint, "timeout", at=DAY + timedelta(minutes=n)) for n in range(5)))
    keep(row(endpoint, "missed", at=DAY + timedelta(hours=1)), row(endpoint, at=DAY, region="tokyo"))
    ProbeResult.objects.filter(region="seoul", outcome="timeout").update(counts=False, left_out="pop_offline")
    ProbeResult.objects.filter(outcome="missed").delete()
    write([row(endpoint, at=DAY + timedelta(hours=1), total_ms=700.0)])
    rollups.rederive([(endpoint.pk, "B", "seoul", DAY + timedelta(hours=hour)) for hour in (0, 1)])
    assert in_hours(endpoint) == in_raw_rows(endpoint)


def test_ingest_keeps_hours_in_step_with_what_it_stores_replaces_and_leaves_out():
    endpoints = [make_endpoint(f"provider-{n}", f"model-{n}") for n in range(4)]
    for region in ("seoul", "tokyo"):
        make_pop(region)
    due = [make_due(endpoint, due_at=NOW - timedelta(minutes=11)).due_at for endpoint in endpoints]
    orders.give_up(now=NOW)
    assert [in_hours(endpoint) for endpoint in endpoints] == [in_raw_rows(endpoint) for endpoint in endpoints]
    late = [make_attempt(endpoint, at=at) for endpoint, at in zip(endpoints, due, strict=True)]
    store_attempts(late, now=NOW)
    store_attempts(late, now=NOW)
    # What most providers fail at from one region alone, and a second attempt confirms, is ours.
    store_attempts([make_attempt(endpoint, region="tokyo") for endpoint in endpoints], now=NOW)
    failed = [
        make_attempt(endpoint, "timeout", at=NOW + timedelta(seconds=n), attempt=n, due_at=NOW.timestamp())
        for endpoint in endpoints
        for n in (1, 2)
    ]
    store_attempts(failed, now=NOW + timedelta(seconds=3))
    assert ProbeResult.objects.filter(left_out="pop_offline").count() == 8
    for endpoint in endpoints:
        assert in_hours(endpoint) == in_raw_rows(endpoint)
        assert in_hours(endpoint).total() == 4


def test_an_hour_whose_rows_are_all_gone_is_no_more():
    endpoint = make_endpoint()
    keep(row(endpoint))
    ProbeResult.objects.all().delete()
    rollups.rederive([(endpoint.pk, "B", "seoul", DAY)])
    assert in_hours(endpoint).total() == 0


def test_hours_derived_from_rows_that_were_there_before_are_the_same():
    endpoint = make_endpoint()
    rows = [
        row(endpoint, at=DAY + timedelta(minutes=7 * n), total_ms=90.0 + 7 * n, region=region)
        for n in range(50)
        for region in ("seoul", "tokyo")
    ]
    write([*rows, row(endpoint, "dns_error", region="oregon", left_out="pop_offline")])
    start_s = int(DAY.timestamp())
    hours.derive(start_s, start_s + 86_400)
    assert in_hours(endpoint) == in_raw_rows(endpoint)


@pytest.mark.only_on("sqlite", "postgresql")
def test_hours_go_with_their_endpoint():
    endpoint = make_endpoint()
    keep(row(endpoint))
    endpoint.delete()
    assert not HourRollup.objects.exists()


def bucket(model, endpoint, region=ALL, at=DAY, tier="B"):
    return model.objects.get(endpoint=endpoint, tier=tier, region=region, bucket_at=at)


def p95_ms(packed):
    bins, times = sketches.unpack_sketch(packed)
    found = sketches.Distributions(1, np.zeros_like(bins), bins, times)
    return float(found.percentile_ms(0.95)[0]), int(found.samples[0])


def test_buckets_sum_up_what_is_over():
    endpoint = make_endpoint()
    keep(*(row(endpoint, at=DAY + timedelta(minutes=n), total_ms=1.0 + n) for n in range(480)))
    keep(*(row(endpoint, "http_5xx", at=DAY + timedelta(minutes=100 + n), region="tokyo") for n in range(8)))
    keep(*(row(endpoint, "rate_limited", at=DAY + timedelta(minutes=n), region="oregon") for n in range(3)))
    assert rollups.roll_up(now=NOW) == 11 + 4
    seoul, pool = (bucket(EightHourRollup, endpoint, region) for region in ("seoul", ALL))
    assert (seoul.attempts, seoul.ok, pool.attempts, pool.ok) == (480, 480, 488, 480)
    assert (pool.worst_attempts, pool.worst_ok) == (10, 5)
    assert (seoul.worst_attempts, seoul.worst_ok) == (5, 5)
    codes, times = sketches.unpack_outcomes(pool.outcomes)
    named = {OUTCOME_CODES["ok"]: 480, OUTCOME_CODES["http_5xx"]: 8, OUTCOME_CODES["rate_limited"]: 3}
    assert dict(zip(codes.tolist(), times.tolist(), strict=True)) == named
    found, samples = p95_ms(pool.total_sketch)
    assert (found, samples) == (pytest.approx(456, rel=0.01), 480)
    assert bucket(ThreeHourRollup, endpoint).attempts == 188
    assert not ThreeHourRollup.objects.exclude(region=ALL).exists()
    assert bucket(EightHourRollup, endpoint, "oregon").attempts == 0


@pytest.mark.parametrize(("minutes", "made"), [(14, False), (15, True)])
def test_a_bucket_is_made_a_quarter_of_an_hour_after_its_end(minutes, made):
    endpoint = make_endpoint()
    keep(row(endpoint))
    rollups.roll_up(now=DAY + timedelta(hours=8, minutes=minutes))
    assert EightHourRollup.objects.exists() is made
    marks = dict(RollupMark.objects.values_list("table", "until"))
    assert (marks.get("probes_eighthourrollup") == DAY + timedelta(hours=8)) is made


def test_what_comes_late_makes_its_bucket_anew():
    endpoint = make_endpoint()
    keep(row(endpoint))
    rollups.roll_up(now=NOW)
    keep(row(endpoint, "timeout", at=DAY + timedelta(hours=7, minutes=59)), row(endpoint, region="tokyo"))
    assert bucket(EightHourRollup, endpoint).attempts == 3
    assert bucket(EightHourRollup, endpoint, "tokyo").attempts == 1
    assert bucket(ThreeHourRollup, endpoint, at=DAY + timedelta(hours=6)).ok == 0
    ProbeResult.objects.filter(outcome="timeout").update(counts=False, left_out="pop_offline")
    rollups.rederive([(endpoint.pk, "B", "seoul", DAY + timedelta(hours=7))])
    assert bucket(EightHourRollup, endpoint).attempts == 2


def test_a_name_that_one_region_cannot_resolve_counts_once_another_sees_it_however_late():
    endpoint = make_endpoint()
    edge = DAY + timedelta(hours=8)
    keep(row(endpoint, "dns_error", at=edge - timedelta(minutes=2)), row(endpoint, at=edge))
    rollups.roll_up(now=NOW)
    assert bucket(EightHourRollup, endpoint).attempts == 0
    keep(row(endpoint, "dns_error", at=edge + timedelta(minutes=3), region="tokyo"))
    assert bucket(EightHourRollup, endpoint).attempts == 1
    assert bucket(EightHourRollup, endpoint, at=edge).attempts == 2


def test_rolling_up_goes_on_where_it_stopped():
    endpoint = make_endpoint()
    keep(row(endpoint))
    assert rollups.roll_up(now=NOW) > 0
    assert rollups.roll_up(now=NOW) == 0
    assert rollups.roll_up(now=NOW + timedelta(hours=3)) == 1


def test_after_a_clock_that_was_ahead_every_bucket_is_made_again():
    endpoint = make_endpoint()
    keep(row(endpoint))
    rollups.roll_up(now=DAY + timedelta(days=1))
    for hour in range(1, 9):
        at = DAY + timedelta(hours=hour)
        keep(row(endpoint, at=at))
        rollups.roll_up(now=at)
    marks = dict(RollupMark.objects.values_list("table", "until"))
    assert marks["probes_threehourrollup"] == DAY + timedelta(hours=6)
    assert marks["probes_eighthourrollup"] == DAY
    assert not EightHourRollup.objects.exists()
    rollups.roll_up(now=DAY + timedelta(hours=9, minutes=15))
    for hours_on in (0, 3, 6):
        assert bucket(ThreeHourRollup, endpoint, at=DAY + timedelta(hours=hours_on)).attempts == 3
    assert bucket(EightHourRollup, endpoint).attempts == 8


@pytest.mark.only_on("timescale")
def test_hours_are_a_continuous_aggregate_in_real_time():
    assert vendor() == "timescale"
    endpoint = make_endpoint()
    write([row(endpoint)])
    assert HourRollup.objects.get().hour_at == DAY
