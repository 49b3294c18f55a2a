"""What was judged, to look at. Nothing is edited: verdicts and incidents follow from measurements."""

from status.admin.changes import StatusChangeAdmin
from status.admin.incidents import IncidentAdmin
from status.admin.slo import BurnAlertAdmin, SloTargetAdmin

__all__ = ["BurnAlertAdmin", "IncidentAdmin", "SloTargetAdmin", "StatusChangeAdmin"]
