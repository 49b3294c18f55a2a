"""A drill on a stepped clock: made attempts through the real ingest, the real judging, the real incidents."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Final

from catalog.models import Endpoint
from probes import schedule
from probes.attempts import Attempt
from probes.confirming import next_attempt_in_s
from probes.models import ProbeTarget
from probes.selectors import expectations
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint
from probes.tests.simulating import OUTCOMES
from status.drills import reading
from status.drills.plan import Plan, Stage, make_plan
from status.drills.report import Observed
from status.services import judge_endpoints, tend_incidents

BEGAN: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REGIONS: Final = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon")
PROVIDER: Final = "nimbus"
#: So long before the drill everything is calm, so that every p95 has its attempts.
WARM_S: Final = 1_800.0
#: How far the clock is moved at once: when something may happen, and when nothing should.
STEP_S, CALM_STEP_S = 15.0, 60.0
#: After a fault begins or ends, something may happen for so long.
BUSY_S: Final = 420.0
#: Time to the whole answer: lognormal about so many ms.
MEDIAN_MS, SIGMA = 400.0, 0.2


@dataclass
class Fleet:
    """What is measured: the endpoints of the provider that is struck, and a bystander's.

    Their attempts depend on nothing but endpoint, region, moment and what the plan does to them.
    """

    plan: Plan
    targets: dict[str, ProbeTarget]
    struck: Counter[tuple[int, str, str]] = field(default_factory=Counter)

    def attempts(self, since_s: float, until_s: float) -> Iterator[Attempt]:
        """Of all moments that are due from `since_s` to before `until_s`, confirmations included."""
        expected = expectations(self.targets.values())
        start = BEGAN.timestamp()
        for slug, target in self.targets.items():
            for region in REGIONS:
                phase = schedule.phase(slug, region, target.tier)
                for due in schedule.due_moments(60, phase, start + since_s, start + until_s):
                    yield from self._order(target, region, due, expected.get((target.pk, region), True))

    def _order(self, target: ProbeTarget, region: str, due: float, expect_ok: bool) -> Iterator[Attempt]:
        slug, outcomes, at = target.endpoint.slug, [], due
        rng = random.Random(f"{slug} {region} {due - BEGAN.timestamp():.3f}")
        pause_s: float | None = 0.0
        while pause_s is not None:
            at += pause_s
            outcome, total_ms = self._answer(slug, region, at - BEGAN.timestamp(), rng)
            outcomes.append(outcome)
            yield make_attempt(
                target.endpoint,
                outcome,
                at=datetime.fromtimestamp(at, UTC),
                region=region,
                attempt=len(outcomes),
                due_at=due,
                total_ms=total_ms if outcome == "ok" else None,
            )
            at += total_ms / 1000
            pause_s = next_attempt_in_s(outcomes, expect_ok=expect_ok, confirm=True, rng=rng)

    def _answer(self, slug: str, region: str, at_s: float, rng: random.Random) -> tuple[str, float]:
        outcome, total_ms = "ok", MEDIAN_MS * exp(SIGMA * max(-2.5, min(2.5, rng.gauss(0, 1))))
        for number, fault in self.plan.faults(slug, region, at_s):
            total_ms *= fault.latency_factor
            before = self.struck[number, slug, region]
            if fault.kind and (fault.requests is None or before < fault.requests):
                self.struck[number, slug, region] += 1
                outcome = OUTCOMES[fault.kind]
        return outcome, total_ms


def set_stage(name: str) -> Fleet:
    """The scenario's plan for a provider of four endpoints in six regions, beside one of two."""
    endpoints = [make_endpoint(PROVIDER, f"{PROVIDER}-{n}") for n in range(1, 5)]
    bystanders = [make_endpoint("cirrus", f"cirrus-{n}") for n in range(1, 3)]
    plan = make_plan(name, Stage(PROVIDER, tuple(e.slug for e in endpoints), REGIONS))
    targets = ProbeTarget.objects.select_related("endpoint").filter(
        endpoint__in=[*endpoints, *bystanders], tier="B"
    )
    return Fleet(plan, {target.endpoint.slug: target for target in targets})


def rehearse(fleet: Fleet) -> Observed:
    """Play the plan from calm to calm; what was kept of it."""
    clock = Clock(fleet)
    clock.advance(-1)
    at_s = 0.0
    while at_s <= fleet.plan.scenario.lasts_s:
        clock.advance(at_s)
        at_s += _step_s(fleet.plan, at_s)
    began = BEGAN.timestamp()
    return Observed(
        changes=reading.changes_since(began),
        incidents=reading.incidents_since(began),
        first_failure_at_s=clock.first_failure_at_s,
    )


class Clock:
    """Moves on when it is told to: what has ended by then is stored, judged and tended, and time passes."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._ids = list(Endpoint.objects.values_list("pk", flat=True))
        self._waiting: list[Attempt] = []
        self._at_s = -WARM_S
        self.first_failure_at_s: float | None = None

    def advance(self, at_s: float) -> None:
        now = BEGAN + timedelta(seconds=at_s)
        self._waiting += self._fleet.attempts(self._at_s, at_s)
        ended = [attempt for attempt in self._waiting if _ended_at(attempt) <= now.timestamp()]
        self._waiting = [attempt for attempt in self._waiting if _ended_at(attempt) > now.timestamp()]
        store_attempts(ended, now=now)
        judge_endpoints(self._ids, now=now)
        tend_incidents(now=now)
        if self.first_failure_at_s is None and any(attempt.outcome != "ok" for attempt in ended):
            self.first_failure_at_s = at_s
        self._at_s = at_s


def _ended_at(attempt: Attempt) -> float:
    return attempt.started_at + (attempt.total_ms or 0) / 1000


def _step_s(plan: Plan, at_s: float) -> float:
    """Small steps while a fault or its end may have something to follow, wide ones else."""
    moments = [moment for spell in plan.scenario.spells for moment in (spell.begins_s, spell.ends_s)]
    busy = any(moment <= at_s + CALM_STEP_S and at_s < moment + BUSY_S for moment in moments)
    return STEP_S if busy else CALM_STEP_S
