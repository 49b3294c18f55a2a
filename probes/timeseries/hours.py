"""Hours of attempts in bulk: appending, deriving from raw rows, reading many at once.

The same bytes on every database: PostgreSQL makes them itself where it derives (`int4send` is the network's
order), Python does on SQLite. On TimescaleDB hours are a continuous aggregate and are only read.
"""

# ruff: noqa: S608 (what is put together here are constants and names of columns, of this file)

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psycopg
from django.db import connection, connections, router

from aigo.lib.regions import CODES as REGION_CODES
from probes import sketches
from probes.history import Attempts
from probes.models import HourRollup
from probes.outcomes import CODES as OUTCOME_CODES
from probes.sketches import THRESHOLDS_US, Ints
from probes.timeseries import vendor

#: endpoint id, tier and region as numbers, hour as unix seconds.
HourKey = tuple[int, int, int, int]
HOUR_S: Final = 3600
LEFT_OUT: Final = OUTCOME_CODES["pop_offline"]

_THRESHOLDS: Final = f"'{{{','.join(map(str, THRESHOLDS_US))}}}'::int[]"
#: `sketches.code_of` of a raw row, in PostgreSQL's words.
CODE_SQL: Final = f"""
    (date_part('minute', due_at AT TIME ZONE 'UTC')::int << 25)
    | ((CASE WHEN left_out = 0 THEN outcome ELSE {LEFT_OUT} END)::int << 20)
    | CASE WHEN left_out = 0 AND outcome = {sketches.OK} THEN
        (coalesce(width_bucket(total_us, {_THRESHOLDS}), 0) << 10)
        | coalesce(width_bucket(first_answer_us, {_THRESHOLDS}), 0)
      ELSE 0 END
"""
_PACKED: Final = f"string_agg(int4send({CODE_SQL}), ''::bytea)"
_COLUMNS: Final = "(endpoint_id, tier, region, hour_at, codes)"
_UPSERT: Final = "ON CONFLICT (endpoint_id, tier, region, hour_at) DO UPDATE SET codes ="
_APPEND: Final = {
    "postgresql": f"""
        INSERT INTO probes_hourrollup {_COLUMNS}
        SELECT endpoint_id, tier, region, to_timestamp(hour_s), codes
        FROM unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[], %s::bytea[])
            AS rows (endpoint_id, tier, region, hour_s, codes)
        {_UPSERT} probes_hourrollup.codes || excluded.codes
    """,
    # SQLite calls every concatenation a text, whatever its bytes are.
    "sqlite": f"""
        INSERT INTO probes_hourrollup {_COLUMNS} VALUES (%s, %s, %s, datetime(%s, 'unixepoch'), %s)
        {_UPSERT} CAST(probes_hourrollup.codes || excluded.codes AS BLOB)
    """,
}
_KEYS: Final = """unnest(%s::bigint[], %s::smallint[], %s::smallint[], %s::bigint[])
    AS keys (endpoint_id, tier, region, hour_s)"""
