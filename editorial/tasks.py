"""Celery's side of editorial work."""

from celery import shared_task
from django.utils import timezone

from editorial import services


@shared_task(name="editorial.publish_due")
def publish_due() -> None:
    """Publish what is scheduled until now."""
    services.publish_due(now=timezone.now())
