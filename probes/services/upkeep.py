"""Keeping the store in shape: days ahead, days behind, and what is older than anybody asks for.

Everything goes in small pieces, so that ingest never waits for long; every step can be killed and run again.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from aigo.lib.regions import CODES as REGION_CODES
from probes.models import (
    DeadLetter,
    EightHourRollup,
    Gap,
    HourRollup,
    Provenance,
    ServerSample,
    ThreeHourRollup,
)
from probes.models.results import TIER_CODES
from probes.models.rollups import POOLED_CODES
from probes.services import scraping
from probes.signals import store_kept
from probes.timeseries import days, dropping, tuning, vendor

logger = logging.getLogger(__name__)
#: So long an attempt is kept as a row; then its day goes to the archive, where there is one, and is dropped.
RAW_KEPT: Final = timedelta(days=30)
#: So long hours, wider buckets and gaps are kept.
ROLLUPS_KEPT: Final = timedelta(days=180)
#: So long a delivery that could not be believed is kept.
DEAD_LETTERS_KEPT: Final = timedelta(days=30)
#: Days that get their partition before they begin: with an hourly run, six may fail.
DAYS_AHEAD: Final = 3
#: Days that leave in one run, which is an hour's: a store that was neglected is caught up with in some hours.
DAYS_PER_RUN: Final = 3
#: Rows that are deleted at a time.
CHUNK: Final = 2_000


class UpkeepFailed(Exception):
    """Ours: some steps failed; all others were made. The message has each with its reason."""


def keep_store(*, now: datetime) -> dict[str, int]:
    """Run every step; its name → the rows or days that it was about.

    One that fails keeps none of the others from running; UpkeepFailed at the end, then.
    """
    done, errors = {}, []
    for name, step in STEPS.items():
        try:
            done[name] = step(now)
        except Exception as error:  # whatever it is, the other steps must run
            logger.exception("upkeep: %s failed", name)
            errors.append(f"{name}: {error}")
    logger.info("upkeep: %s", ", ".join(f"{name} {n}" for name, n in done.items() if n) or "nothing to do")
    if errors:
        raise UpkeepFailed("; ".join(errors))
    return done


def raw_kept_from(now: datetime) -> date:
    """The first UTC day whose attempts are kept as rows: at noon of 31 January it is the 1st."""
    return (now - RAW_KEPT).date()


def make_days(now: datetime) -> int:
    """Partitions of today and the next days."""
    return len(days.ensure(now.date() + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)))


def let_go_of_raw(now: datetime) -> int:
    """Archive and drop the days that are older than RAW_KEPT; without an archive only drop them."""
    dropping.own_retention(RAW_KEPT, ours=bool(settings.ARCHIVE))
    before = raw_kept_from(now)
    left = _archive(before, now) if settings.ARCHIVE else _drop(before)
    if left:
        tuning.analyze(dropping.TABLE)
    return left


def _archive(before: date, now: datetime) -> int:
    # Not at the top: it costs every process that imports this module 100 MB.
    from probes.services import archiving

    return archiving.archive_days(before=before, now=now, at_most=DAYS_PER_RUN)


def _drop(before: date) -> int:
    old = list(islice(dropping.days_with_rows(before=before), DAYS_PER_RUN))
    for day in old:
        dropping.drop_day(day, proven=None)
        logger.info("dropped the attempts of %s: there is no archive", day)
    return len(old)


def drop_empty_days(now: datetime) -> int:
    """Partitions older than RAW_KEPT in which nothing is: there is nothing to archive."""
    return len(dropping.drop_empty_days(before=raw_kept_from(now)))


def prune_rollups(now: datetime) -> int:
    """Hours and buckets older than ROLLUPS_KEPT, an endpoint at a time: some seeks of the primary key each.

    On TimescaleDB hours are a continuous aggregate with a policy of its own.
    """
    before = now - ROLLUPS_KEPT
    buckets = Q(bucket_at__lt=before, tier__in=TIER_CODES, region__in=POOLED_CODES)
    tables: list[tuple[Any, Q]] = [(ThreeHourRollup, buckets), (EightHourRollup, buckets)]
    if vendor() != "timescale":
        tables.append((HourRollup, Q(hour_at__lt=before, tier__in=TIER_CODES, region__in=REGION_CODES)))
    gone = 0
    for model, old in tables:
        for endpoint_id in _summed_up(model):
            gone += model.objects.filter(old, endpoint=endpoint_id).delete()[0]
    return gone


def _summed_up(model: Any) -> Iterator[int]:
    """The endpoints that have rows, a seek each: a catalogue knows fifty times as many as are measured."""
    ids = model.objects.order_by("endpoint").values_list("endpoint", flat=True)
    endpoint_id = ids.first()
    while endpoint_id is not None:
        yield endpoint_id
        endpoint_id = ids.filter(endpoint__gt=endpoint_id).first()


def prune_gaps(now: datetime) -> int:
    """Gaps that ended before what is kept of the rollups."""
    return delete_in_chunks(Gap.objects.filter(ended_at__lt=now - ROLLUPS_KEPT))


def prune_dead_letters(now: datetime) -> int:
    """Deliveries that nobody will look at any more."""
    return delete_in_chunks(DeadLetter.objects.filter(received_at__lt=now - DEAD_LETTERS_KEPT))


def prune_provenances(now: datetime) -> int:
    """Combinations that no kept row can have: none was due on their last day or later."""
    total = 0
    while gone := _prune_some_provenances(now):
        total += gone
    return total


@transaction.atomic
def _prune_some_provenances(now: datetime) -> int:
    """Locked before it is asked which rows are kept: whoever is about to use one has locked it, too."""
    unused = Provenance.objects.filter(used_on__lt=_provenances_kept_from(now)).order_by()
    locked = list(unused.select_for_update(skip_locked=True).values_list("pk", flat=True)[:CHUNK])
    if not locked:
        return 0
    gone = Provenance.objects.filter(pk__in=locked, used_on__lt=_provenances_kept_from(now))
    return int(gone._raw_delete(gone.db))


def _provenances_kept_from(now: datetime) -> date:
    oldest = dropping.oldest_due(datetime.min.replace(tzinfo=UTC))
    return min(oldest.astimezone(UTC).date() if oldest else date.max, raw_kept_from(now))


def prune_samples(now: datetime) -> int:
    """Readings of servers older than a day; the reading itself does so, too, while there is one."""
    before = ServerSample.objects.count()
    scraping.prune_samples(now=now)
    return before - ServerSample.objects.count()


def tell_others(now: datetime) -> int:
    """Apps above prune what is theirs."""
    store_kept.send(sender=None, now=now)
    return 0


def delete_in_chunks(rows: QuerySet[Any]) -> int:
    """Delete rows, CHUNK at a time, each in a transaction of its own; how many.

    What has come to be kept since it was listed stays.
    """
    total = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:CHUNK]):
        total += rows.filter(pk__in=keys).delete()[0]
    return total


#: In the order of what would hurt first.
STEPS: Final[dict[str, Callable[[datetime], int]]] = {
    "days ahead": make_days,
    "raw days": let_go_of_raw,
    "empty days": drop_empty_days,
    "rollups": prune_rollups,
    "gaps": prune_gaps,
    "dead letters": prune_dead_letters,
    "server samples": prune_samples,
    "provenances": prune_provenances,
    "other apps": tell_others,
}
