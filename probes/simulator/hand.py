"""Faults put on by hand while the simulator runs: checked values, and what they make of a plan."""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from probes.simulator.planning import Plan
from probes.simulator.profile import DEFAULT_FAULT_SECONDS, EVERYBODY, FAULTS, LONGEST_S
from probes.simulator.sections import ScenarioError, Section


@dataclass(slots=True)
class HandFault:
    """What strikes the requests of some endpoints from some regions until it is lifted.

    kind: as in `profile.FAULTS`, "" = none, the requests are only slower. share: of the requests that are
    struck, 0–1. requests: so many of each endpoint from each region are struck at most, None = all.
    latency_factor: on every time of every request. ends_at: on the caller's clock, inf = never; a hand that
    dies leaves nothing behind for longer. struck: how many were, by (endpoint, region).
    """

    providers: frozenset[str]
    endpoints: frozenset[str]
    regions: frozenset[str]  # empty = all
    kind: str
    share: float
    latency_factor: float
    seconds: float
    ends_at: float
    requests: int | None = None
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)

    def covers(self, endpoint: str, region: str, now: float) -> bool:
        """endpoint: its slug, or its provider's for a listing, which only a fault of the provider strikes."""
        whose = endpoint in self.endpoints or endpoint.partition("--")[0] in self.providers
        return whose and (not self.regions or region in self.regions) and now < self.ends_at

    def strikes(self, endpoint: str, region: str, draw: float) -> bool:
        """Whether a request that is covered is struck; draw: 0–1. It is counted."""
        full = self.requests is not None and self.struck[endpoint, region] >= self.requests
        if not self.kind or full or draw >= self.share:
            return False
        self.struck[endpoint, region] += 1
        return True

    def shown(self, now: float) -> dict[str, Any]:
        return {
            "providers": sorted(self.providers),
            "endpoints": sorted(self.endpoints),
            "regions": sorted(self.regions),
            "kind": self.kind,
            "share": self.share,
            "requests": self.requests,
            "struck": self.struck.total(),
            "latency_factor": self.latency_factor,
            "seconds": self.seconds,
            "left_s": None if self.ends_at == inf else round(self.ends_at - now, 3),
        }


def read_fault(
    document: Any,
    *,
    providers: Collection[str],
    endpoints: Collection[str],
    regions: Collection[str],
    now: float,
) -> HandFault:
    """A fault as the control path takes it; the names are those that exist here.

    ScenarioError names the key, the value and what would be accepted.
    """
    section = Section(document, "fault")
    struck = section.names("providers", {*providers, EVERYBODY})
    kind = section.choice("kind", FAULTS) if section.has("kind") else ""
    fault = HandFault(
        providers=frozenset(providers if EVERYBODY in struck else struck),
        endpoints=frozenset(section.names("endpoints", endpoints)),
        regions=frozenset(section.names("regions", regions)),
        kind=kind,
        share=section.number("share", 1, 0, 1),
        requests=int(section.number("requests", None, 1, 1e9)) if section.has("requests") else None,
        latency_factor=section.number("latency_factor", 1, 0.01, 1000),
        seconds=section.number("seconds", DEFAULT_FAULT_SECONDS.get(kind, 0), 0, 3_600),
        ends_at=now + section.number("for_s", None, 0.1, LONGEST_S) if section.has("for_s") else inf,
    )
    section.done()
    if not (fault.providers or fault.endpoints):
        raise ScenarioError('fault: name whom it strikes: "providers", "endpoints" or both')
    if not kind and fault.latency_factor == 1:
        raise ScenarioError('fault: say what happens: a "kind", a "latency_factor" or both')
    return fault


def under_hand(
    plan: Plan, faults: Iterable[HandFault], *, stream: str, endpoint: str, region: str, now: float
) -> Plan:
    """The plan as the faults that cover the request leave it.

    Factors multiply; of the kinds that strike the last one wins. stream: seeds the draw, so that the same
    requests are struck in every run.
    """
    for number, fault in enumerate(faults):
        if not fault.covers(endpoint, region, now):
            continue
        plan = replace(
            plan,
            headers_ms=plan.headers_ms * fault.latency_factor,
            first_token_ms=plan.first_token_ms * fault.latency_factor,
            token_gap_ms=plan.token_gap_ms * fault.latency_factor,
        )
        draw = random.Random(f"{stream}|{number}").random()  # noqa: S311 - repeatable on purpose
        if fault.strikes(endpoint, region, draw):
            plan = replace(plan, fault=fault.kind, seconds=fault.seconds)
    return plan


def still_on(faults: Mapping[str, HandFault], now: float) -> dict[str, HandFault]:
    """Those whose time is not over."""
    return {name: fault for name, fault in faults.items() if now < fault.ends_at}
