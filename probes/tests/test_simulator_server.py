"""The simulator over real sockets, measured by the probes' own protocols."""

import asyncio
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from probes.simulator.profile import FAULTS
from probes.simulator.running import SimulatorError, control
from probes.tests.making import happened
from probes.tests.simulating import FLEET, MODELS, OUTCOMES, asking, simulating, spec_of
from probes.tests.wire import probe
from testing.processes import ServerProcess


@pytest.mark.parametrize("provider", FLEET)
async def test_every_endpoint_of_the_fleet_answers(provider):
    specs = [spec_of(model, tier=tier) for model in FLEET[provider].values() for tier in "AB"]
    async with simulating() as (url, _):
        attempts = await asyncio.gather(*(probe(spec, {"SIMULATOR_URL": url}) for spec in specs))
    assert [attempt.outcome for attempt in attempts] == ["ok"] * len(specs)
    asked = [attempt for attempt in attempts if attempt.tier == "B" and "embed" not in attempt.endpoint]
    assert all(attempt.first_answer_ms and attempt.output_tokens and attempt.request_id for attempt in asked)


@pytest.mark.parametrize("protocol", MODELS)
@pytest.mark.parametrize("kind", FAULTS)
async def test_every_fault_is_recognised_in_every_protocol(protocol, kind):
    fault = {"kind": kind, "rate": 1, "seconds": 60}
    timeout_s = 1.0 if OUTCOMES[kind] == "timeout" else 30.0
    async with simulating(defaults={"faults": [fault], "tokens_per_s": 500}) as (url, _):
        spec = asking(protocol, expected_answer="the number {nonce}", timeout_s=timeout_s)
        attempt = await probe(spec, {"SIMULATOR_URL": url})
    assert attempt.outcome == OUTCOMES[kind], attempt.error_detail


@pytest.mark.parametrize("protocol", MODELS)
async def test_the_known_answer_is_given_and_the_times_are_kept(protocol):
    async with simulating(defaults={"ttft_ms": {"median": 200, "sigma": 0}, "headers_share": 0.5}) as (
        url,
        _,
    ):
        spec = asking(protocol, expected_answer="{nonce}", tier="D")
        attempt = await probe(spec, {"SIMULATOR_URL": url})
    assert attempt.outcome == "ok"
    # Never early; late by what a busy machine adds.
    assert 99 <= happened(attempt.first_byte_ms) < 20_000
    assert 199 <= happened(attempt.first_token_ms) < 20_000


@pytest.mark.parametrize("protocol", MODELS)
async def test_a_wrong_key_gets_the_vendors_refusal(protocol):
    async with simulating() as (url, _):
        spec = asking(protocol, key_env="SOME_API_KEY")
        refused = await probe(spec, {"SIMULATOR_URL": url, "SOME_API_KEY": "invalid"})
        accepted = await probe(spec, {"SIMULATOR_URL": url, "SOME_API_KEY": "anything"})
    assert (refused.outcome, accepted.outcome) == ("auth", "ok")
    assert refused.http_status == (400 if protocol == "gemini" else 401)


@pytest.mark.parametrize("protocol", MODELS)
async def test_an_unknown_model_is_our_fault(protocol):
    async with simulating() as (url, _):
        spec = asking(protocol, provider_model_id="no-such-model")
        attempt = await probe(spec, {"SIMULATOR_URL": url})
    assert (attempt.outcome, attempt.http_status) == ("bad_request", 404)


@pytest.mark.parametrize("protocol", MODELS)
async def test_a_reasoning_model_thinks_before_it_answers(protocol):
    async with simulating(defaults={"reasoning_tokens": 5, "tokens_per_s": 50}) as (url, _):
        attempt = await probe(asking(protocol, reasoning=True), {"SIMULATOR_URL": url})
        too_short = asking(protocol, options={"max_output_tokens": 4})
        cut = await probe(too_short, {"SIMULATOR_URL": url})
    assert attempt.outcome == "ok"
    assert happened(attempt.first_answer_ms) > happened(attempt.first_token_ms)
    # The Responses API accepts no limit below 16, so there the answer still fits.
    assert cut.outcome == ("ok" if protocol == "openai_responses" else "bad_request")


async def test_two_simulators_with_one_seed_fail_the_same_requests():
    async def faults() -> list[str]:
        rules = [{"kind": "http_500", "rate": 0.3}, {"kind": "empty", "rate": 0.3}]
        async with simulating(defaults={"faults": rules, "ttft_ms": {"median": 2}}) as (url, _):
            spec = asking("openai_chat")
            return [(await probe(spec, {"SIMULATOR_URL": url})).outcome for _ in range(20)]

    first, second = await faults(), await faults()
    assert first == second
    assert len(set(first)) == 3


async def ask(url: str, body: dict | None = None) -> tuple[int, str]:
    def send() -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    return await asyncio.to_thread(send)


MESSAGES = [{"role": "user", "content": "Reply with: hello there"}]


