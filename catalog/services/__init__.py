"""Writing to the catalogue. One transaction each, dated by the caller.

importing     the sources: packaged, or a newer api.json
price_syncing what they say of prices
price_lists   lists of prices that people hand in
prices        dated facts about money: adding, ending, correcting
reports       what an import did
editing       people
syncing       the providers' own lists: asking, and taking in the answer
proposals     from a list to proposed changes
decisions     from a proposal to the catalogue
offers        what a list is the source of
announcing    telling readers
noting        what became different, once each
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
from catalog.services.importing import import_catalog
from catalog.services.noting import note_tidings
from catalog.services.price_lists import Refused, apply_price_list
from catalog.services.prices import NotCorrectable, add_price, correct_price
from catalog.services.proposals import GONE_AFTER, SyncReport, propose_changes
from catalog.services.rate_limits import LimitsSeen, note_rate_limits, state_documented_limit
from catalog.services.reports import Change, Counts, ImportReport
from catalog.services.syncing import DueSync, TooSoon, claim_syncs, request_sync, take_listing

__all__ = [
    "GONE_AFTER",
    "AlreadyDecided",
    "Change",
    "Counts",
    "DueSync",
    "ImportReport",
    "LimitsSeen",
    "NotCorrectable",
    "Outdated",
    "Refused",
    "SyncReport",
    "TooSoon",
    "Undecidable",
    "add_price",
    "announce_catalogue",
    "apply_price_list",
    "approve_change",
    "claim_syncs",
    "correct_price",
    "follow_sources",
    "import_catalog",
    "note_rate_limits",
    "note_tidings",
    "propose_changes",
    "record_edit",
    "reject_change",
    "request_sync",
    "state_documented_limit",
    "take_listing",
]
