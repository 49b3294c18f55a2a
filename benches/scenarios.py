"""The loads, and which tool takes which of them how often. Data; a scenario's words go into the report."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from benches.tools import BLACKBOX, OURS, PYCURL

ENDPOINTS: Final = 834


@dataclass(frozen=True, slots=True)
class Share:
    """What a tool does of a scenario: how many times, and how much of its load (1 = all; same rate)."""

    times: int
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """`probes` starts spread over `seconds` (0 = all at one instant).

    max_in_flight: what a client that cannot keep up may have open at once; our engine has a limit of its own.
    """

    name: str
    words: str
    probes: int
    seconds: float
    shares: Mapping[str, Share] = field(default_factory=dict)
    tls: bool = False
    neighbour: bool = False
    max_in_flight: int = 1024

    def starts_s(self, part: float) -> list[float]:
        """Start moments from 0 on, ascending: one at a random place of every slot.

        They are the same for every tool.
        """
        count, seconds = max(1, round(self.probes * part)), self.seconds * part
        if not seconds:
            return [0.0] * count
        rng = random.Random(self.name)  # noqa: S311 - no secret
        return [(place + rng.random()) * seconds / count for place in range(count)]


# Tools without a goal run once, and those that cannot keep up for a part of the time only: the whole bench
# shall end within twelve minutes.
SCENARIOS: Final = (
    Scenario(
        "day",
        f"{ENDPOINTS} endpoints in 30 s, spread: the real load",
        ENDPOINTS,
        30,
        {
            OURS: Share(3),
            PYCURL: Share(1),
            "aiohttp": Share(1, 0.4),
            "httpx": Share(1, 0.4),
            "curl command": Share(1, 0.3),
            BLACKBOX: Share(1, 0.4),
        },
    ),
    Scenario(
        "neighbour",
        "the same with a process beside it that wants all of the client's core",
        ENDPOINTS,
        30,
        {OURS: Share(3), PYCURL: Share(1, 0.4), "aiohttp": Share(1, 0.4), BLACKBOX: Share(1, 0.4)},
        neighbour=True,
    ),
    Scenario(
        "100",
        "265 probes a second: 100 in flight",
        2650,
        10,
        {
            OURS: Share(3),
            PYCURL: Share(3),
            BLACKBOX: Share(3),
            "pycurl multi (select)": Share(1),
            "aiohttp": Share(1),
            "httpx": Share(1, 0.5),
            "curl command": Share(1, 0.2),
        },
        max_in_flight=128,
    ),
    Scenario(
        "1000",
        "2,600 probes a second: 1,000 in flight",
        20800,
        8,
        {
            OURS: Share(3),
            PYCURL: Share(3),
            "pycurl multi (select)": Share(1, 0.5),
            "aiohttp": Share(1, 0.35),
            "httpx": Share(1, 0.1),
            BLACKBOX: Share(1, 0.35),
        },
    ),
    Scenario(
        "tls-100",
        "265 probes a second over TLS: 100 in flight",
        2120,
        8,
        {
            OURS: Share(3),
            PYCURL: Share(3),
            "aiohttp": Share(1, 0.5),
            "httpx": Share(1, 0.3),
            BLACKBOX: Share(1, 0.5),
        },
        tls=True,
        max_in_flight=128,
    ),
    Scenario(
        "burst",
        f"all {ENDPOINTS} started at one instant",
        ENDPOINTS,
        0,
        {OURS: Share(3), PYCURL: Share(3), "aiohttp": Share(2), "httpx": Share(1), BLACKBOX: Share(1)},
    ),
)
