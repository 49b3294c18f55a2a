"""Faults put on the running simulator by hand: per provider, endpoint, region, kind, share and slowness."""

import asyncio
from functools import partial
from typing import Any

import pytest

from probes.simulator.running import SimulatorError, lift_fault, put_fault, read_state
from probes.tests.making import happened
from probes.tests.simulating import FLEET, MODELS, asking, simulating, spec_of
from probes.tests.wire import probe
from testing.processes import until

AURORA, WICK = MODELS["openai_chat"], MODELS["gemini"]


async def put(url: str, name: str = "test", **fault: Any) -> dict[str, Any]:
    return await asyncio.to_thread(put_fault, url, name, **fault)


def _calm(state: dict[str, Any]) -> bool:
    return not state["faults"]


async def outcome(url: str, protocol: str = "openai_chat", **changes: Any) -> str:
    return (await probe(asking(protocol, **changes), {"SIMULATOR_URL": url})).outcome


async def test_a_fault_strikes_one_endpoint_in_one_region_until_it_is_lifted():
    async with simulating(regions={"seoul": {}, "tokyo": {}}) as (url, _):
        state = await put(url, endpoints=[AURORA], regions=["seoul"], kind="http_503")
        assert state["faults"]["test"]["endpoints"] == [AURORA]
        assert await outcome(url, region="seoul") == "http_5xx"
        assert await outcome(url, region="tokyo") == "ok"
        assert await outcome(url, "gemini", region="seoul") == "ok"
        state = await asyncio.to_thread(lift_fault, url, "test")
        assert state["faults"] == {}
        assert await outcome(url, region="seoul") == "ok"


async def test_a_fault_of_a_provider_strikes_its_models_and_its_listing():
    async with simulating() as (url, _):
        await put(url, providers=["aurora-labs"], kind="reset")
        specs = [spec_of(model, tier="B") for model in FLEET["aurora-labs"].values()]
        attempts = [await probe(spec, {"SIMULATOR_URL": url}) for spec in specs]
        assert {attempt.outcome for attempt in attempts} == {"connect_error"}
        assert await outcome(url, tier="A") == "connect_error"
        await put(url, providers=["*"], kind="http_500")
        assert await outcome(url, "gemini") == "http_5xx"


async def test_a_latency_factor_slows_and_fails_nothing():
    async with simulating(defaults={"ttft_ms": {"median": 30, "sigma": 0}}) as (url, _):
        await put(url, endpoints=[AURORA], latency_factor=10)
        attempt = await probe(asking("openai_chat"), {"SIMULATOR_URL": url})
    assert attempt.outcome == "ok"
    assert happened(attempt.first_token_ms) >= 299


async def test_a_share_strikes_about_so_many_of_the_requests():
    async with simulating() as (url, simulator):
        await put(url, endpoints=[AURORA], kind="http_503", share=0.3)
        plans = [simulator.plan(AURORA, "seoul", listing=False).fault for _ in range(1000)]
    assert 250 < plans.count("http_503") < 350
    assert set(plans) == {None, "http_503"}


async def test_so_many_requests_of_each_endpoint_and_region_are_struck_at_most():
    async with simulating() as (url, simulator):
        await put(url, providers=["aurora-labs"], kind="http_503", requests=1)
        other = "aurora-labs--aurora-2"
        for slug, region in ((AURORA, "seoul"), (AURORA, "tokyo"), (other, "seoul")):
            struck = [simulator.plan(slug, region, listing=False).fault for _ in range(4)]
            assert struck == ["http_503", None, None, None]
        assert simulator.state()["faults"]["test"]["struck"] == 3


async def test_of_two_faults_the_last_one_put_on_wins_and_the_factors_multiply():
    async with simulating(defaults={"ttft_ms": {"median": 100, "sigma": 0}}) as (url, simulator):
        await put(url, "first", endpoints=[AURORA], kind="http_503", latency_factor=2)
        await put(url, "second", endpoints=[AURORA], kind="reset", latency_factor=3)
        plan = simulator.plan(AURORA, "seoul", listing=False)
        assert (plan.fault, round(plan.first_token_ms)) == ("reset", 600)
        await put(url, "first", endpoints=[AURORA], kind="http_500")
        assert simulator.plan(AURORA, "seoul", listing=False).fault == "http_500"


async def test_a_fault_with_a_time_ends_by_itself():
    async with simulating() as (url, _):
        await put(url, endpoints=[AURORA], kind="http_503", for_s=3)
        assert await outcome(url) == "http_5xx"
        await asyncio.to_thread(until, partial(read_state, url), _calm, every_s=0.02, log=str)
        assert await outcome(url) == "ok"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"kind": "reset"}, "name whom it strikes"),
        ({"providers": ["aurora-labs"]}, "say what happens"),
        ({"providers": ["nobody"], "kind": "reset"}, "unknown name 'nobody'; known: .*aurora-labs"),
        ({"endpoints": ["aurora-labs--zero"], "kind": "reset"}, "unknown name 'aurora-labs--zero'"),
        ({"endpoints": [AURORA], "regions": ["atlantis"], "kind": "reset"}, "'atlantis'; known: seoul"),
        ({"endpoints": [AURORA], "kind": "explodes"}, "fault.kind: expected one of .*http_503.*'explodes'"),
        ({"endpoints": [AURORA], "kind": "reset", "share": 2}, "fault.share: expected a number from 0 to 1"),
        ({"endpoints": [AURORA], "latency_factor": 0}, "fault.latency_factor"),
        ({"endpoints": [AURORA], "kind": "reset", "for_s": -1}, "fault.for_s"),
        ({"endpoints": [AURORA], "kind": "reset", "requests": 0}, "fault.requests"),
        ({"endpoints": AURORA, "kind": "reset"}, "fault.endpoints: expected a list"),
        ({"endpoints": [AURORA], "kind": "reset", "colour": 1}, "fault.colour: unknown key"),
    ],
)
async def test_what_does_not_exist_is_refused_by_name_and_changes_nothing(fault, told):
    async with simulating(regions={"seoul": {}}) as (url, simulator):
        with pytest.raises(SimulatorError, match=told):
            await put(url, **fault)
        assert simulator.faults == {}


async def test_lifting_what_is_not_there_is_no_error():
    async with simulating() as (url, _):
        assert (await asyncio.to_thread(lift_fault, url, "nothing"))["faults"] == {}


def test_a_server_that_is_no_simulator_is_told_from_one():
    with pytest.raises(SimulatorError, match=r"no simulator answers at http://127\.0\.0\.1:9"):
        read_state("http://127.0.0.1:9")
