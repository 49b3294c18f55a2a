"""Copies of a template inside the database: the same rows at another time, their regions rotated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Model

from benches.store.plan import HOUR, NOW, REGIONS, TEMPLATE_HOURS

#: Moments of these names are whole seconds; SQLite's text of a moment has a fraction only where it is not 0.
WHOLE_SECONDS = ("due_at", "hour_at", "bucket_at")


@dataclass(frozen=True, slots=True)
class Table:
    """What a copy must know: columns without a generated key, which of them are moments, `by` = the order.

    regions: what stands in the column `region` for each of REGIONS, as SQL.
    """

    name: str
    columns: Sequence[str]
    moments: frozenset[str]
    by: str
    regions: Sequence[str]

    @classmethod
    def of(cls, model: type[Model], *, by: str) -> "Table":
        fields = [
            field
            for field in model._meta.concrete_fields
            if field.column and field.get_internal_type() not in ("AutoField", "BigAutoField")
        ]
        region = model._meta.get_field("region")
        return cls(
            name=model._meta.db_table,
            columns=[str(field.column) for field in fields],
            moments=frozenset(str(field.column) for field in fields if isinstance(field, DateTimeField)),
            by=by,
            regions=[_literal(region.get_db_prep_value(slug, connection)) for slug in REGIONS],  # type: ignore[union-attr]
        )

    @property
    def template(self) -> str:
        return f"bench_of_{self.name}"


def keep_template(table: Table) -> None:
    """Take the table's rows away into one of the same columns, in order of time."""
    run(f"DROP TABLE IF EXISTS {table.template}")
    names = ", ".join(table.columns)
    run(f"CREATE TABLE {table.template} AS SELECT {names} FROM {table.name} ORDER BY {table.by}")
    if on_postgresql():
        run("SET CONSTRAINTS ALL IMMEDIATE")  # what is still to be checked forbids the next statement
    run(f"TRUNCATE {table.name}" if on_postgresql() else f"DELETE FROM {table.name}")


def spread(
    table: Table,
    *,
    begin: datetime,
    end: datetime = NOW,
    condition: str = "TRUE",
    every: timedelta = timedelta(hours=TEMPLATE_HOURS),
    template_ends_at: datetime = HOUR,
    rotate: bool = True,
) -> None:
    """Fill the table with copies of its template from `begin` until before `end`, oldest first.

    every: how long the template is, and how much older each copy is than the one after it.
    """
    names = ", ".join(table.columns)
    template_begins_at = template_ends_at - every
    for place in range(int((template_ends_at - begin) / every) + 1, -2, -1):
        shift = every * place
        rotation = place % len(REGIONS) if rotate else 0
        values = ", ".join(_value(table, column, shift, rotation) for column in table.columns)
        first, last = max(begin + shift, template_begins_at), min(end + shift, template_ends_at)
        run(
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.template}"
            f" WHERE {table.by} >= {moment(first)} AND {table.by} < {moment(last)}"
            f" AND {condition} ORDER BY {table.by}"
        )


def moment(at: datetime) -> str:
    """A literal of the database; `at` in whole seconds, UTC."""
    return f"timestamptz '{at:%Y-%m-%d %H:%M:%S}+00'" if on_postgresql() else f"'{at:%Y-%m-%d %H:%M:%S}'"


def run(statement: str, parameters: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def fetch(statement: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def _value(table: Table, column: str, shift: timedelta, rotation: int) -> str:
    if column in table.moments:
        return _earlier(column, int(shift.total_seconds()))
    if column == "region" and rotation:
        count = len(REGIONS)
        pairs = [(table.regions[place], table.regions[(place + rotation) % count]) for place in range(count)]
        return f"CASE region {' '.join(f'WHEN {old} THEN {new}' for old, new in pairs)} END"
    return column


def _earlier(column: str, seconds: int) -> str:
    if on_postgresql():
        return f"{column} - interval '{seconds} seconds'"
    if column in WHOLE_SECONDS:
        return f"datetime({column}, '{-seconds} seconds')"
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '{-seconds} seconds') || '000'"
