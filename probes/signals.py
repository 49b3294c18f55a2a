"""What this app announces to the apps above it."""

from django.dispatch import Signal

#: Sent after results are committed. Arguments: pairs: set[tuple[int, str]], (endpoint id, region) with news.
results_stored = Signal()
#: Sent after another model name or fingerprint answered for an endpoint. Arguments: swap: the
#: AnsweringIdentity that is new, now: UTC.
model_swapped = Signal()
#: Sent by upkeep, every hour. Arguments: now: UTC. Apps above drop what of theirs is older than they keep.
store_kept = Signal()