_FORGET: Final = {
    "postgresql": f"""
        DELETE FROM probes_hourrollup AS kept USING {_KEYS}
        WHERE (kept.endpoint_id, kept.tier, kept.region, kept.hour_at)
            = (keys.endpoint_id, keys.tier, keys.region, to_timestamp(keys.hour_s))
    """,
    "sqlite": """
        DELETE FROM probes_hourrollup
        WHERE endpoint_id = %s AND tier = %s AND region = %s AND hour_at = datetime(%s, 'unixepoch')
    """,
}
_DERIVE: Final = f"""
    INSERT INTO probes_hourrollup {_COLUMNS}
    SELECT endpoint_id, tier, region, date_trunc('hour', due_at, 'UTC'), {_PACKED}
    FROM probes_proberesult AS raw
    WHERE due_at >= to_timestamp(%s) AND due_at < to_timestamp(%s)
    GROUP BY 1, 2, 3, 4
"""
#: One look-up per hour, whatever the planner thinks of the keys.
_DERIVE_CHOSEN: Final = f"""
    INSERT INTO probes_hourrollup {_COLUMNS}
    SELECT keys.endpoint_id, keys.tier, keys.region, to_timestamp(keys.hour_s), found.codes
    FROM {_KEYS} CROSS JOIN LATERAL (
        SELECT {_PACKED} AS codes FROM probes_proberesult AS raw
        WHERE (raw.endpoint_id, raw.tier, raw.region) = (keys.endpoint_id, keys.tier, keys.region)
            AND due_at >= to_timestamp(keys.hour_s) AND due_at < to_timestamp(keys.hour_s + {HOUR_S})
            AND due_at >= to_timestamp(%s) AND due_at < to_timestamp(%s)
    ) AS found
    WHERE found.codes IS NOT NULL
"""
_RAW_COLUMNS: Final = """
    SELECT endpoint_id, tier, region, CAST(strftime('%%s', substr(due_at, 1, 19)) AS INTEGER),
        CASE WHEN left_out = 0 THEN outcome ELSE %s END, total_us, first_answer_us
"""
_RAW: Final = f"""
    {_RAW_COLUMNS} FROM probes_proberesult
    WHERE due_at >= datetime(%s, 'unixepoch') AND due_at < datetime(%s, 'unixepoch')
"""
#: CROSS JOIN: SQLite takes the keys first, one after another.
_RAW_CHOSEN: Final = f"""
    {_RAW_COLUMNS} FROM json_each(%s) AS keys CROSS JOIN probes_proberesult
    WHERE endpoint_id = json_extract(keys.value, '$[0]') AND tier = json_extract(keys.value, '$[1]')
        AND region = json_extract(keys.value, '$[2]')
        AND due_at >= datetime(json_extract(keys.value, '$[3]'), 'unixepoch')
        AND due_at < datetime(json_extract(keys.value, '$[3]'), 'unixepoch', '+1 hour')
"""
#: Hours as a continuous aggregate will have them once it is refreshed.
_RAW_HOURS: Final = f"""(
    SELECT endpoint_id, tier, region, date_trunc('hour', due_at, 'UTC') AS hour_at, {_PACKED} AS codes
    FROM probes_proberesult WHERE due_at >= to_timestamp(%s) AND due_at < to_timestamp(%s)
    GROUP BY 1, 2, 3, 4
)"""
#: Region by region the key leads to the hours that are wanted; without, all of the endpoint's are looked at.
_EVERY_REGION: Final = f" AND region IN ({', '.join(map(str, REGION_CODES.values()))})"
_READ: Final = {
    "postgresql": """
        SELECT string_agg(int8send(endpoint_id), ''), string_agg(int8send(tier), ''),
            string_agg(int8send(region), ''), string_agg(int8send(extract(epoch FROM hour_at)::bigint), ''),
            string_agg(int8send(length(codes)), ''), string_agg(codes, '')
        FROM {hours} AS hours
        WHERE hour_at >= to_timestamp(%s) AND hour_at < to_timestamp(%s)
    """,
    "sqlite": """
        SELECT endpoint_id, tier, region, CAST(strftime('%%s', hour_at) AS INTEGER), length(codes), codes
        FROM {hours} AS hours
        WHERE hour_at >= datetime(%s, 'unixepoch') AND hour_at < datetime(%s, 'unixepoch')
    """,
}
_HOUR: Final = {"postgresql": "to_timestamp({})", "sqlite": "datetime({}, 'unixepoch')"}


@dataclass(frozen=True, slots=True)
class HourRows:
    """Hours as columns, and the codes of all of them one after another, `counts` of each."""

    endpoint_id: Ints
    tier: Ints
    region: Ints
    hour_s: Ints
    counts: Ints
    codes: Ints

    def of_attempts(self, column: Ints) -> Ints:
        """A column of the hours as a column of their attempts."""
        return np.repeat(column, self.counts)

    def attempts(self) -> Attempts:
        codes = self.codes
        return Attempts(
            at_s=self.of_attempts(self.hour_s) + sketches.minutes_of(codes) * 60,
            region=self.of_attempts(self.region),
            outcome=sketches.outcomes_of(codes),
            total=sketches.total_bins_of(codes),
            ttft=sketches.ttft_bins_of(codes),
        )


def append(rows: Mapping[HourKey, bytes]) -> None:
    """Add these codes to their hours, in the caller's transaction; hours that are not there yet begin."""
    ordered = sorted(rows.items())  # every session locks hours in one order
    with connection.cursor() as cursor:
        if vendor() == "sqlite":
            cursor.executemany(_APPEND["sqlite"], [(*key, codes) for key, codes in ordered])
        else:
            packed = ",".join(f'"\\\\x{codes.hex()}"' for _, codes in ordered)
            cursor.execute(_APPEND["postgresql"], [*_columns([key for key, _ in ordered]), f"{{{packed}}}"])


