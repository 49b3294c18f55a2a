"""Upkeep: what is older than it is kept goes, what is younger stays, and one failure stops nothing else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from catalog.models import Endpoint
from probes.models import ArchivedDay, DeadLetter, Gap, HourRollup, ProbeResult, Provenance
from probes.services import provenances, upkeep
from probes.services.ingest import store_attempts
from probes.services.upkeep import UpkeepFailed, keep_store, raw_kept_from
from probes.signals import store_kept
from probes.tests.factories import make_attempt, make_endpoint
from probes.timeseries import days, dropping

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
FIRST_KEPT = datetime(2026, 10, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_archive(settings) -> None:
    settings.ARCHIVE = {}


def store(endpoint: Endpoint, at: datetime, **fields: Any) -> None:
    assert len(store_attempts([make_attempt(endpoint, at=at, **fields)], now=at)) == 1


@pytest.fixture
def endpoint() -> Endpoint:
    """With an attempt in the last second that is dropped, and one in the first that is kept."""
    endpoint = make_endpoint()
    store(endpoint, FIRST_KEPT - timedelta(seconds=1), worker="old")
    store(endpoint, FIRST_KEPT, worker="new")
    return endpoint


def due() -> list[datetime]:
    return sorted(ProbeResult.objects.values_list("due_at", flat=True))


def test_attempts_are_kept_for_thirty_whole_days():
    assert raw_kept_from(NOW) == date(2026, 10, 22)
    assert raw_kept_from(datetime(2026, 1, 31, 23, 59, tzinfo=UTC)) == date(2026, 1, 1)


def test_without_an_archive_old_days_are_dropped(endpoint):
    kept = keep_store(now=NOW)
    assert kept["raw days"] == 1
    assert due() == [FIRST_KEPT]
    assert keep_store(now=NOW)["raw days"] == 0


def test_with_an_archive_old_days_are_put_there_before(endpoint, settings, tmp_path: Path):
    settings.ARCHIVE = {"scheme": "file", "root": str(tmp_path), "url": f"file://{tmp_path}"}
    keep_store(now=NOW)
    assert due() == [FIRST_KEPT]
    (day,) = ArchivedDay.objects.all()
    assert (day.day, day.rows) == (date(2026, 10, 21), 1)
    assert [file.name for file in tmp_path.glob("*/*")] == ["attempts-2026-10-21.parquet"]


def test_an_archive_that_fails_keeps_the_days_and_stops_nothing_else(endpoint, settings, tmp_path: Path):
    (tmp_path / "taken").write_text("")
    settings.ARCHIVE = {"scheme": "file", "root": f"{tmp_path}/taken", "url": f"file://{tmp_path}/taken"}
    bury(NOW - timedelta(days=31))
    with pytest.raises(UpkeepFailed, match=r"raw days: .*ARCHIVE_URL='file://.*/taken'.*name a folder"):
        keep_store(now=NOW)
    assert len(due()) == 2
    assert not DeadLetter.objects.exists()


def test_a_neglected_store_is_caught_up_with_in_steps():
    endpoint = make_endpoint()
    for ago in range(5):
        store(endpoint, FIRST_KEPT - timedelta(days=ago, seconds=1))
    assert [keep_store(now=NOW)["raw days"] for _ in range(3)] == [3, 2, 0]
    assert due() == []


@pytest.mark.only_on("postgresql")
def test_the_next_days_have_their_partitions_and_dropped_ones_have_none(endpoint):
    keep_store(now=NOW)
    named = [days.partition_of(date(2026, 11, day)) for day in (21, 22, 23, 24)]
    assert set(named) <= set(days.partitions())
    assert days.partition_of(date(2026, 10, 21)) not in days.partitions()
    assert days.partition_of(date(2026, 10, 22)) in days.partitions()


@pytest.mark.only_on("postgresql")
def test_old_days_in_which_nothing_is_lose_their_partitions(endpoint, monkeypatch):
    empty, kept = date(2026, 9, 1), date(2026, 10, 22)
    days.ensure([empty, kept])
    # What cannot be archived keeps its day.
    monkeypatch.setitem(upkeep.STEPS, "raw days", lambda now: 0)
    keep_store(now=NOW)
    there = days.made()
    assert empty not in there
    assert {date(2026, 10, 21), kept} <= set(there)
    assert len(due()) == 2


@pytest.mark.only_on("timescale")
def test_the_database_drops_old_chunks_itself_only_where_nothing_is_archived(settings, tmp_path: Path):
    for archive, wanted in (({"scheme": "file", "root": str(tmp_path), "url": "file:///"}, 0), ({}, 1)):
        settings.ARCHIVE = archive
        keep_store(now=NOW)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM timescaledb_information.jobs"
                " WHERE proc_name = 'policy_retention' AND hypertable_name = %s",
                [dropping.TABLE],
            )
            assert cursor.fetchone() == (wanted,)


def bury(at: datetime) -> None:
    DeadLetter.objects.create(kind="results", reason="forged", body="", received_at=at)


def test_dead_letters_and_gaps_go_when_nobody_asks_for_them_any_more(monkeypatch):
    monkeypatch.setattr(upkeep, "CHUNK", 2)
    for ago in range(28, 36):
        bury(NOW - timedelta(days=ago))
    for ago in (179, 181, 400):
        at = NOW - timedelta(days=ago)
        Gap.objects.create(
            region="seoul", reason="no_worker", started_at=at, ended_at=at + timedelta(minutes=1)
        )
    Gap.objects.create(region="tokyo", reason="no_worker", started_at=NOW - timedelta(days=300))
    done = keep_store(now=NOW)
    assert (done["dead letters"], done["gaps"]) == (5, 2)
    assert sorted(Gap.objects.values_list("region", flat=True)) == ["seoul", "tokyo"]


@pytest.mark.only_on("sqlite", "postgresql")
def test_hours_are_kept_for_a_hundred_and_eighty_days(endpoint):
    edge = (NOW - upkeep.ROLLUPS_KEPT).replace(minute=0)
    for at in (edge, edge + timedelta(hours=1)):
        HourRollup.objects.create(endpoint=endpoint, tier="B", region="seoul", hour_at=at, codes=b"1234")
    assert keep_store(now=NOW)["rollups"] == 1
    assert not HourRollup.objects.filter(hour_at=edge).exists()
    assert HourRollup.objects.filter(hour_at=edge + timedelta(hours=1)).exists()


def test_what_no_kept_row_refers_to_is_forgotten(endpoint):
    assert set(Provenance.objects.values_list("worker", flat=True)) == {"old", "new"}
    keep_store(now=NOW)
    assert set(Provenance.objects.values_list("worker", flat=True)) == {"new"}
    provenances.forget()
    store(endpoint, NOW, worker="old")  # it comes again: a new number
    assert Provenance.objects.count() == 2


def test_what_comes_into_use_while_it_is_forgotten_stays(endpoint, monkeypatch):
    ProbeResult.objects.filter(due_at__lt=FIRST_KEPT).delete()
    provenances.forget()
    delete = QuerySet._raw_delete
    came: list[int] = []

    def late(rows: QuerySet[Any], using: str) -> int:
        if rows.model is Provenance and not came:
            came.append(1)
            store(endpoint, NOW, worker="old")
        return delete(rows, using)

    monkeypatch.setattr(QuerySet, "_raw_delete", late)
    assert keep_store(now=NOW)["provenances"] == 0
    assert came
    (row,) = ProbeResult.objects.filter(due_at=NOW)
    assert row.worker == "old"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_what_a_late_row_is_about_to_use_is_not_forgotten(endpoint):
    """Its day is so old that noting it as used does not keep it; its lock does until the row is there."""
    ProbeResult.objects.filter(due_at__lt=FIRST_KEPT).delete()
    late = FIRST_KEPT - timedelta(seconds=1)
    with transaction.atomic():
        store(endpoint, late, worker="old")
        other = Thread(target=_pruned)
        other.start()
        other.join(timeout=120)
    upkeep.prune_provenances(NOW)
    assert ProbeResult.objects.select_related("provenance").get(due_at=late).worker == "old"


def _pruned() -> None:
    try:
        upkeep.prune_provenances(NOW)
    finally:
        connection.close()


def test_apps_above_are_told_and_cannot_stop_the_rest():
    told = []

    def listen(sender: Any, now: datetime, **kwargs: Any) -> None:
        told.append(now)
        raise ValueError("counts")

    store_kept.connect(listen)
    try:
        with pytest.raises(UpkeepFailed, match="other apps: counts"):
            keep_store(now=NOW)
    finally:
        store_kept.disconnect(listen)
    assert told == [NOW]


def test_old_readings_of_servers_go():
    assert keep_store(now=NOW)["server samples"] == 0
