"""What a probe sends."""

import json
import re

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.questions import Posed, Question, cap_for, compose_prompt, pose

SAMPLING = {"temperature", "top_p", "top_k", "seed", "topP", "topK"}


def question(**changes) -> Question:
    values = {
        "base_url": "https://api.example.com/v1",
        "model": "m",
        "tier": "B",
        "prompt": "Hi",
        "cap_tokens": 8,
    }
    return Question(**{**values, **changes})


def body_of(protocol: str, **changes) -> dict:
    body: dict = json.loads(PROTOCOLS[protocol].request(question(**changes)).body)
    return body


@pytest.mark.parametrize(
    ("protocol", "base_url", "ask_url", "list_url"),
    [
        ("openai_chat", "https://h/v1", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("openai_chat", "https://h/v1/", "https://h/v1/chat/completions", "https://h/v1/models"),
        ("openai_responses", "https://h/v1", "https://h/v1/responses", "https://h/v1/models"),
        ("openai_embeddings", "https://h/v1", "https://h/v1/embeddings", "https://h/v1/models"),
        ("anthropic_messages", "https://h", "https://h/v1/messages", "https://h/v1/models"),
        ("anthropic_messages", "https://h/v1", "https://h/v1/messages", "https://h/v1/models"),
        (
            "gemini",
            "https://h/v1beta",
            "https://h/v1beta/models/m:streamGenerateContent?alt=sse",
            "https://h/v1beta/models",
        ),
        ("cohere_v2", "https://h/v2", "https://h/v2/chat", "https://h/v1/models"),
        ("cohere_v2", "https://h", "https://h/v2/chat", "https://h/v1/models"),
        ("ollama_chat", "http://h:11434", "http://h:11434/api/chat", "http://h:11434/api/tags"),
        ("ollama_embed", "http://h:11434/api", "http://h:11434/api/embed", "http://h:11434/api/tags"),
        ("cohere_embed", "https://h/v2", "https://h/v2/embed", "https://h/v1/models"),
        ("gemini_embed", "https://h", "https://h/v1beta/models/m:embedContent", "https://h/v1beta/models"),
    ],
)
def test_urls_follow_from_the_base(protocol, base_url, ask_url, list_url):
    description = PROTOCOLS[protocol]
    assert description.request(question(base_url=base_url)).url == ask_url
    assert description.request(question(base_url=base_url, tier="A")).url == list_url


def test_a_query_of_the_base_moves_behind_the_path():
    request = PROTOCOLS["openai_chat"].request(
        question(base_url="https://h/openai/deployments/D?api-version=2024-10-21")
    )
    assert request.url == "https://h/openai/deployments/D/chat/completions?api-version=2024-10-21"


def test_a_models_prefix_of_gemini_is_not_doubled():
    assert "/models/m:" in PROTOCOLS["gemini"].request(question(model="models/m")).url


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_sampling_parameter_is_ever_sent(protocol):
    assert not SAMPLING & set(str(body_of(protocol)).replace("'", " ").split())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_list_costs_no_tokens(protocol):
    request = PROTOCOLS[protocol].request(question(tier="A"))
    assert (request.method, request.body) == ("GET", b"")


@pytest.mark.parametrize(
    ("protocol", "options", "name", "value"),
    [
        ("openai_chat", {}, "Authorization", "Bearer secret"),
        ("openai_chat", {"auth": "api-key"}, "api-key", "secret"),
        ("anthropic_messages", {}, "x-api-key", "secret"),
        ("anthropic_messages", {"auth": "bearer"}, "Authorization", "Bearer secret"),
        ("gemini", {}, "x-goog-api-key", "secret"),
        ("cohere_v2", {}, "Authorization", "Bearer secret"),
    ],
)
def test_the_key_travels_in_the_vendors_header(protocol, options, name, value):
    headers = PROTOCOLS[protocol].request(question(key="secret", options=options)).headers
    assert headers[name] == value
    assert sum("secret" in text for text in headers.values()) == 1


def test_no_key_means_no_header():
    assert "Authorization" not in PROTOCOLS["openai_chat"].request(question()).headers


def test_a_key_is_in_no_representation():
    asked = question(key="secret-value")
    request = PROTOCOLS["openai_chat"].request(asked)
    assert "secret-value" not in repr(asked) + repr(request)


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("openai_embeddings", {"model": "m", "input": "Hi"}),
        (
            "cohere_embed",
            {"model": "m", "texts": ["Hi"], "input_type": "search_query", "embedding_types": ["float"]},
        ),
        ("gemini_embed", {"content": {"parts": [{"text": "Hi"}]}}),
        ("ollama_embed", {"model": "m", "input": "Hi", "keep_alive": "5m"}),
    ],
)
def test_an_embedding_is_asked_for_with_the_least(protocol, body):
    assert body_of(protocol) == body


