"""Listening to what the apps below announce."""

from typing import Any

from django.dispatch import receiver

from probes.signals import results_stored
from status.tasks import judge

#: A judgement that waited longer is superseded: every result asks for a new one.
JUDGED_WITHIN_S = 60


@receiver(results_stored, dispatch_uid="status.judge")
def judge_what_has_news(sender: Any, pairs: set[tuple[int, str]], **kwargs: Any) -> None:
    """New results: their endpoints are judged again, outside the ingest."""
    ids = sorted({endpoint_id for endpoint_id, _region in pairs})
    judge.apply_async(args=(ids,), expires=JUDGED_WITHIN_S)
