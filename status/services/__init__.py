"""Turning results into verdicts, verdicts into incidents, and telling of both.

judging    judge_endpoints, refresh_stale: from stored attempts to states and their changes
incidents  tend_incidents: from states to incidents
outbox     announce_outstanding: what was written and not told yet
counting   sample_counts, prune_counts: what the board counts, minute by minute
"""

from status.services.counting import COUNTS_KEPT, prune_counts, sample_counts
from status.services.incidents import tend_incidents
from status.services.judging import Changed, judge_endpoints, refresh_stale
from status.services.outbox import announce_outstanding

__all__ = [
    "COUNTS_KEPT",
    "Changed",
    "announce_outstanding",
    "judge_endpoints",
    "prune_counts",
    "refresh_stale",
    "sample_counts",
    "tend_incidents",
]
