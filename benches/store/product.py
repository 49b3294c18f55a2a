"""What the bench takes from the product, in one place."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from unittest.mock import patch

import psycopg
from django.db import connection, transaction
from django.db.models import Model

from aigo.lib.regions import CODES as REGION_CODES
from benches.store.plan import NOW, REGIONS
from catalog.models import Endpoint
from probes import sketches
from probes.attempts import Attempt
from probes.models import HourRollup, ProbeResult, RollupMark
from probes.models.results import TIER_CODES
from probes.selectors import five_minute_figures
from probes.services import ingest, provenances, rollups, spending
from probes.services.ingest import store_attempts
from probes.timeseries import days, rows
from probes.timeseries.buckets import GRAINS
from status.history import load_history
from status.models import EndpointState
from status.selectors import latest_states
from status.services import judge_endpoints
from status.snapshot import LatestState

__all__ = ["HourRollup", "ProbeResult", "store_attempts"]

RAW: Final = ProbeResult._meta.db_table
ROLLUPS: Final = (HourRollup._meta.db_table, *(grain.table for grain in GRAINS))
POINTS: Final = 300
TIER: Final = TIER_CODES["B"]
FIVE_MINUTES: Final = timedelta(minutes=5)


@cache
def _ids() -> dict[str, int]:
    return dict(Endpoint.objects.values_list("slug", "pk"))


def endpoint_id(slug: str) -> int:
    return _ids()[slug]


def region_code(slug: str) -> int:
    return REGION_CODES[slug]


def rows_of(attempts: Sequence[Attempt]) -> list[ProbeResult]:
    """As ingest makes them."""
    ids = _ids()
    costs = spending.costs_of(attempts, ids)
    origins = [ingest._origin(attempt) for attempt in attempts]
    numbers = provenances.numbers(set(origins), day=NOW.date())
    return [
        ingest._row_of(attempt, cost, ids, {}, numbers[origin])
        for attempt, cost, origin in zip(attempts, costs, origins, strict=True)
    ]


def write(stored: Sequence[ProbeResult]) -> None:
    rows.write(stored)


def make_days(first: datetime, last: datetime) -> None:
    count = (last.date() - first.date()).days + 1
    days.ensure([first.date() + timedelta(days=number) for number in range(count)])


def judge(*, now: datetime) -> None:
    """Fill the kept table of the latest states from the attempts."""
    judge_endpoints(_ids().values(), now=now)


def five_minutes() -> list[Any]:
    return five_minute_figures(now=NOW, tier="B")


@cache
def _endpoint(slug: str) -> Endpoint:
    return Endpoint.objects.select_related("model", "provider").get(slug=slug)


def history(slug: str, *, region: str, window: str) -> Sequence[Any]:
    """Its points."""
    endpoint = _endpoint(slug)
    return load_history(endpoint, tier="B", region=region, window=window, points=POINTS, now=NOW).points


def add_to_rollups(stored: Sequence[ProbeResult]) -> None:
    rollups.add(stored)


def check_hours(hour_at: datetime, *, many: int = 20) -> int:
    """Derive some of an hour's rollups anew from the raw rows; how many, all of them found equal."""
    asked = list(HourRollup.objects.filter(hour_at=hour_at).order_by("endpoint", "region")[:many])
    with transaction.atomic():
        rollups.rederive([(row.endpoint_id, row.tier, row.region, row.hour_at) for row in asked])
    for row in asked:
        again = HourRollup.objects.get(pk=row.pk)
        if sorted(sketches.unpack(bytes(again.codes))) != sorted(sketches.unpack(bytes(row.codes))):
            raise ValueError(f"{row} is not what its raw rows are")
    return len(asked)


def derive_hour(hour_at: datetime, *, last_endpoint: int) -> None:
    ids = [pk for pk in _ids().values() if pk <= last_endpoint]
    with transaction.atomic():
        rollups.rederive([(pk, "B", region, hour_at) for pk in ids for region in REGIONS])


def roll_up(*, since: datetime, now: datetime) -> None:
    """Make the wider buckets from a midnight on; those before it are said to be there."""
    for grain in GRAINS:
        RollupMark.objects.create(table=grain.table, until=since)
    rollups.roll_up(now=now)


def marks() -> Iterator[tuple[type[Model], datetime]]:
    """The tables of wider buckets, and until when they are made."""
    until = dict(RollupMark.objects.values_list("table", "until"))
    for grain in GRAINS:
        yield grain.model, until[grain.table]


def latest() -> dict[tuple[int, str], Any]:
    return latest_states()


def columns_of_latest() -> str:
    """Names and types of its columns, as a table is made of them."""
    fields = [EndpointState._meta.get_field(name.removesuffix("_id")) for name in LatestState._fields]
    return ", ".join(f"{field.column} {field.db_type(connection)}" for field in fields)  # type: ignore[union-attr]


def statements_of(ask: Callable[[], Any]) -> list[tuple[str, Any]]:
    """(SQL, its parameters) of what is asked of the database meanwhile, in order."""
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note), _noted_by_driver(seen):
        ask()
    return seen


@contextmanager
def _noted_by_driver(seen: list[tuple[str, Any]]) -> Iterator[None]:
    """What is asked of psycopg itself, past Django's cursors."""
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, parameters: Any = None, **options: Any) -> Any:
        if type(cursor) is psycopg.Cursor:
            seen.append((query.decode() if isinstance(query, bytes) else str(query), parameters))
        return execute(cursor, query, parameters, **options)

    with patch.object(psycopg.Cursor, "execute", noted):
        yield
