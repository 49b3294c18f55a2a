"""Incidents of a whole provider, and those of anomalies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from status.rules import State
from status.rules.anomaly import Anomaly, Level
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
USUAL = Anomaly(Level.NORMAL, Level.NORMAL, 900.0, 800.0, 0.0, 0.0, days=7, window_s=300)
SLOW = replace(USUAL, slow=Level.ABOVE)


# --- a provider ---


def test_troubles_that_begin_nine_minutes_apart_are_the_provider_s():
    held = opened(failing(1, minutes=9), well(2), well(3), well(4))
    steps, [incident] = steps_of([failing(1, minutes=9), failing(2, minutes=0), well(3), well(4)], held)
    assert [(s.kind, s.cause) for s in steps] == [
        ("close", "absorbed"), ("open", "provider_wide"), ("absorb", "provider_wide"),
    ]  # fmt: skip
    assert steps[2].absorbed == held[0].id
    assert (incident.kind, incident.severity, incident.scope) == ("provider", "critical", "global")
    assert incident.started_at == NOW - 9 * MINUTE
    assert [member.pk for member in incident.members] == [1, 2]


def test_troubles_that_begin_eleven_minutes_apart_are_two():
    held = opened(failing(1, minutes=11), well(2))
    steps, held = steps_of([failing(1, minutes=11), failing(2, minutes=0)], held)
    assert kinds(steps) == ["open"]
    assert [incident.kind for incident in held] == ["endpoint", "endpoint"]


@pytest.mark.parametrize(("reporting", "kind"), [(4, {"provider"}), (5, {"endpoint"})])
def test_half_of_the_reporting_endpoints_are_the_provider(reporting, kind):
    silent = endpoint(9, region(state=UNKNOWN))
    watched = [failing(1), failing(2), *(well(pk) for pk in range(3, reporting + 1)), silent]
    assert {incident.kind for incident in opened(*watched)} == kind


def test_one_endpoint_is_no_provider():
    assert [incident.kind for incident in opened(failing(1))] == ["endpoint"]


def test_others_join_while_it_is_open_and_recover_one_by_one():
    held = opened(failing(1), failing(2), well(3), well(4))
    steps, held = steps_of([failing(1), failing(2), failing(3, minutes=0), well(4)], held)
    assert [(s.kind, s.endpoint) for s in steps] == [("join", 3)]
    steps, held = steps_of([well(1), failing(2), failing(3), well(4)], held)
    assert [(s.kind, s.endpoint) for s in steps] == [("leave", 1)]
    steps, held = steps_of([well(1), well(2), failing(3), well(4)], held)
    assert (kinds(steps), held[0].kind) == (["leave"], "provider")
    steps, held = steps_of([failing(1, minutes=0), well(2), failing(3), well(4)], held)
    assert kinds(steps) == ["join"]
    steps, held = steps_of([well(1), well(2), well(3), well(4)], held)
    assert (kinds(steps), held) == (["leave", "leave", "close"], ())


def test_an_older_incident_of_its_own_stays_beside_the_provider_s():
    old = failing(1, minutes=120)
    held = opened(old, well(2), well(3), well(4))
    _, held = steps_of([old, failing(2), failing(3), well(4)], held)
    assert [(i.kind, [m.pk for m in i.members]) for i in held] == [("endpoint", [1]), ("provider", [2, 3])]


def test_a_provider_degraded_or_out_in_some_regions_is_major():
    [incident] = opened(failing(1, 3, DEGRADED), failing(2, 3, DEGRADED))
    assert (incident.kind, incident.severity) == ("provider", "major")
    partly = [endpoint(pk, region("seoul", OUTAGE), *all_regions(OPERATIONAL)[:2]) for pk in (1, 2)]
    [incident] = opened(*partly)
    assert (incident.severity, incident.scope) == ("major", "regional")
    steps, [incident] = steps_of([failing(1), failing(2)], [incident])
    assert (kinds(steps), incident.severity) == (["scope", "worsen"], "critical")


def test_simulated_and_real_endpoints_never_share_an_incident():
    seen = failing(1), replace(failing(2), simulated=True)
    found = opened(*seen)
    assert steps_of(seen, found) == ([], found)
    assert sorted((i.kind, i.simulated) for i in found) == [("endpoint", False), ("endpoint", True)]


# --- anomalies ---


def test_an_anomaly_is_for_information_and_ends_below_its_second_threshold():
    steps, held = steps_of([endpoint(1, anomaly=SLOW)])
    assert (steps[0].cause, held[0].severity, held[0].regions) == ("slow_anomaly", "info", ())
    assert held[0].members[0].worst is OPERATIONAL
    between = replace(USUAL, slow=Level.BETWEEN)
    assert steps_of([endpoint(1, anomaly=between)]) == ([], ())
    assert steps_of([endpoint(1, anomaly=between)], held) == ([], held)
    steps, _ = steps_of([endpoint(1, anomaly=USUAL)], held)
    assert [(s.kind, s.cause) for s in steps] == [("leave", "normal_again"), ("close", "normal_again")]
    steps, _ = steps_of([endpoint(1)], held)
    assert steps[-1].cause == "no_baseline"
    dark = endpoint(1, region(state=UNKNOWN, minutes=1))
    assert steps_of([dark], held) == ([], held)


@pytest.mark.parametrize(("minutes", "steps"), [(4.9, []), (5, ["open"])])
def test_figures_that_still_hold_an_outage_are_no_anomaly(minutes, steps):
    assert kinds(steps_of([endpoint(1, region(minutes=minutes), anomaly=SLOW)])[0]) == steps


def test_one_region_that_fails_or_did_keeps_an_anomaly_from_opening():
    for region_now in (region("tokyo", DEGRADED, minutes=1), region("tokyo", minutes=1)):
        assert steps_of([endpoint(1, region("seoul"), region_now, anomaly=SLOW)]) == ([], ())


def test_confirmed_trouble_takes_the_anomaly_s_incident_in():
    held = opened(endpoint(1, anomaly=SLOW))
    steps, [incident] = steps_of([replace(failing(1), anomaly=SLOW)], held)
    assert kinds(steps) == ["close", "open", "absorb"]
    assert (incident.severity, incident.cause, steps[2].absorbed) == (
        "major", "confirmed_failures", held[0].id,
    )  # fmt: skip


def test_the_provider_s_incident_takes_in_an_anomaly_whose_trouble_began_before_it():
    watched = [failing(1), failing(2), endpoint(3, anomaly=SLOW)]
    held = opened(*watched)
    assert [incident.kind for incident in held] == ["provider", "endpoint"]
    old = endpoint(3, region(state=OUTAGE, minutes=1, failing_since=NOW - 30 * MINUTE))
    steps, _held = steps_of([*watched[:2], old], held)
    assert [(s.kind, s.cause) for s in steps] == [("close", "absorbed"), ("absorb", "provider_wide")]
    assert (steps[1].endpoint, steps[1].absorbed) == (3, held[1].id)
    free = endpoint(3, region(state=OUTAGE, minutes=1))
    assert [(s.kind, s.cause) for s in steps_of([*watched[:2], free], held[:1])[0]] == [
        ("join", "confirmed_failures")
    ]


def test_one_restless_endpoint_makes_its_provider_s_incident_flap():
    four = at_minutes_ago(20, 10, 5, 2)
    restless = endpoint(1, region(state=OUTAGE, minutes=2, crossings=four))
    assert [incident.state for incident in opened(restless, failing(2))] == ["flapping"]


@pytest.mark.parametrize("dark", [3, 0])
def test_fewer_reporting_regions_or_more_troubled_ones_are_a_spread(dark):
    out, good = all_regions(OUTAGE), all_regions(OPERATIONAL)
    held = opened(endpoint(1, *out[:2], *good[2:]))
    assert held[0].scope == "regional"
    unknown = all_regions(UNKNOWN, minutes=1)
    seen = endpoint(1, *out[:2], *good[2:3], *unknown[3:]) if dark else endpoint(1, *out[:3], *good[3:])
    steps, held = steps_of([seen], held)
    assert (steps[0].cause, held[0].scope) == ("spread", "global")
    steps, _ = steps_of([endpoint(1, *out[:4], *good[4:])], held)
    assert steps[0].cause == "spread"


def test_what_is_let_go_does_not_wait_for_regions_beside_it_but_an_anomaly_does():
    held = opened(endpoint(1, region(state=OUTAGE)))
    later = NOW + timedelta(hours=30)
    dark = region("seoul", UNKNOWN, now=later, minutes=25 * 60)
    beside = region("tokyo", UNKNOWN, now=later, minutes=1)
    assert {s.cause for s in steps_of([endpoint(1, dark, beside)], held, later)[0]} == {"let_go"}
    [anomaly] = opened(endpoint(1, anomaly=SLOW))
    assert anomaly.scope == "global"
    assert steps_of([endpoint(1, dark, beside)], [anomaly], later) == ([], (anomaly,))
    assert {s.cause for s in steps_of([endpoint(1, dark)], [anomaly], later)[0]} == {"let_go"}
