"""What a drill is made of: faults, what an official page says of them, and everything that must follow. Pure.

Moments are seconds since the drill began.
"""

from dataclasses import dataclass
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
#: Official pages are read so often in a drill, in seconds: the error bar of a lead.
PAGE_EVERY_S: Final = 60.0
#: Warnings wait so long (`status.rules.notices.WARNING_AFTER`), in seconds.
WARNS_AFTER_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What the simulator is asked to do.

    kind: as its SCENARIOS.md names it, "" = only slower. requests: at most so many of each endpoint from each
    region are struck, None = all. latency_factor: on every time. every: only each n-th request of an endpoint
    from a region is struck, which the simulator cannot be asked for.
    """

    kind: str = ""
    requests: int | None = None
    latency_factor: float = 1.0
    every: int = 1


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
class News:
    """One notice that must be delivered within `within_s` of `at_s`, and not before.

    kind, severity, topic: as `status.models.Notice` has them.
    """

    kind: str
    severity: str
    at_s: float
    within_s: float
    topic: str = "incident"

    def __str__(self) -> str:
        return (
            f"{self.severity} {self.topic} notice, {self.kind}, within {self.within_s:g} s of {self.at_s:g} s"
        )


@dataclass(frozen=True, slots=True)
class Page:
    """How the provider's official page tells: as `probes.simulator.telling.Telling` has it.

    `since_s` to `until_s`: while `mode` lasts. It is read every PAGE_EVERY_S.
    """

    mode: str = "follow"
    lag_s: float = 0.0
    since_s: float = 0.0
    until_s: float = 0.0

    def unreadable_at(self, at_s: float) -> bool:
        return self.mode in ("shape", "html", "hang", "huge") and self.since_s <= at_s < self.until_s


@dataclass(frozen=True, slots=True)
class Lead:
    """What must be found out about who told first, an hour after the drill.

    verdict: as `status.rules.leads.Verdict`. says_at_s: when the page speaks first, None = it does not, or
    nothing is to be compared. What is measured may differ from that by its own error bar.
    """

    verdict: str
    says_at_s: float | None = None

    def __str__(self) -> str:
        said = "" if self.says_at_s is None else f", the page speaks at {self.says_at_s:g} s"
        return f"verdict {self.verdict}{said}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A drill. endpoints, regions: how many of the provider's and of those there are; None = all.

    regional, overall: the turns of each struck endpoint in each struck region, and over all regions.
    maintenance: from when to when all of the provider is said to be under maintenance. news: what whoever
    asked to be told of everything (`status.models.AlertRule` as it is by default) must be told. page, leads:
    only on the stepped clock.
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
    maintenance: tuple[float, float] | None = None
    news: tuple[News, ...] = ()
    page: Page | None = None
    leads: tuple[Lead, ...] = ()

    @property
    def only_rehearsed(self) -> bool:
        """Whether no running system can be asked for what is done."""
        return self.maintenance is not None or any(spell.fault.every > 1 for spell in self.spells)

    @property
    def over_at_s(self) -> float:
        """When the last fault ends; 0 where there is none."""
        return max((spell.ends_s for spell in self.spells), default=0.0)
