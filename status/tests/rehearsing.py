"""A drill on a stepped clock: made attempts through the real ingest, the real judging, the real incidents."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Any, Final

from catalog.models import Provider
from probes import schedule
from probes.attempts import Attempt
from probes.confirming import next_attempt_in_s
from probes.models import ProbeTarget
from probes.selectors import expectations
from probes.services.ingest import store_attempts
from probes.simulator.pages import bodies_at
from probes.simulator.telling import Telling
from probes.simulator.troubles import Effect, Trouble
from probes.tests.factories import make_attempt, make_endpoint
from probes.tests.simulating import OUTCOMES
from status.adapters.table import sources_of
from status.drills import reading
from status.drills.faults import PAGE_EVERY_S
from status.drills.plan import Plan, Stage, make_plan
from status.drills.seen import NoticeSeen, Observed
from status.models import AlertChannel, AlertRule, MaintenanceWindow, OfficialPage
from status.outgoing import Outcome
from status.services import judge_endpoints, judge_slos, match_official, tend_incidents
from status.services.notices import claim_due, note_attempt
from status.services.official import note_reading

BEGAN: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REGIONS: Final = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon")
PROVIDER: Final = "nimbus"
#: So long before the drill everything is calm, so that every p95 has its attempts.
WARM_S: Final = 1_800.0
#: How far the clock is moved at once: when something may happen, and when nothing should.
STEP_S, CALM_STEP_S = 15.0, 60.0
#: After a fault begins or ends, something may happen for so long.
BUSY_S: Final = 420.0
#: So long after the last step it is asked who told first: then an hour's silence is silence.
JUDGED_AFTER_S: Final = 3_900.0
#: What an attempt without an answer lacks.
WRONG: Final[dict[str, Any]] = {"first_token_ms": None, "first_answer_ms": None, "http_status": None}
#: Time to the whole answer: lognormal about so many ms.
MEDIAN_MS, SIGMA = 400.0, 0.2


@dataclass
class Fleet:
    """What is measured: the endpoints of the provider that is struck, and a bystander's.

    Their attempts depend on nothing but endpoint, region, moment and what the plan does to them.
    """

    plan: Plan
    targets: dict[str, ProbeTarget]
    examples: dict[str, Attempt]
    struck: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    asked: Counter[tuple[int, str, str]] = field(default_factory=Counter)

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
        slug, at, outcomes = target.endpoint.slug, due, list[str]()
        rng = random.Random(f"{slug} {region} {due - BEGAN.timestamp():.3f}")
        pause_s: float | None = 0.0
        while pause_s is not None:
            at += pause_s
            when_s = at - BEGAN.timestamp()
            outcome, total_ms = self._answer(slug, region, when_s, rng, confirming=bool(outcomes))
            outcomes.append(outcome)
            right = {} if outcome == "ok" else WRONG
            yield replace(
                self.examples[slug],
                **right | {"outcome": outcome, "total_ms": total_ms if outcome == "ok" else None},
                region=region,
                attempt=len(outcomes),
                due_at=due,
                started_at=at,
            )
            at += total_ms / 1000
            pause_s = next_attempt_in_s(outcomes, expect_ok=expect_ok, confirm=True, rng=rng)

    def _answer(
        self, slug: str, region: str, at_s: float, rng: random.Random, *, confirming: bool
    ) -> tuple[str, float]:
        outcome, total_ms = "ok", MEDIAN_MS * exp(SIGMA * max(-2.5, min(2.5, rng.gauss(0, 1))))
        for number, fault in self.plan.faults(slug, region, at_s):
            total_ms *= fault.latency_factor
            if fault.kind and not confirming:
                self.asked[number, slug, region] += 1
            before, asked = self.struck[number, slug, region], self.asked[number, slug, region]
            if not fault.kind or (fault.every > 1 and (confirming or asked % fault.every)):
                continue
            if fault.requests is None or before < fault.requests:
                self.struck[number, slug, region] += 1
                outcome = OUTCOMES[fault.kind]
        return outcome, total_ms


def set_stage(name: str) -> Fleet:
    """The scenario's plan for a provider of four endpoints in six regions, beside one of two.

    A channel is told of everything, as a rule is by default.
    """
    endpoints = [make_endpoint(PROVIDER, f"{PROVIDER}-{n}") for n in range(1, 5)]
    bystanders = [make_endpoint("cirrus", f"cirrus-{n}") for n in range(1, 3)]
    plan = make_plan(name, Stage(PROVIDER, tuple(e.slug for e in endpoints), REGIONS))
    targets = ProbeTarget.objects.select_related("endpoint").filter(
        endpoint__in=[*endpoints, *bystanders], tier="B"
    )
    examples = {endpoint.slug: make_attempt(endpoint) for endpoint in (*endpoints, *bystanders)}
    plan_maintenance(plan)
    return Fleet(plan, {target.endpoint.slug: target for target in targets}, examples)


def plan_maintenance(plan: Plan) -> None:
    if plan.scenario.maintenance is not None:
        starts_at, ends_at = (moment(at_s) for at_s in plan.scenario.maintenance)
        known = {"created_at": starts_at, "changed_at": starts_at, "title_en": "Drill"}
        provider = Provider.objects.get(slug=plan.stage.provider)
        MaintenanceWindow.objects.create(provider=provider, starts_at=starts_at, ends_at=ends_at, **known)


def moment(at_s: float) -> datetime:
    return BEGAN + timedelta(seconds=at_s)


def rehearse(fleet: Fleet) -> Observed:
    """Play the plan from calm to calm; what was kept of it."""
    scenario = fleet.plan.scenario
    clock, ear = Clock(fleet), Ear()
    page = Reader(fleet.plan) if scenario.page else None
    at_s = -1.0
    while at_s <= scenario.lasts_s:
        if page:
            page.read_until(at_s)
        clock.advance(at_s)
        ear.listen(at_s)
        at_s = max(at_s, 0.0) + _step_s(fleet.plan, max(at_s, 0.0)) if at_s >= 0 else 0.0
    if page:
        page.read(JUDGED_AFTER_S + scenario.lasts_s)
        match_official(now=moment(JUDGED_AFTER_S + scenario.lasts_s))
    began = BEGAN.timestamp()
    return Observed(
        changes=reading.changes_since(began),
        incidents=reading.incidents_since(began),
        first_failure_at_s=clock.first_failure_at_s,
        notices=ear.heard,
        leads=reading.leads_since(began) if page else None,
        page=page.seen if page else (),
    )


class Clock:
    """Moves on when it is told to: what has ended by then is stored, judged and tended, and time passes."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._ids = {slug: target.endpoint_id for slug, target in fleet.targets.items()}
        self._waiting: list[Attempt] = []
        self._at_s = -WARM_S
        self.first_failure_at_s: float | None = None

    def advance(self, at_s: float) -> None:
        now = moment(at_s)
        self._waiting += self._fleet.attempts(self._at_s, at_s)
        ended = [attempt for attempt in self._waiting if _ended_at(attempt) <= now.timestamp()]
        self._waiting = [attempt for attempt in self._waiting if _ended_at(attempt) > now.timestamp()]
        store_attempts(ended, now=now)
        judge_endpoints({self._ids[attempt.endpoint] for attempt in ended}, now=now)
        tend_incidents(now=now)
        if at_s // 60 > self._at_s // 60:
            judge_slos(now=now)
        if self.first_failure_at_s is None and any(attempt.outcome != "ok" for attempt in ended):
            self.first_failure_at_s = at_s
        self._at_s = at_s


