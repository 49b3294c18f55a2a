"""Fills an empty database: a template by the product's own writing, then copies of it in the database."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from benches.store import plain, product
from benches.store.catalogue import make_catalogue
from benches.store.copying import Table, keep_template, on_postgresql, run, spread
from benches.store.plan import HOUR, NOW, ROLLUP_HOURS, TEMPLATE_HOURS, Plan, attempts_of, slug_of
from benches.store.questions import BENCH_SERIES, READY

ONE_DAY = timedelta(days=1)
#: Minutes of all series that are written at a time.
BATCH_MINUTES = 5


def build(plan: Plan) -> dict[str, Any]:
    """The store of the plan, vacuumed and analysed; s that each step took, hours that were compared."""
    took: dict[str, float] = {}
    with _step("migrations", took):
        call_command("migrate", verbosity=0)
        _be_quick()
        targets = make_catalogue(plan)
    with _step("template", took):
        _write_template(plan, targets)
        compared = product.check_hours(HOUR - timedelta(hours=1))
    with _step("raw rows", took):
        _spread_raw(plan)
    with _step("rollups", took):
        _spread_rollups(plan)
    with _step("plain table", took):
        _spread_plain(plan)
    with _step("states", took):
        product.judge(now=NOW)
        _keep_series_and_ready(plan)
    with _step("vacuum", took):
        _settle()
    return {"took_s": took, "hours_compared": compared}


@contextmanager
def _step(name: str, took: dict[str, float]) -> Iterator[None]:
    began = time.monotonic()
    yield
    took[name] = time.monotonic() - began
    sys.stderr.write(f"  {connection.vendor}: {name}: {took[name]:.1f} s\n")


def _be_quick() -> None:
    """For the load only: copies refer to what is there, and what falls with the machine is built again."""
    if on_postgresql():
        run("SET session_replication_role = replica")
    else:
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "cache_size = -400000",
            "foreign_keys = OFF",
        ):
            run(f"PRAGMA {pragma}")


def _write_template(plan: Plan, targets: dict[str, int]) -> None:
    begin = HOUR - timedelta(hours=TEMPLATE_HOURS)
    plain.make_tables()
    product.make_days(begin, NOW)
    for first in range(0, TEMPLATE_HOURS * 60, BATCH_MINUTES):
        minutes = attempts_of(plan, begin, range(first, first + BATCH_MINUTES), targets)
        attempts = [attempt for minute in minutes for attempt in minute]
        with transaction.atomic():
            rows = product.rows_of(attempts)
            product.write(rows)
            product.add_to_rollups(rows)
        if plan.plain_hours:
            plain.add_to_template(attempts)


def _spread_raw(plan: Plan) -> None:
    begin = HOUR - timedelta(hours=plan.hours)
    table = Table.of(product.ProbeResult, by="due_at")
    keep_template(table)
    product.make_days(begin, NOW)
    spread(table, begin=begin)


def _spread_rollups(plan: Plan) -> None:
    """Hours by copying, for raw rows were copied the same way; the hour that goes on by the product.

    The wider buckets of a day are the product's, those before it are copies: what was copied repeats daily.
    """
    begin = HOUR - timedelta(hours=ROLLUP_HOURS)
    table = Table.of(product.HourRollup, by="hour_at")
    last = product.endpoint_id(slug_of(plan.rollup_models - 1))
    keep_template(table)
    spread(table, begin=begin, end=HOUR, condition=f"endpoint_id <= {last}")
    product.derive_hour(HOUR, last_endpoint=last)
    midnight = HOUR.replace(hour=0)
    product.roll_up(since=midnight - ONE_DAY, now=NOW)
    for model, until in product.marks():
        wide = Table.of(model, by="bucket_at")
        keep_template(wide)
        spread(wide, begin=begin, end=until, every=ONE_DAY, template_ends_at=midnight, rotate=False)


def _spread_plain(plan: Plan) -> None:
    if plan.plain_hours:
        spread(plain.table(), begin=HOUR - timedelta(hours=plan.plain_hours))
        plain.finish()


def _keep_series_and_ready(plan: Plan) -> None:
    """All series by their numbers, and one ready row for each, of the kept table's columns."""
    template = Table.of(product.ProbeResult, by="due_at").template
    run(f"CREATE TABLE {BENCH_SERIES} AS SELECT DISTINCT endpoint_id, region FROM {template}")
    ((statement, parameters),) = product.statements_of(product.latest)
    run(f"CREATE TABLE {READY} ({product.columns_of_latest()})")
    run(f"INSERT INTO {READY} {statement} LIMIT {plan.series}", parameters)


def _settle() -> None:
    """As a store is that has been running: statistics taken, nothing left over from the load."""
    if on_postgresql():
        run("VACUUM ANALYZE")
        run("CHECKPOINT")
    else:
        run("ANALYZE")
    connection.close()
