"""Letting go of a day of raw rows, on each of the three databases.

SQLite deletes a series at a time; PostgreSQL drops the day's partition and TimescaleDB its chunk, with
writers of that day held off from the last comparison to the drop. Whoever uses other days waits for
LOCK_TIMEOUT_S at most.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Min, QuerySet

from aigo.lib.regions import CODES as REGION_CODES
from probes.models import ProbeResult
from probes.timeseries import days, vendor

logger = logging.getLogger(__name__)
#: So long the drop waits for readers that hold the table, and newcomers behind it; then it tries again.
LOCK_TIMEOUT_S = 2
TRIES = 5
PAUSE_S = 1.0

#: endpoint id, tier, region: what a day's rows are taken and compared by.
Series = tuple[int, str, str]
#: Of each series: its rows, then sums and counts, of which one at least changes with any row.
Tally = dict[Series, tuple[int, ...]]

TABLE = ProbeResult._meta.db_table
# The regions, which are all there are, let SQLite use `result_of_region_by_moment`.
_TALLY = f"""
    SELECT endpoint_id, tier, region, count(*), sum(attempt), sum(outcome), sum(left_out), count(http_status),
           count(total_us), sum(total_us), count(first_answer_us), sum(first_answer_us), sum(lag_us),
           sum({{moment}})
    FROM {TABLE}
    WHERE due_at >= %s AND due_at < %s AND region IN ({", ".join(map(str, REGION_CODES.values()))})
