"""Editors' view of the catalogue. What an editor changes here, imports leave alone from then on.

imported   the base of all pages whose rows imports keep up to date
offers     creators, models, endpoints, prices, rate limits
providers  providers and how the reading of their lists goes
changes    what their lists say differently
price_lists lists of prices that people hand in
"""

from catalog.admin.changes import CatalogChangeAdmin
from catalog.admin.offers import AIModelAdmin, CreatorAdmin, EndpointAdmin, PriceAdmin, RateLimitAdmin
from catalog.admin.price_lists import PriceImportAdmin
from catalog.admin.providers import ProviderAdmin

__all__ = [
    "AIModelAdmin",
    "CatalogChangeAdmin",
    "CreatorAdmin",
    "EndpointAdmin",
    "PriceAdmin",
    "PriceImportAdmin",
    "ProviderAdmin",
    "RateLimitAdmin",
]
