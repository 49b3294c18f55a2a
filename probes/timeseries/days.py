"""PostgreSQL keeps raw rows in a partition per UTC day of their due moment, which has to be there first.

SQLite has one table, and TimescaleDB makes its chunks itself: there nothing is to be done.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from probes.models import ProbeResult
from probes.timeseries import vendor

TABLE: Final = ProbeResult._meta.db_table
#: Key of the lock that lets one session at a time make partitions.
_LOCK: Final = 4_046_001

#: Days that are no older than this are dropped by nobody; late rows of older ones come, but seldom.
_YOUNG: Final = timedelta(days=8)
#: Days that had their partition when they were looked up. Asked for young ones only.
_known: set[date] = set()

_MADE: Final = """
    SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
    WHERE inhparent = %s::regclass ORDER BY relname
"""


def partition_of(day: date) -> str:
    """The name of a day's partition: `probes_proberesult_p20261121`."""
    return f"{TABLE}_p{day:%Y%m%d}"


def is_young(day: date) -> bool:
    """Whether a UTC day is far from being dropped, so that what is remembered of it holds."""
    return day >= timezone.now().date() - _YOUNG


def ensure(days: Iterable[date]) -> list[date]:
    """Let these days have their partitions; those that were made now. One look-up for days not known yet
    or so old that they may have been dropped since.

    Readers and writers of other days go on meanwhile: the new table is attached, which `CREATE TABLE …
    PARTITION OF` could not do without holding up everybody. Two sessions that lack a day wait for each other;
    call it before rows are locked that another writer may want.
    """
    wanted = {partition_of(day): day for day in days if day not in _known or not is_young(day)}
    if not wanted or vendor() != "postgresql":
        return []
    absent = _make(wanted) if wanted.keys() - set(partitions()) else []
    transaction.on_commit(partial(_known.update, wanted.values()))
    return [wanted[name] for name in absent]


def forget() -> None:
    """Look every day up again."""
    _known.clear()


@transaction.atomic
def _make(wanted: Mapping[str, date]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        absent = sorted(wanted.keys() - set(partitions()))  # another session may just have made them
        for name in absent:
            cursor.execute(_making(name))
            cursor.execute(_attaching(name, wanted[name]))
    return absent


def partitions() -> list[str]:
    """The partitions that are attached, oldest first; none but on PostgreSQL."""
    if vendor() != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [TABLE])
        return [name for (name,) in cursor.fetchall()]


def made() -> list[date]:
    """The days that have a partition, oldest first; none but on PostgreSQL."""
    named = [name.removeprefix(f"{TABLE}_p") for name in partitions()]
    return sorted(
        datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC).date() for name in named if name.isdigit()
    )


def _making(name: str) -> sql.Composed:
    made = sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
    return made.format(sql.Identifier(name), sql.Identifier(TABLE))


def _attaching(name: str, day: date) -> sql.Composed:
    attached = sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})")
    bounds = (sql.Literal(f"{edge:%Y-%m-%d} 00:00:00+00") for edge in (day, day + timedelta(days=1)))
    return attached.format(sql.Identifier(TABLE), sql.Identifier(name), *bounds)
