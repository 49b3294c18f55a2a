"""DESIGN §5 as pure functions, driven by the tables and constants it is published with (docs/verdicts.md).

states     the words: State, Reason, Verdict
table      every constant and every allowed move
figures    what a window of attempts amounts to
judging    from attempts to a colour
flapping   crossings between operational and not
anomaly    an endpoint against itself on earlier days
trouble    one endpoint: where it is in trouble, and when that is over
naming     whether the words of an official page are about one of ours
leads      who told first: ours and theirs, the lead and its error bar
matching   which of theirs is which of ours
grouping   when the troubles of endpoints are their provider's
views      what the incident rules look at and say
book       steps written down: `applied`
incidents  from states to incidents: `tend`
slo        how fast an error budget goes, and who is to hear of it
"""

from status.rules.book import applied
from status.rules.figures import Figures, Sample, figures, fresh_until, in_window, is_fresh, percentile
from status.rules.incidents import tend
from status.rules.judging import (
    by_availability,
    by_failures,
    by_latency,
    judge_everywhere,
    judge_region,
    thresholds_for,
)
from status.rules.states import (
    GRAVITY,
    Cause,
    IncidentState,
    Kind,
    Reason,
    Scope,
    Severity,
    State,
    StepKind,
    Verdict,
)
from status.rules.table import (
    DEFAULT_THRESHOLDS,
    DEGRADED_FAILURES,
    DNS_REGIONS,
    FRESH_INTERVALS,
    GOOD_IN_A_ROW,
    LAST,
    OUTAGE_FAILURES,
    P95_MIN_ATTEMPTS,
    THRESHOLD_MIN_ATTEMPTS,
    THRESHOLDS,
    WIDEST_WINDOW,
    WINDOW,
    Thresholds,
)
from status.rules.trouble import told_reason
from status.rules.views import (
    EndpointView,
    Member,
    OpenIncident,
    ProviderView,
    RegionView,
    Step,
)

__all__ = [
    "DEFAULT_THRESHOLDS",
    "DEGRADED_FAILURES",
    "DNS_REGIONS",
    "FRESH_INTERVALS",
    "GOOD_IN_A_ROW",
    "GRAVITY",
    "LAST",
    "OUTAGE_FAILURES",
    "P95_MIN_ATTEMPTS",
    "THRESHOLDS",
    "THRESHOLD_MIN_ATTEMPTS",
    "WIDEST_WINDOW",
    "WINDOW",
    "Cause",
    "EndpointView",
    "Figures",
    "IncidentState",
    "Kind",
    "Member",
    "OpenIncident",
    "ProviderView",
    "Reason",
    "RegionView",
    "Sample",
    "Scope",
    "Severity",
    "State",
    "Step",
    "StepKind",
    "Thresholds",
    "Verdict",
    "applied",
    "by_availability",
    "by_failures",
    "by_latency",
    "figures",
    "fresh_until",
    "in_window",
    "is_fresh",
    "judge_everywhere",
    "judge_region",
    "percentile",
    "tend",
    "thresholds_for",
    "told_reason",
]
