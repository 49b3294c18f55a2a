"""`/operations/store/`: what operators see of the database, its days and the archive."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from aigo.models import JobState
from aigo.selectors import load_store
from probes.models import ArchivedDay, ProbeResult, RollupMark
from probes.services import upkeep
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint
from probes.timeseries import jobs, size, tuning, vendor

pytestmark = pytest.mark.django_db

RESULTS = ProbeResult._meta.db_table


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op", "op@example.org", "a-password")
    user.groups.add(Group.objects.get(name="Operator"))
    client.force_login(user)
    return client


@pytest.fixture
def stored() -> None:
    now = timezone.now()
    endpoint = make_endpoint()
    for ago in (0, 1, 2):
        at = now - timedelta(days=ago)
        store_attempts(
            [make_attempt(endpoint, at=at, region=region) for region in ("seoul", "oregon")], now=at
        )


def archived(**fields: Any) -> ArchivedDay:
    now = timezone.now()
    given = {
        "day": date(2026, 10, 1),
        "url": "s3://days/raw/2026/attempts-2026-10-01.parquet",
        "rows": 1234567,
        "bytes": 98765432,
        "schema_version": 1,
        "archived_at": now,
        "verified_at": now,
    }
    return ArchivedDay.objects.create(**given | fields)


def test_the_page_is_for_operators(client):
    assert client.get("/operations/store/").status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/operations/store/").status_code == 403


def test_an_empty_store_is_shown_without_invented_figures(operator):
    html = operator.get("/operations/store/").content.decode()
    assert "has not run yet" in html
    assert "No archive: set ARCHIVE_URL" in html
    assert html.count("—") > 5


@pytest.mark.parametrize(("lang", "words"), [("en", "Days in the archive"), ("ko", "보관소")])
def test_an_operator_sees_days_tables_and_the_archive(operator, stored, settings, lang, words):
    settings.ARCHIVE = {"scheme": "s3", "root": "days/raw", "url": "s3://days/raw"}
    archived()
    archived(
        day=date(2026, 10, 2),
        released_at=timezone.now(),
        url="s3://days/raw/2026/attempts-2026-10-02.parquet",
    )
    JobState.objects.create(
        name="keep-store", last_run_at=timezone.now(), last_error="UpkeepFailed: raw days: full"
    )
    operator.cookies.load({"django_language": lang})
    html = operator.get("/operations/store/").content.decode()
    for part in (words, RESULTS, "1,234,567", "attempts-2026-10-02.parquet", "UpkeepFailed: raw days: full"):
        assert part in html
    assert "probes_dueprobe" in html


def test_rows_and_ends_are_what_is_stored(stored):
    now = timezone.now()
    upkeep.keep_store(now=now)
    store = load_store(now=now)
    table = next(table for table in store.size.tables if table.name == RESULTS)
    assert (table.rows, table.exact) == ((None, False) if vendor() == "timescale" else (6, True))
    assert store.size.bytes > 100_000
    assert now - store.raw.newest_at < timedelta(minutes=1)
    assert timedelta(days=2) <= now - store.raw.oldest_at < timedelta(days=2, minutes=1)
    assert store.size.vendor == vendor()
    assert store.size.version[0].isdigit()


@pytest.mark.only_on("sqlite")
def test_sqlite_does_not_tell_what_it_would_have_to_read(stored):
    store = load_store(now=timezone.now())
    assert {table.bytes for table in store.size.tables} == {None}
    assert store.raw.parts == []
    assert store.raw.parts_ahead is None


def test_a_large_table_is_estimated_and_marked_so(stored, operator, monkeypatch):
    monkeypatch.setattr(size, "COUNTED_MOST", 2)
    tuning.analyze(RESULTS)
    table = next(table for table in load_store(now=timezone.now()).size.tables if table.name == RESULTS)
    assert table.exact is False
    assert table.rows in (6, None)
    assert "≈" in operator.get("/operations/store/").content.decode()


@pytest.mark.only_on("postgresql")
def test_partitions_are_counted_and_those_ahead_are_seen(stored):
    now = timezone.now()
    assert load_store(now=now).raw.parts_ahead is False
    upkeep.make_days(now)
    raw = load_store(now=now).raw
    assert raw.parts_ahead is True
    assert [part.day for part in raw.parts][:3] == [(now - timedelta(days=ago)).date() for ago in (2, 1, 0)]
    assert raw.bytes > 0
    assert raw.compressed is None


@pytest.mark.only_on("timescale")
def test_chunks_and_the_jobs_of_the_database_are_seen(stored, operator):
    store = load_store(now=timezone.now())
    assert len(store.raw.parts) == 3
    assert store.raw.compressed == 0
    kinds = {(job.kind, job.table) for job in store.jobs}
    assert {("policy_compression", RESULTS), ("policy_reorder", RESULTS)} <= kinds
    assert ("policy_refresh_continuous_aggregate", "probes_hourrollup") in kinds
    html = operator.get("/operations/store/").content.decode()
    assert "Compress old days" in html
    (compression,) = [job for job in store.jobs if (job.kind, job.table) == ("policy_compression", RESULTS)]
    assert compression.every > timedelta(0)


@pytest.mark.only_on("sqlite", "postgresql")
def test_elsewhere_the_database_has_no_jobs():
    assert jobs.database_jobs() == []


def test_watermarks_of_rollups_are_shown(operator):
    RollupMark.objects.update_or_create(table="probes_eighthourrollup", defaults={"until": timezone.now()})
    assert "eight hours" in operator.get("/operations/store/").content.decode()
