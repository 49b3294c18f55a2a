"""Celery's side of the news."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from news import services


@shared_task(name="news.crawl")
def crawl() -> None:
    """Send each source that is due to a worker of its own."""
    if not settings.NEWS_CRAWL:
        return
    for source in services.due_sources(now=timezone.now()):
        crawl_source.delay(source.pk)


@shared_task(name="news.crawl_source", expires=60)
def crawl_source(pk: int) -> None:
    """Run one source; nothing is done where another worker is at it."""
    services.crawl(pk, now=timezone.now())


@shared_task(name="news.group")
def group() -> None:
    """Put what was fetched into stories."""
    services.group_new(now=timezone.now())
