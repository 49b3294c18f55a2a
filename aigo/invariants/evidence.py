"""Days, orders, money, provenances and the archive."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Sum

from aigo.invariants.finding import Finding, Scope
from catalog.models import Endpoint
from probes.models import ArchivedDay, DueProbe, LedgerEntry, ProbeResult, Provenance
from probes.services import orders
from probes.services.upkeep import RAW_KEPT, raw_kept_from
from probes.timeseries import days, dropping, jobs, vendor

#: So long an order may wait beyond the moment at which it is given up, and a day beyond its last.
GRACE = timedelta(minutes=10)
DAYS_LATE = 2
#: Policies that TimescaleDB must have.
POLICIES = {
    ("policy_compression", dropping.TABLE),
    ("policy_reorder", dropping.TABLE),
    ("policy_refresh_continuous_aggregate", "probes_hourrollup"),
    ("policy_retention", "probes_hourrollup"),
}


def no_orphans(scope: Scope) -> Finding:
    """Rows of the days whose endpoint or provenance is not there."""
    rows = ProbeResult.objects.started_between(scope.since)
    finding = Finding(examined=f"attempts since {scope.since:%Y-%m-%d}")
    for name, model, column in (
        ("endpoint", Endpoint, "endpoint_id"),
        ("provenance", Provenance, "provenance_id"),
    ):
        there: QuerySet[Any] = model.objects.filter(pk=OuterRef(column))
        lost = rows.filter(~Exists(there)).values_list(column, flat=True).order_by().distinct()[:20]
        finding.violations += [f"rows refer to {name} {pk}, which is not there" for pk in lost]
    return finding


def ledger_equals_costs(scope: Scope) -> Finding:
    """Attempts and money of each line are those of the rows that started on its date, where all are kept."""
    finding = Finding(examined="no whole day")
    for day in scope.dates():
        start = datetime.combine(day, datetime.min.time(), UTC)
        if day <= raw_kept_from(scope.now):
            continue
        finding.violations += _day_differences(start)
        finding.examined = f"days from {scope.dates()[0]} to {day}"
    return finding


def _day_differences(start: datetime) -> list[str]:
    asked = ProbeResult.objects.started_between(start, start + timedelta(days=1)).filter(
        started_at__lt=start + timedelta(days=1)
    )
    rows: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    sums = asked.values_list("endpoint__provider", "tier", "region").annotate(usd=Sum("cost_usd")).order_by()
    for provider, tier, region, usd in sums:
        rows[provider, tier, region] += usd or 0
    lines = LedgerEntry.objects.filter(date=start.date())
    booked = {(line.provider_id, line.tier, line.region): line.cost_usd for line in lines}
    return [
        f"{start:%Y-%m-%d} provider {key[0]} {key[1]} {key[2]}: {booked.get(key, 0)} USD booked, "
        f"rows cost {rows[key]}"
        for key in sorted(booked.keys() | rows.keys())
        if booked.get(key, 0) != rows[key]
    ]


def days_are_ahead(scope: Scope) -> Finding:
    """Partitions of today and tomorrow."""
    if vendor() != "postgresql":
        return Finding(skipped="the database makes room for days by itself")
    wanted = [scope.now.date() + timedelta(days=ahead) for ahead in (0, 1)]
    there = set(days.partitions())
    missing = [day for day in wanted if days.partition_of(day) not in there]
    return Finding(
        examined=f"{len(there)} partitions", violations=[f"{day} has no partition" for day in missing]
    )


def old_days_have_left(scope: Scope) -> Finding:
    """No attempts that are older than they are kept, but for two days in which upkeep may catch up."""
    edge = raw_kept_from(scope.now) - timedelta(days=DAYS_LATE)
    stuck = list(dropping.days_with_rows(before=edge))
    return Finding(
        examined=f"days before {edge}",
        violations=[f"{day} still has attempts, kept for {RAW_KEPT.days} days" for day in stuck],
    )


def files_are_there(scope: Scope) -> Finding:
    """Every day that the database let go of has its file, of the size that was recorded."""
    if not settings.ARCHIVE:
        return Finding(skipped="ARCHIVE_URL is not set")
    # Not at the top: it costs 100 MB.
    from probes.archive import files
    from probes.archive.places import ArchiveError
    from probes.services import archiving

    finding = Finding(examined=f"{ArchivedDay.objects.count():,} days")
    try:
        place = archiving.place_of_settings()
        for day in ArchivedDay.objects.exclude(released_at=None):
            found = files.size_of(place, day.day)
            if day.url != place.url_of(day.day) or found != day.bytes:
                told = "no file" if found is None else f"{found:,} bytes"
                finding.violations.append(
                    f"{day.day}: {told}, {day.bytes:,} bytes were recorded as {day.url}"
                )
    except ArchiveError as error:
        finding.violations.append(str(error))
    return finding


def orders_are_young(scope: Scope) -> Finding:
    """An order that nobody answered is given up after ten minutes."""
    limit = scope.now - orders.GIVEN_UP_AFTER - GRACE
    old = DueProbe.objects.filter(due_at__lt=limit).select_related("endpoint").order_by("due_at")[:20]
    return Finding(
        examined=f"{DueProbe.objects.count():,} orders",
        violations=[
            f"{o.endpoint.slug} {o.tier} {o.region} was due at {o.due_at:%Y-%m-%d %H:%M:%S}" for o in old
        ],
    )


def jobs_run(scope: Scope) -> Finding:
    """TimescaleDB's policies exist, and their last run ended well."""
    if vendor() != "timescale":
        return Finding(skipped="the database has no jobs of its own")
    there = jobs.database_jobs()
    missing = POLICIES - {(job.kind, job.table) for job in there}
    finding = Finding(examined=f"{len(there)} jobs")
    finding.violations = [f"{kind} of {table} is missing" for kind, table in sorted(missing)]
    finding.violations += [
        f"{job.kind} of {job.table} (job {job.number}) failed: {job.error or job.status}"
        for job in there
        if job.ok is False
    ]
    return finding
