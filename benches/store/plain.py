"""The table that one would begin with: a row per attempt, names as text, one index. For comparison."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from benches.store.copying import Table, fetch, on_postgresql, run
from benches.store.plan import REGIONS
from probes.attempts import Attempt

NAME: Final = "bench_plain"
HOURLY: Final = "bench_plain_hourly"
SERIES: Final = "bench_plain_series"
NOT_KEPT: Final = ("target_id", "rate_limits", "retry_after_s")
COLUMNS: Final = tuple(field.name for field in fields(Attempt) if field.name not in NOT_KEPT)
MOMENTS: Final = frozenset({"due_at", "started_at"})


def table() -> Table:
    return Table(NAME, COLUMNS, MOMENTS, "due_at", [f"'{slug}'" for slug in REGIONS])


def make_tables() -> None:
    columns = ", ".join(f"{name} {_type(name, kind)}" for name, kind in _kinds().items())
    key = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" if on_postgresql() else "INTEGER PRIMARY KEY"
    run(f"CREATE TABLE {NAME} (id {key}, {columns})")
    run(f"CREATE TABLE {table().template} ({columns})")


def add_to_template(attempts: Iterable[Attempt]) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table().template} ({', '.join(COLUMNS)}) VALUES ({marks})",
            [plain_row(attempt) for attempt in attempts],
        )


def finish() -> None:
    """The index and the tables beside it, once all rows are there."""
    run(f"CREATE INDEX bench_plain_newest ON {NAME} (endpoint, region, started_at)")
    run(f"CREATE TABLE {SERIES} AS SELECT DISTINCT endpoint, region FROM {table().template}")
    if on_postgresql():
        hour = "date_trunc('hour', started_at)"
        run(
            f"CREATE TABLE {HOURLY} AS SELECT endpoint, region, {hour} AS hour_at, count(*) AS attempts,"
            " count(*) FILTER (WHERE outcome = 'ok') AS ok,"
            " percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms) FILTER (WHERE outcome = 'ok') AS p95_ms"
            f" FROM {NAME} GROUP BY 1, 2, 3"
        )
        run(f"CREATE INDEX bench_plain_hour ON {HOURLY} (endpoint, region, hour_at)")


def plain_row(attempt: Attempt) -> tuple[Any, ...]:
    return tuple(_plain(name, getattr(attempt, name)) for name in COLUMNS)


def count() -> int:
    return int(fetch(f"SELECT count(*) FROM {NAME}")[0][0])


def _plain(name: str, value: Any) -> Any:
    if name not in MOMENTS:
        return value
    at = datetime.fromtimestamp(value, UTC)
    if on_postgresql():
        return at
    return f"{at:%Y-%m-%d %H:%M:%S}" if name == "due_at" else f"{at:%Y-%m-%d %H:%M:%S.%f}"


def _kinds() -> dict[str, Any]:
    return {field.name: field.type for field in fields(Attempt) if field.name in COLUMNS}


def _type(name: str, kind: Any) -> str:
    if name in MOMENTS:
        return "timestamptz" if on_postgresql() else "text"
    words = str(kind)
    if "float" in words:
        return "double precision"
    return "integer" if "int" in words else "boolean" if "bool" in words else "text"
