"""Writing raw rows in bulk: COPY where the server is PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.backends.utils import format_number
from psycopg import sql

from probes.models import ProbeResult
from probes.models.fields import CodedField, MillisecondsField
from probes.timeseries import days, vendor
from probes.timeseries.packing import COLUMNS, packed

_TABLE: Final = ProbeResult._meta.db_table
_FIELDS: Final[list[Any]] = list(ProbeResult._meta.concrete_fields)
_VALUES: Final = itemgetter(*(field.attname for field in _FIELDS))
_COPY: Final = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
    sql.Identifier(_TABLE), sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
)
_INSERT: Final = (
    f"INSERT INTO {_TABLE} ({', '.join(field.column for field in _FIELDS)})"  # noqa: S608 (names of ours)
    f" VALUES ({', '.join(['%s'] * len(_FIELDS))})"
)


def write(rows: Sequence[ProbeResult]) -> None:
    """Store these rows, all or none, in the caller's transaction. Rows are written by nothing else.

    Days that have no partition get one. IntegrityError: one of them is there already, or its endpoint or
    provenance is not; DataError, ValueError, OverflowError: a value that its column cannot hold.
    """
    if not rows:
        return
    days.ensure({row.due_at.astimezone(UTC).date() for row in rows})
    with transaction.atomic():
        if vendor() == "sqlite":
            _insert(rows)
        else:
            _copy(rows)


def write_absent(rows: Sequence[ProbeResult]) -> list[ProbeResult]:
    """Store those of these rows whose key is not there yet; they are returned.

    The caller holds their regions (`orders.lock_regions`), so that nobody stores them in between.
    """
    there = ProbeResult.objects.filter(
        endpoint__in={row.endpoint_id for row in rows},
        region__in={row.region for row in rows},
        tier__in={row.tier for row in rows},
        due_at__in={row.due_at for row in rows},
    )
    keys = set(there.values_list("pk", flat=True)) if rows else set()
    absent = [row for row in rows if row.pk not in keys]
    write(absent)
    return absent


def _copy(rows: Sequence[ProbeResult]) -> None:
    stream = packed(rows)
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write(stream)


def _insert(rows: Sequence[ProbeResult]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [_plain(row) for row in rows])


def _plain(row: ProbeResult) -> list[Any]:
    values = list(_VALUES(row.__dict__))
    for place, convert in _CONVERTERS:
        if (value := values[place]) is not None:
            values[place] = convert(value)
    return values


def _converters() -> list[tuple[int, Callable[[Any], Any]]]:
    """Place in the row → how its value is kept by SQLite; the others are kept as they are."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for place, field in enumerate(_FIELDS):
        if isinstance(field, CodedField | MillisecondsField):
            found.append((place, field.get_prep_value))
        elif isinstance(field, models.DateTimeField):
            found.append((place, _utc_text))
        elif isinstance(field, models.DecimalField):
            found.append((place, partial(format_number, max_digits=14, decimal_places=8)))
    return found


def _utc_text(moment: datetime) -> str:
    """As Django writes a moment into SQLite."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


_CONVERTERS: Final = _converters()
