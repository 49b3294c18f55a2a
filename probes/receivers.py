"""Listening to what the catalogue announces."""

from typing import Any

from django.dispatch import receiver

from catalog.signals import sync_wanted
from probes.tasks import sync_listings


@receiver(sync_wanted, dispatch_uid="probes.sync_listings")
def sync_at_once(sender: Any, **kwargs: Any) -> None:
    """An operator asked for a provider's list: do not wait for the next tick."""
    sync_listings.delay()
