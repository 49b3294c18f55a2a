"""A day as a Parquet file: legible, proven by reading it back, asked by endpoint, region and moment."""

import errno
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from probes.archive import files, layout
from probes.archive.files import Question
from probes.archive.places import FileUnreadable, Place, PlaceAway, PlaceUnusable, open_place
from probes.tests.archives import DAY, folder, make_row, rows_of_day

MIDNIGHT = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def place(tmp_path) -> Place:
    return folder(tmp_path)


def ask(place: Place, hours: tuple[int, int] = (0, 24), **wanted: str) -> list[layout.Row]:
    since, until = (MIDNIGHT + timedelta(hours=hour) for hour in hours)
    return [row for batch in files.query(place, Question(since, until, **wanted)) for row in batch]


def write(place: Place, rows: list[layout.Row]) -> files.Written:
    return files.write_day(place, DAY, [rows[:7], [], rows[7:]]).publish()


def test_a_day_comes_back_as_it_was_written(place):
    rows = rows_of_day()
    written = write(place, rows)
    assert ask(place) == rows
    assert written.proof.rows == len(rows) == 24
    assert (written.proof.first_due_at, written.proof.last_due_at) == (rows[0][3], rows[-1][3])
    assert written.url == f"{place.url}/2026/attempts-2026-10-01.parquet"
    assert os.listdir(f"{place.root}/2026") == ["attempts-2026-10-01.parquet"]
    assert files.fingerprint(place, DAY) == (written.bytes, written.sha256)


def test_a_file_is_legible_without_this_program(place):
    write(place, rows_of_day())
    table = pq.read_table(place.path_of(DAY))
    row = table.to_pylist()[0]
    assert row["endpoint"] == "nimbus--nimbus-1"
    assert (row["tier"], row["region"], row["outcome"], row["left_out"]) == ("B", "seoul", "ok", "")
    assert row["total_ms"] == 512.345
    assert row["due_at"] == MIDNIGHT
    metadata = pq.read_metadata(place.path_of(DAY))
    assert metadata.metadata[b"aigo.schema"] == b"1"
    assert metadata.metadata[b"aigo.day"] == b"2026-10-01"
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert "RLE_DICTIONARY" in metadata.row_group(0).column(0).encodings
    assert [sorting.column_index for sorting in metadata.row_group(0).sorting_columns] == [0, 1, 2, 3, 4]


def test_a_question_reads_only_the_groups_that_can_answer_it(place, monkeypatch):
    monkeypatch.setattr(files, "GROUP_ROWS", 8)
    rows = rows_of_day()
    files.write_day(place, DAY, [rows[n : n + 4] for n in range(0, 24, 4)]).publish()
    assert pq.read_metadata(place.path_of(DAY)).num_row_groups == 3
    # Two of three groups are spoilt on purpose; who does not read them does not see it.
    spoilt = pq.read_metadata(place.path_of(DAY))
    with open(place.path_of(DAY), "r+b") as file:
        for number in (1, 2):
            column = spoilt.row_group(number).column(0)
            file.seek(column.dictionary_page_offset)
            file.write(b"\xff" * 16)
    assert len(ask(place, endpoint="nimbus--nimbus-1", region="seoul")) == 4
    with pytest.raises(FileUnreadable, match="damaged"):
        ask(place)


def test_a_question_is_bounded_by_moment_region_and_tier(place):
    rows = rows_of_day()
    write(place, rows)
    found = ask(place, (6, 12), region="tokyo", tier="B")
    assert found == [row for row in rows if row[2] == "tokyo" and row[3].hour == 6]
    assert found
    assert ask(place, (72, 240)) == []


def test_what_is_read_back_must_be_what_was_written(place):
    draft = files.write_day(place, DAY, [rows_of_day()])
    draft.proof.take([make_row(due_at=MIDNIGHT + timedelta(hours=23), dns_ms=None)])
    with pytest.raises(FileUnreadable, match=r"rows: 25 and 24.*nothing was dropped") as caught:
        draft.publish()
    assert "checksum" in str(caught.value)
    assert os.listdir(f"{place.root}/2026") == []


