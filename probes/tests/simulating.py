"""A simulator in the test's own process, and specs of its endpoints."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from probes.attempts import ProbeSpec
from probes.simulator.fleet import SimulatedModel, load_fleet
from probes.simulator.scenario import read_scenario
from probes.simulator.server import make_app
from probes.simulator.state import Simulator
from probes.tests.making import make_spec

FLEET = load_fleet()
MODELS = {
    "openai_chat": "aurora-labs--aurora-1",
    "openai_responses": "bramblewick--thicket-3",
    "anthropic_messages": "quillmarsh--quill-small-2",
    "gemini": "lanternfell--wick-light",
    "cohere_v2": "cedarhollow--cone-a",
    "ollama_chat": "tarnwater-cloud--tarn-open-9b",
}
#: What each fault of the simulator must be called by the probe.
OUTCOMES = {
    "http_500": "http_5xx",
    "http_503": "http_5xx",
    "http_529": "overloaded",
    "rate_429": "rate_limited",
    "quota_429": "quota",
    "html_200": "edge_block",
    "reset": "connect_error",
    "hang": "timeout",
    "slow_stream": "timeout",
    "cut_stream": "truncated",
    "truncate_stream": "truncated",
    "stream_error": "stream_error",
    "bad_json": "bad_json",
    "empty": "empty",
    "wrong_answer": "wrong_answer",
    "keep_alive": "ok",
}
PATHS = {"openai_chat": "/v1", "openai_responses": "/v1", "openai_embeddings": "/v1"}


@asynccontextmanager
async def simulating(**document: Any) -> AsyncIterator[tuple[str, Simulator]]:
    """A simulator in this process that follows a scenario document; yields its URL and state."""
    document.setdefault("defaults", {}).setdefault("ttft_ms", {"median": 30, "sigma": 0.1})
    endpoints = [model.endpoint for models in FLEET.values() for model in models.values()]
    simulator = Simulator(read_scenario(document, "test.json", endpoints), FLEET, seed=1)
    runner = web.AppRunner(
        make_app(simulator), access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", simulator
    finally:
        await runner.cleanup()


def spec_of(model: SimulatedModel, protocol: str = "", **changes: Any) -> ProbeSpec:
    """protocol: another than the model's own, which the simulator serves beside it."""
    values = {
        "endpoint": model.endpoint,
        "protocol": protocol or model.protocol,
        "base_url": f"simulator:/{model.provider}{PATHS.get(protocol or model.protocol, '')}",
        "provider_model_id": model.id,
        "timeout_s": 20.0,
    }
    return make_spec(**{**values, **changes})


def asking(protocol: str, **changes: Any) -> ProbeSpec:
    """A spec that speaks the protocol to a model of the fleet."""
    return spec_of(model_of(protocol), protocol, **changes)


def model_of(protocol: str) -> SimulatedModel:
    provider, _, name = MODELS[protocol].partition("--")
    return FLEET[provider][name]
