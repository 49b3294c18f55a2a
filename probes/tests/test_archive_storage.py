"""The archive on S3-compatible storage: moto's server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from probes.archive import files
from probes.archive.files import Question
from probes.archive.places import ArchiveError, FileUnreadable, Place, PlaceUnusable, open_place
from probes.tests.archives import DAY, rows_of_day
from testing import services

MIDNIGHT = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """A storage that takes any key, with a bucket `days`."""
    with services.s3() as service:
        requests.put(f"{service.url}/days", timeout=60).raise_for_status()
        yield service.url


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """A storage that asks for keys of its own once its bucket `days` is there."""
    with services.s3(requests_before_keys_count=1) as service:
        requests.put(f"{service.url}/days", timeout=60).raise_for_status()
        yield service.url


def bucket(endpoint: str, root: str = "days/raw", *, access_key: str = "AKIAIOSFODNN7EXAMPLE") -> Place:
    url = f"s3://{root}?endpoint={endpoint}"
    keys = {"access_key": access_key, "secret_key": "hunter22", "session_token": "", "region": ""}
    return open_place({"scheme": "s3", "root": root, "endpoint": endpoint, "region": "", "url": url}, keys)


def test_a_day_is_written_read_back_moved_and_asked(storage):
    place, rows = bucket(storage), rows_of_day()
    files.check_place(place)
    assert not files.is_there(place, DAY)
    written = files.write_day(place, DAY, [rows]).publish()
    assert written.url == "s3://days/raw/2026/attempts-2026-10-01.parquet"
    question = Question(MIDNIGHT, MIDNIGHT + timedelta(days=1), endpoint="nimbus--nimbus-2")
    found = [row for batch in files.query(place, question) for row in batch]
    assert found == [row for row in rows if row[0] == "nimbus--nimbus-2"]
    listed = requests.get(f"{storage}/days?list-type=2&prefix=raw/", timeout=60).text
    assert listed.count("<Key>") == listed.count("attempts-2026-10-01.parquet</Key>") + listed.count(
        "/</Key>"
    )
    assert ".part" not in listed


def test_a_written_day_replaces_what_stood_there(storage):
    place, rows = bucket(storage, "days/again"), rows_of_day()
    files.write_day(place, DAY, [rows[:5]]).publish()
    written = files.write_day(place, DAY, [rows]).publish()
    assert files.fingerprint(place, DAY) == (written.bytes, written.sha256)
    assert files.prove(place, place.path_of(DAY)).rows == len(rows)


def test_a_bucket_that_does_not_exist_is_named(storage):
    place = bucket(storage, "nowhere/raw")
    with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='s3://nowhere/raw.*Create the bucket"):
        files.check_place(place)
    with pytest.raises(PlaceUnusable, match="Create the bucket"):
        files.write_day(place, DAY, [rows_of_day()])


def test_wrong_credentials_are_named_and_not_repeated(guarded):
    place = bucket(guarded)
    for act in (lambda: files.check_place(place), lambda: files.write_day(place, DAY, [rows_of_day()])):
        with pytest.raises(PlaceUnusable, match=r"ARCHIVE_URL='s3://days/raw.*AWS_ACCESS_KEY_ID") as caught:
            act()
        assert "hunter22" not in str(caught.value)


def test_a_storage_that_loses_bytes_is_caught(storage, monkeypatch):
    place = bucket(storage, "days/lossy")
    draft = files.write_day(place, DAY, [rows_of_day()])
    requests.put(f"{storage}/{draft.path}", data=b"PAR1 and nothing else PAR1", timeout=60).raise_for_status()
    with pytest.raises(FileUnreadable):
        draft.publish()
    assert not files.is_there(place, DAY)


def test_a_storage_that_went_away_while_writing_is_told():
    with services.s3() as service:
        requests.put(f"{service.url}/days", timeout=60).raise_for_status()
        place = bucket(service.url)
    with pytest.raises(ArchiveError, match="tries again"):
        files.write_day(place, DAY, [rows_of_day()])
