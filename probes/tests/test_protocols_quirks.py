"""What differs between vendors, model by model."""

import json
from typing import Any

import pytest

from probes.preparation import prepare
from probes.protocols import PROTOCOLS
from probes.protocols.addressing import served_by
from probes.protocols.questions import Question
from probes.protocols.quirks import QUIRKS, options_for
from probes.tests.making import make_spec

OPENAI = "https://api.openai.com/v1"
AZURE = "https://res.openai.azure.com/openai/v1"
DATED = "https://res.openai.azure.com/openai/deployments/D?api-version=2024-10-21"
GEMINI = "https://generativelanguage.googleapis.com"


def body_of(protocol: str, base_url: str, model: str = "m", **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"tier": "B", "prompt": "Hi", "cap_tokens": 8, **changes}
    question = Question(base_url=base_url, model=model, **values)
    body: dict[str, Any] = json.loads(PROTOCOLS[protocol].request(question).body)
    return body


@pytest.mark.parametrize(
    ("base_url", "limit"),
    [
        (OPENAI, {"max_completion_tokens": 8}),
        (AZURE, {"max_completion_tokens": 8}),
        (DATED, {"max_completion_tokens": 8}),
        ("https://api.groq.com/openai/v1", {"max_completion_tokens": 8}),
        ("https://api.x.ai/v1", {"max_completion_tokens": 8}),
        ("https://openrouter.ai/api/v1", {"max_completion_tokens": 16}),
        ("https://api.deepseek.com", {"max_tokens": 8}),
        ("https://api-inference.together.ai/v1", {"max_tokens": 8}),
        ("https://api.fireworks.ai/inference/v1", {"max_tokens": 8}),
        ("https://api.mistral.ai/v1", {"max_tokens": 8}),
        ("https://router.huggingface.co/v1", {"max_tokens": 8}),
        ("http://127.0.0.1:8000/v1", {"max_tokens": 8}),
        ("https://notopenai.com/v1", {"max_tokens": 8}),
    ],
)
def test_the_limit_has_the_vendors_name_and_least(base_url, limit):
    body = body_of("openai_chat", base_url)
    assert {key: value for key, value in body.items() if key.startswith("max_")} == limit


@pytest.mark.parametrize(
    ("protocol", "base_url", "sent"),
    [
        ("openai_chat", OPENAI, {"include_usage": True, "include_obfuscation": False}),
        ("openai_chat", AZURE, {"include_usage": True, "include_obfuscation": False}),
        ("openai_chat", "https://api.groq.com/openai/v1", {"include_usage": True}),
        ("openai_chat", "https://api.mistral.ai/v1", None),
        ("openai_chat", "https://api.eu.mistral.ai/v1", None),
        ("openai_responses", OPENAI, {"include_obfuscation": False}),
        ("openai_responses", "https://api.x.ai/v1", None),
        ("openai_responses", "http://127.0.0.1:11434/v1", None),
    ],
)
def test_stream_options_are_those_the_host_takes(protocol, base_url, sent):
    assert body_of(protocol, base_url).get("stream_options") == sent


EFFORT = "reasoning_effort"


@pytest.mark.parametrize(
    ("protocol", "base_url", "model", "fragment"),
    [
        ("openai_chat", OPENAI, "gpt-5.1", {EFFORT: "none"}),
        ("openai_chat", OPENAI, "gpt-5-mini", {EFFORT: "minimal"}),
        ("openai_chat", OPENAI, "gpt-5", {EFFORT: "minimal"}),
        ("openai_chat", OPENAI, "gpt-5-pro", {EFFORT: "high"}),
        ("openai_chat", OPENAI, "o4-mini", {EFFORT: "low"}),
        ("openai_chat", OPENAI, "omni-moderation", {EFFORT: "none"}),
        ("openai_chat", AZURE, "o3", {EFFORT: "low"}),
        ("openai_responses", OPENAI, "gpt-5.1", {"reasoning": {"effort": "none"}}),
        ("openai_responses", OPENAI, "gpt-5-nano", {"reasoning": {"effort": "minimal"}}),
        ("openai_responses", OPENAI, "gpt-5-pro", {"reasoning": {"effort": "high"}}),
        ("openai_responses", OPENAI, "o3", {"reasoning": {"effort": "low"}}),
        ("openai_responses", "https://api.x.ai/v1", "grok-4", {}),
        ("openai_chat", "https://api.x.ai/v1", "grok-4", {}),
        ("openai_chat", "https://api.x.ai/v1", "grok-3-mini", {EFFORT: "low"}),
        ("openai_chat", "https://api.mistral.ai/v1", "magistral-small", {EFFORT: "none"}),
        ("openai_chat", "https://api.groq.com/openai/v1", "qwen/qwen3-32b", {EFFORT: "none"}),
        ("openai_chat", "https://api.groq.com/openai/v1", "openai/gpt-oss-20b", {EFFORT: "low"}),
        ("openai_chat", "https://api.deepseek.com", "deepseek-chat", {"thinking": {"type": "disabled"}}),
        ("openai_chat", "https://api-inference.together.ai/v1", "m", {"reasoning": {"enabled": False}}),
        ("openai_chat", "https://api.together.xyz/v1", "m", {"reasoning": {"enabled": False}}),
        ("openai_chat", "https://api.fireworks.ai/inference/v1", "accounts/x/qwen3", {EFFORT: "none"}),
        ("openai_chat", "https://api.fireworks.ai/inference/v1", "accounts/x/gpt-oss-120b", {EFFORT: "low"}),
        ("openai_chat", "https://openrouter.ai/api/v1", "x/y", {"reasoning": {"effort": "none"}}),
        ("openai_chat", "https://router.huggingface.co/v1", "x/y", {}),
        ("openai_chat", "http://127.0.0.1:8000/v1", "x/y", {}),
        (
            "anthropic_messages",
            "https://api.anthropic.com",
            "claude-sonnet-4-5",
            {"thinking": {"type": "disabled"}},
        ),
        ("anthropic_messages", "https://api.anthropic.com", "claude-9", {}),
        ("cohere_v2", "https://api.cohere.com", "command-a-reasoning", {"thinking": {"type": "disabled"}}),
        ("ollama_chat", "http://h:11434", "qwen3", {"think": False}),
    ],
)
def test_thinking_is_switched_down_as_the_vendor_takes_it(protocol, base_url, model, fragment):
    plain = body_of(protocol, base_url, model)
    thinking = body_of(protocol, base_url, model, reasoning=True)
    assert {key: value for key, value in thinking.items() if key not in plain} == fragment
    assert {key: thinking[key] for key in plain} == plain


