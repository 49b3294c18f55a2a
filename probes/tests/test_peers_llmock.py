"""The probes against llmock (PyPI): the vendors' protocols and their faults, by other authors."""

import json
import math
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from probes.attempts import Attempt
from probes.engine_client import EngineClient
from probes.protocols import PROTOCOLS
from probes.protocols.description import WireRequest
from probes.protocols.questions import Question
from probes.tests.making import happened, make_spec
from probes.tests.wire import probe
from testing.processes import ServerProcess, free_port

#: protocol → (base path, model)
PEERS = {
    "openai_chat": ("/v1", "gpt-4o"),
    "openai_responses": ("/v1", "gpt-4o"),
    "anthropic_messages": ("/anthropic", "claude-sonnet-4-5"),
    "gemini": ("/gemini", "gemini-2.5-flash"),
    "cohere_v2": ("/cohere", "command-r"),
}
#: Hosts that copy OpenAI, at their own paths.
CLONES = {
    "/mistral/v1": "mistral-small-latest",
    "/groq/openai/v1": "llama-3.1-8b-instant",
    "/together/v1": "m",
    "/xai/v1": "grok-3",
}
STATUSES = {
    401: "auth",
    404: "bad_request",
    429: "rate_limited",
    500: "http_5xx",
    503: "http_5xx",
    529: "overloaded",
}
#: Where the body says more than the status: no quota named by Gemini, `overloaded_error` of Anthropic.
BY_THEIR_OWN_WORDS = {("gemini", 429): "capacity_throttle", ("anthropic_messages", 503): "overloaded"}

Script = Callable[..., None]


def serving_llmock(*options: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "llmock.cli", "serve", "--port", str(port)]
    process = ServerProcess([*command, "--stream-chunk-delay-ms", "5", *options])
    process.wait_for_url(f"http://127.0.0.1:{port}/health")
    yield f"http://127.0.0.1:{port}"
    process.stop_quickly()


@pytest.fixture(scope="module")
def llmock_url() -> Iterator[str]:
    yield from serving_llmock()


@pytest.fixture(scope="module")
def limited_url() -> Iterator[str]:
    """One that allows two requests a minute, per provider and key."""
    yield from serving_llmock("--rpm", "2")


@pytest.fixture
def script(llmock_url: str) -> Iterator[Script]:
    """Tells the server what to do with the next request."""

    def post(path: str, body: dict) -> None:
        request = urllib.request.Request(
            f"{llmock_url}/_llmock/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=60).close()

    yield lambda **behaviour: post("scenario", {"behaviors": [behaviour]})
    post("reset", {})


def spec_at(url: str, protocol: str, **changes):
    path, model = PEERS[protocol]
    values = {
        "protocol": protocol,
        "base_url": url + path,
        "provider_model_id": model,
        "key_env": "SOME_API_KEY",
    }
    return make_spec(**{**values, "timeout_s": 20.0, **changes})


KEY = {"SOME_API_KEY": "anything"}


@pytest.mark.parametrize("protocol", PEERS)
async def test_a_foreign_server_is_measured(llmock_url, protocol):
    attempt = await probe(spec_at(llmock_url, protocol), KEY)
    assert attempt.outcome == "ok", attempt.error_detail
    first_byte, first_token = happened(attempt.first_byte_ms), happened(attempt.first_token_ms)
    assert 0 < first_byte <= first_token < happened(attempt.total_ms)
    assert attempt.output_tokens
    assert attempt.chunks > 1
    assert happened(attempt.inter_token_p50_ms) > 0


@pytest.mark.parametrize(("path", "model"), CLONES.items())
async def test_hosts_that_copy_openai_are_measured_without_a_change(llmock_url, path, model):
    spec = make_spec(base_url=llmock_url + path, provider_model_id=model, key_env="SOME_API_KEY")
    assert (await probe(spec, KEY)).outcome == "ok"


@pytest.mark.parametrize(
    "protocol", [name for name in PEERS if name != "cohere_v2"]
)  # it serves no Cohere v1 list
async def test_a_foreign_model_list_is_read(llmock_url, protocol):
    assert (await probe(spec_at(llmock_url, protocol, tier="A"), KEY)).outcome == "ok"


def fetch(request: WireRequest) -> Any:
    with urllib.request.urlopen(
        urllib.request.Request(request.url, headers=dict(request.headers)), timeout=60
    ) as response:
        return json.load(response)


@pytest.mark.parametrize(
    ("protocol", "path", "known"),
    [
        ("openai_chat", "/v1", "gpt-4o"),
        ("openai_responses", "/v1", "gpt-4o-mini"),
        ("openai_chat", "/mistral/v1", "mistral-large-latest"),
        ("anthropic_messages", "/anthropic", "claude-opus-4-6"),
        ("gemini", "/gemini", "gemini-2.5-pro"),
    ],
)
def test_a_foreign_model_list_says_what_it_says(llmock_url, protocol, path, known):
    description = PROTOCOLS[protocol]
    question = Question(base_url=llmock_url + path, model="", tier="A", prompt="", cap_tokens=1, key="any")
    document = fetch(description.listing_request(question))
    models = {model.id: model for model in description.read_listing(document)}
    assert known in models
    assert description.next_page(document) is None
    if protocol == "gemini":
        assert (models[known].context_window, models[known].max_output_tokens) == (1_048_576, 65_536)
    else:
        assert models[known].released_at
    assert models[known].prices == {}


@pytest.mark.parametrize("protocol", ["openai_chat", "openai_responses", "anthropic_messages"])
async def test_foreign_rate_limits_are_seen_and_met(limited_url, protocol):
    key = {"SOME_API_KEY": f"key-for-{protocol}"}
    attempts = [await probe(spec_at(limited_url, protocol), key) for _ in range(3)]
    assert [attempt.outcome for attempt in attempts] == ["ok", "ok", "rate_limited"]
    told = [attempt.rate_limits[0] for attempt in attempts]
    assert [(limit["kind"], limit["limit"], limit["remaining"]) for limit in told] == [
        ("requests", 2, 1),
        ("requests", 2, 0),
        ("requests", 2, 0),
    ]
    assert 0 < told[0]["reset_s"] <= 31 < told[1]["reset_s"] <= 61
    assert 0 < (attempts[2].retry_after_s or 0) <= 30
    assert attempts[0].retry_after_s is None


@pytest.mark.parametrize("protocol", PEERS)
@pytest.mark.parametrize("status", STATUSES)
async def test_foreign_errors_get_their_outcome(llmock_url, script, protocol, status):
    script(type="fail", status=status)
    attempt = await probe(spec_at(llmock_url, protocol), KEY)
    expected = BY_THEIR_OWN_WORDS.get((protocol, status), STATUSES[status])
    assert (attempt.http_status, attempt.outcome) == (status, expected), attempt.error_detail


@pytest.mark.parametrize("protocol", PEERS)
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("disconnect", "truncated"), ("truncate", "truncated"), ("malformed", "bad_json"), ("stall", "timeout")],
)
async def test_foreign_broken_streams_get_their_outcome(llmock_url, script, protocol, kind, outcome):
    script(
        type="stream_fault", kind=kind, after_chunks=2, **({"stall_seconds": 30} if kind == "stall" else {})
    )
    attempt = await probe(spec_at(llmock_url, protocol, timeout_s=3.0 if kind == "stall" else 20.0), KEY)
    assert attempt.outcome == outcome, attempt.error_detail
    assert attempt.http_status == 200


