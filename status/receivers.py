"""Listening to what the apps below announce."""

import logging
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from aigo.lib.events import LogUnavailable, event_log
from probes.models import AnsweringIdentity
from probes.signals import model_swapped, results_stored, store_kept
from status import services
from status.tasks import judge

logger = logging.getLogger(__name__)
#: A judgement that waited longer is superseded: every result asks for a new one.
JUDGED_WITHIN_S = 60


@receiver(results_stored, dispatch_uid="status.judge")
def judge_what_has_news(sender: Any, pairs: set[tuple[int, str]], **kwargs: Any) -> None:
    """New results: their endpoints are judged again, outside the ingest."""
    ids = sorted({endpoint_id for endpoint_id, _region in pairs})
    judge.apply_async(args=(ids,), expires=JUDGED_WITHIN_S)


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
    try:
        event_log().append("model.swapped", data, now=now)
    except LogUnavailable as error:
        logger.warning("model.swapped of %s is not announced: %s", swap.endpoint.slug, error)


@receiver(store_kept, dispatch_uid="status.prune_counts")
def forget_old_counts(sender: Any, now: datetime, **kwargs: Any) -> None:
    """The upkeep's hourly run: counts of long ago go."""
    services.prune_counts(now=now)
