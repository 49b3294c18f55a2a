"""kill -9 of `manage.py archive`: at any moment every attempt is in the database or in the archive."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow.parquet as pq

from testing import migrated
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
#: A child per line of standard input runs `archive`: what takes a second to start need not start each time.
ARCHIVING = """
import os, sys
import django; django.setup()
from django.core.management import call_command
from probes.management.commands import archive
for _ in sys.stdin:
    if not (child := os.fork()):
        call_command("archive")
        os._exit(0)
    print("began", child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Archiving:
    """Runs of `manage.py archive`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self.asks, self.told = process.stdin, process.stdout

    def run_and_kill(self, *, after_s: float) -> bool:
        """Begin a run and kill it so long after its first day is done; False where it had ended by itself."""
        self.asks.write("again\n")
        self.asks.flush()
        told = iter(self.told.readline, "")
        child = next(int(line.split()[1]) for line in told if line.startswith("began"))
        line = next(told)  # a day is done and the next is under way, or there was none left
        time.sleep(after_s)
        killed = False
        if line != "ended\n":
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed = True
            assert "ended\n" in told
        return killed


@contextmanager
def _archiving(environment: dict[str, str]) -> Iterator[Archiving]:
    process = subprocess.Popen(
        [sys.executable, "-c", ARCHIVING], env=environment | {"DJANGO_SETTINGS_MODULE": "aigo.settings"},
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    with process:
        yield Archiving(process)


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
            timeout=600,
        )

    migrated.sqlite_into(tmp_path)
    manage("shell", "--no-imports", "-c", FILL)
    everything = _in_database(tmp_path)
    assert len(everything) == DAYS * 48 * SERIES
    chance, killed = random.Random(4), 0
    with _archiving(environment) as archiving:
        while _in_database(tmp_path) and killed < 15:
            killed += archiving.run_and_kill(after_s=chance.uniform(0, 0.12))
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
