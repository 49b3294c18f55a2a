"""Telling whoever wants to know: by the database alone, so that no other part need be there.

recipients   who asked to be told of what
planning     plan_notices: from steps of incidents to notices
preview      preview: what a rule would have told of lately
queueing     queue_notice: what is told of besides incidents
tidings      plan_tidings: from changed prices and models to notices
delivering   claim_due, note_attempt: from notices to deliveries
operating    send_test, retry, rotate_secret, set_enabled: what operators do
"""

from status.services.notices.delivering import claim_due, note_attempt, prune_notices
from status.services.notices.operating import (
    Refused,
    retry,
    rotate_secret,
    send_test,
    set_enabled,
)
from status.services.notices.planning import plan_notices
from status.services.notices.preview import Preview, preview
from status.services.notices.queueing import queue_notice
from status.services.notices.tidings import plan_tidings

__all__ = [
    "Preview",
    "Refused",
    "claim_due",
    "note_attempt",
    "plan_notices",
    "plan_tidings",
    "preview",
    "prune_notices",
    "queue_notice",
    "retry",
    "rotate_secret",
    "send_test",
    "set_enabled",
]
