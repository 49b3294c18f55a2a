"""Playing a drill: what is refused, what the simulator is asked to do and rid of, what the database says."""

import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Provider
from probes.services.ingest import store_attempts
from probes.simulator.running import lift_fault, put_fault, read_state
from probes.tests.factories import make_attempt, make_endpoint, make_pop
from status.drills import reading
from status.drills.faults import Fault, Spell
from status.drills.plan import CannotDrill, Plan, Stage, make_plan
from status.drills.playing import play, steering
from status.drills.scenarios import SCENARIOS
from status.drills.watching import Watcher
from status.models import EndpointState, Incident, IncidentChange, StatusChange
from testing.processes import ServerProcess

REGIONS = ("seoul", "tokyo", "oregon")
NOWHERE = "http://127.0.0.1:9"
STAGE = Stage(
    "bramblewick",
    ("bramblewick--hedgerow-code", "bramblewick--thicket-3", "bramblewick--thicket-3-deep"),
    REGIONS,
)


@pytest.fixture(scope="module")
def simulator():
    """The address of a simulator in a process of its own."""
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0"])
    try:
        yield process.wait_for_line(r"ready on (\S+)").group(1)
    finally:
        process.stop_quickly()


def short_plan(*spells: Spell) -> Plan:
    plan = make_plan("endpoint_outage", STAGE)
    return replace(plan, scenario=replace(plan.scenario, spells=spells))


def test_faults_are_put_on_when_they_are_due_and_lifted_when_they_are_over(simulator):
    said: list[str] = []
    plan = short_plan(Spell(10, 20, Fault("http_503")), Spell(20, 30, Fault(latency_factor=3)))
    with steering(plan, simulator, said.append) as steer:
        on = []
        for at_s in (9, 10, 19, 20, 30):
            steer(at_s)
            on.append(
                {n: f["kind"] or f["latency_factor"] for n, f in read_state(simulator)["faults"].items()}
            )
    assert on == [{}, {"drill-0": "http_503"}, {"drill-0": "http_503"}, {"drill-1": 3}, {}]
    assert len(said) == 4


@pytest.mark.parametrize("error", [KeyboardInterrupt, CannotDrill])
def test_whatever_ends_a_drill_its_faults_are_lifted(simulator, error):
    def interrupted() -> None:
        with steering(short_plan(Spell(0, 60, Fault("reset"))), simulator, list) as steer:
            began = time.monotonic()
            steer(0)
            (fault,) = read_state(simulator)["faults"].values()
            passed_s = time.monotonic() - began
            assert fault["endpoints"] == ["bramblewick--hedgerow-code"]
            assert fault["left_s"] <= 65, "a drill that is killed leaves it on no longer"
            assert fault["left_s"] + passed_s > 60
            raise error

    with pytest.raises(error):
        interrupted()
    assert read_state(simulator)["faults"] == {}


def refused(plan: Plan, simulator_url: str) -> str:
    with pytest.raises(CannotDrill) as told:
        play(plan, url=NOWHERE, simulator_url=simulator_url, say=list)
    return str(told.value)


def test_without_a_simulator_it_is_refused():
    assert f"no simulator answers at {NOWHERE}" in refused(make_plan("calm", STAGE), NOWHERE)


def test_what_can_only_be_rehearsed_is_refused(simulator):
    assert "played on a stepped clock only" in refused(make_plan("maintenance", STAGE), simulator)


def test_a_simulator_under_another_hand_is_left_alone(simulator):
    put_fault(simulator, "somebody-else", providers=["aurora-labs"], kind="reset")
    try:
        assert "under another hand already (somebody-else)" in refused(make_plan("calm", STAGE), simulator)
        assert list(read_state(simulator)["faults"]) == ["somebody-else"]
    finally:
        lift_fault(simulator, "somebody-else")


def test_without_a_web_server_there_is_no_open_page():
    with pytest.raises(CannotDrill, match=r"http://127\.0\.0\.1:9: no open page can be followed there"):
        Watcher(NOWHERE, ["all"]).__enter__()


@pytest.mark.django_db
def test_the_stage_is_a_simulated_provider_and_the_regions_that_measure_it():
    endpoints = [make_endpoint("bramblewick", f"thicket-{n}") for n in range(2)]
    with pytest.raises(CannotDrill, match="no worker measures the simulated providers"):
        reading.read_stage("bramblewick")
    for region in ("oregon", "seoul", "local"):
        make_pop(region, now=timezone.now())
    stage = reading.read_stage("bramblewick")
    assert stage == Stage("bramblewick", tuple(e.slug for e in endpoints), ("seoul", "oregon"))
    with pytest.raises(CannotDrill, match="no simulated provider 'openai'; there are: bramblewick"):
        reading.read_stage("openai")


