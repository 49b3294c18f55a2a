"""What operators do with channels and notices; each leaves a row in the user's history.

Refused    the operator's: the message says what to do instead
"""

from datetime import datetime
from typing import Any, Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import F

from status.models import AlertChannel, Notice
from status.services.notices.delivering import disable, drop_waiting

BY_HAND: Final = "by hand"


class Refused(Exception):
    """It cannot be done like that."""


@transaction.atomic
def send_test(*, channel: AlertChannel, by: Any, now: datetime) -> Notice:
    """Queue a notice that says nothing but that the channel works. Refused: the channel is disabled."""
    if not channel.enabled:
        raise Refused(f"{channel.slug} is disabled: {channel.disabled_reason}. Enable it first.")
    notice = Notice(channel=channel, topic="test", kind=Notice.Kind.TEST, severity="info", made_at=now)
    notice.subject = f"test:{notice.uid}"
    notice.facts = {"channel": channel.slug, "by": by.get_username()}
    notice.due_at = notice.next_try_at = now
    notice.save()
    _log(channel, f"test notice {notice.uid}", by)
    return notice


@transaction.atomic
def retry(*, notice: Notice, by: Any, now: datetime) -> None:
    """Try a notice again now, under its id. Refused: it is on its way, or its recipient takes no more."""
    rows = Notice.objects.select_for_update(of=("self",)).select_related("channel", "subscription")
    row = rows.get(pk=notice.pk)
    if row.claimed_until and row.claimed_until > now:
        raise Refused(f"{row.uid} is being delivered at this moment. Look again in a minute.")
    if row.channel and not row.channel.enabled:
        raise Refused(f"{row.channel.slug} is disabled: {row.channel.disabled_reason}. Enable it first.")
    if row.subscription and not row.subscription.is_told:
        raise Refused(f"The subscription of {row.uid} has ended: nothing is sent there any more.")
    row.state, row.why, row.sent_at = Notice.State.WAITING, "", None
    row.next_try_at, row.claimed_until = now, None
    row.save(update_fields=["state", "why", "sent_at", "next_try_at", "claimed_until"])
    # what came after it was put off for as long as it was
    same = Notice.objects.waiting().filter(
        channel=row.channel_id, subscription=row.subscription_id, subject=row.subject
    )
    same.filter(tries=0).exclude(pk=row.pk).update(next_try_at=F("due_at"))
    _log(row, "tried again", by)


@transaction.atomic
def set_enabled(
    *, channel: AlertChannel, enabled: bool, by: Any, now: datetime, reason: str = BY_HAND
) -> None:
    """Let a channel take notices, or not. What waits for a disabled one is dropped, for it would be old."""
    if channel.enabled == enabled:
        return
    if enabled:
        drop_waiting(Notice.objects.filter(channel=channel), "the channel was disabled")
        channel.enabled, channel.disabled_reason, channel.disabled_at = True, "", None
        channel.save(update_fields=["enabled", "disabled_reason", "disabled_at"])
    else:
        disable(channel.pk, reason, now=now)
        channel.refresh_from_db()
    _log(channel, "enabled" if enabled else f"disabled: {reason}", by)


@transaction.atomic
def rotate_secret(*, channel: AlertChannel, by: Any, now: datetime) -> None:
    """A new secret signs from now on; for a day the one before it signs, too."""
    row = AlertChannel.objects.select_for_update().get(pk=channel.pk)
    if row.kind != AlertChannel.Kind.WEBHOOK:
        raise Refused(f"{row.slug} is no webhook: it signs nothing.")
    row.secret_version += 1
    row.rotated_at = now
    row.save(update_fields=["secret_version", "rotated_at"])
    _log(row, f"secret rotated to version {row.secret_version}", by)
    channel.secret_version, channel.rotated_at = row.secret_version, now


def _log(row: AlertChannel | Notice, text: str, by: Any) -> None:
    LogEntry.objects.log_actions(by.pk, [row], CHANGE, text, single_object=True)
