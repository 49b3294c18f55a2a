"""Hours equal raw rows, wider buckets equal hours: compared attempt by attempt, by arithmetic of its own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet

from aigo.invariants.finding import Finding, Scope
from catalog.models import Endpoint
from probes import sketches
from probes.models import HourRollup, ProbeResult, RollupMark
from probes.outcomes import CODES, counts
from probes.services.upkeep import raw_kept_from
from probes.timeseries.buckets import GRAINS, Bucket, Grain
from probes.timeseries.dropping import start_of

HOUR = timedelta(hours=1)
#: tier, region, hour → the codes of its attempts, each as often as it occurs.
Hours = dict[tuple[str, str, datetime], Counter[int]]


def hours_equal_raw_rows(scope: Scope) -> Finding:
    """Every attempt of the days is in its hour, once, with its outcome and its durations' bins."""
    finding, compared = Finding(), 0
    for endpoint_id, slug in _measured(scope).values_list("pk", "slug"):
        for since, until in scope.spans():
            if since < start_of(raw_kept_from(scope.now)):
                continue  # its rows may have left
            raw, kept = _raw_hours(endpoint_id, since, until), _kept_hours(endpoint_id, since, until)
            if raw != kept:  # rows may have come between the two readings
                raw, kept = _raw_hours(endpoint_id, since, until), _kept_hours(endpoint_id, since, until)
            compared += len(raw)
            finding.violations += _differences(slug, raw, kept)
    finding.examined = f"{compared:,} hours"
    return finding


def _measured(scope: Scope) -> QuerySet[Endpoint]:
    """The endpoints that have anything to compare; most of the catalogue's are measured by nobody."""
    raw = ProbeResult.objects.filter(endpoint=OuterRef("pk"), due_at__gte=scope.since)
    kept = HourRollup.objects.filter(endpoint=OuterRef("pk"), hour_at__gte=scope.since)
    return Endpoint.objects.filter(Exists(raw) | Exists(kept)).order_by("slug")


def _raw_hours(endpoint_id: int, since: datetime, until: datetime) -> Hours:
    rows = ProbeResult.objects.filter(endpoint=endpoint_id, due_at__gte=since, due_at__lt=until)
    found: Hours = {}
    columns = ("tier", "region", "due_at", "outcome", "left_out", "total_ms", "first_answer_ms")
    for tier, region, due_at, outcome, left_out, total_ms, answer_ms in rows.values_list(*columns):
        hour = due_at.replace(minute=0, second=0, microsecond=0)
        code = sketches.code_of(
            due_at.minute, CODES[left_out or outcome], _microseconds(total_ms), _microseconds(answer_ms)
        )
        found.setdefault((tier, region, hour), Counter())[code] += 1
    return found


def _microseconds(value_ms: float | None) -> int | None:
    return None if value_ms is None else round(value_ms * 1000)


def _kept_hours(endpoint_id: int, since: datetime, until: datetime) -> Hours:
    rows = HourRollup.objects.filter(endpoint=endpoint_id, hour_at__gte=since, hour_at__lt=until)
    return {
        (tier, region, hour): Counter(sketches.unpack(bytes(codes)).tolist())
        for tier, region, hour, codes in rows.values_list("tier", "region", "hour_at", "codes")
    }


def _differences(slug: str, raw: Hours, kept: Hours) -> Iterable[str]:
    for key in sorted(raw.keys() | kept.keys()):
        one, other = raw.get(key, Counter()), kept.get(key, Counter())
        if one != other:
            tier, region, hour = key
            yield (
                f"{slug} {tier} {region} {hour:%Y-%m-%d %H:00}: {one.total()} attempts, {other.total()} in "
                f"the hour; {(one - other).total()} missing there, {(other - one).total()} too many"
            )


def buckets_equal_hours(scope: Scope) -> Finding:
    """Every made bucket of the days has the outcomes, the right answers and the durations of its hours."""
    finding, compared = Finding(), 0
    for grain in GRAINS:
        mark = RollupMark.objects.filter(table=grain.table).first()
        if mark is None:
            continue
        buckets = grain.model._default_manager.filter(bucket_at__gte=scope.since, bucket_at__lt=mark.until)
        for bucket in buckets.order_by("bucket_at", "endpoint_id").iterator(chunk_size=200):
            compared += 1
            finding.violations += _bucket_differences(grain, bucket)
    finding.examined = f"{compared:,} buckets"
    return finding


def _bucket_differences(grain: Grain, bucket: Bucket) -> Iterable[str]:
    codes = _codes_of(grain, bucket)
    outcomes = sketches.outcomes_of(codes)
    wanted: dict[str, Any] = {
        "ok": int((outcomes == sketches.OK).sum()),
        "outcomes": _counted(outcomes),
        "durations": _counted(_present(sketches.total_bins_of(codes))),
        "times to first token": _counted(_present(sketches.ttft_bins_of(codes))),
    }
    found: dict[str, Any] = {
        "ok": bucket.ok,
        "outcomes": _sums(*sketches.unpack_outcomes(bytes(bucket.outcomes))),
        "durations": _sums(*sketches.unpack_sketch(bytes(bucket.total_sketch))),
        "times to first token": _sums(*sketches.unpack_sketch(bytes(bucket.ttft_sketch))),
    }
    named = f"{grain.table}: {bucket}"
    for name, value in wanted.items():
        if found[name] != value:
            yield f"{named}: {name} {_short(found[name])}, its hours say {_short(value)}"
    # A name that did not resolve counts only where two regions saw it: between these two is room for that.
    least, most = _countable(outcomes)
    if (
        not least <= bucket.attempts <= most
        or not bucket.worst_ok <= bucket.worst_attempts <= bucket.attempts
    ):
        yield f"{named}: {bucket.attempts} attempts count, its hours say {least} to {most}"


def _codes_of(grain: Grain, bucket: Bucket) -> sketches.Ints:
    until = bucket.bucket_at + timedelta(seconds=grain.width_s)
    rows = HourRollup.objects.filter(
        endpoint=bucket.endpoint_id, tier=bucket.tier, hour_at__gte=bucket.bucket_at, hour_at__lt=until
    )
    if bucket.region != "all":
        rows = rows.filter(region=bucket.region)
    return sketches.unpack(b"".join(bytes(codes) for codes in rows.values_list("codes", flat=True)))


def _countable(outcomes: sketches.Ints) -> tuple[int, int]:
    names = {code: name for name, code in CODES.items()}
    by_name = {names[code]: n for code, n in _counted(outcomes).items()}
    most = sum(n for name, n in by_name.items() if counts(name))
    return most - by_name.get("dns_error", 0), most


def _present(bins: sketches.Ints) -> sketches.Ints:
    return bins[bins > 0]


def _counted(values: sketches.Ints) -> dict[int, int]:
    found, numbers = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), numbers.tolist(), strict=True))


def _sums(keys: sketches.Ints, numbers: sketches.Ints) -> dict[int, int]:
    sums: Counter[int] = Counter()
    for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
        sums[key] += number
    return dict(sums)


def _short(value: int | Mapping[int, int]) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{sum(value.values())} in {len(value)} kinds"
