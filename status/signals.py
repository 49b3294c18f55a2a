"""What this app announces to the apps above it."""

from django.dispatch import Signal

#: Sent for every step of an incident, in order. Arguments: change: the IncidentChange (its `incident` is as
#: it is now), now: UTC. In the transaction that notes the step as announced: what a receiver writes is kept
#: with that, and if it raises, the step is announced again.
incident_changed = Signal()
