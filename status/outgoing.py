"""A notice on its way: what the sender is handed, and what it says of the try. Plain data; moments are UTC.

`facts` by topic, all of it plain JSON:

incident   incident (id), title_en, title_ko ("" = made from the facts), provider {slug, name}, kind, scope,
           severity, state, cause, regions [slugs], endpoints [{slug, name}] (at most 50 of endpoints_total),
           started_at, detected_at, ended_at (ISO 8601 or null), simulated, replaces [incident ids],
           update {at, status, body_en, body_ko} or null (the newest of people), url (absolute)
slo        as status.services.slo queues it
official   as status.services.official queues it
price, model
           provider {slug, name}, changes (at most 20 of changes_total, as catalog.telling.told_of gives
           them), simulated, url
test       channel (slug), by (who asked)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """`secret_version`: the one that signs; for a day after `rotated_at` the one before it signs, too."""

    channel_id: int
    slug: str
    url: str
    secret_version: int
    rotated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AppriseTarget:
    """`url_env`: the environment variable that holds apprise's URLs."""

    channel_id: int
    slug: str
    url_env: str


@dataclass(frozen=True, slots=True)
class MailTarget:
    """A subscriber's mailbox. `subscription_uid`, `token_version`: what its links are signed for."""

    subscription_id: int
    subscription_uid: str
    address: str
    token_version: int


Target = WebhookTarget | AppriseTarget | MailTarget


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One try at one notice. `uid`: the same on every try. `body`: what an earlier try sent, to be sent again
    byte by byte; None = this is the first. `attempt`: counts from 1. `language`: en | ko."""

    uid: str
    kind: str
    topic: str
    severity: str
    language: str
    subject: str
    facts: Mapping[str, Any]
    body: bytes | None
    attempt: int
    target: Target
    made_at: datetime

    @property
    def channel_id(self) -> int | None:
        """None = it goes to a mailbox."""
        return None if isinstance(self.target, MailTarget) else self.target.channel_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try.

    `gone`: the target wants no more, ever (410, a mailbox that does not exist). `permanent`: no other try can
    do better (a refused address). `retry_after_s`: the target's own wish. `body`: what was sent.
    `duration_ms`: from the start of the try to its end, by a monotonic clock.
    """

    ok: bool
    http_status: int | None = None
    error: str = ""
    retry_after_s: float | None = None
    gone: bool = False
    permanent: bool = False
    body: bytes | None = None
    duration_ms: float | None = None
