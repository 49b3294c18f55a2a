"""A scenario put on a stage: which endpoints are struck from where, and what must come of it for each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from status.drills.faults import Fault, Scenario, Spell, Turn
from status.drills.scenarios import SCENARIOS

#: The pool of all regions among the regions of states (aigo.lib.regions.ALL).
OVERALL: Final = "all"
#: With fewer regions one that is out is the majority.
FEWEST_FOR_REGIONAL: Final = 3


class CannotDrill(Exception):
    """Ours or the operator's: nothing was done. The message says what to change."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is played: a provider's slug, its endpoints' slugs and the regions that measure, in order."""

    provider: str
    endpoints: tuple[str, ...]
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`struck`: the endpoints, `where`: the regions that the faults reach."""

    scenario: Scenario
    stage: Stage
    struck: tuple[str, ...]
    where: tuple[str, ...]

    def turns(self, slug: str, region: str) -> tuple[Turn, ...]:
        """What must happen to the state of an endpoint in a region, or over all of them; () = nothing may."""
        if slug not in self.struck:
            return ()
        if region == OVERALL:
            return self.scenario.overall
        return self.scenario.regional if region in self.where else ()

    def expected(self) -> Mapping[tuple[str, str], tuple[Turn, ...]]:
        """(endpoint, region) → its turns, of all that have any."""
        pairs = ((slug, region) for slug in self.struck for region in (*self.where, OVERALL))
        return {pair: turns for pair in pairs if (turns := self.turns(*pair))}

    def faults(self, slug: str, region: str, at_s: float) -> list[tuple[int, Fault]]:
        """What a request then meets, with the number of its spell."""
        if slug not in self.struck or region not in self.where:
            return []
        spells = enumerate(self.scenario.spells)
        return [(n, spell.fault) for n, spell in spells if spell.begins_s <= at_s < spell.ends_s]

    def order(self, spell: Spell) -> dict[str, Any]:
        """The fault in the words of the simulator's control path; it ends by itself if nobody lifts it."""
        fault = spell.fault
        whole = len(self.struck) == len(self.stage.endpoints)
        asked: dict[str, Any] = {"for_s": spell.ends_s - spell.begins_s + 5}
        asked |= {"providers": [self.stage.provider]} if whole else {"endpoints": list(self.struck)}
        if len(self.where) < len(self.stage.regions):
            asked["regions"] = list(self.where)
        if fault.kind:
            asked["kind"] = fault.kind
        if fault.requests is not None:
            asked["requests"] = fault.requests
        if fault.latency_factor != 1:
            asked["latency_factor"] = fault.latency_factor
        return asked


def make_plan(name: str, stage: Stage) -> Plan:
    """CannotDrill names a scenario that there is not, or what the stage lacks for it."""
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise CannotDrill(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}")
    if scenario.regions is not None and len(stage.regions) < FEWEST_FOR_REGIONAL:
        raise CannotDrill(
            f"{name} needs at least {FEWEST_FOR_REGIONAL} regions that measure, here are: "
            f"{_listed(stage.regions)}; set PROBE_REGIONS"
        )
    if scenario.endpoints is not None and len(stage.endpoints) <= 2 * scenario.endpoints:
        raise CannotDrill(
            f"{name} strikes {scenario.endpoints} endpoint(s) of a provider and must not look like its own "
            f"trouble; {stage.provider} has {_listed(stage.endpoints)}; choose another by --provider"
        )
    if not stage.endpoints or not stage.regions:
        raise CannotDrill(f"{stage.provider}: no endpoint of it is measured; choose another by --provider")
    return Plan(scenario, stage, stage.endpoints[: scenario.endpoints], stage.regions[: scenario.regions])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