def test_responses_are_not_stored_and_respect_the_smallest_limit():
    body = body_of("openai_responses")
    assert (body["store"], body["max_output_tokens"]) == (False, 16)


def test_options_are_laid_over_the_body():
    options = {
        "token_limit_field": "max_completion_tokens",
        "reasoning": {"reasoning_effort": "none"},
        "extra_body": {"stream_options": {"include_usage": None, "other": 1}, "user": "probe"},
        "extra_headers": {"X-Title": "AI-GO"},
    }
    request = PROTOCOLS["openai_chat"].request(question(options=options))
    body = json.loads(request.body)
    assert request.headers["X-Title"] == "AI-GO"
    assert (body["max_completion_tokens"], body["reasoning_effort"], body["user"]) == (8, "none", "probe")
    assert body["stream_options"] == {"other": 1}


def test_none_removes_a_field():
    assert "stream_options" not in body_of("openai_chat", options={"extra_body": {"stream_options": None}})


@pytest.mark.parametrize("tier", ["B", "C", "D"])
@pytest.mark.parametrize("expected", [None, "42"])
def test_two_prompts_are_never_the_same(tier, expected):
    assert compose_prompt(tier, "n1", expected) != compose_prompt(tier, "n2", expected)


@pytest.mark.parametrize(
    ("tier", "reasoning", "expected", "options", "cap"),
    [
        ("B", False, None, {}, 8),
        ("B", True, None, {}, 64),
        ("D", False, "42", {}, 24),
        ("D", True, "42", {}, 256),
        ("C", False, None, {}, 500),
        ("B", True, None, {"max_output_tokens": 1024}, 1024),
        ("D", False, "42", {"max_output_tokens": 40}, 40),
        ("C", False, None, {"max_output_tokens": 1024}, 500),
        ("B", False, None, {"min_output_tokens": 16}, 16),
        ("D", False, "42", {"min_output_tokens": 16}, 24),
        ("B", False, None, {"min_output_tokens": 16, "max_output_tokens": 4}, 16),
    ],
)
def test_the_output_limit(tier, reasoning, expected, options, cap):
    assert cap_for(tier, reasoning=reasoning, expected_answer=expected, options=options) == cap


def test_the_long_prompt_has_about_a_thousand_tokens():
    """One token for each word in o200k_base and cl100k_base (counted with npm gpt-tokenizer 4.0.0)."""
    prompts = [compose_prompt("C", f"{number:08x}", None) for number in range(20)]
    assert all(990 <= len(prompt.split()) <= 1010 for prompt in prompts)
    assert len({prompt[:20] for prompt in prompts}) == 20  # no cache finds a common beginning


def test_each_tier_poses_its_question():
    asked = {tier: pose(tier, "p--m", 1.8e9, "0a1b2c3d", None) for tier in "ABCD"}
    assert asked["A"] == Posed("", None)
    assert asked["B"] == Posed("Reply with: ok\n(probe 0a1b2c3d)", None)
    assert (asked["C"].prompt.startswith("Probe 0a1b2c3d. Write a long story"), asked["C"].expected) == (
        True,
        None,
    )
    assert asked["D"].expected is not None


@pytest.mark.parametrize("tier", ["B", "D"])
def test_an_endpoints_own_answer_is_asked_with_a_fresh_number(tier):
    one, other = (pose(tier, "p--m", 1.8e9, nonce, "the number {nonce}") for nonce in ("0a", "0b"))
    assert one.expected != other.expected
    assert re.fullmatch(r"the number \d{4}", one.expected or "")
    assert f"nothing else: {one.expected}\n" in one.prompt


def test_an_endpoints_own_answer_does_not_shorten_the_long_text():
    assert pose("C", "p--m", 1.8e9, "0a", "ok").expected is None
