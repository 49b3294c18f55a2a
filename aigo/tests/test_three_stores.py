"""The same attempts, stored by SQLite, by PostgreSQL and by TimescaleDB, make the same answers."""

import json
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest

from testing import answers, stores

#: The last noon that is over: TimescaleDB's policies go by the real clock.
NOW = (datetime.now(UTC) - timedelta(hours=12, minutes=5)).replace(hour=12, minute=0, second=0, microsecond=0)
ASKED = (
    "attempts", "boards", "stats", "tallies", "costs", "hours", "buckets", "histories", "consequences",
)  # fmt: skip
#: Asked when everything was delivered that came in time, TimescaleDB's jobs having run never.
ASKED_EARLY = ("tallies", "hours", "buckets")
COMPARED = ["fed", *(f"early {name}" for name in ASKED_EARLY), "fed late", *ASKED]
JOBS = """
    SELECT job_id, proc_name FROM timescaledb_information.jobs
    WHERE proc_name LIKE 'policy\\_%' ORDER BY proc_name DESC
"""
COMPRESSED = "SELECT count(*) AS chunks FROM timescaledb_information.chunks WHERE is_compressed"

Answers = dict[str, Any]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answers]:
    """Kind of database → what was said when it was fed, and all its answers."""
    found = {}
    for kind in stores.KINDS:
        folder = tmp_path_factory.mktemp(kind)
        with stores.migrated_store(kind, folder) as url:
            found[kind] = _feed_and_ask(url, str(folder))
    return found


def _feed_and_ask(url: str, data: str) -> Answers:
    said = {"fed": _fed(url, data, "in_time")}
    early = answers.ask(url, *ASKED_EARLY, now=NOW, data=data)
    said |= {f"early {name}": answer for name, answer in early.items()}
    if url.startswith("timescale:"):
        _run_jobs(url)
        said["compressed chunks"] = stores.query(url, COMPRESSED)[0]["chunks"]
    said["fed late"] = _fed(url, data, "late")
    if url.startswith("timescale:"):
        _run_jobs(url)
    return said | answers.ask(url, *ASKED, now=NOW, data=data)


def _fed(url: str, data: str, part: str) -> Any:
    run = answers.in_process(["-m", "testing.feeding", NOW.isoformat(), part], url=url, data=data)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def _run_jobs(url: str) -> None:
    """Retention, reordering, refreshing and compression, now."""
    for job in stores.query(url, JOBS):
        stores.query(url, f"CALL run_job({job['job_id']})")


@pytest.mark.parametrize("name", COMPARED)
@pytest.mark.parametrize("kind", ["postgresql", "timescale"])
def test_the_answers_are_those_of_sqlite(answered: dict[str, Answers], kind: str, name: str):
    assert answered[kind][name] == answered["sqlite"][name]


def test_late_results_went_into_compressed_chunks(answered: dict[str, Answers]):
    assert answered["timescale"]["compressed chunks"] > 0


def test_the_attempts_hold_what_is_compared(answered: dict[str, Answers]):
    kinds = [kind.split("|") for kind in answered["sqlite"]["tallies"]]
    assert {"ok", "missed", "dns_error", "http_5xx", "timeout"} <= {outcome for *_, outcome, _, _ in kinds}
    assert {"", "pop_offline"} == {left_out for *_, left_out in kinds}
    assert len(answered["sqlite"]["attempts"]) > 4_000
    assert len(answered["sqlite"]["fed late"]["refused"]) > 14


def test_hours_hold_every_attempt_once(answered: dict[str, Answers]):
    assert sum(map(len, answered["sqlite"]["hours"].values())) == len(answered["sqlite"]["attempts"])


@pytest.mark.parametrize("window", ["24h", "7d", "30d", "90d"])
def test_percentiles_of_histories_are_those_of_the_attempts(answered: dict[str, Answers], window: str):
    told = answered["sqlite"]["histories"]
    for name, history in told.items():
        slug, tier, region, of_window, _ = name.split("|")
        if of_window != window:
            continue
        total = history["total"]
        start = datetime.fromisoformat(total["at"])
        exact = _durations_us(answered["sqlite"]["attempts"], slug, tier, region, since=start)
        assert total["samples"] == total["ok"] == len(exact)
        assert total["attempts"] == total["ok"] + sum(total["failures"].values()), name
        for share in (50, 95, 99):
            true_ms = exact[ceil(share / 100 * len(exact)) - 1] / answers.MICROSECONDS
            assert total[f"p{share}_ms"] == pytest.approx(true_ms, rel=0.0101), f"{name} p{share}"


def _durations_us(
    attempts: dict[str, Answers], slug: str, tier: str, region: str, *, since: datetime
) -> list[int]:
    """Of the right answers due since a moment, in order."""
    found = []
    for key, facts in attempts.items():
        of_slug, of_tier, of_region, due_at, _ = key.split("|")
        own = (of_slug, of_tier) == (slug, tier) and region in ("all", of_region)
        if own and facts["outcome"] == "ok" and datetime.fromisoformat(due_at) >= since:
            found.append(facts["total_ms"])
    return sorted(found)
