"""The store before the last hour: migrated, with the catalogue, and ninety days of rollups."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from aigo.lib.regions import CODES as REGION_CODES
from catalog.models import Endpoint, Provider
from probes.models import EightHourRollup, Gap, Pop, ProbeTarget, RollupMark, ThreeHourRollup
from probes.models.results import TIER_CODES
from probes.models.rollups import POOLED_CODES
from probes.outcomes import CODES as OUTCOMES
from probes.pacing import PAUSED
from probes.services import rollups
from probes.services.targets import sync_targets
from probes.sketches import THRESHOLDS_US, pack, pack_outcomes, pack_sketch
from probes.timeseries import hours
from status.rules import thresholds_for
from testing import migrated
from testing.environment import ROOT, SHARED
from testing.showcase import cast
from testing.showcase.cast import DAY, MINUTE, REGIONS

#: So far back hours are kept in the showcase; before, wider buckets stand alone.
HOURS_DAYS: Final = 8
BUCKET_DAYS: Final = 91
#: The last hour and a bit is stored attempt by attempt (testing.showcase.lately).
RAW_MIN: Final = 66
#: So many databases without a history are kept: one for each shape that was used lately.
KEPT: Final = 8
_EDGES: Final = np.array(THRESHOLDS_US, np.int64)
_MADE_OF: Final = (
    *("*/migrations/*.py", "catalog/data/*.json", "catalog/adapters/*.py", "benchmarks/data/*"),
    *("benchmarks/adapters/*.py", "benchmarks/services/*.py", "benchmarks/rows.py", "benchmarks/matching.py"),
    *("benchmarks/setting.py", "benchmarks/phrases.py", "requirements.txt"),
)


def begin(folder: Path) -> None:
    """Put a migrated database with the catalogue into the folder, made once for each shape of either."""
    kept = Path(os.environ.get("SHOWCASE_CACHE") or Path(tempfile.gettempdir()) / "aigo-showcase")
    kept.mkdir(parents=True, exist_ok=True)
    base = kept / f"base-{_fingerprint()}.sqlite3"
    database = Path(settings.DATABASES["default"]["NAME"])
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not base.exists():
            if os.environ.get(SHARED):  # of a test run, which has migrated one already
                migrated.sqlite_into(folder)
            else:
                database.unlink(missing_ok=True)
                call_command("migrate", verbosity=0)
            call_command("import_catalog", quiet=True)
            call_command("import_suites", quiet=True)
            call_command("import_scores", quiet=True)
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connections.close_all()
            shutil.copy(database, base)
            for old in sorted(kept.glob("base-*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
                old.unlink()
    for left in (database, Path(f"{database}-wal"), Path(f"{database}-shm")):
        left.unlink(missing_ok=True)
    shutil.copy(base, database)


def _fingerprint() -> str:
    found = hashlib.sha256()
    for pattern in _MADE_OF:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def watched() -> list[Endpoint]:
    """The simulated endpoints, which the showcase is about."""
    rows = Endpoint.objects.filter(simulated=True, watched=True).select_related("model", "provider")
    return list(rows.order_by("slug"))


def limit_ms(endpoint: Endpoint) -> float:
    return thresholds_for(endpoint.model.functions, reasoning=endpoint.model.reasoning).operational_ms


@transaction.atomic
def fill(now: datetime) -> None:
    """Targets, workers, gaps and rollups up to the last hour. Deterministic for a moment."""
    sync_targets()
    ProbeTarget.objects.filter(endpoint__slug__in=cast.PAUSED, tier="B").update(stretch=PAUSED)
    for region in REGIONS:
        seen = now - cast.AWAY_MIN * MINUTE if region == cast.AWAY_REGION else now
        Pop.objects.create(region=region, worker=f"{region}-1", real=False, keys=[], last_seen_at=seen)
    for gap in cast.GAPS:
        ended_at = None if gap.ended_min is None else now - gap.ended_min * MINUTE
        Gap.objects.create(
            region=gap.region, reason=gap.reason, started_at=now - gap.began_min * MINUTE, ended_at=ended_at
        )
    endpoints = watched()
    _add_hours(endpoints, now)
    _add_buckets(endpoints, now)


def _add_hours(endpoints: list[Endpoint], now: datetime) -> None:
    """An attempt a minute of every endpoint in every region."""
    end_min = int(now.timestamp()) // 60 - RAW_MIN
    first_min = (int(now.timestamp()) // 86_400 - HOURS_DAYS) * 1440
    minutes = np.arange(first_min, end_min)
    ago = int(now.timestamp()) // 60 - minutes
    rows: dict[hours.HourKey, bytes] = {}
    for endpoint in endpoints:
        for region in REGIONS:
            codes = _codes(endpoint, region, minutes, ago)
            kept = _measured(endpoint.slug, region, ago)
            if not kept.any():
                continue
            hour = minutes[kept] // 60
            starts = np.flatnonzero(np.diff(hour, prepend=-1))
            for place, part in zip(starts, np.split(codes[kept], starts[1:]), strict=True):
                key = (endpoint.pk, TIER_CODES["B"], REGION_CODES[region], int(hour[place]) * 3600)
                rows[key] = pack(part)
    hours.append(rows)


def _measured(slug: str, region: str, ago: Any) -> Any:
    if slug in cast.NEW or slug in cast.PAUSED:
        return ago > (3 * 1440 if slug in cast.PAUSED else np.inf)
    kept = np.ones(len(ago), bool)
    for gap in cast.GAPS:
        if gap.region == region:
            kept &= ~((ago <= gap.began_min) & (ago >= (gap.ended_min or 0)))
    return kept


def _codes(endpoint: Endpoint, region: str, minutes: Any, ago: Any) -> Any:
    """`sketches.code_of` of each, column by column."""
    who = cast.character(endpoint.slug, region, limit_ms(endpoint))
    chance = np.random.default_rng(endpoint.pk * 16 + REGION_CODES[region])
    share = np.full(len(minutes), who.failing)
    for trouble in cast.PAST:
        if endpoint.slug in trouble.slugs and (not trouble.regions or region in trouble.regions):
            within = (ago <= trouble.began_min) & (ago >= (trouble.ended_min or 0))
            share[within] = trouble.share
    ok = chance.random(len(minutes)) >= share
    daily = 1 + 0.12 * np.sin(minutes * (2 * np.pi / 1440))
    total = who.total_ms * daily * chance.lognormal(0, who.spread, len(minutes)) * 1000
    bins = np.searchsorted(_EDGES, total.astype(np.int64), side="right")
    ttft = np.searchsorted(_EDGES, (total * who.ttft_share).astype(np.int64), side="right")
    codes = (minutes % 60) << 25 | np.where(ok, bins << 10 | ttft, OUTCOMES["http_5xx"] << 20)
    return codes.astype(np.int64)


def _add_buckets(endpoints: list[Endpoint], now: datetime) -> None:
    """Those of the kept hours by the product; those before are drawn, for their hours are kept nowhere."""
    until = now.replace(hour=0, minute=0, second=0, microsecond=0) - HOURS_DAYS * DAY
    for model, every_h, regions in (
        (ThreeHourRollup, 3, ("all",)),
        (EightHourRollup, 8, ("all", *REGIONS)),
    ):
        days = 31 if model is ThreeHourRollup else BUCKET_DAYS
        moments = [until - n * every_h * 60 * MINUTE for n in range(1, (days - HOURS_DAYS) * 24 // every_h)]
        _insert(model, list(_drawn(endpoints, regions, moments, every_h, now)))
        RollupMark.objects.update_or_create(table=model._meta.db_table, defaults={"until": until})
    rollups.roll_up(now=now)


def _insert(model: Any, rows: list[tuple[Any, ...]]) -> None:
    names = (
        "endpoint_id, tier, region, bucket_at, attempts, ok, worst_attempts, worst_ok, outcomes,"
        " total_sketch, ttft_sketch"
    )
    marks = ", ".join(["%s"] * 11)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", rows)


def _drawn(
    endpoints: list[Endpoint], regions: tuple[str, ...], moments: list[datetime], every_h: int, now: datetime
) -> Iterator[tuple[Any, ...]]:
    for endpoint in endpoints:
        if endpoint.slug in cast.NEW:
            continue
        for region in regions:
            places = REGIONS if region == "all" else (region,)
            sketches = _sketches(endpoint, region, every_h * 60 * len(places))
            chance = np.random.default_rng(endpoint.pk * 100 + POOLED_CODES[region] * 10 + every_h)
            for number, at in enumerate(moments):
                ago = (now - at).total_seconds() / 60
                n, ok = _outcome(endpoint.slug, places, ago, every_h * 60, chance)
                if n:
                    total, ttft = sketches[number % len(sketches)]
                    counts = np.zeros(32, np.int64)
                    counts[OUTCOMES["ok"]], counts[OUTCOMES["http_5xx"]] = ok, n - ok
                    worst = (5 * len(places), max(5 * len(places) - (n - ok), 0))
                    yield (
                        endpoint.pk, TIER_CODES["B"], POOLED_CODES[region], f"{at:%Y-%m-%d %H:%M:%S}",
                        n, ok, *worst, pack_outcomes(counts), total, ttft,
                    )  # fmt: skip


def _sketches(endpoint: Endpoint, region: str, n: int) -> list[tuple[bytes, bytes]]:
    """A few days' worth, to be used in turn."""
    who = cast.character(endpoint.slug, REGIONS[0] if region == "all" else region, limit_ms(endpoint))
    chance = np.random.default_rng(endpoint.pk)
    made = []
    for variant in range(7):
        total = who.total_ms * (0.92 + 0.03 * variant) * chance.lognormal(0, who.spread, n) * 1000
        bins = np.searchsorted(_EDGES, total.astype(np.int64), side="right")
        ttft = np.searchsorted(_EDGES, (total * who.ttft_share).astype(np.int64), side="right")
        made.append((pack_sketch(bins), pack_sketch(ttft)))
    return made


def _outcome(slug: str, places: tuple[str, ...], ago: float, width: int, chance: Any) -> tuple[int, int]:
    """(attempts that count, right ones) of a bucket that began `ago` minutes before now."""
    n = lost = 0
    for region in places:
        away = any(g.holds(region, ago) and g.holds(region, ago - width + 1) for g in cast.GAPS)
        if away:
            continue
        n += width
        lost += int(chance.poisson(width * 0.0005))
        for trouble in cast.PAST:
            if slug in trouble.slugs and (not trouble.regions or region in trouble.regions):
                overlap = min(ago, trouble.began_min) - max(ago - width, trouble.ended_min or 0)
                lost += int(max(0, overlap) * trouble.share)
    return n, max(n - lost, 0)


def providers() -> dict[str, Provider]:
    """By slug."""
    return {row.slug: row for row in Provider.objects.filter(simulated=True)}
