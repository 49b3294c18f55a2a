"""Days of raw rows on their way out: written to the archive, read back, recorded, and only then let go.

A day is compared by its *tally*: counts and sums of each series (endpoint, tier, region). It is taken before
and after the rows are read and once more, with writers held off, before they are dropped; only where all are
equal is the day dropped. Each step can be killed and run again:

    before the record       the database has every row; the next run writes the file anew
    before `released_at`    the same, but the file need not be written again
    after `released_at`     the file has every row; what the database has besides (late rows, or rows that
                            were not dropped yet) is laid over the file's, and the file is written anew
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.conf import settings

from catalog.models import Endpoint
from probes.archive import files, layout, places
from probes.archive.files import Question
from probes.archive.layout import Row
from probes.archive.places import (
    ArchiveError,
    FileUnreadable,
    Place,
    PlaceAway,
    PlaceUnusable,
    open_place,
)
from probes.models import ArchivedDay, Provenance
from probes.timeseries import dropping
from probes.timeseries.dropping import Series, Tally, start_of

logger = logging.getLogger(__name__)
#: Where a column of the archive comes from, where its name differs from the field's.
SOURCES = {
    "endpoint": "endpoint__slug",
    **{
        name: f"provenance__{name}"
        for name in (
            *("worker", "method_version", "answered_model", "fingerprint", "remote_ip"),
            *("tls_version", "receive_clock"),
        )
    },
}
_PATHS = [SOURCES.get(name, name) for name in layout.COLUMNS]
#: The columns that a row has of its own, and those that it has of its provenance.
_OWN = [name for name in layout.COLUMNS if name not in SOURCES]
_SHARED = [name for name in SOURCES if name != "endpoint"]
_OUTCOME = list(layout.COLUMNS).index("outcome")
DAY = timedelta(days=1)


class DayInMotion(ArchiveError):
    """Rows of the day came or changed meanwhile; the next run takes them in."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a day. `rows`, `bytes`: of its file; `dropped`: rows the database let go of."""

    day: date
    rows: int
    bytes: int
    url: str
    dropped: int


def place_of_settings() -> Place:
    """The archive that ARCHIVE_URL names, seen to answer."""
    place = open_place(settings.ARCHIVE, settings.ARCHIVE_KEYS)
    files.check_place(place)
    return place


def archive_days(*, before: date, now: datetime, at_most: int) -> int:
    """Archive and drop the days before `before`, oldest first, until `at_most` are done; how many were.

    A day that cannot be archived stays, and the others go on; what kept it is raised at the end.
    """
    place, done, failures = place_of_settings(), 0, []
    for day in dropping.days_with_rows(before=before):
        if done == at_most:
            break
        try:
            archive_day(place, day, now=now)
            done += 1
        except DayInMotion as moving:
            logger.info("%s", moving)
        except (PlaceUnusable, PlaceAway):
            raise
        except ArchiveError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def archive_day(place: Place, day: date, *, now: datetime, keep: bool = False) -> Done:
    """Put one day into the archive and let go of its rows, unless they are to be kept.

    DayInMotion when rows of the day are still coming; any other ArchiveError when the archive fails. In both
    cases the database keeps every row.
    """
    record, tally = _archived(place, day, now)
    dropped = 0
    if not keep and tally:
        if record.released_at is None:
            record.released_at = max(now, record.verified_at)
            record.save(update_fields=["released_at"])
        if not dropping.drop_day(day, proven=tally):
            raise DayInMotion(f"{day}: rows came while it was archived; the next run takes them in.")
        dropped = sum(counts[0] for counts in tally.values())
    return Done(day, record.rows, record.bytes, record.url, dropped)


def _archived(place: Place, day: date, now: datetime) -> tuple[ArchivedDay, Tally]:
    """The day's record, whose file holds every row of the tally that comes with it."""
    tally = dropping.tally_of(day)
    record = ArchivedDay.objects.filter(day=day).first()
    if record and record.url != place.url_of(day):
        raise ArchiveError(
            f"{day} was archived as {record.url}, and {places.SETTING} names {place.url_of(day)}. "
            f"Move the file there and set the url of the day's record, or set {places.SETTING} back."
        )
    if record and record.tally == digest_of(tally) and _is_intact(place, day, record):
        return record, tally
    below = place if record and record.released_at else None
    if record and below:
        _insist_on_newest(below, day, record)
    draft = files.write_day(place, day, _rows_of(day, tally, below))
    if dropping.tally_of(day) != tally or (
        not below and draft.proof.rows != sum(counts[0] for counts in tally.values())
    ):
        draft.discard()
        raise DayInMotion(f"{day}: rows came while it was read; the next run takes them in.")
    return _recorded(day, draft.publish(), tally, now), tally


