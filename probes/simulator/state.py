"""The state of one running simulator: its clock, its counters, and what was stopped or swapped by hand."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from typing import Any, Final

from probes.simulator.fleet import Fleet, SimulatedModel, load_fleet
from probes.simulator.hand import HandFault, read_fault, still_on, under_hand
from probes.simulator.planning import Plan, plan_request
from probes.simulator.profile import EVERYBODY
from probes.simulator.scenario import Scenario, load_scenario
from probes.simulator.sections import Section
from probes.simulator.telling import Telling, read_telling
from probes.simulator.troubles import Logbook, Trouble, by_hand, scripted
from probes.simulator.vendors.shape import Allowance

# What `stop` accepts → the fault that strikes every request.
STOP_MODES: Final = {"reset": "reset", "503": "http_503", "529": "http_529", "hang": "hang"}
HANG_S: Final = 600.0


@dataclass(slots=True)
class Simulator:
    """counters: requests so far by (endpoint, region). stopped, offline: provider and region slugs → mode.

    swapped: endpoint → (model, fingerprint) that answer in its place by hand. faults: name → what else a hand
    has put on, in that order. pages: provider → how a hand has made its official page tell.
    """

    scenario: Scenario
    fleet: Fleet
    seed: int
    started: float = field(default_factory=time.monotonic)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)
    offline: dict[str, str] = field(default_factory=dict)
    swapped: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: dict[str, HandFault] = field(default_factory=dict)
    pages: dict[str, Telling] = field(default_factory=dict)
    logbook: Logbook = field(default_factory=Logbook)
    _used: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    @property
    def clock_s(self) -> float:
        """Seconds on the scenario's clock since the start."""
        return (time.monotonic() - self.started) * self.scenario.speed

    def plan(self, endpoint: str, region: str, *, listing: bool) -> Plan:
        self.counters[endpoint, region] += 1
        number = self.counters[endpoint, region]
        plan = plan_request(self.scenario, self.seed, endpoint, region, number, self.clock_s, listing=listing)
        if self.faults:
            stream = f"{self.seed}|{endpoint}|{region}|{number}|hand"
            now, faults = time.monotonic(), self.faults.values()
            plan = under_hand(plan, faults, stream=stream, endpoint=endpoint, region=region, now=now)
        if endpoint not in self.swapped:
            return plan
        model, fingerprint = self.swapped[endpoint]
        return replace(plan, answers_as=model or plan.answers_as, fingerprint=fingerprint or plan.fingerprint)

    def put_fault(self, name: str, document: Any) -> None:
        """A fault by hand, in the place of one of that name; ScenarioError says what is wrong with it."""
        fault = read_fault(
            document,
            providers=self.fleet,
            endpoints=[model.endpoint for models in self.fleet.values() for model in models.values()],
            regions=self.regions,
            now=time.monotonic(),
        )
        self.faults.pop(name, None)  # so that it is the last that was put on
        self.faults[name] = fault
        now, left_s = self.now(), None if fault.ends_at == inf else fault.ends_at - time.monotonic()
        trouble = by_hand(fault, self.fleet, now, left_s)
        if trouble:
            self.logbook.begin(f"fault {name}", fault.providers, trouble)
        else:
            self.logbook.end(f"fault {name}", now)

    def lift_fault(self, name: str) -> None:
        self.faults.pop(name, None)
        self.logbook.end(f"fault {name}", self.now())

    def stop(self, provider: str, mode: str) -> None:
        """Strike every request of a provider; stopped in another way it is still the same trouble."""
        if provider not in self.stopped:
            self.logbook.begin(f"stop {provider}", [provider], Trouble(self.now()))
        self.stopped[provider] = mode

    def start(self, provider: str) -> None:
        self.stopped.pop(provider, None)
        self.logbook.end(f"stop {provider}", self.now())

    def now(self) -> datetime:
        """Official pages write the time of the wall, UTC, not the scenario's."""
        return datetime.now(UTC)

    def troubles(self, provider: str) -> list[Trouble]:
        """What its official page has to tell: scripted, also to come, and by hand."""
        outages, speed = self.scenario.outages, self.scenario.speed
        return [
            *scripted(outages, provider, self.fleet, self.started_at, speed),
            *self.logbook.of(provider),
        ]

    def telling(self, provider: str) -> Telling:
        """A hand's word, else the scenario's for this provider or for all, else the honest default."""
        pages = self.scenario.pages
        scripted_one = pages.get(provider) or pages.get(EVERYBODY) or Telling()
        return self.pages.get(provider) or replace(scripted_one, since=self.started_at)

    def put_page(self, provider: str, document: Any) -> None:
        """Make a page tell otherwise from now on; ScenarioError says what is wrong with the document."""
        self.pages[provider] = read_telling(Section(document, "page"), self.now())

    @property
    def regions(self) -> set[str]:
        """The regions that the scenario names, and those that have asked."""
        return {*self.scenario.multipliers, *(region for _, region in self.counters)}

    def forced(self, provider: str, region: str) -> Plan | None:
        """What a hand has put over every request of a provider or from a region; None = nothing."""
        mode = self.offline.get(region) or self.stopped.get(provider)
        return Plan(0, 0, 0, 0, STOP_MODES[mode], HANG_S, 0) if mode else None

    def allow(self, endpoint: str, tokens: int) -> tuple[Allowance | None, bool]:
        """What is left of the limits after this request (None = no limits), and whether it may pass."""
        limits = self.scenario.profile(endpoint).limits
        if limits is None:
            return None, True
        clock_s = self.clock_s
        minute = int(clock_s // 60)
        before = self._used.get(endpoint, (minute, 0, 0))
        asked, spent = before[1:] if before[0] == minute else (0, 0)
        asked, spent = asked + 1, spent + tokens
        self._used[endpoint] = (minute, asked, spent)
        allowance = Allowance(
            requests_limit=limits.requests_per_minute,
            requests_left=max(0, limits.requests_per_minute - asked),
            tokens_limit=limits.tokens_per_minute,
            tokens_left=max(0, limits.tokens_per_minute - spent),
            reset_s=round((60 - clock_s % 60) / self.scenario.speed, 3),
        )
        over = asked > limits.requests_per_minute or spent > limits.tokens_per_minute
        return allowance, not (limits.enforced and over)

    def listed(self, provider: str) -> list[SimulatedModel]:
        """The provider's models with the lifecycle that the scenario gives them."""
        return [self._with_lifecycle(model) for model in self.fleet[provider].values()]

    def _with_lifecycle(self, model: SimulatedModel) -> SimulatedModel:
        life = self.scenario.profile(model.endpoint).lifecycle
        return replace(
            model,
            lifecycle=life.state,
            deprecated_at=life.deprecated_at.isoformat() if life.deprecated_at else "",
            retires_at=life.retires_at.isoformat() if life.retires_at else "",
        )

    def state(self) -> dict[str, Any]:
        now = time.monotonic()
        return {
            "scenario": self.scenario.name,
            "about": self.scenario.about,
            "seed": self.seed,
            "clock_s": round(self.clock_s, 3),
            "providers": sorted(self.fleet),
            "stopped": dict(self.stopped),
            "offline": dict(self.offline),
            "swapped": {slug: list(names) for slug, names in self.swapped.items()},
            "faults": {name: fault.shown(now) for name, fault in still_on(self.faults, now).items()},
            "pages": {slug: telling.shown(self.now()) for slug, telling in self.pages.items()},
            "requests": {
                f"{endpoint}@{region}": n for (endpoint, region), n in sorted(self.counters.items())
            },
        }


def make_simulator(scenario: str = "default", seed: int = 1) -> Simulator:
    """ScenarioError for a scenario that cannot be used."""
    fleet = load_fleet()
    endpoints = [model.endpoint for models in fleet.values() for model in models.values()]
    return Simulator(load_scenario(scenario, endpoints), fleet, seed)
