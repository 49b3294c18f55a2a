"""From notices to deliveries."""

from collections.abc import Collection
from datetime import datetime

from status.outgoing import Outcome, Outgoing


def claim_due(*, now: datetime, limit: int, busy_channels: Collection[int] = ()) -> list[Outgoing]:
    """At most `limit` notices that are due, of each channel one and of `busy_channels` none; each is the
    caller's until LEASE is over. What was written since is planned first."""
    raise NotImplementedError


def note_attempt(outgoing: Outgoing, outcome: Outcome, *, now: datetime) -> None:
    """Keep what became of the try, and when the next is due."""
    raise NotImplementedError
