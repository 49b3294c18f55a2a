"""Celery's side of the news."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from news import services
from news.models import NewsSource


@shared_task(name="news.crawl")
def crawl() -> None:
    """Send each source that is due to a worker of its own."""
    if not settings.NEWS_CRAWL:
        return
    for source in services.due_sources(now=timezone.now()):
        send(source)


def send(source: NewsSource) -> None:
    """To the workers that can read it: what needs a browser has a queue of its own."""
    (show_source if source.renders else crawl_source).delay(source.pk)


@shared_task(name="news.crawl_source", expires=60)
def crawl_source(pk: int) -> None:
    """Run one source; nothing is done where another worker is at it."""
    services.crawl(pk, now=timezone.now())


@shared_task(name="news.show_source", expires=60)
def show_source(pk: int) -> None:
    """The same, from the queue of the workers that have a browser (aigo/celery.py)."""
    services.crawl(pk, now=timezone.now())


@shared_task(name="news.group")
def group() -> None:
    """Put what was fetched into stories."""
    services.group_new(now=timezone.now())
