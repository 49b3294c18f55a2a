"""Turning results into verdicts, verdicts into incidents, and telling of both.

judging    judge_endpoints, refresh_stale: from stored attempts to states and their changes
incidents  tend_incidents: from states to incidents
maintenance  plan_maintenance, change_maintenance, cancel_maintenance
reporting  post_update, set_severity, retitle, publish_postmortem: what people say of incidents
notices    plan_notices, claim_due and what else keeps notices and their deliveries (a package)
outbox     announce_outstanding: what was written and not told yet
leads      match_official: our incidents and those of the official pages
slo        judge_slos, set_target: error budgets, and alerts where they go too fast
counting   sample_counts, prune_counts: what the board counts, minute by minute
official   sync_pages, note_reading, note_problem: what providers' own pages said
snapshots  body_of, text_of, prune_snapshots: the answers that prove it
saving     save_view, forget_view: the views that readers keep
polling    read_pages: asking those pages
"""

from status.services import notices
from status.services.counting import COUNTS_KEPT, prune_counts, sample_counts
from status.services.incidents import tend_incidents
from status.services.judging import Changed, judge_endpoints, refresh_stale
from status.services.leads import match_official
from status.services.maintenance import (
    Plan,
    Unplannable,
    cancel_maintenance,
    change_maintenance,
    check_plan,
    plan_maintenance,
)
from status.services.outbox import announce_outstanding
from status.services.reporting import (
    MeanwhileTold,
    Unreportable,
    draft_postmortem,
    post_update,
    publish_postmortem,
    retitle,
    set_severity,
)
from status.services.slo import judge_slos, set_target

__all__ = [
    "COUNTS_KEPT",
    "Changed",
    "MeanwhileTold",
    "Plan",
    "Unplannable",
    "Unreportable",
    "announce_outstanding",
    "cancel_maintenance",
    "change_maintenance",
    "check_plan",
    "draft_postmortem",
    "judge_endpoints",
    "judge_slos",
    "match_official",
    "notices",
    "plan_maintenance",
    "post_update",
    "prune_counts",
    "publish_postmortem",
    "refresh_stale",
    "retitle",
    "sample_counts",
    "set_severity",
    "set_target",
    "tend_incidents",
]
