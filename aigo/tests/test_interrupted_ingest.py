"""Ingest with real processes: its database stops in the middle, and it is killed before its commit."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from testing import answers, services
from testing.environment import clean_environment
from testing.processes import ServerProcess, until
from testing.services import Cluster

ROWS = 40
#: All deliveries are of one moment: each process makes them anew.
NOW = datetime.now(UTC).isoformat()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that keeps what it has committed, with the schema and one endpoint."""
    with (
        services.postgresql("-c", "synchronous_commit=on", migrated=True) as server,
        tempfile.TemporaryDirectory() as data,
    ):
        run = answers.in_process(["-m", "testing.ingesting", "prepare"], url=server.url, data=data)
        assert run.returncode == 0, run.stdout + run.stderr
        yield server


@pytest.fixture
def ingesting(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts `python -m testing.ingesting` with the arguments given."""
    started: list[ServerProcess] = []

    def start(*arguments: str) -> ServerProcess:
        environment = clean_environment(
            DATABASE_URL=cluster.url, DATA_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="aigo.settings"
        )
        process = ServerProcess(
            [sys.executable, "-m", "testing.ingesting", *arguments], environment=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop_quickly()


def counted(cluster: Cluster) -> dict[str, int]:
    """What the tables hold that a delivery writes to."""
    statement = """
        SELECT (SELECT count(*) FROM probes_proberesult) AS rows,
          (SELECT coalesce(sum(attempts), 0) FROM probes_ledgerentry) AS booked,
          (SELECT coalesce(sum(rows), 0) FROM probes_refusedrows) AS refused
    """
    with psycopg.connect(cluster.url, row_factory=psycopg.rows.dict_row) as connection:
        return {name: int(value) for name, value in connection.execute(statement).fetchone().items()}


def test_killed_before_the_commit_nothing_is_stored_and_the_next_delivery_stores_it_once(cluster, ingesting):
    before = counted(cluster)
    worker = ingesting("hang", NOW, "0")
    worker.wait_for_line("^written$")
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait()
    until(lambda: counted(cluster)["rows"], lambda rows: rows == before["rows"], log=lambda: "")
    assert counted(cluster)["booked"] == before["booked"]
    for _ in range(2):  # the broker delivers what was not acknowledged once more, and then by mistake again
        again = ingesting("take", NOW, "0", "1")
        again.wait_for_line("^done$")
        found = counted(cluster)
        assert (found["rows"], found["booked"]) == (before["rows"] + ROWS, before["booked"] + ROWS)


def test_while_the_database_is_away_ingest_waits_in_place_and_loses_nothing(cluster, ingesting):
    before = counted(cluster)
    worker = ingesting("take", NOW, "2", "12", "4")
    halted = os.waitid(os.P_PID, worker.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert halted.si_code == os.CLD_STOPPED, worker.log
    cluster.stop()
    worker.process.send_signal(signal.SIGCONT)
    worker.wait_for_line("the database is away")
    time.sleep(6)
    assert "done" not in worker.log
    cluster.start()
    worker.wait_for_line("^done$")
    stored = [line for line in worker.log.splitlines() if line.startswith("stored ")]
    assert stored == [f"stored {number}" for number in range(2, 12)]
    found = counted(cluster)
    assert found["rows"] - before["rows"] == found["booked"] - before["booked"] == 10 * ROWS
