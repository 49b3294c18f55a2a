"""Listening to what the apps below announce."""

from typing import Any

from django.dispatch import receiver

from probes.signals import results_stored
from status.tasks import judge


@receiver(results_stored, dispatch_uid="status.judge")
def judge_what_has_news(sender: Any, pairs: set[tuple[int, str]], **kwargs: Any) -> None:
    """New results: their endpoints are judged again, outside the ingest."""
    judge.delay(sorted({endpoint_id for endpoint_id, _region in pairs}))
