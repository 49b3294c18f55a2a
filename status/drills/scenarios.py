"""The drills as data: what is done to whom and when, and all that must follow.

Whatever else happens in a drill is false; what does not happen in time is missed. Moments are seconds since
the drill began.
"""

from itertools import chain
from typing import Final

from status.drills.faults import (
    CLOSES_WITHIN_S,
    DOWN,
    OPENS_WITHIN_S,
    P95_FOLLOWS_WITHIN_S,
    P95_RECOVERS_WITHIN_S,
    SLOW,
    UP,
    WARNS_AFTER_S,
    Fault,
    Lead,
    News,
    Opening,
    Page,
    Scenario,
    Spell,
    Turn,
)
from status.rules import State


def _down_and_up(begins_s: float, ends_s: float, worst: State = DOWN) -> tuple[Turn, ...]:
    return Turn(begins_s, worst), Turn(ends_s, UP)


def _told(severity: str) -> tuple[News, ...]:
    """Of an incident between 0 and 180 s."""
    return News("opened", severity, 0, OPENS_WITHIN_S), News("recovered", severity, 180, CLOSES_WITHIN_S)


_503 = Fault("http_503")
#: Down for two minutes, up for 100 s: neither is long enough to pass for settled.
_CYCLES = tuple((220.0 * n, 220.0 * n + 120) for n in range(6))
_FLAPS = tuple(chain.from_iterable(_down_and_up(*cycle) for cycle in _CYCLES))
_FLAPS_OVER_S: Final = _CYCLES[-1][1]

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "calm",
            "nothing is done: nothing may change",
            lasts_s=600,
            page=Page("lie", since_s=60, until_s=360),
            leads=(Lead("we_missed"),),
        ),
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
            news=(
                News("opened", "minor", WARNS_AFTER_S, P95_FOLLOWS_WITHIN_S + 150),
                News("recovered", "minor", 2100, P95_RECOVERS_WITHIN_S + CLOSES_WITHIN_S),
                News("unreadable", "minor", 240 + WARNS_AFTER_S, 180, topic="official"),
                News("readable", "minor", 1_500, 60, topic="official"),
            ),
            page=Page("shape", since_s=240, until_s=1_500),
            leads=(Lead("page_silent"),),
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
            news=_told("major"),
            page=Page("silent", until_s=10_000),
            leads=(Lead("page_silent"),),
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
            news=_told("major"),
            page=Page(lag_s=-150),
            leads=(Lead("them", says_at_s=-150),),
        ),
        Scenario(
            "provider_outage",
            "a provider answers 503 everywhere for three minutes",
            lasts_s=480,
            spells=(Spell(0, 180, _503),),
            regional=_down_and_up(0, 180),
            overall=_down_and_up(0, 180),
            incidents=(Opening("provider", "global", "critical", at_s=0, over_at_s=180),),
            news=(
                News(
                    "opened", "major", 0, OPENS_WITHIN_S
                ),  # half of what is seen does not fail everywhere yet
                News("worsened", "critical", 0, OPENS_WITHIN_S),
                News("recovered", "critical", 180, CLOSES_WITHIN_S),
            ),
            page=Page(lag_s=150),
            leads=(Lead("us", says_at_s=150),),
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
            news=(
                News("opened", "major", 0, OPENS_WITHIN_S),
                News("recovered", "major", _FLAPS_OVER_S, 2_300),
            ),
        ),
        Scenario(
            "maintenance",
            "a provider answers 503 everywhere for two minutes of its maintenance: nobody is told",
            lasts_s=480,
            maintenance=(-300, 900),
            spells=(Spell(0, 120, _503),),
            regional=_down_and_up(0, 120),
            overall=_down_and_up(0, 120),
            incidents=(Opening("provider", "global", "critical", at_s=0, over_at_s=120),),
        ),
        Scenario(
            "maintenance_overrun",
            "a provider answers 503 everywhere from its maintenance on until after it: told when that ends",
            lasts_s=660,
            maintenance=(-300, 240),
            spells=(Spell(0, 360, _503),),
            regional=_down_and_up(0, 360),
            overall=_down_and_up(0, 360),
            incidents=(Opening("provider", "global", "critical", at_s=0, over_at_s=360),),
            news=(
                News("opened", "critical", 240, 15),
                News("recovered", "critical", 360, CLOSES_WITHIN_S),
            ),
        ),
        Scenario(
            "thin_errors",
            "each fourth request of one endpoint fails once: no state changes, but its error budget burns",
            lasts_s=1_500,
            endpoints=1,
            spells=(Spell(0, 1_080, Fault("http_503", every=4)),),
            news=(
                News("burn", "critical", 0, 1_080, topic="slo"),
                News("burn_over", "critical", 1_080, 420, topic="slo"),
            ),
        ),
    )
}
