"""Telling of what is no incident: error budgets, and official pages that cannot be read."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any


def queue_notice(
    *,
    topic: str,
    subject: str,
    kind: str,
    severity: str,
    facts: Mapping[str, Any],
    endpoint_ids: Collection[int] = (),
    provider_id: int | None = None,
    regions: Collection[str] = (),
    now: datetime,
) -> int:
    """A notice for everyone whose rule asks for such; how many that made. Again with the same subject and
    kind: nothing.

    topic: slo | official. kind: burn and unreadable begin, burn_over and readable end; who was not told of
    the beginning is not told of the end, and a beginning that is still held is dropped by it. `subject`: one
    for both, another for the next time ("burn:17"). `facts`: plain JSON. Takes part in the caller's
    transaction.
    """
    raise NotImplementedError
