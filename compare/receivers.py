"""What keeps frozen comparisons as they are."""

from typing import Any

from django.db import connections
from django.db.models import ProtectedError
from django.db.models.signals import post_migrate, pre_delete
from django.dispatch import receiver

from compare.immutability import WORDS, lay_rule
from compare.models import FrozenComparison


@receiver(post_migrate, dispatch_uid="compare.lay_rule")
def keep_what_was_frozen(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite makes a table anew when a migration alters it, without its triggers."""
    if sender.label == "compare":
        lay_rule(connections[using])


@receiver(pre_delete, sender=FrozenComparison, dispatch_uid="compare.keep_frozen")
def keep_frozen(instance: FrozenComparison, **kwargs: Any) -> None:
    """Its address is in articles and messages that nobody can mend."""
    raise ProtectedError(WORDS, {instance})
