"""The REST API of the catalogue; one model's is `status.model_api`, which knows its states as well."""

from catalog.api.models import EndpointDetailAnswer, ModelDetailAnswer, ModelListView, model_json
from catalog.api.pricing import (
    PricingHistorySheetView,
    PricingHistoryView,
    PricingSheetView,
    PricingView,
)
from catalog.api.rate_limits import RateLimitListView

__all__ = [
    "EndpointDetailAnswer",
    "ModelDetailAnswer",
    "ModelListView",
    "PricingHistorySheetView",
    "PricingHistoryView",
    "PricingSheetView",
    "PricingView",
    "RateLimitListView",
    "model_json",
]
