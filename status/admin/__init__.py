"""What was judged and what pages said, to look at, and what people say and plan.

Verdicts and incidents follow from measurements.
"""

from status.admin.changes import StatusChangeAdmin
from status.admin.incidents import IncidentAdmin
from status.admin.leads import DetectionLeadAdmin
from status.admin.maintenance import MaintenanceAdmin
from status.admin.notices import AlertChannelAdmin, AlertRuleAdmin, NoticeAdmin
from status.admin.official import OfficialIncidentAdmin, OfficialPageAdmin, OfficialSnapshotAdmin
from status.admin.slo import BurnAlertAdmin, SloTargetAdmin
from status.admin.subscriptions import SubscriptionAdmin

__all__ = [
    "AlertChannelAdmin",
    "AlertRuleAdmin",
    "BurnAlertAdmin",
    "DetectionLeadAdmin",
    "IncidentAdmin",
    "MaintenanceAdmin",
    "NoticeAdmin",
    "OfficialIncidentAdmin",
    "OfficialPageAdmin",
    "OfficialSnapshotAdmin",
    "SloTargetAdmin",
    "StatusChangeAdmin",
    "SubscriptionAdmin",
]
