"""Subscriptions by e-mail: nobody is told who has not confirmed, and whoever wants out is out at once.

asking    request: somebody types an address; asked_wish, confirm: its owner says yes
letters   claim_letters, note_letter: the letters that ask, on their way
ending    change, unsubscribe, note_bounce, record_failure, tidy
"""

from status.services.subscriptions.asking import (
    Wish,
    asked_wish,
    confirm,
    present_wish,
    request,
    wish_names,
)
from status.services.subscriptions.ending import (
    change,
    lift_bounce,
    note_bounce,
    opened_by,
    record_failure,
    tidy,
    unsubscribe,
)
from status.services.subscriptions.letters import ClaimedLetter, claim_letters, note_letter

__all__ = [
    "ClaimedLetter",
    "Wish",
    "asked_wish",
    "change",
    "claim_letters",
    "confirm",
    "lift_bounce",
    "note_bounce",
    "note_letter",
    "opened_by",
    "present_wish",
    "record_failure",
    "request",
    "tidy",
    "unsubscribe",
    "wish_names",
]
