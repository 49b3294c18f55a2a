"""What storing attempts costs: the product's way beside single inserts, executemany and COPY."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import connection, transaction

from benches.store import product
from benches.store.catalogue import target_ids
from benches.store.copying import on_postgresql, run
from benches.store.cpu import CpuClock
from benches.store.plan import HOUR, NOW, Plan, attempts_of
from probes.attempts import Attempt

TARGET: Final = "bench_target"
UNPARTED: Final = "bench_target_unparted"
#: So many minutes of all series are stored by every way in a repetition.
MINUTES: Final = 10
#: Of each of these minutes so many rows by single inserts.
SINGLE: Final = 50


@dataclass(slots=True)
class Cost:
    """Of so many rows; server_s is the CPU of PostgreSQL's backend, 0 on SQLite, which is in our process."""

    rows: int
    wall_s: float
    client_s: float
    server_s: float


class Ingest:
    """Every repetition goes on where the last one ended, so nothing is stored twice."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._targets, self._minute = plan, target_ids(), int((NOW - HOUR).total_seconds() // 60)
        self._fields = [field for field in product.ProbeResult._meta.concrete_fields if field.column]
        self._names = ", ".join(str(field.column) for field in self._fields)
        _make_target()

    def run(self, repetition: int) -> dict[str, dict[str, float]]:
        ways = list(self._ways())
        first = repetition % len(ways)
        in_turn = ways[first:] + ways[:first]
        return {name: asdict(self._measured(kind, minutes, store)) for name, kind, minutes, store in in_turn}

    def _ways(self) -> Iterator[tuple[str, str, int, Callable[[Any], None]]]:
        """(name, what a batch consists of, minutes in a batch, what stores it)."""
        yield "rows and rollups, a minute at a time", "rows", 1, _store_rows
        yield "rows and rollups, a backlog", "rows", MINUTES, _store_rows
        yield "rows alone, a minute at a time", "rows", 1, _store_rows_alone
        yield "whole pipeline, a minute at a time", "attempts", 1, self._pipeline
        yield "whole pipeline, a backlog", "attempts", MINUTES, self._pipeline
        many = partial(self._executemany, TARGET)
        yield "executemany, a minute at a time", "tuples", 1, many
        yield "executemany, a backlog", "tuples", MINUTES, many
        if on_postgresql():
            unparted, unprepared = partial(self._executemany, UNPARTED), partial(many, prepared=False)
            yield "executemany, no partitions, a minute at a time", "tuples", 1, unparted
            yield "executemany, not prepared, a minute at a time", "tuples", 1, unprepared
        yield "single inserts", "few tuples", 1, self._single
        if on_postgresql():
            yield "COPY, a minute at a time", "tuples", 1, self._copy

    def _measured(self, kind: str, minutes: int, store: Callable[[Any], None]) -> Cost:
        batches = [self._batch(kind, minutes) for _ in range(MINUTES // minutes)]
        cpu, began = CpuClock(), time.monotonic()
        for batch in batches:
            store(batch)
        wall_s = time.monotonic() - began
        return Cost(sum(len(batch) for batch in batches), wall_s, *cpu.read())

    def _batch(self, kind: str, minutes: int) -> Sequence[Any]:
        span = range(self._minute, self._minute + minutes)
        self._minute += minutes
        attempts = [a for minute in attempts_of(self._plan, HOUR, span, self._targets) for a in minute]
        if kind == "attempts":
            return attempts
        rows = product.rows_of(attempts)
        if kind == "rows":
            return rows
        tuples = [tuple(self._values(row)) for row in rows]
        return tuples[:SINGLE] if kind == "few tuples" else tuples

    def _values(self, row: Any) -> Iterator[Any]:
        """As the driver takes them: the comparison is not charged with making them."""
        for field in self._fields:
            yield field.get_db_prep_save(getattr(row, field.attname), connection)

    def _pipeline(self, attempts: Sequence[Attempt]) -> None:
        product.store_attempts(attempts, now=HOUR + timedelta(minutes=self._minute))

    def _executemany(self, table: str, tuples: Sequence[Any], *, prepared: bool = True) -> None:
        """prepared: as psycopg does by default; Django's connections have it off."""
        own = connection.cursor()
        if on_postgresql():
            connection.connection.prepare_threshold = 5 if prepared else None
            own = connection.connection.cursor()
        with transaction.atomic(), own as cursor:
            cursor.executemany(self._insert(table), tuples)
        if on_postgresql():
            connection.connection.prepare_threshold = None

    def _single(self, tuples: Sequence[Any]) -> None:
        """Each in a transaction of its own."""
        with connection.cursor() as cursor:
            for values in tuples:
                cursor.execute(self._insert(TARGET), values)

    def _copy(self, tuples: Sequence[Any]) -> None:
        with (
            transaction.atomic(),
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY {TARGET} ({self._names}) FROM STDIN") as copy,
        ):
            for values in tuples:
                copy.write_row(values)

    def _insert(self, table: str) -> str:
        marks = ", ".join(["%s"] * len(self._fields))
        return f"INSERT INTO {table} ({self._names}) VALUES ({marks})"


@transaction.atomic
def _store_rows(rows: Sequence[Any]) -> None:
    product.write(rows)
    product.add_to_rollups(rows)


@transaction.atomic
def _store_rows_alone(rows: Sequence[Any]) -> None:
    product.write(rows)


def _make_target() -> None:
    """A table like the one of raw rows, its partition and its indexes included, that nothing else touches."""
    if on_postgresql():
        run(f"CREATE TABLE {TARGET} (LIKE {product.RAW} INCLUDING ALL) PARTITION BY RANGE (due_at)")
        run(f"CREATE TABLE {TARGET}_day PARTITION OF {TARGET} DEFAULT")
        run(f"CREATE TABLE {UNPARTED} (LIKE {product.RAW} INCLUDING ALL)")
        return
    run(f"CREATE TABLE {TARGET} AS SELECT * FROM {product.RAW} LIMIT 0")
    key = "endpoint_id, tier, region, due_at, attempt"
    run(f"CREATE UNIQUE INDEX {TARGET}_key ON {TARGET} ({key})")
    run(f"CREATE INDEX {TARGET}_region ON {TARGET} (region, due_at)")