class Ear:
    """A channel that is told of everything, and a sender that every delivery succeeds for."""

    def __init__(self) -> None:
        self.heard: list[NoticeSeen] = []
        channel = AlertChannel.objects.create(
            slug="drill", name="drill", kind="webhook", url="https://a.invalid"
        )
        AlertRule.objects.create(name="everything").channels.add(channel)

    def listen(self, at_s: float) -> None:
        while due := claim_due(now=moment(at_s), limit=100):
            for one in due:
                self.heard.append(NoticeSeen(one.topic, one.kind, one.severity, one.subject, at_s))
                note_attempt(one, Outcome(ok=True, body=b"{}"), now=moment(at_s))


class Reader:
    """The provider's official page as the simulator would serve it, read every PAGE_EVERY_S."""

    def __init__(self, plan: Plan) -> None:
        scripted = plan.scenario.page
        assert scripted is not None
        provider = Provider.objects.get(slug=plan.stage.provider)
        self._page = OfficialPage.objects.create(
            provider=provider, kind="statuspage", url="https://status.invalid", next_read_at=BEGAN
        )
        self._telling = Telling(
            mode=scripted.mode,
            lag_s=scripted.lag_s,
            resolve_lag_s=60,
            since=moment(scripted.since_s),
            until=moment(scripted.until_s),
        )
        self._troubles = _troubles(plan)
        self._next_s = -5 * PAGE_EVERY_S
        self.seen: list[tuple[float, bool]] = []

    def read_until(self, at_s: float) -> None:
        while self._next_s <= at_s:
            self.read(self._next_s)
            self._next_s += PAGE_EVERY_S

    def read(self, at_s: float) -> None:
        bodies = bodies_at(PROVIDER, self._troubles, moment(at_s), telling=self._telling)
        named = {source.name for source in sources_of(self._page.kind, self._page.url)}
        told = {name: body for name, body in bodies.items() if name in named}
        self._page.refresh_from_db()
        note_reading(self._page, bodies=told, now=moment(at_s))
        self._page.refresh_from_db()
        self.seen.append((at_s, self._page.problem == OfficialPage.Problem.UNREADABLE))


def _troubles(plan: Plan) -> list[Trouble]:
    """What a provider would tell of: faults of all its endpoints."""
    if len(plan.struck) < len(plan.stage.endpoints):
        return []
    effect = Effect.OUTAGE if len(plan.where) == len(plan.stage.regions) else Effect.PARTIAL
    return [
        Trouble(moment(spell.begins_s), moment(spell.ends_s), effect)
        for spell in plan.scenario.spells
        if spell.fault.kind and spell.fault.requests is None
    ]


def _ended_at(attempt: Attempt) -> float:
    return attempt.started_at + (attempt.total_ms or 0) / 1000


def _step_s(plan: Plan, at_s: float) -> float:
    """Small steps while a fault or its end may have something to follow, wide ones else."""
    moments = [moment for spell in plan.scenario.spells for moment in (spell.begins_s, spell.ends_s)]
    busy = any(moment <= at_s + CALM_STEP_S and at_s < moment + BUSY_S for moment in moments)
    return STEP_S if busy else CALM_STEP_S
