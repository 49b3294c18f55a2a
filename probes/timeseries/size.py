"""How large the store is and how it is cut: what each database can tell without reading the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from probes.timeseries import Vendor, vendor
from probes.timeseries.dropping import TABLE

#: Up to so many rows a table is counted; beyond, the planner's estimate is shown.
COUNTED_MOST: Final = 20_000

_VERSION: Final = {
    "sqlite": "SELECT sqlite_version()",
    "postgresql": "SELECT split_part(current_setting('server_version'), ' ', 1)",
    "timescale": "SELECT split_part(current_setting('server_version'), ' ', 1) || ' / ' || extversion"
    " FROM pg_extension WHERE extname = 'timescaledb'",
}
_BYTES: Final = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT pg_database_size(current_database())",
    "timescale": "SELECT pg_database_size(current_database())",
}
# A partitioned table is the sum of its partitions; reltuples -1 = nobody has looked yet.
_TABLES: Final = """
    WITH RECURSIVE part (top, oid) AS (
        SELECT c.relname, c.oid FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
            AND c.relname = ANY(%s)
        UNION ALL SELECT part.top, i.inhrelid FROM part JOIN pg_inherits i ON i.inhparent = part.oid
    )
    SELECT top, sum(pg_total_relation_size(part.oid)),
           CASE WHEN bool_and(c.reltuples >= 0 OR c.relkind = 'p')
                THEN sum(c.reltuples) FILTER (WHERE c.relkind <> 'p') END,
           max(greatest(s.last_vacuum, s.last_autovacuum)), max(greatest(s.last_analyze, s.last_autoanalyze)),
           sum(s.n_dead_tup)
    FROM part JOIN pg_class c ON c.oid = part.oid LEFT JOIN pg_stat_user_tables s ON s.relid = part.oid
    GROUP BY top
"""
_HYPERTABLES: Final = """
    SELECT name, hypertable_size(format('%I.%I', schema, hypertable)::regclass),
           approximate_row_count(format('%I.%I', schema, hypertable)::regclass)
    FROM (
        SELECT hypertable_name AS name, hypertable_schema AS schema, hypertable_name AS hypertable
        FROM timescaledb_information.hypertables WHERE hypertable_schema = current_schema()
        UNION ALL
        SELECT view_name, materialization_hypertable_schema, materialization_hypertable_name
        FROM timescaledb_information.continuous_aggregates
    ) AS tables
"""
_PARTITIONS: Final = """
    SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = %s::regclass ORDER BY c.relname
"""
_CHUNKS: Final = """
    SELECT (range_start AT TIME ZONE 'UTC')::date, is_compressed, s.total_bytes
    FROM timescaledb_information.chunks
    JOIN chunks_detailed_size(%s::regclass) s USING (chunk_schema, chunk_name)
    WHERE hypertable_name = %s ORDER BY range_start
"""


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table, all its partitions and indexes included. None = the database does not say.

    `exact`: the rows were counted, not estimated. `dead_rows`: to be vacuumed, PostgreSQL only.
    """

    name: str
    rows: int | None
    exact: bool
    bytes: int | None
    vacuumed_at: datetime | None = None
    analyzed_at: datetime | None = None
    dead_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A day of raw rows as a partition or chunk; `compressed` None = the database has no compression."""

    day: date
    bytes: int
    compressed: bool | None


@dataclass(frozen=True, slots=True)
class Size:
    """`version`: PostgreSQL's, with TimescaleDB's after a slash. Tables: largest first."""

    vendor: Vendor
    version: str
    bytes: int
    tables: list[TableSize]
    parts: list[Part]


def measure(tables: Sequence[str]) -> Size:
    """The store's size as a whole and of these tables."""
    kind = vendor()
    with connection.cursor() as cursor:
        return Size(
            vendor=kind,
            version=str(_value(cursor, _VERSION[kind])),
            bytes=int(_value(cursor, _BYTES[kind])),
            tables=sorted(_tables(cursor, kind, list(tables)), key=_largest_first),
            parts=_parts(cursor, kind),
        )


def database_bytes() -> tuple[Vendor, int]:
    """Which database it is, and its size as a whole."""
    kind = vendor()
    with connection.cursor() as cursor:
        return kind, int(_value(cursor, _BYTES[kind]))


def _value(cursor: Any, query: str) -> Any:
    cursor.execute(query)
    return cursor.fetchone()[0]


def _largest_first(table: TableSize) -> tuple[int, int, str]:
    return -(table.bytes or 0), -(table.rows or 0), table.name


def _tables(cursor: Any, kind: Vendor, names: list[str]) -> list[TableSize]:
    hyper: dict[str, tuple[int, int]] = {}
    if kind == "timescale":
        cursor.execute(_HYPERTABLES)
        hyper = {name: (size, rows) for name, size, rows in cursor.fetchall()}
    # A continuous aggregate would be computed, not counted.
    counted = _counted(cursor, [name for name in names if name not in hyper])
    if kind == "sqlite":
        estimates = _sqlite_estimates(cursor)
        return [
            TableSize(name, estimates.get(name) if (n := counted[name]) is None else n, n is not None, None)
            for name in names
        ]
    cursor.execute(_TABLES, [names])
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_table(name, counted.get(name), found[name], hyper.get(name)) for name in names if name in found]


def _table(name: str, counted: int | None, found: Sequence[Any], hyper: tuple[int, int] | None) -> TableSize:
    size, estimate, vacuumed_at, analyzed_at, dead = found
    if hyper:
        size, estimate = hyper[0], hyper[1] or None  # 0 = nobody has looked yet
    rows = estimate if counted is None else counted
    return TableSize(
        name,
        None if rows is None else int(rows),
        counted is not None,
        int(size),
        vacuumed_at,
        analyzed_at,
        None if dead is None else int(dead),
    )


def _counted(cursor: Any, names: Sequence[str]) -> dict[str, int | None]:
    """Table → its rows; None where there are more than COUNTED_MOST."""
    if not names:
        return {}
    parts = (
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {COUNTED_MOST + 1}) AS rows)"  # noqa: S608 (names of our tables)
        for name in names
    )
    cursor.execute(" UNION ALL ".join(parts))
    return {name: n if n <= COUNTED_MOST else None for name, n in cursor.fetchall()}


def _sqlite_estimates(cursor: Any) -> dict[str, int]:
    """Table → rows as ANALYZE found them last; {} before the first."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if not cursor.fetchone():
        return {}
    cursor.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
    return dict(cursor.fetchall())


def _parts(cursor: Any, kind: Vendor) -> list[Part]:
    if kind == "sqlite":
        return []
    if kind == "postgresql":
        cursor.execute(_PARTITIONS, [TABLE])
        return [Part(date.fromisoformat(name[-8:]), size, None) for name, size in cursor.fetchall()]
    cursor.execute(_CHUNKS, [TABLE, TABLE])
    return [Part(day, int(size or 0), compressed) for day, compressed, size in cursor.fetchall()]