"""  # noqa: S608 (names and numbers of our own)
# Microseconds: what never was asked differs in its moment only.
_MOMENT = {
    "sqlite": "strftime('%%s', due_at) * 1000000 + substr(due_at || '.000000', 21, 6)",
    "postgresql": "(extract(epoch FROM due_at) * 1000000)::bigint",
}
_BY_SERIES = " GROUP BY endpoint_id, tier, region"
_OF_SERIES = " AND endpoint_id = %s AND tier = %s AND region = %s"
# Chunks that have any of the day.
_CHUNKS = """
    SELECT format('%%I.%%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks
    WHERE hypertable_name = %s AND range_start < %s AND range_end > %s ORDER BY range_start
"""
_DROP_CHUNKS = (
    "SELECT drop_chunks(%s::regclass, older_than => %s::timestamptz, newer_than => %s::timestamptz)"
)
_PARTITION = "SELECT oid::regclass::text FROM pg_class WHERE oid = to_regclass(%s)"


def start_of(day: date) -> datetime:
    """Midnight UTC at which the day begins."""
    return datetime.combine(day, datetime.min.time(), UTC)


def days_with_rows(*, before: date) -> Iterator[date]:
    """The UTC days before `before` that have raw rows, oldest first; each costs a few seeks of an index."""
    since = datetime.min.replace(tzinfo=UTC)
    while (oldest := oldest_due(since)) and oldest < start_of(before):
        yield oldest.astimezone(UTC).date()
        since = start_of(oldest.astimezone(UTC).date()) + timedelta(days=1)


def oldest_due(since: datetime) -> datetime | None:
    """When the first row from a moment on was due: a seek for every region."""
    found = [
        ProbeResult.objects.filter(region=region, due_at__gte=since).aggregate(at=Min("due_at"))["at"]
        for region in REGION_CODES
    ]
    return min(filter(None, found), default=None)


def rows_due(day: date) -> QuerySet[ProbeResult]:
    """All rows that were due on a UTC day."""
    since = start_of(day)
    return ProbeResult.objects.filter(
        due_at__gte=since, due_at__lt=since + timedelta(days=1), region__in=list(REGION_CODES)
    )


def rows_of(day: date, series: Series) -> QuerySet[ProbeResult]:
    """The rows of a series that were due on a UTC day."""
    endpoint_id, tier, region = series
    return rows_due(day).filter(endpoint=endpoint_id, tier=tier, region=region)


def tally_of(day: date, series: Series | None = None) -> Tally:
    """What the database has of a UTC day, or of one series on that day; {} = nothing."""
    edges = (start_of(day), start_of(day) + timedelta(days=1))
    params: list[Any] = [connection.ops.adapt_datetimefield_value(at) for at in edges]
    if series:
        params += [series[0], _code("tier", series[1]), _code("region", series[2])]
    with connection.cursor() as cursor:
        moment = _MOMENT["sqlite" if vendor() == "sqlite" else "postgresql"]
        cursor.execute(_TALLY.format(moment=moment) + (_OF_SERIES if series else "") + _BY_SERIES, params)
        return {
            (pk, _word("tier", tier), _word("region", region)): tuple(int(value or 0) for value in values)
            for pk, tier, region, *values in cursor.fetchall()
        }


def _word(field: str, code: int) -> str:
    decode: Callable[..., Any] = ProbeResult._meta.get_field(field).from_db_value  # type: ignore[union-attr]
    return str(decode(code, None, connection))


def _code(field: str, word: str) -> int:
    return int(ProbeResult._meta.get_field(field).get_prep_value(word))  # type: ignore[union-attr]


def drop_day(day: date, *, proven: Tally | None) -> bool:
    """Let go of a day's rows; False where the database has other rows than the tally says: then those stay.

    `proven` None = whatever there is.
    """
    if vendor() == "sqlite":
        return _delete_series(day, proven)
    for tried in range(1, TRIES + 1):
        try:
            return _drop_tables(day, proven)
        except OperationalError as error:  # lock_timeout: a long reader holds the table
            if tried == TRIES or connection.in_atomic_block:
                raise
            logger.info("dropping %s waits for its readers: %s", day, str(error).splitlines()[0])
            time.sleep(PAUSE_S)
    raise AssertionError("the last try returns or raises")


def drop_empty_days(*, before: date) -> list[date]:
    """Let go of the partitions before `before` that have no rows; which they were."""
    old = [day for day in days.made() if day < before]
    return [day for day in old if not rows_due(day).exists() and drop_day(day, proven={})]


def _delete_series(day: date, proven: Tally | None) -> bool:
    """A series at a time, so that nobody waits long for SQLite's one writer."""
    for series, counts in (tally_of(day) if proven is None else proven).items():
        with transaction.atomic():
            if proven is None or tally_of(day, series) == {series: counts}:
                rows_of(day, series).delete()
    return proven is None or not tally_of(day)


def _tables_of(cursor: CursorWrapper, day: date) -> list[str]:
    """The partition or chunks that hold the day, as SQL writes their names."""
    if vendor() == "timescale":
        cursor.execute(_CHUNKS, [TABLE, start_of(day) + timedelta(days=1), start_of(day)])
    else:
        cursor.execute(_PARTITION, [days.partition_of(day)])
    return [name for (name,) in cursor.fetchall()]


def own_retention(kept: timedelta, *, ours: bool) -> None:
    """Who drops old chunks of a hypertable: we, once they are archived, or TimescaleDB's own policy.

    Elsewhere there is no such policy, and nothing is done.
    """
    if vendor() != "timescale":
        return
    with connection.cursor() as cursor:
        if ours:
            cursor.execute("SELECT remove_retention_policy(%s::regclass, if_exists => true)", [TABLE])
        else:
            cursor.execute(
                "SELECT add_retention_policy(%s::regclass, %s::interval, if_not_exists => true)",
                [TABLE, f"{kept.days} days"],
            )


@transaction.atomic
def _drop_tables(day: date, proven: Tally | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        tables = _tables_of(cursor, day)
        for table in tables:  # readers go on, writers of this day wait
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        if proven is not None and tally_of(day) != proven:
            return False
        if vendor() == "timescale":
            cursor.execute(_DROP_CHUNKS, [TABLE, start_of(day) + timedelta(days=1), start_of(day)])
        else:
            for table in tables:
                cursor.execute(f"DROP TABLE {table}")
    return True