@pytest.mark.django_db
def test_without_simulation_the_command_refuses_with_status_2(settings):
    settings.SIMULATION = False
    with pytest.raises(CommandError, match="SIMULATION is off") as told:
        call_command("drill", "calm")
    assert told.value.returncode == 2


def test_every_scenario_stands_in_the_help(capsys):
    with pytest.raises(SystemExit):
        call_command("drill", "--help")
    told = capsys.readouterr().out
    assert all(f"  {name} " in told for name in SCENARIOS)


@pytest.mark.django_db
def test_what_is_not_calm_is_named():
    endpoint = make_endpoint("bramblewick", "thicket-3")
    stage = Stage("bramblewick", (endpoint.slug,), ("seoul",))
    assert reading.unsettled(stage) == [
        "bramblewick--thicket-3 seoul is unknown",
        "bramblewick--thicket-3 all is unknown",
    ]
    for region in ("seoul", "all"):
        EndpointState.objects.create(
            endpoint=endpoint, region=region, state="operational", interval_s=60, since=timezone.now()
        )
    assert reading.unsettled(stage) == []
    change = StatusChange.objects.create(
        endpoint=endpoint, region="all", from_state="outage", to_state="operational",
        reason="regional", at=timezone.now(), figures={},
    )  # fmt: skip
    (told,) = reading.unsettled(stage)
    assert "would pass for flapping" in told
    change.delete()
    make_incident()
    assert reading.unsettled(stage) == ["bramblewick has an open incident"]


@pytest.mark.django_db
def test_a_result_is_noted_once_with_the_moment_before_it_was_stored():
    endpoint = make_endpoint("bramblewick", "thicket-3", tiers="AB")
    now = timezone.now()
    store_attempts([make_attempt(endpoint, at=now - timedelta(seconds=20))], now=now)
    results, began = reading.Results(), time.time()
    assert results.stored == [], "what was there before is no result of the drill"
    good = make_attempt(endpoint, at=now - timedelta(seconds=2))
    bad = make_attempt(endpoint, "http_5xx", at=now - timedelta(seconds=1))
    ours = make_attempt(endpoint, "rate_limited", at=now - timedelta(seconds=3))
    listing = make_attempt(endpoint, at=now, tier="A")
    results.look()
    store_attempts([good, bad, ours, listing], now=now)
    results.look()
    results.look()
    assert sorted((round(found.started_at, 3), found.failed) for found in results.stored) == [
        (round(good.started_at, 3), False),
        (round(bad.started_at, 3), True),
    ]
    assert all(began - 1 < found.stored_after <= time.time() for found in results.stored)


def make_incident(*, kind: str = "endpoint") -> Incident:
    now = timezone.now()
    return Incident.objects.create(
        provider=Provider.objects.get(slug="bramblewick"),
        kind=kind,
        scope="global",
        severity="major",
        cause="confirmed_failures",
        started_at=now,
        detected_at=now,
    )


@pytest.mark.django_db
def test_an_incident_that_another_one_took_in_is_not_counted():
    make_endpoint("bramblewick", "thicket-3")
    began = time.time()
    taken_in, provider_wide = make_incident(), make_incident(kind="provider")
    now = timezone.now()
    Incident.objects.filter(pk=taken_in.pk).update(state="closed", ended_at=now)
    IncidentChange.objects.create(incident=taken_in, at=now, kind="close", data={"cause": "absorbed"})
    IncidentChange.objects.create(incident=provider_wide, at=now, kind="flap", data={"cause": "crossings"})
    (seen,) = reading.incidents_since(began)
    assert (seen.kind, seen.severity, seen.flapped, seen.closed_at_s) == ("provider", "major", True, None)


def test_the_watcher_says_when_a_sample_was_told_first_and_whether_it_was_overtaken():
    watcher = Watcher(NOWHERE, ["seoul"])
    told = "2026-11-21T12:00:05Z"
    row = {"slug": "a--b", "last_sample_at": told}
    moment = 1795262405.0
    incident = {"provider_slug": "bramblewick"}
    watcher.note("seoul", {"type": "snapshot", "id": "1-0", "data": {"rows": [row]}}, 100.0)
    watcher.note("seoul", {"type": "incident", "id": "2-0", "data": {"incidents": [incident]}}, 101.0)
    assert watcher.shown_at("a--b", "seoul", moment, after=99.0) == 100.0
    assert watcher.shown_at("a--b", "seoul", moment, after=100.5) == -1.0
    assert watcher.shown_at("a--b", "seoul", moment + 1, after=99.0) is None
    assert watcher.shown_at("a--b", "tokyo", moment, after=99.0) is None
    assert watcher.incident_told_at("bramblewick", after=100.0) == 101.0
    assert watcher.incident_told_at("bramblewick", after=102.0) is None
