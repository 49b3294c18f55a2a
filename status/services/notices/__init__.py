"""Telling whoever wants to know: by the database alone, so that no other part need be there.

recipients   who asked to be told of what
planning     plan_notices: from steps of incidents to notices
queueing     queue_notice: what is told of besides incidents
delivering   claim_due, hold, note_attempt: from notices to deliveries
operating    send_test, retry, rotate_secret, set_enabled: what operators do
"""

from status.services.notices.delivering import claim_due, hold, note_attempt
from status.services.notices.operating import (
    Refused,
    retry,
    rotate_secret,
    save_channel,
    send_test,
    set_enabled,
)
from status.services.notices.planning import plan_notices
from status.services.notices.queueing import queue_notice

__all__ = [
    "Refused",
    "claim_due",
    "hold",
    "note_attempt",
    "plan_notices",
    "queue_notice",
    "retry",
    "rotate_secret",
    "save_channel",
    "send_test",
    "set_enabled",
]
