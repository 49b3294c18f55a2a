"""Whoever saves what the board shows of the catalogue: readers' kept answers end with it."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from catalog.models import AIModel, Creator, Endpoint, Price, Provider
from catalog.services import announce_catalogue

SHOWN = (AIModel, Creator, Endpoint, Price, Provider)


@receiver([post_save, post_delete], dispatch_uid="catalog.announce")
def announce(sender: Any, **kwargs: Any) -> None:
    """Bulk writes send no signals: the import announces itself."""
    if sender in SHOWN:
        announce_catalogue(now=timezone.now())
