"""What was judged and what pages said, to look at: verdicts and incidents follow from measurements."""

from status.admin.changes import StatusChangeAdmin
from status.admin.incidents import IncidentAdmin
from status.admin.leads import DetectionLeadAdmin
from status.admin.official import OfficialIncidentAdmin, OfficialPageAdmin, OfficialSnapshotAdmin
from status.admin.slo import BurnAlertAdmin, SloTargetAdmin

__all__ = [
    "BurnAlertAdmin",
    "DetectionLeadAdmin",
    "IncidentAdmin",
    "OfficialIncidentAdmin",
    "OfficialPageAdmin",
    "OfficialSnapshotAdmin",
    "SloTargetAdmin",
    "StatusChangeAdmin",
]
