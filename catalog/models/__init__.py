"""Creator → AIModel ← Endpoint → Provider: who exists, what it costs, and what its provider says has changed.

One model is served by many providers: the *endpoint* (one model as served by one provider) is what the
board, the counts and the verdicts count; the *model* groups its endpoints; the *creator* made the model.

providers  Imported (what imports keep up to date), Creator, Provider, DocRef
offers     AIModel, Endpoint
prices     Price, PriceImport
limits     RateLimit
tidings    Tiding (what became different), NotedEndpoint and TidingScan (what was known before)
changes    CatalogChange (what a provider's own list says), ProviderSync (how the reading goes)
"""

from catalog.models.changes import CatalogChange, CatalogChangeQuerySet, ProviderSync
from catalog.models.limits import RateLimit, RateLimitQuerySet
from catalog.models.offers import AIModel, AIModelQuerySet, Endpoint, EndpointQuerySet, Lifecycle
from catalog.models.prices import AMOUNT_FIELDS, RATE_FIELDS, Price, PriceImport, PriceQuerySet
from catalog.models.providers import Creator, DocRef, Imported, Provider
from catalog.models.tidings import NotedEndpoint, Tiding, TidingQuerySet, TidingScan

__all__ = [
    "AMOUNT_FIELDS",
    "RATE_FIELDS",
    "AIModel",
    "AIModelQuerySet",
    "CatalogChange",
    "CatalogChangeQuerySet",
    "Creator",
    "DocRef",
    "Endpoint",
    "EndpointQuerySet",
    "Imported",
    "Lifecycle",
    "NotedEndpoint",
    "Price",
    "PriceImport",
    "PriceQuerySet",
    "Provider",
    "ProviderSync",
    "RateLimit",
    "RateLimitQuerySet",
    "Tiding",
    "TidingQuerySet",
    "TidingScan",
]
