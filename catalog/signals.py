"""What the catalogue announces to the apps above it."""

from django.dispatch import Signal

#: An operator wants the model lists read now: `catalog.services.claim_syncs` has something to hand out.
#: Sent after commit, without arguments.
sync_wanted = Signal()
