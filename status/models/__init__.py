"""What the measurements mean.

states     EndpointState (the present verdict), StatusChange (every change of it)
incidents  Incident, IncidentEndpoint (whom it holds), IncidentChange (what was decided about it),
           IncidentUpdate (what people tell of it)
maintenance  MaintenanceWindow
counts     CountsSample (what the board counted in a minute)
notices    AlertChannel, AlertRule (who is told of what), Notice, DeliveryAttempt (and what became of it)
official   OfficialPage, OfficialSnapshot, OfficialIncident (what the providers' own pages say)
leads      DetectionLead (their incidents and ours, who told first)
subscriptions  Subscription (who is told by e-mail), SubscriptionLetter (whether it was really they)
saved      SavedView (a reader's own choice of filters)
slo        SloTarget, SloStanding (how an endpoint stands against it), BurnAlert (its budget goes too fast)
"""

from status.models.counts import CountsSample
from status.models.incidents import (
    Incident,
    IncidentChange,
    IncidentEndpoint,
    IncidentQuerySet,
    IncidentUpdate,
)
from status.models.leads import DetectionLead
from status.models.maintenance import MaintenanceWindow
from status.models.notices import AlertChannel, AlertRule, DeliveryAttempt, Notice, NoticeQuerySet
from status.models.official import OfficialIncident, OfficialPage, OfficialSnapshot
from status.models.saved import SavedView
from status.models.slo import BurnAlert, SloStanding, SloStandingQuerySet, SloTarget
from status.models.states import STATES, EndpointState, StatusChange
from status.models.subscriptions import Subscription, SubscriptionLetter, SubscriptionQuerySet

__all__ = [
    "STATES",
    "AlertChannel",
    "AlertRule",
    "BurnAlert",
    "CountsSample",
    "DeliveryAttempt",
    "DetectionLead",
    "EndpointState",
    "Incident",
    "IncidentChange",
    "IncidentEndpoint",
    "IncidentQuerySet",
    "IncidentUpdate",
    "MaintenanceWindow",
    "Notice",
    "NoticeQuerySet",
    "OfficialIncident",
    "OfficialPage",
    "OfficialSnapshot",
    "SavedView",
    "SloStanding",
    "SloStandingQuerySet",
    "SloTarget",
    "StatusChange",
    "Subscription",
    "SubscriptionLetter",
    "SubscriptionQuerySet",
]
