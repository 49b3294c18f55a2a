"""Celery's side of the benchmarks."""

from celery import shared_task
from django.utils import timezone

from benchmarks.services.fetching import read_weekly


@shared_task(name="benchmarks.import_scores")
def import_scores() -> None:
    """Read the sources that are read weekly."""
    read_weekly(now=timezone.now())
