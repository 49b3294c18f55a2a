"""Days on their way into the archive: nothing is dropped that is not proven to be there."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.models import Endpoint
from probes.archive import files
from probes.archive.files import Question
from probes.archive.layout import COLUMNS
from probes.archive.places import ArchiveError, FileUnreadable, PlaceUnusable
from probes.models import ArchivedDay, ProbeResult, Provenance
from probes.services import archiving
from probes.services.archiving import DayInMotion
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint
from probes.timeseries import dropping, rows

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 1)
START = datetime(2026, 10, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.ARCHIVE = {"scheme": "file", "root": str(tmp_path), "url": f"file://{tmp_path}"}
    return tmp_path


def store(endpoint: Endpoint, *hours: float, outcome: str = "ok", **fields: Any) -> None:
    moments = [START + timedelta(hours=hour) for hour in hours]
    attempts = [make_attempt(endpoint, outcome, at=at, **fields) for at in moments]
    assert len(store_attempts(attempts, now=max(moments))) == len(hours)


@pytest.fixture
def endpoint() -> Endpoint:
    """Six rows of the day in two regions, one of the day after."""
    endpoint = make_endpoint()
    store(endpoint, 0, 6, 12.5)
    store(endpoint, 0, 6, 23.999, region="tokyo", outcome="http_5xx", error_detail="503 ☃", http_status=503)
    store(endpoint, 24)
    return endpoint


def archive(*, keep: bool = False) -> archiving.Done:
    return archiving.archive_day(archiving.place_of_settings(), DAY, now=NOW, keep=keep)


def archived() -> list[dict[str, Any]]:
    """What the archive says of the day, in its order."""
    batches = files.query(archiving.place_of_settings(), Question(START, START + timedelta(days=1)))
    return [dict(zip(COLUMNS, row, strict=True)) for batch in batches for row in batch]


def rows_of_day() -> int:
    return ProbeResult.objects.filter(due_at__gte=START, due_at__lt=START + timedelta(days=1)).count()


def test_a_day_goes_into_the_archive_and_out_of_the_database(endpoint, folder):
    kept = {(row.region, row.due_at): row for row in ProbeResult.objects.select_related("provenance")}
    done = archive()
    rows = archived()
    assert (done.rows, done.dropped, len(rows)) == (6, 6, 6)
    assert [row["region"] for row in rows] == ["seoul"] * 3 + ["tokyo"] * 3
    for row in rows:
        was = kept[row["region"], row["due_at"]]
        assert row.pop("endpoint") == endpoint.slug
        assert {name: getattr(was, name) for name in row} == row
    assert rows_of_day() == 0
    assert ProbeResult.objects.count() == 1
    record = ArchivedDay.objects.get()
    assert (record.day, record.rows, record.url) == (
        DAY,
        6,
        f"file://{folder}/2026/attempts-2026-10-01.parquet",
    )
    assert record.bytes == (folder / "2026" / "attempts-2026-10-01.parquet").stat().st_size
    assert record.released_at == record.verified_at == NOW


def test_a_day_that_is_kept_is_not_written_again_when_it_is_dropped(endpoint, monkeypatch):
    assert archive(keep=True).dropped == 0
    assert rows_of_day() == 6
    assert ArchivedDay.objects.get().released_at is None
    monkeypatch.setattr(files, "write_day", None)
    assert archive().dropped == 6
    assert rows_of_day() == 0


def test_a_file_that_was_changed_is_written_again_before_the_day_is_dropped(endpoint, folder):
    archive(keep=True)
    (folder / "2026" / "attempts-2026-10-01.parquet").write_bytes(b"PAR1 something else PAR1")
    archive()
    assert len(archived()) == 6
    assert rows_of_day() == 0


def test_a_row_that_comes_after_the_day_was_dropped_joins_its_file(endpoint):
    archive()
    store(endpoint, 1)
    store(endpoint, 0, outcome="timeout")  # of this moment the database knows nothing any more
    done = archive()
    assert (done.rows, done.dropped) == (7, 2)
    assert [(row["region"], row["due_at"].hour, row["outcome"]) for row in archived()] == [
        *(("seoul", 0, "timeout"), ("seoul", 1, "ok"), ("seoul", 6, "ok"), ("seoul", 12, "ok")),
        *(("tokyo", hour, "http_5xx") for hour in (0, 6, 23)),
    ]
    assert rows_of_day() == 0


def test_late_rows_that_differ_in_their_moment_only_are_all_kept(endpoint):
    archive()
    for hour in (1, 2, 2.0001):
        store(endpoint, hour, outcome="missed")
        archive()
    assert len(archived()) == 9


def test_what_was_never_asked_covers_no_measured_row_of_the_file(endpoint):
    archive()
    store(endpoint, 0, 2, outcome="missed")
    archive()
    found = {(row["region"], row["due_at"].hour): row["outcome"] for row in archived()}
    assert (found["seoul", 0], found["seoul", 2], len(found)) == ("ok", "missed", 7)


def test_a_row_that_comes_while_the_day_is_read_stops_the_drop(endpoint, monkeypatch):
    whole = files.write_day

    def interrupted(*args: Any) -> files.Draft:
        draft = whole(*args)
        store(endpoint, 3)
        return draft

    monkeypatch.setattr(files, "write_day", interrupted)
    with pytest.raises(DayInMotion):
        archive()
    assert rows_of_day() == 7
    assert not ArchivedDay.objects.exists()
    monkeypatch.setattr(files, "write_day", whole)
    assert archive().dropped == 7


def test_a_row_that_comes_before_the_drop_stays_and_joins_the_file_later(endpoint, monkeypatch):
    drop = dropping.drop_day

    def late(*args: Any, **options: Any) -> bool:
        store(endpoint, 3)
        return drop(*args, **options)

    monkeypatch.setattr(dropping, "drop_day", late)
    with pytest.raises(DayInMotion):
        archive()
    assert ProbeResult.objects.filter(due_at=START + timedelta(hours=3)).exists()
    monkeypatch.setattr(dropping, "drop_day", drop)
    archive()
    assert len(archived()) == 7
    assert rows_of_day() == 0


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (files, "write_day"),
        (files.Draft, "publish"),
        (archiving, "_recorded"),
        (dropping, "drop_day"),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_ends_anywhere_is_taken_up_by_the_next(endpoint, monkeypatch, where, name, after):
    whole = getattr(where, name)

    def killed(*args: Any, **options: Any) -> None:
        if after:
            whole(*args, **options)
        raise Killed

    monkeypatch.setattr(where, name, killed)
    with pytest.raises(Killed):
        archive()
    monkeypatch.setattr(where, name, whole)
    assert rows_of_day() == 6 or len(archived()) == 6
    if rows_of_day():
        archive()
    assert len(archived()) == 6
    assert rows_of_day() == 0


def test_a_drop_that_was_cut_in_the_middle_loses_nothing(endpoint, monkeypatch):
    archive(keep=True)
    ArchivedDay.objects.update(released_at=NOW)
    ProbeResult.objects.filter(region="seoul", due_at__lt=START + timedelta(hours=7)).delete()
    assert archive().dropped == 4
    assert len(archived()) == 6


def test_a_day_is_not_dropped_when_the_disk_is_full(endpoint, monkeypatch):
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.pq.ParquetWriter, "write_table", full)  # type: ignore[attr-defined]
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='file://.*make room"):
        archive()
    assert rows_of_day() == 6


def test_a_file_that_is_gone_is_not_replaced_by_what_is_left(endpoint, folder):
    archive()
    store(endpoint, 3)
    (folder / "2026" / "attempts-2026-10-01.parquet").unlink()
    with pytest.raises(FileUnreadable, match="put the file back"):
        archive()
    assert rows_of_day() == 1


def test_an_older_copy_that_was_put_back_loses_nothing(endpoint, folder):
    archive()
    file = folder / "2026" / "attempts-2026-10-01.parquet"
    older = file.read_bytes()
    store(endpoint, 1)
    archive()
    newest = file.read_bytes()
    file.write_bytes(older)
    store(endpoint, 3)
    with pytest.raises(FileUnreadable, match=r"attempts-2026-10-01.*6 rows, and 7 were recorded.*back whose"):
        archive()
    assert rows_of_day() == 1
    assert file.read_bytes() == older
    file.write_bytes(newest)
    assert archive().rows == 8


def test_a_file_that_a_killed_run_did_not_record_is_built_upon(endpoint, monkeypatch):
    archive()
    store(endpoint, 1)
    whole = archiving._recorded

    def killed(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(archiving, "_recorded", killed)
    with pytest.raises(Killed):
        archive()
    monkeypatch.setattr(archiving, "_recorded", whole)
    assert len(archived()) == 7 > ArchivedDay.objects.get().rows
    store(endpoint, 2)
    assert archive().rows == 8


def orphan(endpoint: Endpoint, hour: float, **fields: int) -> None:
    """One more row of the day, which refers to what is not there."""
    row = ProbeResult.objects.filter(endpoint=endpoint).order_by("due_at").first()
    assert row
    row.due_at = START + timedelta(hours=hour)
    for name, value in fields.items():
        setattr(row, name, value)
    rows.write([row])


@pytest.mark.parametrize("late", [False, True])
def test_rows_whose_endpoint_or_provenance_is_gone_are_archived_as_well(endpoint, late):
    if late:
        archive()
        store(endpoint, 1)
    orphan(endpoint, 2, endpoint_id=999_999)
    orphan(endpoint, 3, endpoint_id=999_999, provenance_id=999_999)
    orphan(endpoint, 4, provenance_id=999_999)
    done = archive()
    assert done.rows == 9 + late
    assert rows_of_day() == 0
    seoul = [(row["endpoint"], row["due_at"].hour, row["method_version"] == "") for row in archived()[:-3]]
    slug = endpoint.slug
    assert seoul == [
        *(("endpoint:999999", 2, False), ("endpoint:999999", 3, True)),
        *((slug, hour, hour == 4) for hour in ((0, 1, 4, 6, 12) if late else (0, 4, 6, 12))),
    ]


def test_a_day_whose_provenances_are_lost_leaves(endpoint):
    everything = Provenance.objects.all()
    everything._raw_delete(everything.db)
    assert archive().dropped == 6
    assert {row["worker"] for row in archived()} == {""}


def test_an_archive_that_moved_is_told(endpoint, settings, tmp_path):
    archive()
    store(endpoint, 3)
    other = tmp_path / "other"
    settings.ARCHIVE = {"scheme": "file", "root": str(other), "url": f"file://{other}"}
    with pytest.raises(ArchiveError, match=r"was archived as file://.*Move the file there"):
        archive()
    assert rows_of_day() == 1


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("archive", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_command_archives_what_is_older_than_thirty_days(endpoint):
    store(make_endpoint(model="nimbus-2"), 24 * 60)  # 30 November
    assert "2026-10-01" in run("--dry-run")
    assert ProbeResult.objects.count() == 8
    said = run("--before", "2026-10-02")
    assert "6 rows" in said
    assert "6 dropped" in said
    assert ProbeResult.objects.count() == 2
    run()
    assert run() == run("--dry-run")
    assert ArchivedDay.objects.count() >= 2


def test_the_command_drops_nothing_that_is_kept_for_rows(endpoint):
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with pytest.raises(CommandError, match=r"--before .* kept for 30 days.*--keep"):
        run("--before", str(yesterday))
    with pytest.raises(CommandError, match="not over"):
        run("--before", "2999-01-01", "--keep")
    run("--before", "2026-10-03", "--keep")
    assert rows_of_day() == 6
    assert ArchivedDay.objects.count() == 2


QUERY = ("query", "--endpoint", "nimbus--nimbus-1", "--from", "2026-10-01", "--to", "2026-10-01T12:00")


def test_the_archive_is_asked_by_endpoint_region_and_moment(endpoint):
    archive()
    rows = [json.loads(line) for line in run(*QUERY, "--region", "tokyo", "--json").splitlines()]
    assert [(row["due_at"], row["outcome"], row["error_detail"]) for row in rows] == [
        ("2026-10-01T00:00:00.000Z", "http_5xx", "503 ☃"),
        ("2026-10-01T06:00:00.000Z", "http_5xx", "503 ☃"),
    ]
    table = list(csv.DictReader(io.StringIO(run(*QUERY, "--csv"))))
    assert [row["total_ms"] for row in table] == ["500.0", "500.0", "", ""]
    assert list(table[0]) == list(COLUMNS)
    assert "http_5xx" in run(*QUERY)
    assert run(*QUERY, "--tier", "D", "--json") == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("query", "--endpoint", "a", "--from", "2026-10-02", "--to", "2026-10-01"), "must come after"),
        (("query", "--endpoint", "a", "--from", "soon", "--to", "2026-10-01"), "'soon' is no moment"),
        (("--before", "soon"), "'soon' is no date"),
    ],
)
def test_a_wrong_question_is_named(args, said):
    with pytest.raises(CommandError, match=said):
        run(*args)


def test_without_an_archive_the_command_says_what_to_set(settings):
    settings.ARCHIVE = {}
    with pytest.raises(CommandError, match=r"ARCHIVE_URL is not set\. Set it to a folder"):
        run()
