"""Reading many plain rows: a query set's columns without Django's conversion of each value."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connections
from django.db.models import QuerySet
from psycopg.types.datetime import TimestamptzLoader

Rows = list[tuple[Any, ...]]


def fetched(rows: QuerySet[Any, tuple[Any, ...]], *, moments: Sequence[int]) -> Rows:
    """The rows of a `values_list`, in no order; only for columns of text, numbers and moments.

    `moments`: the places of the columns that hold moments, which come as UTC. On PostgreSQL they are read by
    psycopg's own loader, in C: of 834 states with two moments each, Django's took three quarters of the time.
    SQLite hands them over as text, for making them aware took a third of it.
    """
    connection = connections[rows.db]
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(sql, parameters)
            return cast(Rows, cursor.fetchall())
        cursor.execute(_with_texts(sql, len(compiler.select), moments), parameters)
        return _with_moments(cursor.fetchall(), moments)


def _with_texts(sql: str, count: int, moments: Sequence[int]) -> str:
    """The query, its moments as texts: of columns sqlite3 would make datetimes without a zone."""
    names = [f"c{place}" for place in range(count)]
    chosen = [f"CAST({name} AS text)" if place in moments else name for place, name in enumerate(names)]
    return f"WITH found ({', '.join(names)}) AS ({sql}) SELECT {', '.join(chosen)} FROM found"  # noqa: S608


def _with_moments(rows: Rows, moments: Sequence[int]) -> Rows:
    """By columns, which is faster than row by row. SQLite keeps moments without their zone, which is UTC."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place in moments if rows else ():
        columns[place] = [text and datetime.fromisoformat(f"{text}+00:00") for text in columns[place]]
    return list(zip(*columns, strict=True))
