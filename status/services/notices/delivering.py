"""From notices to deliveries."""

from collections.abc import Collection
from datetime import datetime

from status.outgoing import Outcome, Outgoing


def claim_due(
    *, now: datetime, limit: int, busy_channels: Collection[int] = (), most_mails: int | None = None
) -> list[Outgoing]:
    """At most `limit` notices that are due, of each channel one and of `busy_channels` none; each is the
    caller's until LEASE (at least three minutes: a batch of letters over one connection) is over. What was
    written since is planned first.

    most_mails: so many of them to mailboxes, None = as many as `limit`: while the mail server hangs, letters
    must not take the room of webhooks.
    """
    raise NotImplementedError


def note_attempt(outgoing: Outgoing, outcome: Outcome, *, now: datetime) -> None:
    """Keep what became of the try, and when the next is due."""
    raise NotImplementedError