@pytest.mark.parametrize("protocol", PEERS)
async def test_a_slow_first_token_is_seen_behind_fast_headers(llmock_url, script, protocol):
    script(type="slow_first_token", seconds=2)
    attempt = await probe(spec_at(llmock_url, protocol), KEY)
    assert attempt.outcome == "ok"
    assert happened(attempt.first_byte_ms) < 2_000 <= happened(attempt.first_token_ms)


@pytest.mark.parametrize("protocol", PEERS)
async def test_known_answers_of_a_foreign_server_are_checked(llmock_url, script, protocol):
    script(type="reply", text="The capital is Seoul.")
    right = await probe(spec_at(llmock_url, protocol, expected_answer="seoul"), KEY)
    script(type="reply", text="The capital is Busan.")
    wrong = await probe(spec_at(llmock_url, protocol, expected_answer="seoul"), KEY)
    assert (right.outcome, wrong.outcome) == ("ok", "wrong_answer")


async def test_the_performance_tier_is_measured_by_the_tokens_that_it_reports(llmock_url, script):
    script(type="reply", text="word " * 60)
    attempt = await probe(spec_at(llmock_url, "openai_chat", tier="C", timeout_s=20.0), KEY)
    assert attempt.outcome == "ok", attempt.error_detail
    assert attempt.tokens_per_s is not None
    assert attempt.output_tokens
    span_s = (happened(attempt.last_token_ms) - happened(attempt.first_token_ms)) / 1000
    assert attempt.tokens_per_s == pytest.approx((attempt.output_tokens - 1) / span_s, rel=0.01)


def test_the_engine_takes_the_base_url_from_the_environment(llmock_url):
    environment = {"OPENAI_BASE_URL": f"{llmock_url}/v1", "OPENAI_API_KEY": "anything"}
    client = EngineClient("w", environment, max_lag_ms=math.inf)
    found: list[Attempt] = []
    spec = make_spec(
        base_url="https://api.openai.com/v1",
        base_url_env="OPENAI_BASE_URL",
        key_env="OPENAI_API_KEY",
        provider_model_id="gpt-4o",
        due_at=time.time(),
    )
    try:
        client.submit([spec], found.extend).result(120)
        assert client.keys == ["OPENAI_API_KEY"]
    finally:
        client.close()
    assert [(attempt.outcome, attempt.answered_model) for attempt in found] == [("ok", "gpt-4o")]
