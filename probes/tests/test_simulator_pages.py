"""The simulator's official pages: what they say of a trouble and when, and how they can misbehave."""

import asyncio
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from probes.addresses import resolve_page
from probes.simulator.pages import bodies_at
from probes.simulator.running import SimulatorError, control, lift_fault, put_fault, put_page, release_page
from probes.simulator.scenario import read_scenario
from probes.simulator.sections import ScenarioError
from probes.simulator.state import Simulator
from probes.simulator.telling import Telling
from probes.simulator.troubles import Effect, Trouble
from probes.tests.simulating import FLEET, simulating

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OUTAGE = Trouble(NOON, NOON + timedelta(minutes=20))


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def incidents_at(minutes: float, *troubles: Trouble, **telling: Any) -> list[Any]:
    """So many minutes after noon."""
    bodies = bodies_at("p", troubles, after(minutes), telling=Telling(**telling), components=["M 1"])
    found: list[Any] = json.loads(bodies["api/v2/incidents.json"])["incidents"]
    return found


def summary_at(minutes: float, *troubles: Trouble, **telling: Any) -> Any:
    bodies = bodies_at("p", troubles, after(minutes), telling=Telling(**telling), components=["M 1"])
    return json.loads(bodies["api/v2/summary.json"])


def test_a_page_speaks_four_minutes_after_the_onset_and_resolves_two_after_the_end():
    assert incidents_at(3.99, OUTAGE) == []
    (first,) = incidents_at(4, OUTAGE)
    assert (first["status"], first["impact"]) == ("investigating", "major")
    assert first["created_at"] == "2026-11-22T12:04:00.000Z"
    assert incidents_at(7, OUTAGE)[0]["status"] == "identified"
    assert incidents_at(21.9, OUTAGE)[0]["resolved_at"] is None
    (over,) = incidents_at(22, OUTAGE)
    assert over["resolved_at"] == "2026-11-22T12:22:00.000Z"
    assert [update["status"] for update in over["incident_updates"]] == [
        *("resolved", "identified", "investigating"),
    ]
    assert over["id"] == first["id"]


def test_the_summary_shows_what_is_not_over_and_the_components_with_it():
    before, during, after_it = (summary_at(minutes, OUTAGE) for minutes in (0, 5, 30))
    assert (before["status"]["indicator"], before["incidents"]) == ("none", [])
    assert (during["status"]["indicator"], len(during["incidents"])) == ("major", 1)
    assert [one["status"] for one in during["components"]] == ["major_outage"] * 2
    assert [one["name"] for one in during["components"]] == ["API", "M 1"]
    assert after_it["components"] != during["components"]
    assert after_it["incidents"] == []


def test_what_is_over_before_the_page_speaks_is_never_told():
    blip = Trouble(NOON, after(4))
    assert incidents_at(60, blip) == []
    assert len(incidents_at(60, Trouble(NOON, after(4.1)))) == 1


def test_a_page_that_leads_speaks_before_the_onset_of_what_is_scripted():
    (told,) = incidents_at(-2, OUTAGE, lag_s=-120)
    assert told["created_at"] == "2026-11-22T11:58:00.000Z"
    assert incidents_at(-2.1, OUTAGE, lag_s=-120) == []


def test_a_page_that_backdates_writes_earlier_times_than_those_at_which_it_speaks():
    assert incidents_at(3.9, OUTAGE, backdate_s=180) == []
    (told,) = incidents_at(22, OUTAGE, backdate_s=180)
    assert (told["created_at"], told["started_at"]) == ("2026-11-22T12:01:00.000Z",) * 2
    assert told["resolved_at"] == "2026-11-22T12:22:00.000Z"


def test_a_silent_page_tells_nothing_and_does_not_fill_it_in_afterwards():
    silent = {"mode": "silent", "since": after(-1), "until": after(10)}
    assert incidents_at(5, OUTAGE, **silent) == []
    assert incidents_at(15, OUTAGE, **silent) == []


def test_a_page_that_lies_tells_of_an_outage_that_there_is_not():
    lie = {"mode": "lie", "since": after(1), "until": after(9)}
    assert incidents_at(0.9, **lie) == []
    assert summary_at(1, **lie)["status"]["indicator"] == "major"
    assert incidents_at(9, **lie)[0]["status"] == "resolved"


def test_nothing_new_makes_the_same_bytes():
    one, other = (bodies_at("p", [OUTAGE], after(minutes)) for minutes in (8, 19))
    assert one == other
    assert one != bodies_at("p", [OUTAGE], after(22))


@pytest.mark.parametrize(
    ("mode", "start"), [("shape", b'{"data"'), ("html", b"<!DOCTYPE"), ("utf16", b"\xfe\xff\x00{")]
)
def test_other_forms_replace_every_body(mode: str, start: bytes):
    bodies = bodies_at("p", [OUTAGE], after(5), telling=Telling(mode))
    assert bodies["api/v2/summary.json"].startswith(start)
    if mode == "utf16":
        assert json.loads(bodies["api/v2/summary.json"].decode("utf-16"))["incidents"]


def test_nothing_can_be_read_whole_of_a_page_that_hangs():
    assert bodies_at("p", [OUTAGE], after(5), telling=Telling("hang")) == {}


