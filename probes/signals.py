"""What this app announces to the apps above it."""

from django.dispatch import Signal

#: Sent after results are committed. Arguments: pairs: set[tuple[int, str]], (endpoint id, region) with news.
results_stored = Signal()
