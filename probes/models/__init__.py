"""What we ask, from where, and what came of it: `orders` → `results`, and what was found on the way.

orders     ProbeTarget (what we ask), DispatchCursor, DueProbe (the order book), Gap (when we did not ask)
pops       Pop (a worker and where it stands), DeadLetter (what was delivered and could not be believed),
           RefusedRows (how much of it)
results    ProbeResult (one row per attempt) and its Provenance, Pulse (what the next is expected to find),
           AnsweringIdentity
rollups    HourRollup (attempts in four bytes), ThreeHourRollup, EightHourRollup, RollupMark
spending   ProbeBudget, LedgerEntry
servers    Server, ServerSample
archive    ArchivedDay
"""

from probes.models.archive import ArchivedDay
from probes.models.orders import TIERS, DispatchCursor, DueProbe, Gap, ProbeTarget
from probes.models.pops import DeadLetter, Pop, RefusedRows
from probes.models.results import (
    CONFIRMED_FAILURES,
    SETTLED_GOOD,
    AnsweringIdentity,
    Origin,
    ProbeResult,
    ProbeResultQuerySet,
    Provenance,
    Pulse,
)
from probes.models.rollups import EightHourRollup, HourRollup, RollupMark, ThreeHourRollup
from probes.models.servers import Server, ServerSample
from probes.models.spending import LedgerEntry, ProbeBudget

__all__ = [
    "CONFIRMED_FAILURES",
    "SETTLED_GOOD",
    "TIERS",
    "AnsweringIdentity",
    "ArchivedDay",
    "DeadLetter",
    "DispatchCursor",
    "DueProbe",
    "EightHourRollup",
    "Gap",
    "HourRollup",
    "LedgerEntry",
    "Origin",
    "Pop",
    "ProbeBudget",
    "ProbeResult",
    "ProbeResultQuerySet",
    "ProbeTarget",
    "Provenance",
    "Pulse",
    "RefusedRows",
    "RollupMark",
    "Server",
    "ServerSample",
    "ThreeHourRollup",
]
