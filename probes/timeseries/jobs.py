"""TimescaleDB's own jobs: what they are for, and how they fared."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from probes.timeseries import vendor

_JOBS = """
    SELECT j.job_id, j.proc_name, coalesce(v.view_name, j.hypertable_name, ''), j.schedule_interval,
           j.scheduled, nullif(s.last_run_started_at, '-infinity'),
           nullif(s.last_successful_finish, '-infinity'), coalesce(s.last_run_status, ''),
           coalesce(s.total_runs, 0), coalesce(s.total_failures, 0),
           nullif(j.next_start, '-infinity'), coalesce((
               SELECT err_message FROM timescaledb_information.job_errors e WHERE e.job_id = j.job_id
               ORDER BY finish_time DESC LIMIT 1
           ), '')
    FROM timescaledb_information.jobs j
    LEFT JOIN timescaledb_information.job_stats s USING (job_id)
    LEFT JOIN timescaledb_information.continuous_aggregates v
        ON v.materialization_hypertable_name = j.hypertable_name
    WHERE j.job_id >= 1000
    ORDER BY j.job_id
"""


@dataclass(frozen=True, slots=True)
class DatabaseJob:
    """A policy as the database runs it. Times are UTC, None = never or not planned.

    `status`: "Success", "Failed" or "" before the first run. `error`: what its last failure said, "" = it
    never failed.
    """

    number: int
    kind: str
    table: str
    every: timedelta
    scheduled: bool
    last_run_at: datetime | None
    last_success_at: datetime | None
    status: str
    runs: int
    failures: int
    next_run_at: datetime | None
    error: str

    @property
    def ok(self) -> bool | None:
        """None before the first run."""
        return self.status == "Success" if self.status else None


def database_jobs() -> list[DatabaseJob]:
    """The jobs of the database itself, in the order they were made; none but on TimescaleDB."""
    if vendor() != "timescale":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        return [DatabaseJob(*row) for row in cursor.fetchall()]


def run_job(number: int) -> None:
    """Run a job now, in this session, and wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("CALL run_job(%s)", [number])
