"""Celery's side of the catalogue."""

from celery import shared_task
from django.utils import timezone

from catalog import services


@shared_task(name="catalog.note_tidings")
def note_tidings() -> None:
    """Note what became different, for feeds and alerts."""
    services.note_tidings(now=timezone.now())
