"""Plain values for the tests of sending: notices on their way."""

from datetime import UTC, datetime
from typing import Any

from status.outgoing import AppriseTarget, MailTarget, Outgoing, Target, WebhookTarget

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "incident": 12,
    "title_en": "",
    "title_ko": "",
    "provider": {"slug": "nimbus", "name": "Nimbus Works"},
    "kind": "endpoint",
    "scope": "regional",
    "severity": "major",
    "state": "open",
    "cause": "confirmed_failures",
    "regions": ["seoul", "tokyo"],
    "endpoints": [{"slug": "nimbus--nimbus-1", "name": "Nimbus 1"}],
    "endpoints_total": 1,
    "started_at": "2026-11-21T11:58:00+00:00",
    "detected_at": "2026-11-21T11:59:30+00:00",
    "ended_at": None,
    "simulated": False,
    "replaces": [],
    "update": None,
    "url": "https://status.example.org/incidents/12/",
}
MAILBOX = MailTarget(
    subscription_id=1, subscription_uid="sub-1", address="reader@example.org", token_version=1
)


def webhook(url: str = "https://hooks.example.org/aigo", **changes: Any) -> WebhookTarget:
    fields: dict[str, Any] = {"channel_id": 1, "slug": "ops", "url": url, "secret_version": 1}
    return WebhookTarget(**fields | changes)


def outgoing(target: Target = MAILBOX, *, facts: dict[str, Any] | None = None, **changes: Any) -> Outgoing:
    """The opening of an incident in two regions, with what is said changed."""
    fields: dict[str, Any] = {
        "uid": "msg_0123456789abcdef",
        "kind": "opened",
        "topic": "incident",
        "severity": "major",
        "language": "en",
        "subject": "incident:12",
        "facts": FACTS | (facts or {}),
        "body": None,
        "attempt": 1,
        "target": target,
        "made_at": NOW,
    }
    return Outgoing(**fields | changes)


def apprise_channel(url_env: str = "ALERT_URL_OPS", channel_id: int = 2) -> AppriseTarget:
    return AppriseTarget(channel_id=channel_id, slug="chat", url_env=url_env)
