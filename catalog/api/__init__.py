"""The REST API of the catalogue."""

from catalog.api.models import ModelDetailView, ModelListView
from catalog.api.rate_limits import RateLimitListView

__all__ = ["ModelDetailView", "ModelListView", "RateLimitListView"]
