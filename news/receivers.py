"""What follows from what happens to articles."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from editorial import signals
from editorial.models import Step
from editorial.workflow import State
from news.models import Article, Correction
from news.services.announcing import announce_article, announce_news


@receiver(signals.moved, sender=Article, dispatch_uid="news.announce_move")
def announce_move(work: Article, step: Step, **kwargs: Any) -> None:
    """Readers' kept answers end with what is published or withdrawn."""
    if step.target == State.PUBLISHED:
        announce_article(work.slug, now=step.at)
    if State.PUBLISHED in (step.source, step.target):
        announce_news(now=step.at)


@receiver(post_save, sender=Correction, dispatch_uid="news.announce_correction")
def announce_correction(instance: Correction, **kwargs: Any) -> None:
    """A correction stands on the page of its article."""
    announce_news(now=instance.at)
