"""What must always hold of the store, as one table: `manage.py dbcheck` examines it.

finding   what an examination comes to
rollups   hours equal raw rows, wider buckets equal hours
counts    the board, the counts, the API and the verdicts agree
evidence  days, orders, money, provenances and archive
"""

from collections.abc import Callable
from typing import Final

from aigo.invariants import counts, evidence, rollups
from aigo.invariants.finding import Finding, Scope

__all__ = ["INVARIANTS", "Finding", "Scope"]

#: What must hold → who examines it.
INVARIANTS: Final[dict[str, Callable[[Scope], Finding]]] = {
    "hours equal raw rows": rollups.hours_equal_raw_rows,
    "wider buckets equal hours": rollups.buckets_equal_hours,
    "total = active + unknown, everywhere alike": counts.counts_agree,
    "states follow from their last change": counts.states_follow_changes,
    "changes of a region are one chain": counts.changes_are_chains,
    "no row without endpoint or provenance": evidence.no_orphans,
    "the ledger equals what attempts cost": evidence.ledger_equals_costs,
    "today and tomorrow have a place to go": evidence.days_are_ahead,
    "old days are in the archive or gone": evidence.old_days_have_left,
    "archived days have their files": evidence.files_are_there,
    "orders are answered or given up": evidence.orders_are_young,
    "the database's own jobs run": evidence.jobs_run,
}
