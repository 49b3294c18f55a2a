"""`manage.py dbcheck`: a sound store passes, and every kind of damage is found and named."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from aigo.invariants import INVARIANTS, Scope
from catalog.models import Endpoint
from probes.models import (
    ArchivedDay,
    DueProbe,
    EightHourRollup,
    HourRollup,
    LedgerEntry,
    ProbeResult,
)
from probes.services import archiving, rollups, upkeep
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_due, make_endpoint, make_pop
from probes.tests.money import make_price, make_real
from status.board import Counts, count
from status.models import EndpointState, StatusChange
from status.services import judge_endpoints

pytestmark = pytest.mark.django_db

OUTCOMES = ("ok", "ok", "timeout", "ok", "dns_error", "rate_limited", "ok", "missed", "http_5xx")


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def endpoint(now: datetime) -> Endpoint:
    """A sound store: two days of attempts in two regions, judged, rolled up and kept up."""
    endpoint = make_endpoint()
    for region in ("seoul", "oregon"):
        make_pop(region, now=now)
    attempts = [
        make_attempt(
            endpoint,
            OUTCOMES[(n + m) % len(OUTCOMES)],
            at=now - timedelta(minutes=45 * n + 1),
            region=region,
        )
        for n in range(60, -1, -1)
        for m, region in enumerate(("seoul", "oregon"))
    ]
    store_attempts(attempts, now=now)
    judge_endpoints([endpoint.pk], now=now)
    rollups.roll_up(now=now)
    upkeep.keep_store(now=now)
    return endpoint


def check(name: str, now: datetime, *, days: int = 2) -> list[str]:
    """What is violated of one invariant; the others hold."""
    found = {other: examine(Scope(now, days)).violations for other, examine in INVARIANTS.items()}
    assert {other for other, violations in found.items() if violations} <= {name}
    return found[name]


def test_a_sound_store_passes(endpoint, now):
    out = io.StringIO()
    call_command("dbcheck", "--days", "2", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(INVARIANTS)
    assert {line.split()[0] for line in lines} <= {"ok", "skipped"}
    (hours,) = [line for line in lines if "hours equal raw rows" in line]
    assert int(hours.split("rows")[1].split()[0]) > 60


def test_an_empty_store_passes():
    upkeep.keep_store(now=timezone.now())
    call_command("dbcheck", stdout=io.StringIO())


@pytest.mark.only_on("sqlite", "postgresql")
def test_an_attempt_that_an_hour_lacks_is_found(endpoint, now):
    hour = HourRollup.objects.filter(hour_at__lt=now - timedelta(hours=2)).order_by("hour_at").last()
    HourRollup.objects.filter(pk=hour.pk).update(codes=bytes(hour.codes)[4:])
    (violation, *_) = INVARIANTS["hours equal raw rows"](Scope(now, 2)).violations
    assert f"{endpoint.slug} B {hour.region} {hour.hour_at:%Y-%m-%d %H:00}" in violation
    assert "1 missing there, 0 too many" in violation


@pytest.mark.only_on("sqlite", "postgresql")
def test_an_hour_that_nobody_measured_is_found(endpoint, now):
    hour = HourRollup.objects.order_by("hour_at").first()
    ProbeResult.objects.filter(due_at__lt=hour.hour_at + timedelta(hours=1)).delete()
    assert any("too many" in line for line in INVARIANTS["hours equal raw rows"](Scope(now, 3)).violations)


@pytest.mark.parametrize("change", [{"ok": 1000}, {"total_sketch": b"\x00\x05"}, {"attempts": 4000}])
def test_a_bucket_that_differs_from_its_hours_is_found(endpoint, now, change):
    bucket = EightHourRollup.objects.filter(region="seoul").first()
    EightHourRollup.objects.filter(pk=bucket.pk).update(**change)
    (violation, *_) = check("wider buckets equal hours", now)
    assert "probes_eighthourrollup" in violation
    assert "its hours say" in violation


def test_a_state_that_was_never_announced_is_found(endpoint, now):
    EndpointState.objects.filter(region="seoul").update(state="outage")
    (violation,) = check("states follow from their last change", now)
    assert f"{endpoint.slug} seoul is outage; announced last was" in violation


def test_a_change_that_was_lost_is_found(endpoint, now):
    changes = StatusChange.objects.filter(region="seoul").order_by("pk")
    lost = next(change for change in changes[1:] if change.from_state != "unknown")
    before = changes.filter(pk__lt=lost.pk).last()
    StatusChange.objects.filter(pk=before.pk).delete()
    violations = check("changes of a region are one chain", now)
    assert any("follows on" in violation for violation in violations)


def test_a_change_that_was_doubled_is_found(endpoint, now):
    first = StatusChange.objects.filter(region="seoul").order_by("pk").first()
    first.pk, first.at = None, first.at - timedelta(seconds=1)
    first.save()
    (violation,) = INVARIANTS["changes of a region are one chain"](Scope(now, 2)).violations
    assert "a change at" in violation


def test_counts_that_do_not_add_up_are_found(endpoint, now, monkeypatch):
    def wrong(*args: Any, **options: Any) -> Counts:
        found = count(*args, **options)
        return replace(found, active=found.active + 1)

    monkeypatch.setattr("status.snapshot.count", wrong)
    violations = INVARIANTS["total = active + unknown, everywhere alike"](Scope(now, 0)).violations
    assert any("is not active" in violation for violation in violations)


def test_a_row_whose_provenance_is_gone_is_found(endpoint, now):
    ProbeResult.objects.filter(region="seoul").update(provenance=987654)
    assert check("no row without endpoint or provenance", now) == [
        "rows refer to provenance 987654, which is not there"
    ]


def test_money_that_was_not_booked_is_found(now):
    paid = make_real(tiers="B")
    yesterday = datetime.combine(now.date() - timedelta(days=1), datetime.min.time(), UTC) + timedelta(
        hours=9
    )
    make_price(paid, valid_from=yesterday, retrieved_at=yesterday)
    attempt = make_attempt(paid, at=yesterday, input_tokens=1000, output_tokens=1000)
    store_attempts([attempt], now=yesterday)
    name = "the ledger equals what attempts cost"
    assert INVARIANTS[name](Scope(now, 1)).violations == []
    line = LedgerEntry.objects.get()
    assert line.cost_usd > 0
    LedgerEntry.objects.update(cost_usd=line.cost_usd + Decimal("0.5"), estimated_usd=0)
    (violation,) = INVARIANTS[name](Scope(now, 1)).violations
    assert "USD booked, rows cost" in violation


def test_an_order_that_nobody_gave_up_is_found(endpoint, now):
    make_due(endpoint, due_at=now - timedelta(minutes=30))
    (violation,) = check("orders are answered or given up", now)
    assert endpoint.slug in violation
    DueProbe.objects.all().delete()
    make_due(endpoint, due_at=now - timedelta(minutes=15))
    assert check("orders are answered or given up", now) == []


@pytest.mark.only_on("postgresql")
def test_a_day_without_a_partition_is_found(now):
    violations = INVARIANTS["today and tomorrow have a place to go"](Scope(now, 0)).violations
    assert f"{now.date() + timedelta(days=1)} has no partition" in violations


def test_days_that_did_not_leave_are_found(endpoint, now):
    old = now - timedelta(days=40)
    store_attempts([make_attempt(endpoint, at=old)], now=old)
    assert check("old days are in the archive or gone", now) == [
        f"{old.date()} still has attempts, kept for 30 days"
    ]


def test_a_file_that_is_gone_is_found(endpoint, now, settings, tmp_path: Path):
    settings.ARCHIVE = {"scheme": "file", "root": str(tmp_path), "url": f"file://{tmp_path}"}
    day = date(2026, 3, 1)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    store_attempts([make_attempt(endpoint, at=at)], now=at)
    archiving.archive_day(archiving.place_of_settings(), day, now=now)
    assert ArchivedDay.objects.exists()
    name = "archived days have their files"
    assert INVARIANTS[name](Scope(now, 0)).violations == []
    for file in tmp_path.glob("*/*.parquet"):
        file.unlink()
    assert "2026-03-01: no file" in INVARIANTS[name](Scope(now, 0)).violations[0]


@pytest.mark.only_on("timescale")
def test_a_policy_that_was_taken_away_is_found(endpoint, now):
    with connection.cursor() as cursor:
        cursor.execute("SELECT remove_reorder_policy('probes_proberesult')")
    assert check("the database's own jobs run", now) == ["policy_reorder of probes_proberesult is missing"]


def test_the_command_ends_with_one_and_tells_as_json(endpoint, now):
    make_due(endpoint, due_at=now - timedelta(minutes=30))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("dbcheck", "--json", stdout=out)
    assert ended.value.code == 1
    told = json.loads(out.getvalue())
    assert told["orders are answered or given up"]["ok"] is False
    assert told["hours equal raw rows"]["ok"] is True
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("dbcheck", stdout=out)
    assert "VIOLATED  orders are answered or given up" in out.getvalue()


@pytest.mark.parametrize("days", ["-1", "31", "x", "١"])
def test_days_out_of_bounds_are_named(days):
    with pytest.raises(CommandError, match="from 0 to 30"):
        call_command("dbcheck", f"--days={days}")


def test_an_api_that_answers_a_problem_is_a_violation(monkeypatch):
    monkeypatch.setattr("aigo.invariants.counts._api_stats", lambda: (429, {"detail": "Too many"}))
    finding = INVARIANTS["total = active + unknown, everywhere alike"](Scope(timezone.now(), 1))
    assert finding.violations == ["/api/v1/stats answers 429: Too many"]
