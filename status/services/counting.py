"""Keeping what the board counts."""

from dataclasses import asdict
from datetime import datetime, timedelta

from aigo.lib.events import tell
from aigo.lib.regions import ALL
from status.models import CountsSample
from status.selectors import load_stats

#: So long the counts of every minute are kept.
COUNTS_KEPT = timedelta(days=180)


def sample_counts(*, now: datetime) -> int:
    """Keep what the board counts in this minute, in every region, and tell; how many rows that made.

    Zero where the minute has been counted already.
    """
    minute = int(now.timestamp()) // 60
    if CountsSample.objects.filter(region=ALL, minute=minute).exists():
        return 0
    stats = load_stats(now=now)
    rows = [
        CountsSample(region=region, minute=minute, **asdict(counts))
        for region, counts in {ALL: stats.counts, **stats.by_region}.items()
    ]
    made = len(CountsSample.objects.bulk_create(rows, ignore_conflicts=True))
    tell("stats", {"minute": minute}, now=now)
    return made


def prune_counts(*, now: datetime) -> int:
    """Forget counts that are older than COUNTS_KEPT; how many rows these were."""
    oldest = int((now - COUNTS_KEPT).timestamp()) // 60
    deleted, _by_model = CountsSample.objects.filter(minute__lt=oldest).delete()
    return deleted
