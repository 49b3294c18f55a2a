"""What happens to one request: a pure function of scenario, seed, endpoint, region, request number and clock.

Nothing else enters, so a run with the same seed and the same order of requests per endpoint repeats exactly.
"""

import random
from dataclasses import dataclass
from math import exp

from probes.simulator.profile import Profile
from probes.simulator.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Plan:
    """Times in ms since the request arrived: headers, first token; then one token per gap. fault None = none.

    seconds: the length of a pause or hang. cut_after: tokens before a cut. answers_as, fingerprint: the names
    of a model that answers in its place ("" = its own). cached_share, usd_per_mtok: as in the profile.
    """

    headers_ms: float
    first_token_ms: float
    token_gap_ms: float
    reasoning_tokens: int
    fault: str | None
    seconds: float
    cut_after: int
    answers_as: str = ""
    fingerprint: str = ""
    cached_share: float = 0.0
    usd_per_mtok: float | None = None


def plan_request(
    scenario: Scenario,
    seed: int,
    endpoint: str,
    region: str,
    number: int,
    offset_s: float,
    *,
    listing: bool = False,
) -> Plan:
    """number: 1 for the endpoint's first request from that region. offset_s: seconds on the scenario's clock.

    A listing costs no tokens: only scripted outages strike it.
    """
    rng = random.Random(f"{seed}|{endpoint}|{region}|{number}")  # noqa: S311 - repeatable on purpose
    profile = scenario.profile(endpoint)
    factor = scenario.day_factor(region, offset_s)
    if not profile.flat_regions:
        factor *= scenario.region_factor(region)
    first_token_ms = profile.ttft_median_ms * exp(profile.ttft_sigma * rng.gauss(0, 1)) * factor
    gap_ms = 1000 / profile.tokens_per_s * rng.uniform(0.8, 1.2)
    cut_after = rng.randint(0, 1)
    fault, seconds = _outage(scenario, endpoint, region, offset_s, rng.random())
    if fault is None and not listing:
        fault, seconds = _fault(profile, f"{seed}|{endpoint}|{region}", region, number, rng)
    return Plan(
        headers_ms=first_token_ms * profile.headers_share,
        first_token_ms=first_token_ms,
        token_gap_ms=gap_ms,
        reasoning_tokens=profile.reasoning_tokens,
        fault=fault,
        seconds=seconds,
        cut_after=cut_after,
        answers_as=_last(profile, offset_s, "model"),
        fingerprint=_last(profile, offset_s, "fingerprint"),
        cached_share=profile.cached_share,
        usd_per_mtok=profile.usd_per_mtok,
    )


def _last(profile: Profile, offset_s: float, name: str) -> str:
    """What the swaps up to now have put in place."""
    named = [getattr(swap, name) for swap in profile.swaps if swap.at_s <= offset_s]
    return next(filter(None, reversed(named)), "")


def _outage(
    scenario: Scenario, endpoint: str, region: str, offset_s: float, draw: float
) -> tuple[str | None, float]:
    provider = endpoint.partition("--")[0]
    for outage in scenario.outages:
        if outage.covers(provider, region, offset_s) and draw < outage.share:
            return outage.kind, outage.seconds
    return None, 0.0


def _fault(
    profile: Profile, stream: str, region: str, number: int, rng: random.Random
) -> tuple[str | None, float]:
    """The first rule that strikes.

    A rule with `every` starts at a seeded phase and never strikes twice in a row.
    """
    for index, rule in enumerate(profile.faults):
        draw = rng.random()
        if rule.regions and region not in rule.regions:
            continue
        if rule.every is not None:
            phase = random.Random(f"{stream}|phase|{index}").randrange(rule.every)  # noqa: S311
            if number % rule.every == phase:
                return rule.kind, rule.seconds
        if draw < rule.rate:
            return rule.kind, rule.seconds
    return None, 0.0
