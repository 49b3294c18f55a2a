"""Reading a provider's model list where its key is: in a POP's worker, not in the engine. No database.

Parsing a megabyte would disturb the engine's clock, so this runs beside it. The same rules as for probes hold
(`probes.addresses`, `aigo.lib.networks`): no key over plain http, no link-local or metadata address, and no
redirect is followed.
"""

from probes.listings.fetching import fetch_listing
from probes.listings.records import ListingOrder, ListingResult

__all__ = ["ListingOrder", "ListingResult", "fetch_listing"]
