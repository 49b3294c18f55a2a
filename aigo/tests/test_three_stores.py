"""The same attempts, stored by SQLite, by PostgreSQL and by TimescaleDB, make the same answers."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testing import answers, stores

pytestmark = pytest.mark.timeout(600)
#: The last noon that is over: TimescaleDB's policies go by the real clock.
NOW = (datetime.now(UTC) - timedelta(hours=12, minutes=5)).replace(hour=12, minute=0, second=0, microsecond=0)
ASKED = ("attempts", "boards", "stats", "tallies", "costs", "consequences")
JOBS = """
    SELECT job_id, proc_name FROM timescaledb_information.jobs
    WHERE proc_name LIKE 'policy\\_%' ORDER BY proc_name
"""


def ask(url: str, data: str) -> dict[str, Any]:
    return answers.ask(url, *ASKED, now=NOW, data=data)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Kind of database → what was said when it was fed, and all its answers; "jobs": after TimescaleDB's."""
    found: dict[str, dict[str, Any]] = {}
    for kind in stores.KINDS:
        folder = tmp_path_factory.mktemp(kind)
        with ExitStack() as stack:
            url = stack.enter_context(stores.empty_store(kind, folder))
            run = answers.in_process(["-m", "testing.feeding", NOW.isoformat()], url=url, data=str(folder))
            assert run.returncode == 0, run.stderr
            found[kind] = {"fed": json.loads(run.stdout)} | ask(url, str(folder))
            if kind == "timescale":
                for job in stores.query(url, JOBS):
                    stores.query(url, f"CALL run_job({job['job_id']})")
                found["jobs"] = {"fed": found[kind]["fed"]} | ask(url, str(folder))
    return found


@pytest.mark.parametrize("name", ["fed", *ASKED])
def test_postgresql_answers_as_sqlite(answered: dict[str, dict[str, Any]], name: str):
    assert answered["postgresql"][name] == answered["sqlite"][name]


@pytest.mark.parametrize("name", ["fed", *ASKED])
def test_timescaledb_answers_as_sqlite(answered: dict[str, dict[str, Any]], name: str):
    assert answered["timescale"][name] == answered["sqlite"][name]


@pytest.mark.parametrize("name", ["fed", *ASKED])
def test_timescaledb_answers_the_same_after_its_jobs(answered: dict[str, dict[str, Any]], name: str):
    assert answered["jobs"][name] == answered["sqlite"][name]


def test_the_attempts_hold_what_is_compared(answered: dict[str, dict[str, Any]]):
    kinds = [kind.split("|") for kind in answered["sqlite"]["tallies"]]
    assert {"ok", "missed", "dns_error", "http_5xx", "timeout"} <= {outcome for *_, outcome, _, _ in kinds}
    assert {"", "pop_offline"} == {left_out for *_, left_out in kinds}
    assert len(answered["sqlite"]["attempts"]) > 3_000
    assert len(answered["sqlite"]["fed"]["refused"]) > 12
