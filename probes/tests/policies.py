"""What TimescaleDB's policies do when they run, one after the other, on an empty database.

A process of its own: a policy commits, which no test inside a transaction could bear. Run by
test_timescale_jobs.py; ends with an AssertionError that says what is not so.
"""

import os
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from probes.models import HourRollup, ProbeResult  # noqa: E402
from probes.services import upkeep  # noqa: E402
from probes.services.ingest import store_attempts  # noqa: E402
from probes.tests.factories import make_attempt, make_endpoint  # noqa: E402
from probes.timeseries import dropping, jobs, size  # noqa: E402

HOURS = "probes_hourrollup"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def store(*days_ago: int, hour: int = 0) -> None:
    """Four attempts on each of these days, an hour apart."""
    for ago in days_ago:
        at = TODAY - timedelta(days=ago) + timedelta(hours=hour)
        attempts = [make_attempt(ENDPOINT, at=at + timedelta(hours=n), total_ms=100.0 + n) for n in range(4)]
        assert len(store_attempts(attempts, now=at + timedelta(hours=4))) == 4


def run(kind: str, table: str) -> None:
    (number,) = [job.number for job in jobs.database_jobs() if (job.kind, job.table) == (kind, table)]
    jobs.run_job(number)


def figures() -> list[tuple[datetime, float | None]]:
    return list(ProbeResult.objects.order_by("due_at").values_list("due_at", "total_ms"))


def days_ago() -> set[int]:
    return {(TODAY.date() - at.date()).days for at, _ in figures()}


def hours() -> list[tuple[datetime, bytes]]:
    rows = HourRollup.objects.order_by("hour_at").values_list("hour_at", "codes")
    return [(at, bytes(codes)) for at, codes in rows]


def every_policy_is_there() -> None:
    every = {(job.kind, job.table): job.every for job in jobs.database_jobs()}
    assert set(every) == {
        ("policy_compression", dropping.TABLE),
        ("policy_reorder", dropping.TABLE),
        ("policy_retention", dropping.TABLE),
        ("policy_refresh_continuous_aggregate", HOURS),
        ("policy_compression", HOURS),
        ("policy_retention", HOURS),
    }, every
    assert all(timedelta(0) < value <= timedelta(days=1) for value in every.values()), every


def compression_and_reordering_change_no_figure() -> None:
    store(0, 1, 3, 5, 31)
    before = figures()
    run("policy_reorder", dropping.TABLE)
    assert figures() == before
    run("policy_compression", dropping.TABLE)
    compressed = {
        (TODAY.date() - part.day).days: part.compressed for part in size.measure([dropping.TABLE]).parts
    }
    assert compressed == {0: False, 1: False, 3: True, 5: True, 31: True}, compressed
    assert figures() == before


def a_late_attempt_joins_a_compressed_day() -> None:
    store(3, hour=9)
    assert len(figures()) == 24


def hours_stay_when_their_raw_day_is_dropped() -> None:
    with connection.cursor() as cursor:  # as the policy did day by day while it was young
        cursor.execute(f"CALL refresh_continuous_aggregate('{HOURS}', NULL, now() - INTERVAL '1 hour')")
    before = hours()
    assert len(before) == 24, len(before)
    dropping.drop_day((TODAY - timedelta(days=31)).date(), proven=None)
    assert days_ago() == {0, 1, 3, 5}
    run("policy_refresh_continuous_aggregate", HOURS)
    assert hours() == before, (len(hours()), len(before))


def retention_drops_what_is_older_than_thirty_days() -> None:
    store(33)
    run("policy_retention", dropping.TABLE)
    assert days_ago() == {0, 1, 3, 5}, days_ago()


def upkeep_drops_a_compressed_day() -> None:
    store(40)
    run("policy_compression", dropping.TABLE)
    assert upkeep.keep_store(now=datetime.now(UTC))["raw days"] == 1
    assert days_ago() == {0, 1, 3, 5}, days_ago()


def hours_older_than_half_a_year_go() -> None:
    store(200)
    run("policy_refresh_continuous_aggregate", HOURS)
    before = len(hours())
    run("policy_retention", HOURS)
    assert len(hours()) <= before
    assert all(at > TODAY - timedelta(days=201) for at, _ in hours())


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    ENDPOINT = make_endpoint()
    every_policy_is_there()
    compression_and_reordering_change_no_figure()
    a_late_attempt_joins_a_compressed_day()
    hours_stay_when_their_raw_day_is_dropped()
    retention_drops_what_is_older_than_thirty_days()
    upkeep_drops_a_compressed_day()
    hours_older_than_half_a_year_go()
    print("every policy does what it is for")  # noqa: T201
