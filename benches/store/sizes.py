"""Bytes of the tables, per row and per attempt."""

from typing import Any

from benches.store import plain, product
from benches.store.copying import fetch, on_postgresql
from benches.store.plan import FULL_HOURS, ROLLUP_HOURS, Plan


def measure(plan: Plan) -> dict[str, Any]:
    """Table → {rows, bytes, bytes with indexes}; `ratio`: 30 days of rollups ÷ 30 days of raw rows."""
    found = {name: _size(name) for name in (product.RAW, *product.ROLLUPS)}
    if plan.plain_hours:
        found[plain.NAME] = _size(plain.NAME)
    raw = found[product.RAW]
    # The rollups cover ROLLUP_HOURS of rollup_models, the raw rows plan.hours of all models.
    rollups = {
        kind: sum(found[name][kind] for name in product.ROLLUPS) / ROLLUP_HOURS / plan.rollup_models
        for kind in ("bytes", "with_indexes")
    }
    ratios = {kind: rollups[kind] / (raw[kind] / _hours(raw, plan) / plan.models) for kind in rollups}
    return {"tables": found, "ratios": ratios, "full_attempts": plan.series * FULL_HOURS * 60}


def _hours(raw: dict[str, int], plan: Plan) -> float:
    """Of raw attempts, the part of an hour at the end included."""
    return plan.hours + 37 / 60


def _size(table: str) -> dict[str, int]:
    rows = int(fetch(f"SELECT count(*) FROM {table}")[0][0])
    heap, whole = _postgresql(table) if on_postgresql() else _sqlite(table)
    return {"rows": rows, "bytes": heap, "with_indexes": whole}


def _postgresql(table: str) -> tuple[int, int]:
    """The heap's main fork, and all with indexes, maps and TOAST, over the partitions."""
    parts = f"SELECT '{table}'::regclass AS part UNION SELECT relid FROM pg_partition_tree('{table}')"
    sums = "sum(pg_relation_size(part)), sum(pg_total_relation_size(part))"
    ((heap, whole),) = fetch(f"SELECT {sums} FROM ({parts}) AS parts")
    return int(heap), int(whole)


def _sqlite(table: str) -> tuple[int, int]:
    """Pages of the table, and of the table and its indexes."""
    names = [row[0] for row in fetch("SELECT name FROM sqlite_schema WHERE tbl_name = %s", [table])]
    page_size = int(fetch("PRAGMA page_size")[0][0])
    # Aggregated, `pageno` is how many pages there are; `pgsize`, their bytes, has 32 bits only.
    counted = "SELECT pageno FROM dbstat WHERE name = %s AND aggregate = TRUE"
    sizes = {name: int(fetch(counted, [name])[0][0]) * page_size for name in names}
    return sizes[table], sum(sizes.values())
