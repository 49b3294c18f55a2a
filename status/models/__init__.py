"""What the measurements mean.

states     EndpointState (the present verdict), StatusChange (every change of it)
incidents  Incident, IncidentEndpoint (whom it holds), IncidentChange (what was decided about it)
counts     CountsSample (what the board counted in a minute)
official   OfficialPage, OfficialSnapshot, OfficialIncident (what the providers' own pages say)
"""

from status.models.counts import CountsSample
from status.models.incidents import Incident, IncidentChange, IncidentEndpoint, IncidentQuerySet
from status.models.official import OfficialIncident, OfficialPage, OfficialSnapshot
from status.models.states import STATES, EndpointState, StatusChange

__all__ = [
    "STATES",
    "CountsSample",
    "EndpointState",
    "Incident",
    "IncidentChange",
    "IncidentEndpoint",
    "IncidentQuerySet",
    "OfficialIncident",
    "OfficialPage",
    "OfficialSnapshot",
    "StatusChange",
]
