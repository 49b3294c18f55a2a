"""What opens, joins, worsens, flaps and closes an incident, with a moment on each side of every threshold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from status.rules import Cause, Reason, State, told_reason
from status.tests.incidents_given import (
    MINUTE,
    NOW,
    all_regions,
    at_minutes_ago,
    endpoint,
    failing,
    kinds,
    opened,
    region,
    steps_of,
    well,
)

OPERATIONAL, DEGRADED, OUTAGE, UNKNOWN = State

# --- one endpoint ---


def test_an_outage_opens_at_once_and_knows_its_first_failed_attempt():
    began = NOW - timedelta(seconds=90)
    [step], [incident] = steps_of([endpoint(1, region(state=OUTAGE, minutes=0, failing_since=began))])
    assert (step.kind, step.cause, step.at) == ("open", "confirmed_failures", NOW)
    assert (incident.started_at, incident.detected_at, step.evidence_at) == (began, NOW, began)
    assert (incident.kind, incident.scope, incident.severity) == ("endpoint", "global", "major")
    assert incident.regions == ("seoul",)


def test_trouble_began_when_the_region_left_operational_though_it_turned_graver_since():
    crossed = NOW - 3 * MINUTE
    [incident] = opened(endpoint(1, region(state=OUTAGE, minutes=0, crossings=(crossed,))))
    assert incident.started_at == crossed


def test_of_two_regions_the_first_to_fail_began_it_and_the_last_to_recover_ended_it():
    slow = region("seoul", DEGRADED, minutes=5, reason=Reason.LATENCY)
    [incident] = opened(endpoint(1, slow, region("tokyo", OUTAGE, minutes=1)))
    assert (incident.started_at, incident.cause) == (NOW - 5 * MINUTE, "latency")
    assert incident.members[0].worst is OUTAGE
    later = NOW + 9 * MINUTE
    back = endpoint(1, region("seoul", minutes=7, now=later), region("tokyo", minutes=3, now=later))
    assert [s.evidence_at for s in steps_of([back], [incident], later)[0]] == [later - 3 * MINUTE] * 2


@pytest.mark.parametrize(("seconds", "steps"), [(119, []), (120, ["open"])])
def test_degraded_opens_after_two_minutes(seconds, steps):
    assert kinds(steps_of([endpoint(1, region(state=DEGRADED, minutes=seconds / 60))])[0]) == steps


@pytest.mark.parametrize(("samples", "steps"), [(4, []), (5, ["open"])])
def test_an_incident_rests_on_five_attempts(samples, steps):
    assert kinds(steps_of([endpoint(1, region(state=OUTAGE, samples=samples))])[0]) == steps


@pytest.mark.parametrize(("samples", "told"), [(4, "too_few_samples"), (5, "latency")])
def test_readers_are_told_that_attempts_are_too_few_for_an_incident(samples, told):
    assert [told_reason(state, "latency", samples) for state in (DEGRADED, OUTAGE)] == [told, told]
    assert told_reason(OPERATIONAL, "within_limits", samples) == "within_limits"


@pytest.mark.parametrize(("seconds", "steps"), [(119, []), (120, ["leave", "close"])])
def test_it_closes_after_two_minutes_of_operation(seconds, steps):
    found, _held = steps_of([well(1, seconds / 60)], opened(failing(1, minutes=9)))
    assert kinds(found) == steps
    assert all((s.cause, s.evidence_at) == ("recovered", NOW - timedelta(seconds=120)) for s in found)


@pytest.mark.parametrize(("samples", "steps"), [(4, []), (5, ["leave", "close"])])
def test_fewer_than_five_attempts_close_nothing(samples, steps):
    back = endpoint(1, region(samples=samples))
    assert kinds(steps_of([back], opened(endpoint(1, region(state=OUTAGE))))[0]) == steps


@pytest.mark.parametrize(
    ("reason", "changes", "closes"),
    [
        (Reason.LATENCY, {"p95_ms": 1350.0}, False),
        (Reason.LATENCY, {"p95_ms": 1349.0}, True),
        (Reason.LATENCY, {"p95_ms": None}, True),
        (Reason.CONFIRMED_FAILURES, {"p95_ms": 1499.0}, True),
        (Reason.AVAILABILITY, {"samples": 200, "availability_pct": 99.59}, False),
        (Reason.AVAILABILITY, {"samples": 200, "availability_pct": 99.6}, True),
        (Reason.AVAILABILITY, {"samples": 199, "availability_pct": 99.0}, True),
        (Reason.LATENCY, {"samples": 200, "availability_pct": 99.55}, True),
    ],
)
def test_closing_takes_more_than_what_opens(reason, changes, closes):
    held = opened(endpoint(1, region(state=DEGRADED, reason=reason)))
    assert (steps_of([endpoint(1, region(**changes))], held)[1] == ()) is closes


@pytest.mark.parametrize(
    "dark", [region(state=UNKNOWN, minutes=1), region(state=OPERATIONAL, fresh=False), region(samples=0)]
)
def test_what_turns_unknown_neither_opens_nor_closes(dark):
    assert steps_of([endpoint(1, dark)]) == ([], ())
    held = opened(endpoint(1, region(state=OUTAGE)))
    assert steps_of([endpoint(1, dark)], held) == ([], held)


@pytest.mark.parametrize(("hours", "steps"), [(23.9, []), (24, ["leave", "close"])])
@pytest.mark.parametrize("state", [UNKNOWN, OPERATIONAL])
def test_what_nobody_can_judge_for_a_day_is_let_go(state, hours, steps):
    held = opened(endpoint(1, region(state=OUTAGE)))
    later = NOW + timedelta(hours=40)
    quiet = region(state=state, now=later, minutes=hours * 60, samples=0)
    found, _ = steps_of([endpoint(1, quiet)], held, later)
    assert kinds(found) == steps
    assert all(step.cause == "let_go" for step in found if state is UNKNOWN)


def test_a_stale_outage_is_let_go_a_day_after_its_last_attempt():
    held = opened(endpoint(1, region(state=OUTAGE)))
    later = NOW + timedelta(hours=24)
    stale = region(state=OUTAGE, minutes=60, last_sample_at=NOW, fresh=False)
    assert steps_of([endpoint(1, stale)], held, later - MINUTE)[0] == []
    assert steps_of([endpoint(1, stale)], held, later)[0][-1].cause == Cause.LET_GO


def test_all_regions_but_one_unknown_leave_the_scope_to_the_one_that_reports():
    held = opened(failing(1))
    dark = all_regions(UNKNOWN, minutes=1)[1:]
    assert steps_of([endpoint(1, region("frankfurt", OUTAGE), *dark)], held) == ([], held)
    steps, [incident] = steps_of([endpoint(1, region("frankfurt", minutes=5), *dark)], held)
    assert kinds(steps) == ["scope"]
    assert (len(incident.regions), incident.scope) == (5, "global")


@pytest.mark.parametrize(("out", "scope", "severity"), [(2, "regional", "minor"), (3, "global", "major")])
def test_half_of_the_reporting_regions_are_global(out, scope, severity):
    regions = [replace(one, state=OUTAGE) for one in all_regions(OPERATIONAL)[:out]]
    [incident] = opened(endpoint(1, *regions, *all_regions(OPERATIONAL)[out:]))
    assert (incident.scope, incident.severity, len(incident.regions)) == (scope, severity, out)


def test_degraded_everywhere_is_global_but_minor():
    [incident] = opened(failing(1, minutes=3, state=DEGRADED))
    assert (incident.scope, incident.severity) == ("global", "minor")


def test_it_spreads_worsens_and_recedes_but_its_severity_stays():
    one_out = endpoint(1, region("frankfurt", OUTAGE), *all_regions(OPERATIONAL)[1:])
    held = opened(one_out)
    steps, held = steps_of([failing(1)], held)
    assert [(s.kind, s.cause) for s in steps] == [("scope", "spread"), ("worsen", "graver")]
    assert (held[0].scope, held[0].severity) == ("global", "major")
    steps, held = steps_of([one_out], held)
    assert [(s.kind, s.cause) for s in steps] == [("scope", "receded")]
    assert (held[0].scope, held[0].severity, held[0].regions) == ("regional", "major", ("frankfurt",))


def test_who_is_not_watched_any_more_leaves_and_the_last_one_closes():
    steps, held = steps_of([], opened(failing(1)))
    assert [(s.kind, s.cause) for s in steps] == [("leave", "unwatched"), ("close", "unwatched")]
    assert held == ()
    steps, held = steps_of([endpoint(1, region("tokyo"))], opened(endpoint(1, region("seoul", OUTAGE))))
    assert {s.cause for s in steps} == {"unwatched"}


def test_an_incident_whose_endpoints_are_gone_from_the_catalogue_is_closed():
    [incident] = opened(failing(1))
    [step], held = steps_of([], [replace(incident, members=())])
    assert (step.kind, step.cause, held) == ("close", "unwatched", ())


# --- clocks ---


def test_a_clock_that_steps_back_opens_and_closes_nothing_early():
    back = NOW - timedelta(minutes=30)
    assert steps_of([endpoint(1, region(state=DEGRADED, minutes=10))], (), back)[0] == []
    held = opened(failing(1))
    assert steps_of([well(1, 10)], held, back) == ([], held)
    [worse], _ = steps_of([endpoint(1, *all_regions(OUTAGE)[:1])], held, back)
    assert worse.at == NOW  # no step lies before the incident was detected


def test_an_outage_from_the_future_begins_when_it_is_seen():
    [incident] = opened(endpoint(1, region(state=OUTAGE, minutes=-5)))
    assert incident.started_at == incident.detected_at == NOW


# --- flapping ---


def test_four_crossings_flap_once_and_hold_until_one_is_left():
    three = endpoint(1, region(state=OUTAGE, crossings=at_minutes_ago(20, 10, 1)))
    held = opened(three)
    assert held[0].state == "open"
    four = at_minutes_ago(20, 10, 5, 2)
    steps, held = steps_of([endpoint(1, region(minutes=2, crossings=four))], held)
    assert [(s.kind, s.cause) for s in steps] == [("flap", "crossings")]
    two = endpoint(1, region(minutes=5, crossings=four[-2:]))
    assert steps_of([two], held) == ([], held)
    steps, held = steps_of([endpoint(1, region(minutes=30, crossings=four[-1:]))], held)
    assert (kinds(steps), held) == (["leave", "close"], ())


def test_what_flaps_less_but_still_fails_is_open_again():
    held = opened(endpoint(1, region(state=OUTAGE, crossings=at_minutes_ago(20, 10, 5, 2))))
    assert held[0].state == "flapping"
    steps, held = steps_of([endpoint(1, region(state=OUTAGE, crossings=at_minutes_ago(2)))], held)
    assert ([(s.kind, s.cause) for s in steps], held[0].state) == ([("calm", "settled")], "open")


def test_after_a_close_trouble_is_a_new_incident_that_flaps_by_the_crossings_of_before():
    held = opened(failing(1))
    _, held = steps_of([well(1)], held)
    assert held == ()
    again = endpoint(1, region(state=OUTAGE, minutes=0, crossings=at_minutes_ago(9, 7, 3, 0)))
    steps, [incident] = steps_of([again])
    assert (kinds(steps), incident.state) == (["open", "flap"], "flapping")