def _insist_on_newest(place: Place, day: date, record: ArchivedDay) -> None:
    """FileUnreadable unless the file has all that the database let go of.

    It may be another than was recorded, with as many rows or more: a run was killed before it recorded it.
    """
    if not files.is_there(place, day):
        raise FileUnreadable(
            f"{place.url_of(day)} is gone, and the database let go of its rows: put the file back."
        )
    if not _is_intact(place, day, record) and (rows := files.rows_of(place, day)) < record.rows:
        raise FileUnreadable(
            f"{place.url_of(day)} has {rows:,} rows, and {record.rows:,} were recorded: it is an older copy, "
            f"and the database let go of the others. Put the copy of {record.bytes:,} bytes back whose "
            f"SHA-256 is {record.sha256}."
        )


def _is_intact(place: Place, day: date, record: ArchivedDay) -> bool:
    """Whether the file in place is, byte for byte, the one that was recorded."""
    return files.is_there(place, day) and files.fingerprint(place, day) == (record.bytes, record.sha256)


def _recorded(day: date, written: files.Written, tally: Tally, now: datetime) -> ArchivedDay:
    record, _created = ArchivedDay.objects.update_or_create(
        day=day,
        defaults={
            "url": written.url,
            "rows": written.proof.rows,
            "bytes": written.bytes,
            "sha256": written.sha256,
            "checksum": written.proof.checksum,
            "tally": digest_of(tally),
            "schema_version": layout.SCHEMA_VERSION,
            "archived_at": now,
            "verified_at": now,
        },
    )
    logger.info("archived %s: %d rows in %s", day, written.proof.rows, written.url)
    return record


def digest_of(tally: Tally) -> str:
    """64 hexadecimal digits by which two tallies are compared."""
    lines = sorted(f"{' '.join(map(str, series))}: {counts}" for series, counts in tally.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _rows_of(day: date, tally: Tally, below: Place | None) -> Iterator[list[Row]]:
    """The day's rows in order of their keys: the database's, laid over those of the file `below`, if any.

    An endpoint that is gone is called `endpoint:<number>`.
    """
    asked = {pk for pk, _, _ in tally}
    slugs = {pk: f"endpoint:{pk}" for pk in asked}
    slugs |= dict(Endpoint.objects.filter(pk__in=asked).values_list("pk", "slug"))
    ours = {
        slugs[pk]: sorted(group, key=lambda series: series[1:])
        for pk, group in groupby(sorted(tally), key=lambda series: series[0])
    }
    theirs = files.endpoints_of(below, day) if below else set()
    for slug in sorted(ours.keys() | theirs):
        if below and slug in theirs:
            yield _laid_over(below, day, slug, ours.get(slug, []), tally)
        else:
            yield from (_series_rows(day, series, slug, tally[series][0]) for series in ours[slug])


def _laid_over(below: Place, day: date, slug: str, ours: list[Series], tally: Tally) -> list[Row]:
    """One endpoint's rows of the file with the database's over them; a `missed` covers no measured row."""
    found = files.query(below, Question(start_of(day), start_of(day + DAY), endpoint=slug))
    rows = {layout.key_of(row): row for batch in found for row in batch}
    for series in ours:
        for row in _series_rows(day, series, slug, tally[series][0]):
            if row[_OUTCOME] != "missed" or layout.key_of(row) not in rows:
                rows[layout.key_of(row)] = row
    return [rows[key] for key in sorted(rows)]


def _series_rows(day: date, series: Series, slug: str, wanted: int) -> list[Row]:
    """One endpoint's rows of a tier and region: a seek of the primary key, some thousand rows at most."""
    rows = dropping.rows_of(day, series).order_by("due_at", "attempt")
    found: list[Row] = list(rows.values_list(*_PATHS))
    if len(found) == wanted:
        return found
    # Some refer to what is gone, and the join leaves them out; or rows came, which the next tally tells.
    found = list(_with_orphans(slug, list(rows.values_list("provenance_id", *_OWN))))
    logger.warning("archiving %s: rows of %s refer to what is gone or are new", day, slug)
    return found


def _with_orphans(slug: str, rows: Sequence[Row]) -> Iterator[Row]:
    """The rows of the archive; one whose provenance is gone has "" for all that it would say."""
    origins = Provenance.objects.filter(pk__in={row[0] for row in rows})
    known = {
        pk: dict(zip(_SHARED, shared, strict=True)) for pk, *shared in origins.values_list("pk", *_SHARED)
    }
    nothing = dict.fromkeys(_SHARED, "")
    for pk, *own in rows:
        row = {"endpoint": slug, **dict(zip(_OWN, own, strict=True)), **known.get(pk, nothing)}
        yield tuple(row[name] for name in layout.COLUMNS)
