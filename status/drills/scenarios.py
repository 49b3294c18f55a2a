"""The drills as data: what is done to whom and when, and every change of state and incident that must follow.

Whatever else happens in a drill is false; what does not happen in time is missed. Moments are seconds since
the drill began.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Final

from status.rules import State

UP, SLOW, DOWN = State.OPERATIONAL, State.DEGRADED, State.OUTAGE
#: Every endpoint is asked once a minute from every region, a failure is confirmed 1 and 2 s later, and an
#: attempt that gets no answer takes 7 s: so long until a region's state must have followed, in seconds.
FOLLOWS_WITHIN_S: Final = 90.0
#: A p95 follows once two of its 20 attempts are slow, and recovers once none is: 20 minutes at one a minute.
P95_FOLLOWS_WITHIN_S: Final = 300.0
P95_RECOVERS_WITHIN_S: Final = 1_500.0
#: An incident is looked for every 15 s, and closes after two minutes of calm.
OPENS_WITHIN_S: Final = 110.0
CLOSES_WITHIN_S: Final = 240.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What the simulator is asked to do.

    kind: as its SCENARIOS.md names it, "" = only slower. requests: at most so many of each endpoint from each
    region are struck, None = all. latency_factor: on every time.
    """

    kind: str = ""
    requests: int | None = None
    latency_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Spell:
    """A fault from `begins_s` to `ends_s`."""

    begins_s: float
    ends_s: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at_s` a state must become `to` within `within_s`, on its way through `via` at most."""

    at_s: float
    to: State
    within_s: float = FOLLOWS_WITHIN_S
    via: frozenset[State] = frozenset({SLOW})


@dataclass(frozen=True, slots=True)
class Opening:
    """One incident that must open within `within_s` of `at_s`.

    It must close within `closes_within_s` of `over_at_s`. severity: the gravest it reaches. flaps: it is in
    the state "flapping" meanwhile.
    """

    kind: str
    scope: str
    severity: str
    at_s: float
    over_at_s: float
    within_s: float = OPENS_WITHIN_S
    closes_within_s: float = CLOSES_WITHIN_S
    flaps: bool = False

    def __str__(self) -> str:
        flapping = ", flapping" if self.flaps else ""
        return (
            f"{self.severity} {self.scope} {self.kind} incident{flapping} within {self.within_s:g} s of "
            f"{self.at_s:g} s, closed within {self.closes_within_s:g} s of {self.over_at_s:g} s"
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill. endpoints, regions: how many of the provider's and of those there are; None = all.

    regional, overall: the turns of each struck endpoint in each struck region, and over all regions.
    """

    name: str
    about: str
    lasts_s: float
    endpoints: int | None = None
    regions: int | None = None
    spells: tuple[Spell, ...] = ()
    regional: tuple[Turn, ...] = ()
    overall: tuple[Turn, ...] = ()
    incidents: tuple[Opening, ...] = ()

    @property
    def over_at_s(self) -> float:
        """When the last fault ends; 0 where there is none."""
        return max((spell.ends_s for spell in self.spells), default=0.0)


def _down_and_up(begins_s: float, ends_s: float, worst: State = DOWN) -> tuple[Turn, ...]:
    return Turn(begins_s, worst), Turn(ends_s, UP)


_503 = Fault("http_503")
#: Down for two minutes, up for 100 s: neither is long enough to pass for settled.
_CYCLES = tuple((220.0 * n, 220.0 * n + 120) for n in range(6))
_FLAPS = tuple(chain.from_iterable(_down_and_up(*cycle) for cycle in _CYCLES))
_FLAPS_OVER_S: Final = _CYCLES[-1][1]

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (
        Scenario("calm", "nothing is done: nothing may change", lasts_s=600),
        Scenario(
            "blip",
            "one request of every endpoint from every region fails, twice: no colour may change",
            lasts_s=900,
            spells=(
                Spell(60, 180, Fault("http_503", requests=1)),
                Spell(540, 660, Fault("http_503", requests=1)),
            ),
        ),
        Scenario(
            "slow_decay",
            "one endpoint grows slower in one region, 4.5 times, then twelve times, then recovers",
            lasts_s=4_200,
            endpoints=1,
            regions=1,
            spells=(Spell(0, 1200, Fault(latency_factor=4.5)), Spell(1200, 2100, Fault(latency_factor=12))),
            regional=(
                Turn(0, SLOW, P95_FOLLOWS_WITHIN_S),
                Turn(1200, DOWN, P95_FOLLOWS_WITHIN_S),
                Turn(2100, UP, P95_RECOVERS_WITHIN_S),
            ),
            overall=(
                Turn(0, SLOW, P95_FOLLOWS_WITHIN_S),
                Turn(1200, DOWN, P95_FOLLOWS_WITHIN_S),
                Turn(2100, UP, P95_RECOVERS_WITHIN_S),
            ),
            incidents=(
                Opening(
                    *("endpoint", "regional", "minor"),
                    at_s=0,
                    within_s=P95_FOLLOWS_WITHIN_S + 150,
                    over_at_s=2100,
                    closes_within_s=P95_RECOVERS_WITHIN_S + CLOSES_WITHIN_S,
                ),
            ),
        ),
        Scenario(
            "endpoint_outage",
            "one endpoint answers 503 everywhere for three minutes",
            lasts_s=480,
            endpoints=1,
            spells=(Spell(0, 180, _503),),
            regional=_down_and_up(0, 180),
            overall=_down_and_up(0, 180),
            incidents=(Opening("endpoint", "global", "major", at_s=0, over_at_s=180),),
        ),
        Scenario(
            "regional_outage",
            "one region's connections to a provider are reset for three minutes",
            lasts_s=480,
            regions=1,
            spells=(Spell(0, 180, Fault("reset")),),
            regional=_down_and_up(0, 180),
            overall=_down_and_up(0, 180, worst=SLOW),
            incidents=(Opening("provider", "regional", "major", at_s=0, over_at_s=180),),
        ),
        Scenario(
            "provider_outage",
            "a provider answers 503 everywhere for three minutes",
            lasts_s=480,
            spells=(Spell(0, 180, _503),),
            regional=_down_and_up(0, 180),
            overall=_down_and_up(0, 180),
            incidents=(Opening("provider", "global", "critical", at_s=0, over_at_s=180),),
        ),
        Scenario(
            "flapping",
            "one endpoint fails for two minutes and works for 100 s, six times: one incident, told once",
            lasts_s=_FLAPS_OVER_S + 2_400,
            endpoints=1,
            spells=tuple(Spell(*cycle, _503) for cycle in _CYCLES),
            regional=_FLAPS,
            overall=_FLAPS,
            incidents=(
                Opening(
                    *("endpoint", "global", "major"),
                    at_s=0,
                    over_at_s=_FLAPS_OVER_S,
                    closes_within_s=2_300,
                    flaps=True,
                ),
            ),
        ),
    )
}
