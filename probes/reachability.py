"""Whose network failed: a provider's, or the one a region measures through? Pure arithmetic on sightings.

Providers are independent of each other, so most of them failing at once from one region, while other regions
reach the same providers, is the region's own fault (PROTOCOLS A4.1).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

#: Outcomes that a broken network of ours would look like.
NETWORK_FAILURES: Final = frozenset({"timeout", "connect_error", "tls_error", "dns_error"})
#: Outcomes that say nothing about the network: nothing was sent, or our own host was too busy.
SILENT: Final = frozenset({"budget", "cancelled", "lagged", "missed", "auth"})
#: Fewer providers that fail together may be a coincidence.
MIN_PROVIDERS: Final = 3
#: What was seen within this time is compared with what other regions saw.
COMPARED: Final = timedelta(seconds=90)
#: The past is judged once in this time, in seconds.
STEP_S: Final = 10


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one attempt saw of a provider. `at`: when it started, UTC. `got_bytes`: something was received.

    `simulated`: the provider is one of the simulated fleet, which no network lies before.
    """

    region: str
    provider: int
    endpoint: int
    outcome: str
    at: datetime
    got_bytes: bool = False
    simulated: bool = False

    @property
    def failed(self) -> bool:
        return self.outcome == "pop_offline" or is_network_failure(self.outcome, got_bytes=self.got_bytes)


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which a region's own network failed. `over`: at `until` it worked again, else not yet."""

    since: datetime
    until: datetime
    over: bool


def is_network_failure(outcome: str, *, got_bytes: bool) -> bool:
    """Whether a broken network of ours would look like this; who sent a byte was reached, however slow."""
    return outcome in NETWORK_FAILURES and not (outcome == "timeout" and got_bytes)


def offline_since(
    own: Sequence[Sighting], others: Sequence[Sighting], *, at: datetime, going_on: bool = False
) -> datetime | None:
    """When the own network of the region of `own` failed, as of a moment; None while it works.

    own, others: sightings of this region and of all others, oldest first; none is older than COMPARED and
    none of `own` newer than `at`, whatever is given. `going_on`: it was offline a moment before.
    Offline: at least three providers, and more than half of those seen from here, are down, those left aside
    that others cannot reach either; one that nobody else looked at stays in. Three of five unreachable here
    and reached elsewhere → offline; two of five, or unreachable from everywhere → None. Real and simulated
    providers are judged apart, since they are not reached through the same network.
    """
    worlds = ([seen for seen in own if seen.simulated is simulated] for simulated in (False, True))
    found = [_offline_since(world, others, at, going_on) for world in worlds]
    return min((since for since in found if since is not None), default=None)


def offline_spans(
    own: Sequence[Sighting],
    others: Sequence[Sighting],
    moments: Iterable[datetime],
    *,
    going_on: bool = False,
) -> list[Span]:
    """The times in which the region's own network failed, judged at each of the moments, which ascend."""
    spans: list[Span] = []
    for at in moments:
        within = bool(spans) and not spans[-1].over
        since = offline_since(own, others, at=at, going_on=within or (going_on and not spans))
        going_on = going_on and since is not None
        if within:
            last = spans.pop()
            spans.append(Span(min(last.since, since or at), at, over=since is None))
        elif since is not None:
            spans.append(Span(since, at, over=False))
    return spans


def looked_at(own: Sequence[Sighting], began: datetime, ended: datetime) -> list[datetime]:
    """The newest moment of every STEP_S between the two at which the region looked at something."""
    moments = {seen.at.timestamp() // STEP_S: seen.at for seen in own if began <= seen.at <= ended}
    return list(moments.values())


def stretches(moments: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """(first, last) of the moments whose COMPARED surroundings touch, so that they are judged together."""
    found: list[tuple[datetime, datetime]] = []
    for at in sorted(moments):
        if found and at - found[-1][1] <= 2 * COMPARED:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def _offline_since(
    own: Sequence[Sighting], others: Sequence[Sighting], at: datetime, going_on: bool
) -> datetime | None:
    here: dict[int, list[Sighting]] = {}
    for seen in _telling(own, at - COMPARED, at):
        here.setdefault(seen.provider, []).append(seen)
    down = {provider: run[0].at for provider, seen in here.items() if (run := _down(seen, going_on))}
    if not _most(down, here):
        return None
    elsewhere: dict[int, dict[str, list[Sighting]]] = {}
    for seen in _telling(others, at - COMPARED, at + COMPARED):
        if seen.provider in down:
            elsewhere.setdefault(seen.provider, {}).setdefault(seen.region, []).append(seen)
    ours = {
        provider: since
        for provider, since in down.items()
        if provider not in elsewhere or _reached(elsewhere[provider].values(), since, at)
    }
    return min(ours.values()) if _most(ours, here) else None


def _most(down: dict[int, datetime], here: dict[int, list[Sighting]]) -> bool:
    return len(down) >= MIN_PROVIDERS and 2 * len(down) > len(here)


def _telling(sightings: Sequence[Sighting], after: datetime, until: datetime) -> Iterable[Sighting]:
    first = bisect_right(sightings, after, key=lambda seen: seen.at)
    last = bisect_right(sightings, until, key=lambda seen: seen.at)
    return (seen for seen in sightings[first:last] if seen.outcome not in SILENT)


def _down(seen: Sequence[Sighting], going_on: bool) -> list[Sighting]:
    """The failures since a provider was last reached, oldest first; none while they prove nothing.

    They prove something from two endpoints, or by two attempts where only one endpoint is asked from here: a
    model that is slow thrice does not take its provider down. To go on, one failure is enough.
    """
    run = list(takewhile(lambda sighting: sighting.failed, reversed(seen)))[::-1]
    if going_on or len({sighting.endpoint for sighting in run}) > 1:
        return run
    return run if len(run) > 1 and len({sighting.endpoint for sighting in seen}) == 1 else []


def _reached(regions: Iterable[Sequence[Sighting]], since: datetime, at: datetime) -> bool:
    """Whether any of these regions reached the provider while it was down from ours."""
    return any(not _nearest(seen, since, at).failed for seen in regions)


def _nearest(seen: Sequence[Sighting], since: datetime, at: datetime) -> Sighting:
    """The newest between the two moments; else the first that followed, else the last before."""
    before = [sighting for sighting in seen if sighting.at <= at]
    after = [sighting for sighting in seen if sighting.at > at]
    if before and (before[-1].at >= since or not after):
        return before[-1]
    return after[0]
