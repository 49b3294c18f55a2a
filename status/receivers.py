"""Listening to what the apps below announce."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib.auth import user_logged_out
from django.contrib.auth.models import AbstractBaseUser
from django.dispatch import receiver
from django.utils import timezone

from aigo.lib.events import tell
from probes.models import AnsweringIdentity
from probes.signals import model_swapped, results_stored, store_kept
from status import services
from status.live import control


@receiver(results_stored, dispatch_uid="status.announce_results")
def announce_results(sender: Any, pairs: set[tuple[int, str]], **kwargs: Any) -> None:
    """New results: one `results.stored` event; what follows the log judges their endpoints."""
    stored: dict[str, list[int]] = defaultdict(list)
    for endpoint_id, region in sorted(pairs):
        stored[region].append(endpoint_id)
    tell("results.stored", {"pairs": stored}, now=timezone.now())


@receiver(model_swapped, dispatch_uid="status.announce_swap")
def announce_swap(sender: Any, swap: AnsweringIdentity, now: datetime, **kwargs: Any) -> None:
    """Another model name or fingerprint answers for an endpoint: one `model.swapped` event."""
    data = {
        "slug": swap.endpoint.slug,
        "kind": swap.kind,
        "from": swap.previous,
        "to": swap.value,
        "region": swap.region,
        "at": swap.appeared_at.isoformat(),
    }
    tell("model.swapped", data, now=now)


@receiver(store_kept, dispatch_uid="status.prune_counts")
def forget_old_counts(sender: Any, now: datetime, **kwargs: Any) -> None:
    """The upkeep's hourly run: counts and notices of long ago go."""
    services.prune_counts(now=now)
    services.notices.prune_notices(now=now)


@receiver(user_logged_out, dispatch_uid="status.close_pages")
def close_pages(sender: Any, user: AbstractBaseUser | None, **kwargs: Any) -> None:
    """Whoever signs out has no page left that is connected in their name."""
    if user is not None:
        control.sign_out(user.pk)
