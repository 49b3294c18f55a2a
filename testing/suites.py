"""Which tests run on which database.

The whole suite runs on SQLite. `run_on` runs those that use the database again on another one, in a
process of its own, because Django fixes DATABASES when its settings are read. Nothing has to be marked:
what asks pytest-django for the database is taken.
"""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.test import TestCase, TransactionTestCase

from testing.environment import ROOT, TESTED_DATABASE, clean_environment

ROLLED_BACK = {"db"}
COMMITTING = {"transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback", "live_server"}
#: Apps that cannot know what is measured (`.importlinter`), and hypertables hold nothing else: to their tests
#: TimescaleDB is the PostgreSQL that they run on already.
WITHOUT_HYPERTABLES = {"benchmarks", "catalog", "editorial", "news"}

#: The apps above probes read hypertables through its selectors, whose tests run on TimescaleDB. Of their own
#: tests these do, too: they go through hours and days of what is stored.
OVER_TIME = {
    *("test_dbcheck.py", "test_diagnosing.py", "test_history.py", "test_judging.py", "test_observing.py"),
    *("test_slo.py", "test_store_page.py", "test_through_time.py", "test_uptime.py"),
}
#: Nor can a test that stores no attempt: what it reads of hypertables is empty. Its file, or what it has from
#: other test files, names none of these.
MEASURING = re.compile(
    r"\b(make_(attempt|series|result)|store_attempts|ProbeResult|\w+Rollup|rollups|timeseries|archiv\w*)\b"
)
_HELPERS = re.compile(r"^from (\w+\.tests(?:\.\w+)?) import ([\w, ()\n]+?)$", re.MULTILINE)

#: Files that take a minute or more, the longest first: the suite on other databases, what is killed and
#: waited for, looks at every page. They begin first, on a worker each; `make test` tells xdist to keep the
#: order. At the end one worker had one of them, and the other had nothing to do.
FIRST = (
    *("test_on_postgresql.py", "test_on_timescaledb.py", "test_drill_killed.py", "test_killed_workers.py"),
    *("test_quality_board.py", "test_quality_pages.py", "test_three_stores.py", "test_run.py"),
    *("test_migrations.py", "test_browser_live_server.py", "test_compose.py", "test_browser_live_ladder.py"),
)


def select(items: list[pytest.Item], *, backend: str) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """(kept, left out) of the collected tests for a run on `backend`."""
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (kept if _belongs(item, backend) else left_out).append(item)
    kept.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
    return kept, left_out


def run_on(url: str, *, timeout_s: float) -> str:
    """Runs the database's tests on the database at `url`; returns the run's summary line.

    Raises AssertionError with the run's output when a test fails or when it ran none.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    run = subprocess.run(
        command,
        env=clean_environment(**{TESTED_DATABASE: url}),
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False,
    )  # fmt: skip
    summary = (run.stdout.strip().splitlines() or [""])[-1]
    passed = run.returncode == 0 and re.search(r"\b[1-9]\d* passed\b", summary)
    assert passed, f"on {url}:\n{run.stdout}{run.stderr}"
    return summary


def _belongs(item: pytest.Item, backend: str) -> bool:
    if only := item.get_closest_marker("only_on"):
        return backend in only.args
    if backend == "sqlite":
        return True
    if not _uses_database(item):
        return False
    if backend == "timescale" and not measures(item.path):
        return False
    # TimescaleDB's WASM server has one connection: what commits, or reads from a second thread, would wait
    # for itself there. Those tests run on PostgreSQL.
    return backend == "postgresql" or not _needs_connections(item)


@cache
def measures(path: Path) -> bool:
    """Whether a test file stores attempts, itself or by what it imports from test files beside it.

    The factories say how attempts are made; who imports them need not make any.
    """
    app = path.relative_to(ROOT).parts[0]
    above = app in ("aigo", "status") and path.name.startswith("test_")
    if app in WITHOUT_HYPERTABLES or (above and path.name not in OVER_TIME):
        return False
    text = path.read_text()
    return bool(MEASURING.search(text)) or any(measures(helper) for helper in _helpers(text))


def _helpers(text: str) -> Iterator[Path]:
    for module, names in _HELPERS.findall(text):
        folder = ROOT.joinpath(*module.split("."))
        places = [folder / name.strip(" ()\n") for name in names.split(",")] if folder.is_dir() else [folder]
        for place in places:
            helper = place.with_suffix(".py")
            if helper.exists() and helper.name != "factories.py":
                yield helper


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(
        item.get_closest_marker("django_db")
        or fixtures & (ROLLED_BACK | COMMITTING)
        or _is_test_case(item, TransactionTestCase)
    )


def _needs_connections(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(
        (marker and (marker.kwargs.get("transaction") or marker.args))
        or set(getattr(item, "fixturenames", ())) & COMMITTING
        or (_is_test_case(item, TransactionTestCase) and not _is_test_case(item, TestCase))
        or inspect.iscoroutinefunction(getattr(item, "function", None))
    )


def _is_test_case(item: pytest.Item, kind: type) -> bool:
    cls = getattr(item, "cls", None)
    return isinstance(cls, type) and issubclass(cls, kind)