@pytest.mark.parametrize(
    "change", [{"outcome": "timeout"}, {"dns_ms": None}, {"attempt": 2}, {"region": "tokyo"}]
)
def test_the_proof_sees_every_change_of_keys_outcomes_and_gaps(change):
    one, other = layout.Proof(), layout.Proof()
    one.take([make_row(), make_row(due_at=MIDNIGHT + timedelta(minutes=1))])
    other.take([make_row(), make_row(due_at=MIDNIGHT + timedelta(minutes=1), **change)])
    assert one.differences(other)
    assert not one.differences(one)


def test_the_old_file_stays_where_a_new_one_cannot_be_written(place, monkeypatch):
    written = write(place, rows_of_day())

    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='file://.*No space left on device.*make room"):
        files.write_day(place, DAY, [rows_of_day()])
    assert files.fingerprint(place, DAY) == (written.bytes, written.sha256)
    assert len(os.listdir(f"{place.root}/2026")) == 1


def test_a_day_is_on_the_disk_before_it_is_said_to_be_there(tmp_path, monkeypatch):
    place = folder(tmp_path / "new" / "archive")
    synced: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(os.path.relpath(os.readlink(f"/proc/self/fd/{handle}"), tmp_path))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    draft = files.write_day(place, DAY, [rows_of_day()])
    assert {".", "new", "new/archive"} == set(synced[:-1])
    assert synced.pop() == os.path.relpath(draft.path, tmp_path)
    synced.clear()
    draft.publish()
    assert synced == ["new/archive/2026"]


def test_a_disk_that_fails_keeps_the_day_from_being_published(place, monkeypatch):
    def failing(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='file://.*Input/output error"):
        write(place, rows_of_day())


def test_what_killed_runs_left_is_taken_away_and_what_is_being_written_is_not(place):
    left, live = (files.write_day(place, DAY, [rows_of_day()]).path for _ in range(2))
    yesterday = time.time() - 86_500
    os.utime(left, (yesterday, yesterday))
    written = write(place, rows_of_day())
    os.utime(place.path_of(DAY), (yesterday, yesterday))
    other = f"{place.root}/2026/notes.part"
    Path(other).touch()
    os.utime(other, (yesterday, yesterday))
    files.write_day(place, DAY + timedelta(days=1), [rows_of_day()]).publish()
    assert not os.path.exists(left)
    assert os.path.exists(live)
    assert os.path.exists(other)
    assert files.fingerprint(place, DAY) == (written.bytes, written.sha256)


def test_a_file_in_the_folders_way_is_named(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL=.*taken.*name a folder"):
        files.check_place(folder(tmp_path / "taken"))


def test_a_folder_that_cannot_be_written_is_named():
    place = open_place({"scheme": "file", "root": "/proc/archive", "url": "file:///proc/archive"}, {})
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='file:///proc/archive'"):
        files.write_day(place, DAY, [rows_of_day()])


def test_a_file_of_a_newer_version_is_refused(place, monkeypatch):
    monkeypatch.setattr(layout, "SCHEMA_VERSION", 2)
    draft = files.write_day(place, DAY, [rows_of_day()])
    with pytest.raises(FileUnreadable, match="schema version 2; this program reads 1"):
        draft.publish()


def test_storage_that_is_not_reachable_is_away():
    url = "s3://days?endpoint=http://127.0.0.1:1"
    settings = {"scheme": "s3", "root": "days", "endpoint": "http://127.0.0.1:1", "region": "", "url": url}
    keys = {"access_key": "a", "secret_key": "b", "session_token": "", "region": ""}
    with pytest.raises(PlaceAway, match=r"ARCHIVE_URL='s3://days\?endpoint=http://127.0.0.1:1'.*tries again"):
        files.check_place(open_place(settings, keys))


def test_credentials_that_are_missing_are_named():
    settings = {"scheme": "s3", "root": "days", "endpoint": "", "region": "", "url": "s3://days"}
    with pytest.raises(PlaceUnusable, match="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        open_place(settings, {"access_key": "", "secret_key": "", "session_token": "", "region": ""})
    with pytest.raises(PlaceUnusable, match="ARCHIVE_URL is not set"):
        open_place({}, {})
