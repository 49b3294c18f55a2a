"""The loads, and which tool takes which of them how often. Data; a scenario's words go into the report."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ENDPOINTS: Final = 834


@dataclass(frozen=True, slots=True)
class Share:
    """What a tool does of a scenario: how many times, and how much of its load (1 = all)."""

    times: int
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """`probes` starts spread over `seconds` (0 = all at one instant)."""

    name: str
    words: str
    probes: int
    seconds: float
    shares: Mapping[str, Share] = field(default_factory=dict)
    tls: bool = False
    neighbour: bool = False

    def starts_s(self, part: float) -> list[float]:
        """Start moments from 0 on, ascending: one at a random place of every slot, the same for every tool."""
        count, seconds = max(1, round(self.probes * part)), self.seconds * part
        if not seconds:
            return [0.0] * count
        rng = random.Random(self.name)  # noqa: S311 - no secret
        return [(place + rng.random()) * seconds / count for place in range(count)]


SCENARIOS: Final = (
    Scenario(
        "100",
        "open loop, 265 probes a second for 10 s: about 100 in flight",
        2650,
        10,
        {"ours": Share(3), "pycurl": Share(3)},
    ),
    Scenario(
        "1000",
        "open loop, 2,600 probes a second for 10 s: about 1,000 in flight",
        26000,
        10,
        {"ours": Share(3), "pycurl": Share(3)},
    ),
)
