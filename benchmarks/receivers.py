"""What follows from what happens to suites and scores."""

from typing import Any

from django.db import connections
from django.db.models import ProtectedError
from django.db.models.signals import post_delete, post_migrate, post_save, pre_delete
from django.dispatch import receiver
from django.utils import timezone

from benchmarks.immutability import WORDS, lay_rule
from benchmarks.models import Score, Suite
from benchmarks.services.announcing import announce_scores
from benchmarks.services.publishing import supersede
from editorial import signals
from editorial.models import Step
from editorial.workflow import State


@receiver(post_migrate, dispatch_uid="benchmarks.lay_rule")
def keep_what_was_published(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite makes a table anew when a migration alters it, without its triggers."""
    if sender.label == "benchmarks":
        lay_rule(connections[using])


@receiver(pre_delete, sender=Score, dispatch_uid="benchmarks.keep_score")
def keep_score(instance: Score, **kwargs: Any) -> None:
    """A score that readers have seen is withdrawn, never deleted."""
    if instance.published_at is not None:
        raise ProtectedError(WORDS, {instance})


@receiver([post_save, post_delete], sender=Suite, dispatch_uid="benchmarks.announce_suite")
def announce_suite(**kwargs: Any) -> None:
    """What a suite says of itself stands on every page of it."""
    announce_scores(now=timezone.now())


@receiver(post_save, sender=Score, dispatch_uid="benchmarks.announce_score")
def announce_score(instance: Score, **kwargs: Any) -> None:
    """Bulk writes send no signals: the import announces itself."""
    if instance.published_at is not None:
        announce_scores(now=timezone.now())


@receiver(signals.moving, sender=Score, dispatch_uid="benchmarks.supersede")
def supersede_former(work: Score, step: Step, **kwargs: Any) -> None:
    """A figure has one published score at any moment."""
    if step.target == State.PUBLISHED:
        supersede(work, step)


@receiver(signals.moved, sender=Score, dispatch_uid="benchmarks.announce_move")
def announce_move(step: Step, **kwargs: Any) -> None:
    """Readers' kept answers end with what is published or withdrawn."""
    if State.PUBLISHED in (step.source, step.target):
        announce_scores(now=step.at)
