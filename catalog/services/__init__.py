"""Writing to the catalogue. One transaction each, dated by the caller.

importing     the sources: packaged, or a newer api.json
editing       people
syncing       the providers' own lists: asking, and taking in the answer
proposals     from a list to proposed changes
decisions     from a proposal to the catalogue
offers        what a list is the source of
announcing    telling readers
rate_limits   what answers tell of our limits
"""

from catalog.services.announcing import announce_catalogue
from catalog.services.decisions import (
    AlreadyDecided,
    Outdated,
    Undecidable,
    approve_change,
    reject_change,
)
from catalog.services.editing import follow_sources, record_edit
from catalog.services.importing import Change, Counts, ImportReport, import_catalog
from catalog.services.proposals import GONE_AFTER, SyncReport, propose_changes
from catalog.services.rate_limits import LimitsSeen, note_rate_limits, state_documented_limit
from catalog.services.syncing import DueSync, TooSoon, claim_syncs, request_sync, take_listing

__all__ = [
    "GONE_AFTER",
    "AlreadyDecided",
    "Change",
    "Counts",
    "DueSync",
    "ImportReport",
    "LimitsSeen",
    "Outdated",
    "SyncReport",
    "TooSoon",
    "Undecidable",
    "announce_catalogue",
    "approve_change",
    "claim_syncs",
    "follow_sources",
    "import_catalog",
    "note_rate_limits",
    "propose_changes",
    "record_edit",
    "reject_change",
    "request_sync",
    "state_documented_limit",
    "take_listing",
]
