"""The probes against aimock (npm): more protocols, by other authors (Ollama, Azure, OpenRouter)."""

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.questions import Question
from probes.tests.making import happened, make_spec
from probes.tests.wire import probe
from testing.environment import ROOT
from testing.processes import ServerProcess, free_port

AIMOCK = ROOT / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
FIXTURES = {
    "fixtures": [
        {"match": {"model": "empty"}, "response": {"content": ""}},
        {
            "match": {"model": "broken"},
            "response": {"error": {"message": "boom", "type": "server_error"}, "status": 500},
        },
        {"match": {"model": "busy"}, "response": {"error": {"message": "Overloaded"}, "status": 529}},
        {
            "match": {"model": "paced"},
            "response": {"content": "a b c d e f g h i j k l m n o p"},
            "streamingProfile": {"ttft": 500, "tps": 20},
        },
        {
            "match": {"model": "cut"},
            "response": {"content": "a much longer answer that is cut"},
            "latency": 20,
            "truncateAfterChunks": 2,
        },
        {"match": {"userMessage": "Reply with"}, "response": {"content": "ok"}},
    ]
}
#: protocol → base path
PEERS = {
    "openai_chat": "/v1",
    "openai_responses": "/v1",
    "anthropic_messages": "",
    "gemini": "",
    "cohere_v2": "",
    "ollama_chat": "",
}


@pytest.fixture(scope="module")
def aimock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    fixtures: Path = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    fixtures.write_text(json.dumps(FIXTURES))
    node = shutil.which("node")
    assert node, "aimock needs Node.js: `make test` installs it"
    assert AIMOCK.exists(), f"{AIMOCK} is missing: `make test` installs it"
    port = free_port()
    command = [node, str(AIMOCK), "--port", str(port), "--fixtures", str(fixtures), "--chunk-size", "4"]
    process = ServerProcess(command)
    process.wait_for_line(r"listening|http://")
    yield f"http://127.0.0.1:{port}"
    process.stop_quickly()


def spec_at(url: str, protocol: str, model: str = "some-model", **changes):
    values = {"protocol": protocol, "base_url": url + PEERS[protocol], "provider_model_id": model}
    return make_spec(**{**values, "timeout_s": 20.0, **changes})


@pytest.mark.parametrize("protocol", PEERS)
async def test_a_foreign_server_is_measured(aimock_url, protocol):
    attempt = await probe(spec_at(aimock_url, protocol))
    assert attempt.outcome == "ok", attempt.error_detail
    assert happened(attempt.first_token_ms) <= happened(attempt.total_ms)


@pytest.mark.parametrize("protocol", PEERS)
@pytest.mark.parametrize(
    ("model", "outcome"), [("empty", "empty"), ("broken", "http_5xx"), ("busy", "overloaded")]
)
async def test_foreign_failures_get_their_outcome(aimock_url, protocol, model, outcome):
    attempt = await probe(spec_at(aimock_url, protocol, model))
    assert attempt.outcome == outcome, attempt.error_detail


@pytest.mark.parametrize("protocol", PEERS)
async def test_a_foreign_stream_that_is_cut_is_truncated(aimock_url, protocol):
    attempt = await probe(spec_at(aimock_url, protocol, "cut"))
    assert attempt.outcome == "truncated", attempt.error_detail


@pytest.mark.parametrize("protocol", PEERS)
async def test_a_foreign_pace_is_measured(aimock_url, protocol):
    attempt = await probe(spec_at(aimock_url, protocol, "paced"))
    assert attempt.outcome == "ok"
    assert 490 <= happened(attempt.first_token_ms) < 20_000
    assert happened(attempt.total_ms) > happened(attempt.first_token_ms) + 100


async def test_ollama_lists_its_models(aimock_url):
    assert (await probe(spec_at(aimock_url, "ollama_chat", tier="A"))).outcome == "ok"


async def test_azures_dated_path_is_measured(aimock_url):
    base = f"{aimock_url}/openai/deployments/some-model?api-version=2024-10-21"
    spec = make_spec(base_url=base, provider_model_id="some-model", options={"auth": "api-key"})
    assert (await probe(spec)).outcome == "ok"


async def test_openrouters_path_is_measured(aimock_url):
    spec = make_spec(base_url=f"{aimock_url}/api/v1", provider_model_id="some/model")
    assert (await probe(spec)).outcome == "ok"


@pytest.mark.parametrize(
    ("protocol", "path"), [("openai_embeddings", "/v1"), ("cohere_embed", ""), ("gemini_embed", "")]
)
async def test_a_foreign_embedding_is_measured(aimock_url, protocol, path):
    spec = make_spec(protocol=protocol, base_url=aimock_url + path, provider_model_id="embed")
    attempt = await probe(spec)
    assert attempt.outcome == "ok", attempt.error_detail
    assert attempt.first_token_ms is None


async def test_a_foreign_embedding_of_another_shape_is_not_taken_for_one(aimock_url):
    """It answers Ollama's /api/embed in the shape of the older /api/embeddings (`embedding`, one list)."""
    spec = make_spec(protocol="ollama_embed", base_url=aimock_url, provider_model_id="embed")
    attempt = await probe(spec)
    assert (attempt.http_status, attempt.outcome) == (200, "bad_json")
    assert attempt.error_detail.startswith("KeyError")


@pytest.mark.parametrize(
    ("protocol", "path"), [("openai_chat", "/v1"), ("ollama_chat", ""), ("openai_chat", "/api/v1")]
)
def test_a_foreign_model_list_says_what_it_says(aimock_url, protocol, path):
    """It lists the models that its fixtures name."""
    description = PROTOCOLS[protocol]
    question = Question(base_url=aimock_url + path, model="", tier="A", prompt="", cap_tokens=1)
    with urllib.request.urlopen(description.listing_request(question).url, timeout=60) as response:
        models = {model.id: model for model in description.read_listing(json.load(response))}
    known = next(name for name in models if name.removeprefix("openai/") == "paced")
    if path == "/api/v1":  # OpenRouter's
        assert (models[known].context_window, models[known].max_output_tokens) == (128_000, 16_384)
        assert (models[known].modalities_in, models[known].modalities_out) == (("text",), ("text",))
        assert models[known].prices["input_usd_per_mtok"] == 0


@pytest.mark.parametrize(
    ("chaos", "outcomes"),
    [
        ({"disconnectRate": 1}, {"connect_error"}),
        ({"rateLimitRate": 1}, {"rate_limited"}),
        ({"malformedRate": 1}, {"bad_json"}),
        ({"dropRate": 1}, {"http_5xx"}),
    ],
)
async def test_foreign_chaos_gets_its_outcome(aimock_url, chaos, outcomes):
    def control(body: dict | None, method: str) -> None:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{aimock_url}/__aimock/chaos", data, headers, method=method)
        urllib.request.urlopen(request, timeout=60).close()

    control(chaos, "POST")
    try:
        attempt = await probe(spec_at(aimock_url, "openai_chat"))
    finally:
        control(dict.fromkeys(chaos, 0), "POST")
    assert attempt.outcome in outcomes, attempt.error_detail
