"""What operators see of the store, and what everybody does."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import Max, Min, Sum

from aigo.lib.regions import MEASURED_SLUGS
from aigo.models import JobState
from probes.models import (
    ArchivedDay,
    DeadLetter,
    DueProbe,
    EightHourRollup,
    Gap,
    HourRollup,
    Pop,
    ProbeResult,
    RollupMark,
)
from probes.schedule import NEVER
from probes.services import upkeep
from probes.timeseries import jobs, size

#: Apps whose tables are measured; the rest (sessions, accounts) is small and not ours.
APPS = ("probes", "status", "catalog", "editorial", "aigo")
KEEPER = "keep-store"
LATEST_DAYS = 10


@dataclass(frozen=True, slots=True)
class RawRows:
    """The attempts that are kept as rows: when the oldest and the newest was due; None = there are none.

    `parts`: the days' partitions or chunks, oldest first. `parts_ahead`: whether today and tomorrow have
    theirs; None = the database needs none.
    """

    oldest_at: datetime | None
    newest_at: datetime | None
    parts: list[size.Part]
    parts_ahead: bool | None

    @property
    def bytes(self) -> int | None:
        return sum(part.bytes for part in self.parts) if self.parts else None

    @property
    def compressed(self) -> int | None:
        """How many parts are compressed; None = the database compresses none."""
        if not self.parts or self.parts[0].compressed is None:
            return None
        return sum(bool(part.compressed) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Archive:
    """`url` "" = there is no archive, and old days are dropped. `latest`: newest days first."""

    url: str
    days: int
    rows: int
    bytes: int
    oldest: date | None
    newest: date | None
    archived_at: datetime | None
    latest: list[ArchivedDay]


@dataclass(frozen=True, slots=True)
class Store:
    """The whole page. `keeper`: the last run of the upkeep, None = it never ran. `marks`: up to when the
    buckets of each rollup are made; those that have none yet are not among them.
    """

    size: size.Size
    raw: RawRows
    archive: Archive
    jobs: list[jobs.DatabaseJob]
    keeper: JobState | None
    marks: list[RollupMark]
    dead_letters: int
    oldest_order_at: datetime | None
    gaps: int
    raw_days: int
    rollup_days: int
    dead_letter_days: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is kept: since when anything is, the oldest attempt as a row, the archive, the last upkeep."""

    vendor: str
    bytes: int
    since: datetime | None
    oldest_row_at: datetime | None
    archived_days: int
    raw_days: int
    rollup_days: int
    kept_at: datetime | None
    kept_well: bool


def load_store(*, now: datetime) -> Store:
    """The store as it is, by what the database knows without reading the rows."""
    measured = size.measure(_tables())
    return Store(
        size=measured,
        raw=_raw(measured, now),
        archive=_archive(),
        jobs=jobs.database_jobs(),
        keeper=JobState.objects.filter(name=KEEPER).first(),
        marks=list(RollupMark.objects.filter(until__gt=NEVER).order_by("table")),
        dead_letters=DeadLetter.objects.count(),
        oldest_order_at=DueProbe.objects.aggregate(at=Min("due_at"))["at"],
        gaps=Gap.objects.count(),
        raw_days=upkeep.RAW_KEPT.days,
        rollup_days=upkeep.ROLLUPS_KEPT.days,
        dead_letter_days=upkeep.DEAD_LETTERS_KEPT.days,
    )


def _tables() -> list[str]:
    models = (model for app in APPS for model in apps.get_app_config(app).get_models())
    return sorted({model._meta.db_table for model in models if not model._meta.proxy})


def _raw(measured: size.Size, now: datetime) -> RawRows:
    # A seek of the index for each region, where the whole table would be read.
    ends = [
        ProbeResult.objects.filter(region=region).aggregate(oldest=Min("due_at"), newest=Max("due_at"))
        for region in MEASURED_SLUGS
    ]
    days = {part.day for part in measured.parts}
    wanted = {now.date(), now.date() + timedelta(days=1)}
    return RawRows(
        oldest_at=min((end["oldest"] for end in ends if end["oldest"]), default=None),
        newest_at=max((end["newest"] for end in ends if end["newest"]), default=None),
        parts=measured.parts,
        parts_ahead=wanted <= days if measured.vendor == "postgresql" else None,
    )


def _archive() -> Archive:
    days = ArchivedDay.objects.aggregate(
        oldest=Min("day"), newest=Max("day"), rows=Sum("rows"), bytes=Sum("bytes"), at=Max("archived_at")
    )
    return Archive(
        url=str(settings.ARCHIVE.get("url", "")),
        days=ArchivedDay.objects.count(),
        rows=days["rows"] or 0,
        bytes=days["bytes"] or 0,
        oldest=days["oldest"],
        newest=days["newest"],
        archived_at=days["at"],
        latest=list(ArchivedDay.objects.order_by("-day")[:LATEST_DAYS]),
    )


def load_holdings() -> Holdings:
    """What everybody may know of the store; a dozen queries."""
    vendor, in_bytes = size.database_bytes()
    rows = [
        ProbeResult.objects.filter(region=region).aggregate(at=Min("due_at"))["at"]
        for region in Pop.objects.order_by("region").values_list("region", flat=True).distinct()
    ]
    oldest = min((at for at in rows if at), default=None)
    buckets = [
        HourRollup.objects.aggregate(at=Min("hour_at"))["at"],
        EightHourRollup.objects.aggregate(at=Min("bucket_at"))["at"],
    ]
    job = JobState.objects.filter(name=KEEPER).first()
    return Holdings(
        vendor=vendor,
        bytes=in_bytes,
        since=min((at for at in [oldest, *buckets] if at), default=None),
        oldest_row_at=oldest,
        archived_days=ArchivedDay.objects.count(),
        raw_days=upkeep.RAW_KEPT.days,
        rollup_days=upkeep.ROLLUPS_KEPT.days,
        kept_at=job.last_run_at if job else None,
        kept_well=bool(job and not job.last_error),
    )