def rederive(keys: Iterable[HourKey]) -> None:
    """Make these hours anew from their raw rows; an hour without any is no more."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    first_s, end_s = min(key[3] for key in wanted), max(key[3] for key in wanted) + HOUR_S
    with connection.cursor() as cursor:
        if vendor() == "sqlite":
            cursor.executemany(_FORGET["sqlite"], wanted)
        else:
            cursor.execute(_FORGET["postgresql"], _columns(wanted))
            cursor.execute(_DERIVE_CHOSEN, [*_columns(wanted), first_s, end_s])
            return
    append(_from_raw(_RAW_CHOSEN, [LEFT_OUT, json.dumps(wanted)]))


def derive(since_s: int, until_s: int) -> None:
    """Make the hours between two full hours (unix s) from raw rows, where there are none yet."""
    if vendor() == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_DERIVE, [since_s, until_s])
    elif vendor() == "sqlite":
        append(_from_raw(_RAW, [LEFT_OUT, since_s, until_s]))


def read(
    since_s: int,
    until_s: int,
    *,
    endpoint_id: int | None = None,
    endpoint_ids: Collection[int] | None = None,
    tier: int | None = None,
    region: int | None = None,
    only: Collection[int] | None = None,
    from_raw: bool = False,
) -> HourRows:
    """The hours that begin between two moments (unix s), of one endpoint, tier and region, None = of all.

    endpoint_ids: of these only, in place of one; only: of these hours (their beginnings, unix s).
    from_raw: as the raw rows of this moment tell it, which a continuous aggregate may be behind (PostgreSQL
    and TimescaleDB only).
    """
    wanted = {"endpoint_id": endpoint_id, "tier": tier, "region": region}
    given = {name: value for name, value in wanted.items() if value is not None}
    moments = [since_s, until_s] * (2 if from_raw else 1)
    kind = "sqlite" if vendor() == "sqlite" else "postgresql"
    sql = _READ[kind].format(hours=_RAW_HOURS if from_raw else "probes_hourrollup")
    sql += "".join(f" AND {name} = %s" for name in given)
    if endpoint_ids is not None:
        sql += f" AND endpoint_id IN ({', '.join(map(str, map(int, endpoint_ids)))})"
    if (endpoint_id is not None or endpoint_ids is not None) and region is None:
        sql += _EVERY_REGION
    if only is not None:
        sql += f" AND hour_at IN ({', '.join(_HOUR[kind].format(hour_s) for hour_s in sorted(only))})"
    return _hour_rows(fetched(sql, [*moments, *given.values()]), packed=kind == "postgresql")


def fetched(sql: str, params: Sequence[Any]) -> Sequence[Any]:
    """The rows that a query finds; from PostgreSQL in binary, for bytes are twice as many as text."""
    using = connections[router.db_for_read(HourRollup)]
    if using.vendor == "sqlite":
        with using.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())
    using.ensure_connection()
    with using.wrap_database_errors, psycopg.Cursor(using.connection) as cursor:
        return cursor.execute(sql.encode(), params, binary=True).fetchall()


def _hour_rows(rows: Sequence[Any], *, packed: bool) -> HourRows:
    if packed:
        (blobs,) = rows
        *columns, codes = (bytes(blob or b"") for blob in blobs)
        numbers = [np.frombuffer(column, ">i8").astype(np.int64) for column in columns]
    else:
        codes = b"".join(row[5] for row in rows)
        table = np.array([row[:5] for row in rows], np.int64).reshape(-1, 5)
        numbers = list(table.T)
    endpoint_id, tier, region, hour_s, lengths = numbers
    counts = lengths // sketches.CODE_BYTES
    return HourRows(endpoint_id, tier, region, hour_s, counts, sketches.unpack(codes))


def _columns(keys: Sequence[HourKey]) -> list[str]:
    """The keys as PostgreSQL's arrays, column by column."""
    return [f"{{{','.join(map(str, column))}}}" for column in zip(*keys, strict=True)]


def _from_raw(sql: str, params: Sequence[Any]) -> dict[HourKey, bytes]:
    """SQLite's hours of the rows that a query finds, packed here."""
    found: dict[HourKey, list[int]] = defaultdict(list)
    for endpoint_id, tier, region, due_s, outcome, total_us, ttft_us in fetched(sql, params):
        code = sketches.code_of(due_s % HOUR_S // 60, outcome, total_us, ttft_us)
        found[endpoint_id, tier, region, due_s - due_s % HOUR_S].append(code)
    return {key: sketches.pack(codes) for key, codes in found.items()}