@pytest.mark.parametrize(
    ("model", "effort"),
    [
        ("gpt-5-2025-08-07", "minimal"),
        ("gpt-5-nano-2025-08-07", "minimal"),
        ("gpt-5.1-2025-11-13", "none"),
        ("gpt-5.4-mini", "none"),
        ("gpt-5-pro-2025-10-06", "high"),
        ("o3-mini", "low"),
        ("gpt-5-codex", None),
        ("gpt-5-search-api", None),
        ("gpt-5-chat-latest", None),
        ("gpt-5.1-codex", None),
        ("gpt-5.1-codex-mini", None),
        ("gpt-5.2-pro", None),
        ("gpt-5.4-pro", None),
        ("o1-pro", None),
        ("o3-deep-research", None),
        ("gpt-oss-120b", None),
    ],
)
def test_openai_is_sent_an_effort_only_where_it_is_established(model, effort):
    for base_url in (OPENAI, AZURE):
        assert body_of("openai_chat", base_url, model, reasoning=True).get(EFFORT) == effort
        told = body_of("openai_responses", base_url, model, reasoning=True).get("reasoning")
        assert told == (effort and {"effort": effort})


@pytest.mark.parametrize(
    ("model", "config"),
    [
        ("gemini-2.5-flash", {"thinkingBudget": 0}),
        ("models/gemini-2.5-flash-lite", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", {"thinkingBudget": 128}),
        ("gemini-3-pro-preview", {"thinkingLevel": "LOW"}),
        ("gemini-3-flash", {"thinkingLevel": "MINIMAL"}),
        ("gemini-3.5-flash-lite", {"thinkingLevel": "MINIMAL"}),
        ("gemini-2.0-flash", None),
    ],
)
def test_geminis_switch_follows_the_family(model, config):
    body = body_of("gemini", GEMINI, model, reasoning=True)
    assert body["generationConfig"].get("thinkingConfig") == config
    assert body["generationConfig"]["maxOutputTokens"] == 8


def test_the_endpoints_own_options_win():
    own = {
        "token_limit_field": "max_tokens",
        "reasoning": {"reasoning_effort": "low"},
        "min_output_tokens": 2,
    }
    body = body_of("openai_chat", "https://openrouter.ai/api/v1", "x/y", reasoning=True, options=own)
    assert (body["max_tokens"], body["reasoning_effort"]) == (8, "low")
    assert "reasoning" not in body
    off = body_of("openai_chat", OPENAI, "gpt-5.1", reasoning=True, options={"reasoning": {}})
    assert EFFORT not in off


def test_a_request_changes_no_row():
    before = repr(QUIRKS)
    body_of(
        "openai_chat", OPENAI, "gpt-5", reasoning=True, options={"extra_body": {"stream_options": {"x": 1}}}
    )
    assert repr(QUIRKS) == before
    assert body_of("openai_chat", OPENAI)["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }


def test_every_row_names_a_protocol_and_a_reason():
    assert {name for row in QUIRKS for name in row.protocols} <= set(PROTOCOLS)
    assert all(row.why for row in QUIRKS)


@pytest.mark.parametrize(
    ("url", "served"),
    [(OPENAI, True), ("https://openai.com.evil.test/v1", False), ("http://[bad", False), ("", False)],
)
def test_a_host_is_compared_whole(url, served):
    assert served_by(url, "openai.com") is served


def test_unknown_hosts_get_no_options():
    assert options_for("openai_chat", "http://127.0.0.1/v1", "m", {}) == {}


@pytest.mark.parametrize("reasoning", [True, False])
def test_the_engine_says_which_model_thinks(reasoning):
    spec = make_spec(base_url="https://api.deepseek.com", reasoning=reasoning)
    body = json.loads(prepare(spec, {}).payload.partition(b"\r\n\r\n")[2])
    assert body.get("thinking") == ({"type": "disabled"} if reasoning else None)
    assert body["max_tokens"] == (64 if reasoning else 8)