@pytest.mark.parametrize(
    ("path", "body", "text_of"),
    [
        (
            "/aurora-labs/v1/chat/completions",
            {"model": "aurora-1", "messages": MESSAGES},
            lambda answer: answer["choices"][0]["message"]["content"],
        ),
        (
            "/bramblewick/v1/responses",
            {"model": "thicket-3", "input": "Reply with: hello there"},
            lambda answer: answer["output"][-1]["content"][0]["text"],
        ),
        (
            "/quillmarsh/v1/messages",
            {"model": "quill-small-2", "max_tokens": 50, "messages": MESSAGES},
            lambda answer: answer["content"][-1]["text"],
        ),
        (
            "/lanternfell/v1beta/models/wick-light:generateContent",
            {"contents": [{"parts": [{"text": "Reply with: hello there"}]}]},
            lambda answer: answer["candidates"][0]["content"]["parts"][-1]["text"],
        ),
        (
            "/cedarhollow/v2/chat",
            {"model": "cone-a", "messages": MESSAGES},
            lambda answer: answer["message"]["content"][-1]["text"],
        ),
        (
            "/tarnwater-cloud/api/chat",
            {"model": "tarn-open-9b", "messages": MESSAGES, "stream": False},
            lambda answer: answer["message"]["content"],
        ),
    ],
)
async def test_answers_come_whole_where_no_stream_is_asked_for(path, body, text_of: Callable[[dict], str]):
    async with simulating() as (url, _):
        for prefix in ("", "/tokyo"):
            status, text = await ask(url + prefix + path, body)
            assert (status, text_of(json.loads(text))) == (200, "hello there")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/nobody/v1/models", None, 404),
        ("/aurora-labs/v9/magic", None, 404),
        ("/", None, 404),
        ("/aurora-labs", None, 404),
        ("/aurora-labs/v1/chat/completions", {"model": "aurora-1"}, 400),
        ("/aurora-labs/v1/embeddings", {"model": "aurora-1", "input": "x"}, 400),
        ("/quillmarsh/v1/messages", {"model": "quill-small-2", "messages": MESSAGES}, 400),
        ("/bramblewick/v1/responses", {"model": "thicket-3", "input": "x", "max_output_tokens": 4}, 400),
        ("/aurora-labs/v1/models/aurora-1", None, 200),
        ("/aurora-labs/v1/models/none", None, 404),
    ],
)
async def test_what_is_asked_wrongly_is_refused(path, body, status):
    async with simulating() as (url, _):
        assert (await ask(url + path, body))[0] == status


async def test_sampling_parameters_are_refused_like_anthropic_does():
    body = {"model": "quill-small-2", "max_tokens": 5, "messages": MESSAGES, "temperature": 0}
    async with simulating() as (url, _):
        status, text = await ask(f"{url}/quillmarsh/v1/messages", body)
    assert (status, json.loads(text)["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [("reset", "connect_error"), ("503", "http_5xx"), ("529", "overloaded"), ("hang", "timeout")],
)
async def test_a_provider_can_be_stopped_and_started_by_hand(mode, outcome):
    spec = asking("openai_chat", timeout_s=1.0 if mode == "hang" else 20.0)
    other = asking("cohere_v2")
    async with simulating() as (url, _):
        environ = {"SIMULATOR_URL": url}
        state = await asyncio.to_thread(control, url, "aurora-labs", "stop", mode)
        assert state["stopped"] == {"aurora-labs": mode}
        assert (await probe(spec, environ)).outcome == outcome
        assert (await probe(other, environ)).outcome == "ok"
        state = await asyncio.to_thread(control, url, "aurora-labs", "start")
        assert state["stopped"] == {}
        assert (await probe(asking("openai_chat"), environ)).outcome == "ok"


async def test_the_state_counts_requests():
    async with simulating() as (url, _):
        await probe(asking("openai_chat", region="tokyo"), {"SIMULATOR_URL": url})
        _, text = await ask(f"{url}/_control/state")
    state = json.loads(text)
    assert state["requests"] == {"aurora-labs--aurora-1@tokyo": 1}
    assert state["clock_s"] > 0


async def test_stopping_what_does_not_exist_is_refused():
    async with simulating() as (url, _):
        with pytest.raises(SimulatorError, match="no provider 'nobody'; known: aurora-labs"):
            await asyncio.to_thread(control, url, "nobody", "stop")
        assert (await ask(f"{url}/_control/providers/aurora-labs/stop", {"mode": "fire"}))[0] == 400
        assert (await ask(f"{url}/_control/regions/atlantis/stop", {}))[0] == 404
        assert (await ask(f"{url}/_control/endpoints/aurora-labs--aurora-1/swap", {}))[0] == 400
        assert (await ask(f"{url}/_control/endpoints/nobody--x/swap", {"model": "y"}))[0] == 404


def test_the_simulator_runs_alone_and_is_controlled_by_command(capsys):
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0", "--seed", "3"])
    ready = process.wait_for_line(r"ready on http://127\.0\.0\.1:(\d+) scenario=default\.json seed=3")
    port = int(ready.group(1))
    call_command("simulate", "--stop", "aurora-labs", "--mode", "503", "--port", str(port))
    call_command("simulate", "--start", "aurora-labs", "--port", str(port))
    assert capsys.readouterr().out.splitlines() == [
        "stop: aurora-labs. Stopped now: aurora-labs (503)",
        "start: aurora-labs. Stopped now: none",
    ]
    with pytest.raises(CommandError, match=f"port {port} on 127.0.0.1 cannot be used"):
        call_command("simulate", "--port", str(port))
    process.stop()
    with pytest.raises(CommandError, match="no simulator answers"):
        call_command("simulate", "--stop", "aurora-labs", "--port", str(port))


def test_a_scenario_that_cannot_be_read_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.json: cannot be read"):
        call_command("simulate", "--scenario", "nowhere.json")
