"""kill -9 of `manage.py archive`: at any moment every attempt is in the database or in the archive."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from testing.environment import ROOT, clean_environment

DAYS = 3
SERIES = 12
MANAGE = [sys.executable, "manage.py"]
#: The first days of October 2026, an attempt every half an hour in each series.
FILL = f"""
from datetime import UTC, datetime, timedelta
from probes.models import ProbeResult
from probes.tests.factories import make_endpoint
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt
start = datetime(2026, 10, 1, tzinfo=UTC)
for number in range({SERIES}):
    endpoint = make_endpoint(model=f"nimbus-{{number}}")
    moments = [start + timedelta(minutes=30 * n) for n in range(48 * {DAYS})]
    store_attempts([make_attempt(endpoint, at=at) for at in moments], now=moments[-1])
"""


@pytest.mark.timeout(180)
def test_an_archive_that_is_killed_again_and_again_loses_nothing(tmp_path: Path):
    environment = clean_environment(
        DATA_DIR=str(tmp_path), ARCHIVE_URL=f"file://{tmp_path}/archive", STATIC_HASHED="0", SIMULATION="0"
    )

    def manage(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *args],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )

    manage("migrate", "--no-input")
    manage("shell", "--no-imports", "-c", FILL)
    everything = _in_database(tmp_path)
    assert len(everything) == DAYS * 48 * SERIES
    chance, killed = random.Random(4), 0
    while _in_database(tmp_path) and killed < 40:
        run = subprocess.Popen(
            [*MANAGE, "archive"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert run.stdout
        run.stdout.readline()  # a day is done: the next is under way
        time.sleep(chance.uniform(0, 0.12))
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)
            killed += 1
        run.communicate()
        assert _in_database(tmp_path) | _in_archive(tmp_path) == everything
    manage("archive")
    assert killed
    assert _in_database(tmp_path) == set()
    assert _in_archive(tmp_path) == everything


def _in_database(folder: Path) -> set[tuple[str, str]]:
    with sqlite3.connect(folder / "aigo.sqlite3") as connection:
        rows = connection.execute(
            "SELECT slug, substr(due_at, 1, 16) FROM probes_proberesult"
            " JOIN catalog_endpoint e ON e.id = endpoint_id"
        ).fetchall()
    return set(rows)


def _in_archive(folder: Path) -> set[tuple[str, str]]:
    """Only finished files: what is half written has another name."""
    rows: set[tuple[str, str]] = set()
    for file in (folder / "archive").glob("*/attempts-*.parquet"):
        table = pq.read_table(file, columns=["endpoint", "due_at"]).to_pydict()
        rows |= {
            (slug, f"{at:%Y-%m-%d %H:%M}")
            for slug, at in zip(table["endpoint"], table["due_at"], strict=True)
        }
    return rows
