"""What is asked of a store: the product's answers, and what one would write without its tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from benches.store import plain, product
from benches.store.copying import fetch, moment, on_postgresql
from benches.store.plan import HOUR, NOW, Plan, slug_of

#: The model whose history is asked for; every store has its rollups.
MODEL: Final = 0
REGION: Final = "frankfurt"
WINDOWS: Final = ("24h", "7d", "30d", "90d")
READY: Final = "bench_ready"
BENCH_SERIES: Final = "bench_series"


@dataclass(frozen=True, slots=True)
class Question:
    """ask: returns what came, so that it is known to be something. once: it takes long, and is asked once."""

    name: str
    words: str
    ask: Callable[[], Any]
    once: bool = False


def questions(plan: Plan) -> dict[str, Question]:
    """By name; those that are ours are in every store."""
    found = [*_ours(plan), *_beside_raw()]
    if plan.plain_hours:
        found += [*_beside_plain(plan), *(_beside_plain_postgresql() if on_postgresql() else ())]
    return {question.name: question for question in found}


def _ours(plan: Plan) -> Iterator[Question]:
    yield Question("ready", f"{plan.series} ready rows fetched", _ready)
    yield Question("latest", "the kept table", product.latest)
    yield Question("five minutes", "from raw rows, exact", product.five_minutes)
    for window in WINDOWS:
        for region in (REGION, "all"):
            ask = partial(product.history, slug_of(MODEL), region=region, window=window)
            where = "one region" if region == REGION else "all regions"
            yield Question(f"history {window} {region}", f"{window}, {where}", ask)


def _ready() -> list[tuple[Any, ...]]:
    """As fast as the driver can; with Django's reading of moments PostgreSQL's take three times as long."""
    with connection.cursor() as cursor:
        if on_postgresql():
            cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(f"SELECT * FROM {READY}")
        return list(cursor.fetchall())


def _beside_raw() -> Iterator[Question]:
    newest = "due_at, outcome, total_us, first_answer_us"
    inner = (
        f"SELECT {{}} FROM {product.RAW} r WHERE r.endpoint_id = s.endpoint_id AND r.tier = {product.TIER}"
        " AND r.region = s.region ORDER BY r.due_at DESC LIMIT 1"
    )
    if on_postgresql():
        lateral = f"SELECT s.*, l.* FROM {BENCH_SERIES} s CROSS JOIN LATERAL ({inner.format(newest)}) l"
        distinct = (
            f"SELECT DISTINCT ON (endpoint_id, region) endpoint_id, region, {newest} FROM probes_proberesult"
            f" WHERE tier = {product.TIER} ORDER BY endpoint_id, region, due_at DESC"
        )
        yield Question(
            "latest, DISTINCT ON", "DISTINCT ON over raw rows", partial(fetch, distinct), once=True
        )
    else:
        lateral = (
            f"SELECT s.*, {newest} FROM {BENCH_SERIES} s JOIN probes_proberesult p ON p.rowid ="
            f" ({inner.format('r.rowid')})"
        )
    yield Question("latest, LATERAL", "the newest raw row of each series", partial(fetch, lateral))
    yield Question("30d p95, raw", "30 d, one region: p95 from raw rows", _p95_of_raw)


def _p95_of_raw() -> list[tuple[Any, ...]]:
    series = (
        f"FROM probes_proberesult WHERE endpoint_id = {product.endpoint_id(slug_of(MODEL))}"
        f" AND tier = {product.TIER} AND region = {product.region_code(REGION)}"
        f" AND due_at >= {moment(HOUR.replace(month=HOUR.month - 1))} AND outcome = 0"
    )
    if on_postgresql():
        bucket = "date_bin('3 hours', due_at, timestamptz '2026-01-01 00:00+00')"
        p95 = "percentile_disc(0.95) WITHIN GROUP (ORDER BY total_us)"
        return fetch(f"SELECT {bucket}, count(*), {p95} {series} GROUP BY 1 ORDER BY 1")
    return percentiles(fetch(f"SELECT unixepoch(due_at) / 10800, total_us {series}"))


def percentiles(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """(bucket, how many, p95 by nearest rank) of (bucket, value): SQLite has no percentiles."""
    buckets: dict[Any, list[float]] = {}
    for bucket, value in rows:
        buckets.setdefault(bucket, []).append(value)
    return [
        (bucket, len(values), sorted(values)[-(-95 * len(values) // 100) - 1])
        for bucket, values in sorted(buckets.items())
    ]


def _beside_plain(plan: Plan) -> Iterator[Question]:
    newest = "due_at, outcome, total_ms, first_answer_ms"
    inner = (
        f"SELECT {{}} FROM {plain.NAME} r WHERE r.endpoint = s.endpoint AND r.region = s.region"
        " ORDER BY r.started_at DESC LIMIT 1"
    )
    if on_postgresql():
        lateral = f"SELECT s.*, l.* FROM {plain.SERIES} s CROSS JOIN LATERAL ({inner.format(newest)}) l"
    else:
        newest_id = inner.format("r.id")
        lateral = f"SELECT s.*, {newest} FROM {plain.SERIES} s JOIN {plain.NAME} p ON p.id = ({newest_id})"
    yield Question("plain: latest, LATERAL", "the newest row of each series", partial(fetch, lateral))
    recent = (
        f"FROM {plain.SERIES} s JOIN {plain.NAME} r ON r.endpoint = s.endpoint AND r.region = s.region"
        f" AND r.started_at > {moment(NOW - product.FIVE_MINUTES)} WHERE r.outcome = 'ok'"
    )
    if on_postgresql():
        p95 = "percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms)"
        ask = partial(fetch, f"SELECT s.endpoint, s.region, count(*), {p95} {recent} GROUP BY 1, 2")
    else:
        statement = f"SELECT s.endpoint || s.region, total_ms {recent}"
        ask = partial(_percentiles_of, statement)
    yield Question("plain: five minutes", "5 minutes of each series", ask)


def _percentiles_of(statement: str) -> list[tuple[Any, ...]]:
    return percentiles(fetch(statement))


def _beside_plain_postgresql() -> Iterator[Question]:
    distinct = (
        "SELECT DISTINCT ON (endpoint, region) endpoint, region, started_at, outcome, total_ms,"
        f" first_answer_ms FROM {plain.NAME} ORDER BY endpoint, region, started_at DESC"
    )
    yield Question("plain: latest, DISTINCT ON", "DISTINCT ON", partial(fetch, distinct), once=True)
    series = f"WHERE endpoint = '{slug_of(MODEL)}' AND region = '{REGION}'"
    bucket = "date_bin('3 hours', {}, timestamptz '2026-01-01 00:00+00')"
    p95 = "percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms)"
    raw = (
        f"SELECT {bucket.format('started_at')}, count(*), {p95} FROM {plain.NAME} {series}"
        " AND outcome = 'ok' GROUP BY 1"
    )
    largest = f"{bucket.format('hour_at')}, sum(attempts), max(p95_ms)"
    hourly = f"SELECT {largest} FROM {plain.HOURLY} {series} GROUP BY 1"
    yield Question("plain: p95, raw", "one region: percentile_cont of all rows", partial(fetch, raw))
    yield Question(
        "plain: p95, hourly", "one region: the largest of hourly p95s, no p95", partial(fetch, hourly)
    )
