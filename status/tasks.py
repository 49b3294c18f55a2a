"""Celery's side of judging."""

from celery import shared_task
from django.utils import timezone

from status import services
from status.services import official, polling, snapshots, subscriptions


@shared_task(name="status.refresh_stale")
def refresh_stale() -> None:
    """Judge what has no fresh samples any more, and what events did not tell of."""
    services.refresh_stale(now=timezone.now())


@shared_task(name="status.tend_incidents")
def tend_incidents() -> None:
    """Open, follow and close incidents where only time has passed."""
    services.tend_incidents(now=timezone.now())


@shared_task(name="status.plan_notices")
def plan_notices() -> None:
    """Decide who is told of what happened to incidents, prices and models."""
    now = timezone.now()
    services.notices.plan_notices(now=now)
    services.notices.plan_tidings(now=now)


@shared_task(name="status.judge_slos")
def judge_slos() -> None:
    """Set every endpoint against its target; begin and end burn alerts."""
    services.judge_slos(now=timezone.now())


@shared_task(name="status.sample_counts")
def sample_counts() -> None:
    """Keep what the board counts in this minute."""
    services.sample_counts(now=timezone.now())


@shared_task(name="status.read_official_pages")
def read_official_pages() -> None:
    """Read the official status pages that are due, and drop answers that were kept long enough."""
    now = timezone.now()
    official.sync_pages(now=now)
    polling.read_pages(now=now)
    snapshots.prune_snapshots(now=now)


@shared_task(name="status.match_official")
def match_official() -> None:
    """Match our incidents with those of the official pages."""
    services.match_official(now=timezone.now())


@shared_task(name="status.tidy_subscriptions")
def tidy_subscriptions() -> None:
    """Forget the addresses that have no reason to be kept."""
    subscriptions.tidy(now=timezone.now())
