"""Whose network failed: a provider's, or the one a region measures through? Pure arithmetic on sightings.

Providers are independent of each other, so most of them failing at once from one region, while other regions
reach the same providers, is the region's own fault (PROTOCOLS A4.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

#: Outcomes that a broken network of ours would look like.
NETWORK_FAILURES: Final = frozenset({"timeout", "connect_error", "tls_error", "dns_error"})
#: Outcomes that say nothing about the network: nothing was sent, or our own host was too busy.
SILENT: Final = frozenset({"budget", "cancelled", "lagged", "missed", "auth"})
#: Fewer providers that fail together may be a coincidence.
MIN_PROVIDERS: Final = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one attempt saw of a provider. `at`: when it started, UTC."""

    region: str
    provider: int
    outcome: str
    at: datetime

    @property
    def failed(self) -> bool:
        return self.outcome in NETWORK_FAILURES or self.outcome == "pop_offline"


def offline_since(region: str, sightings: Iterable[Sighting]) -> datetime | None:
    """When the region's own network failed; None while it works or nothing can be said.

    sightings: those of the last moments from all regions, oldest first. The newest of a provider decides.
    Offline: at least three providers, and more than half of those seen, cannot be reached from here, though
    other regions reach them (where no other region looked, that they all fail at once must do). Three of five
    unreachable here and reached elsewhere → offline; two of five, or unreachable from everywhere → None.
    """
    telling = [seen for seen in sightings if seen.outcome not in SILENT]
    by_region = _newest(telling)
    here = by_region.pop(region, {})
    down = {provider for provider, seen in here.items() if seen.failed}
    if by_region:
        down = {provider for provider in down if _reached(provider, by_region)}
    if len(down) < MIN_PROVIDERS or 2 * len(down) <= len(here):
        return None
    return min(_failing_since(provider, region, telling) for provider in down)


def most_fail(region: str, sightings: Iterable[Sighting]) -> bool:
    """Whether more than half of the providers seen from a region cannot be reached from it."""
    here = _newest(seen for seen in sightings if seen.outcome not in SILENT).get(region, {})
    return 2 * sum(seen.failed for seen in here.values()) > len(here)


def _newest(sightings: Iterable[Sighting]) -> dict[str, dict[int, Sighting]]:
    """Region → provider → what was seen last."""
    by_region: dict[str, dict[int, Sighting]] = {}
    for seen in sightings:
        by_region.setdefault(seen.region, {})[seen.provider] = seen
    return by_region


def _failing_since(provider: int, region: str, sightings: Iterable[Sighting]) -> datetime:
    """The first of the failures in a row that end a provider's sightings from a region."""
    own = [seen for seen in sightings if (seen.provider, seen.region) == (provider, region)]
    return list(takewhile(lambda seen: seen.failed, reversed(own)))[-1].at


def _reached(provider: int, elsewhere: Mapping[str, Mapping[int, Sighting]]) -> bool:
    return any(provider in seen and not seen[provider].failed for seen in elsewhere.values())
