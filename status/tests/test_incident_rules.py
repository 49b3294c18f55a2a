"""What opens, joins, worsens, flaps and closes an incident, with a moment on each side of every threshold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from status.rules import Cause, EndpointView, Reason, State, told_reason
from status.rules.anomaly import Anomaly, Level
from status.tests.incidents_given import MINUTE, NOW, all_regions, endpoint, kinds, opened, region, steps_of

OPERATIONAL, DEGRADED, OUTAGE, UNKNOWN = State
USUAL = Anomaly(Level.NORMAL, Level.NORMAL, 900.0, 800.0, 0.0, 0.0, days=7, window_s=300)
SLOW = replace(USUAL, slow=Level.ABOVE)


def failing(pk: int, minutes: float = 1, state: State = OUTAGE) -> EndpointView:
    """In trouble everywhere since so many minutes."""
    return endpoint(pk, *all_regions(state, minutes=minutes))


def well(pk: int, minutes: float = 2, now=NOW) -> EndpointView:
    return endpoint(pk, *all_regions(OPERATIONAL, minutes=minutes, now=now))


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


def at_minutes_ago(*minutes: float):
    return tuple(NOW - MINUTE * ago for ago in minutes)


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
