"""Writing editorial work.

roles      the groups and their permissions
refusals   why something is refused: the exception tree
moving     the moves of editorial.workflow, one by one, in bulk, and those whose time has come
editing    new work and new versions of it
locking    who is at work on it
assigning  who is to review it, until when
previews   links that show it to people without an account
keys       by which programs write drafts
"""

from editorial.services.assigning import assign, may_assign, possible_reviewers
from editorial.services.editing import create, create_all, edit, may_edit
from editorial.services.locking import LOCK_LASTS, keep_lock, lock, unlock
from editorial.services.moving import (
    Offer,
    Outcome,
    move,
    move_all,
    offers_of,
    publish_due,
    publish_trusted,
)
from editorial.services.previews import PREVIEW_LASTS, NoPreview, preview_token, previewed
from editorial.services.refusals import (
    Incomplete,
    Locked,
    MissingRight,
    OwnWork,
    Refused,
    Stale,
    Unfit,
    WrongState,
)
from editorial.services.roles import sync_roles

__all__ = [
    "LOCK_LASTS",
    "PREVIEW_LASTS",
    "Incomplete",
    "Locked",
    "MissingRight",
    "NoPreview",
    "Offer",
    "Outcome",
    "OwnWork",
    "Refused",
    "Stale",
    "Unfit",
    "WrongState",
    "assign",
    "create",
    "create_all",
    "edit",
    "keep_lock",
    "lock",
    "may_assign",
    "may_edit",
    "move",
    "move_all",
    "offers_of",
    "possible_reviewers",
    "preview_token",
    "previewed",
    "publish_due",
    "publish_trusted",
    "sync_roles",
    "unlock",
]