def test_the_feed_tells_the_same_incidents():
    bodies = bodies_at("p", [OUTAGE], after(5))
    (incident,) = json.loads(bodies["api/v2/incidents.json"])["incidents"]
    feed = bodies["history.atom"].decode()
    assert f"Incident/{incident['id']}</id>" in feed
    assert "<published>2026-11-22T12:04:00.000Z</published>" in feed


def simulator_of(**document: Any) -> Simulator:
    endpoints = [model.endpoint for models in FLEET.values() for model in models.values()]
    return Simulator(read_scenario(document, "test.json", endpoints), FLEET, seed=1, started_at=NOON)


def test_a_scripted_outage_is_the_pages_trouble_and_a_network_that_is_down_is_nobodys():
    struck = {
        "providers": ["aurora-labs"],
        "regions": ["tokyo"],
        "start_s": 60,
        "end_s": 300,
        "kind": "http_503",
    }
    simulator = simulator_of(
        clock={"speed": 2},
        outages=[struck, {**struck, "providers": ["*"]}, {**struck, "kind": "keep_alive"}],
    )
    assert simulator.troubles("aurora-labs") == [Trouble(after(0.5), after(2.5), Effect.PARTIAL)]
    assert simulator.troubles("bramblewick") == []


def test_a_scenario_says_how_pages_tell():
    simulator = simulator_of(pages={"*": {"lag_s": 30}, "quillmarsh": {"mode": "silent"}})
    assert simulator.telling("aurora-labs").lag_s == 30
    assert simulator.telling("quillmarsh").mode == "silent"
    with pytest.raises(ScenarioError, match="nobody: no such provider"):
        simulator_of(pages={"nobody": {}})


def test_faults_by_hand_are_told_where_they_strike_a_provider():
    simulator = simulator_of()
    simulator.put_fault("slow", {"providers": ["aurora-labs"], "latency_factor": 5})
    simulator.put_fault("one", {"endpoints": ["bramblewick--thicket-3"], "kind": "http_500"})
    simulator.put_fault("blip", {"providers": ["quillmarsh"], "kind": "reset", "requests": 1})
    simulator.put_fault("all", {"providers": ["*"], "kind": "reset"})
    assert [trouble.effect for trouble in simulator.troubles("aurora-labs")] == [Effect.SLOW]
    assert simulator.troubles("bramblewick") == simulator.troubles("quillmarsh") == []
    simulator.put_fault("slow", {"providers": ["aurora-labs"], "kind": "reset", "for_s": 60})
    slow, out = sorted(simulator.troubles("aurora-labs"), key=lambda trouble: trouble.began_at)
    assert slow.ended_at == out.began_at
    assert out.ended_at is not None
    simulator.lift_fault("slow")
    assert (
        max(trouble.ended_at for trouble in simulator.troubles("aurora-labs") if trouble.ended_at)
        < out.ended_at
    )


def test_the_address_of_a_page_is_the_simulators_or_the_catalogues():
    environ = {"SIMULATOR_URL": "http://127.0.0.1:9/"}
    assert resolve_page("simulator:/pages/p", environ).base_url == "http://127.0.0.1:9/pages/p"
    assert resolve_page("https://status.example", environ).base_url == "https://status.example"


def read(url: str, path: str, **headers: str) -> tuple[int, bytes, str]:
    request = urllib.request.Request(f"{url}/pages/aurora-labs/{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read(1_000_000), response.headers.get("ETag", "")
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers.get("ETag", "")


async def test_a_provider_that_is_stopped_is_told_of_over_http_and_the_page_is_steered_by_hand():
    async with simulating() as (url, _):
        status, body, tag = await asyncio.to_thread(read, url, "api/v2/summary.json")
        assert (status, json.loads(body)["status"]["indicator"]) == (200, "none")
        again = await asyncio.to_thread(read, url, "api/v2/summary.json", **{"If-None-Match": tag})
        assert again == (304, b"", tag)
        await asyncio.to_thread(put_page, url, "aurora-labs", lag_s=0)
        await asyncio.to_thread(control, url, "aurora-labs", "stop", "503")
        _, body, _ = await asyncio.to_thread(read, url, "api/v2/incidents.json")
        (incident,) = json.loads(body)["incidents"]
        link = incident["shortlink"].removeprefix(f"{url}/pages/aurora-labs/")
        assert b"We are investigating" in (await asyncio.to_thread(read, url, link))[1]
        await asyncio.to_thread(control, url, "aurora-labs", "start")
        await asyncio.to_thread(put_page, url, "aurora-labs", mode="huge")
        _, body, _ = await asyncio.to_thread(read, url, "api/v2/incidents.json")
        assert len(body) == 1_000_000
        state = await asyncio.to_thread(release_page, url, "aurora-labs")
        assert state["pages"] == {}
        assert (await asyncio.to_thread(read, url, "api/v2/nothing.json"))[0] == 404


async def test_what_a_page_cannot_do_is_refused():
    async with simulating() as (url, _):
        with pytest.raises(SimulatorError, match="mode: expected one of follow, silent"):
            await asyncio.to_thread(put_page, url, "aurora-labs", mode="nap")
        with pytest.raises(SimulatorError, match="no provider 'nobody'"):
            await asyncio.to_thread(put_page, url, "nobody")
        state = await asyncio.to_thread(put_fault, url, "x", providers=["aurora-labs"], kind="reset")
        assert state["pages"] == {}
        await asyncio.to_thread(lift_fault, url, "x")
