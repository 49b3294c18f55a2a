"""What holds for every course of events, whatever states, figures and clocks do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from status.rules import (
    EndpointView,
    OpenIncident,
    ProviderView,
    Reason,
    RegionView,
    State,
    StepKind,
    applied,
    tend,
)
from status.rules.anomaly import Anomaly, Level
from status.tests.incidents_given import NOW, SIX, endpoint, region

#: Moments, and the endpoints that are seen at each.
Course = list[tuple[datetime, list[EndpointView]]]
REASONS = [Reason.CONFIRMED_FAILURES, Reason.LATENCY, Reason.AVAILABILITY]
ANY = tuple(State)
USUAL = Anomaly(Level.NORMAL, Level.NORMAL, 900.0, 800.0, 0.0, 0.0, days=7, window_s=300)


def some_region(draw: Random, name: str, now: datetime, states: Sequence[State]) -> RegionView:
    def ago(*seconds: int) -> datetime:
        return now - timedelta(seconds=draw.choice(seconds))

    crossings = sorted(ago(*range(0, 1800, 60)) for _ in range(draw.choice([0, 0, 0, 1, 2, 4])))
    return region(
        name,
        draw.choice(states),
        now=now,
        reason=draw.choice(REASONS),
        since=ago(-60, 0, 60, 119, 120, 599, 600, 601, 3600, 90_000),
        samples=draw.choice([0, 4, 5, 20, 20, 20, 250]),
        availability_pct=draw.choice([97.0, 99.55, 99.7, 100.0]),
        p95_ms=draw.choice([None, 1300.0, 1400.0, 1600.0]),
        fresh=draw.random() < 0.9,
        crossings=tuple(crossings),
        failing_since=draw.choice([None, ago(0, 60, 599, 601)]),
    )


def some_endpoint(draw: Random, pk: int, now: datetime, states: Sequence[State], names: int) -> EndpointView:
    """Number 5 is simulated."""
    found = replace(USUAL, slow=draw.choice(list(Level)), errors=draw.choice([Level.NORMAL, *Level]))
    inside = tuple(some_region(draw, name, now, states) for name in SIX[:names])
    return endpoint(pk, *inside, simulated=pk == 5, anomaly=draw.choice([None, USUAL, found]))


@st.composite
def courses(draw: st.DrawFn, states: Sequence[State] = ANY) -> Course:
    """Moments and what is seen at each: up to five endpoints, at times one is not watched.

    A region keeps what it had at most moments; the clock now and then steps back.
    """
    chance = draw(st.randoms(use_true_random=False))
    pks = range(draw(st.integers(1, 3)), 6)
    names = draw(st.integers(1, 3))
    now, seen, course = NOW, {}, []
    for _ in range(draw(st.integers(1, 8))):
        now += timedelta(seconds=chance.choice([0, 5, 15, 60, 120, 600, 1800, -300]))
        moods = chance.choice([states, states, states[:1], states[1:3] or states])
        for pk in pks:
            if pk not in seen or chance.random() < 0.6:
                seen[pk] = some_endpoint(chance, pk, now, moods, names)
        course.append((now, [one for one in seen.values() if chance.random() < 0.95]))
    return course


def play(course: Course) -> list[tuple]:
    """(now, endpoints, incidents before, steps, incidents after) of every moment."""
    held: tuple[OpenIncident, ...] = ()
    played = []
    for now, seen in course:
        steps = tend(ProviderView("p", tuple(seen)), held, now)
        after = applied(held, steps)
        played.append((now, seen, held, steps, after))
        held = after
    return played


@settings(max_examples=100, deadline=None)
@given(courses())
def test_tending_twice_changes_nothing(course):
    for now, seen, _before, _steps, after in play(course):
        assert tend(ProviderView("p", tuple(seen)), after, now) == []


@settings(max_examples=100, deadline=None)
@given(courses(), st.randoms())
def test_the_order_of_endpoints_regions_and_incidents_does_not_matter(course, random):
    for now, seen, before, steps, _after in play(course):
        shuffled = [replace(one, regions=tuple(random.sample(one.regions, len(one.regions)))) for one in seen]
        random.shuffle(shuffled)
        held = random.sample(before, len(before))
        assert tend(ProviderView("p", tuple(shuffled)), held, now) == steps


@settings(max_examples=100, deadline=None)
@given(courses())
def test_no_endpoint_is_held_twice_not_even_between_two_steps(course):
    for _now, seen, before, steps, after in play(course):
        for n in range(len(steps) + 1):
            held = [member.pk for incident in applied(before, steps[:n]) for member in incident.members]
            assert len(held) == len(set(held))
        for incident in after:
            assert incident.members
            assert {member.pk == 5 for member in incident.members} == {incident.simulated}
        assert {member.pk for incident in after for member in incident.members} <= {one.pk for one in seen}


@settings(max_examples=100, deadline=None)
@given(courses())
def test_moments_are_in_order(course):
    for now, _seen, before, steps, _after in play(course):
        detected = {incident.id: incident for incident in before}
        for step in steps:
            incident = step.incident
            assert incident.started_at <= incident.detected_at <= step.at
            assert incident.started_at <= step.evidence_at <= step.at
            assert now <= step.at
            first = detected.setdefault(incident.id, incident)
            assert (first.started_at, first.detected_at, first.cause) == (
                incident.started_at, incident.detected_at, incident.cause,
            )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(courses((State.UNKNOWN, State.OPERATIONAL)))
def test_what_is_unknown_or_operational_opens_nothing_but_anomalies(course):
    for _now, _seen, _before, steps, after in play(course):
        assert all(step.incident.severity == "info" for step in steps)
        assert all(member.regions == {} for incident in after for member in incident.members)


@settings(max_examples=100, deadline=None)
@given(courses(), st.integers(0, 23 * 60))
def test_what_turns_unknown_closes_nothing(course, minutes):
    now, seen, _before, _steps, held = play(course)[-1]
    later = now + timedelta(minutes=minutes)
    dark = [
        replace(one, regions=tuple(replace(r, state=State.UNKNOWN, since=later) for r in one.regions))
        for one in seen
    ]
    steps = tend(ProviderView("p", tuple(dark)), held, later)
    assert not [step for step in steps if step.kind in (StepKind.OPEN, StepKind.LEAVE, StepKind.CLOSE)]
    assert {incident.id for incident in applied(held, steps)} == {incident.id for incident in held}


@settings(max_examples=100, deadline=None)
@given(courses())
def test_severity_never_falls_and_one_provider_incident_is_enough(course):
    rising = ["info", "minor", "major", "critical"]
    for _now, _seen, before, steps, after in play(course):
        worst = {incident.id: rising.index(incident.severity) for incident in before}
        for step in steps:
            at_least = worst.setdefault(step.incident.id, 0)
            worst[step.incident.id] = rising.index(step.incident.severity)
            assert worst[step.incident.id] >= at_least
        for simulated in (False, True):
            assert sum(i.kind == "provider" and i.simulated is simulated for i in after) <= 1


@settings(max_examples=100, deadline=None)
@given(courses())
def test_who_is_well_everywhere_long_enough_is_let_go(course):
    now, seen, _before, _steps, held = play(course)[-1]
    later = max([now, *(incident.detected_at for incident in held)]) + timedelta(hours=2)
    well = [
        replace(one, anomaly=None, regions=tuple(region(r.region, now=later) for r in one.regions))
        for one in seen
    ]
    assert applied(held, tend(ProviderView("p", tuple(well)), held, later)) == ()
