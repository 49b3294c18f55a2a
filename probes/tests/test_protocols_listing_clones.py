"""What OpenAI's list and those of its clones say, in the shapes of their references and SDK types."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.listing import ListedModel


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def usd(**rates: str) -> dict[str, Decimal]:
    return {f"{name}_usd_per_mtok": Decimal(rate) for name, rate in rates.items()}


OPENAI_LIKE = {
    "openai": (
        {"id": "gpt-4.1", "object": "model", "created": 1763683200, "owned_by": "system"},
        ListedModel(id="gpt-4.1", released_at=at(2025, 11, 21), owned_by="system"),
    ),
    "openai, to be shut down": (
        {"id": "gpt-4", "object": "model", "created": 0, "owned_by": "openai", "shutdown_date": "2027-03-01"},
        ListedModel(id="gpt-4", lifecycle="deprecated", retires_at=at(2027, 3, 1), owned_by="openai"),
    ),
    "mistral": (
        {
            "id": "open-mixtral-8x7b",
            "name": "open-mixtral-8x7b",
            "owned_by": "mistralai",
            "max_context_length": 32768,
            "deprecation": "2027-01-30T12:00:00Z",
            "capabilities": {"completion_chat": True},
        },
        ListedModel(
            id="open-mixtral-8x7b",
            name="open-mixtral-8x7b",
            lifecycle="deprecated",
            retires_at=datetime(2027, 1, 30, 12, tzinfo=UTC),
            context_window=32768,
            owned_by="mistralai",
        ),
    ),
    "groq": (
        {
            "id": "whisper",
            "owned_by": "OpenAI",
            "active": True,
            "context_window": 448,
            "max_completion_tokens": 44,
        },
        ListedModel(
            id="whisper", lifecycle="active", context_window=448, max_output_tokens=44, owned_by="OpenAI"
        ),
    ),
    "groq, switched off": ({"id": "x", "active": False}, ListedModel(id="x", lifecycle="retired")),
    "vllm": ({"id": "q", "max_model_len": 8192}, ListedModel(id="q", context_window=8192)),
    "llama.cpp": ({"id": "q", "meta": {"n_ctx_train": 4096}}, ListedModel(id="q", context_window=4096)),
    "together": (
        {
            "id": "meta/llama",
            "display_name": "Llama",
            "organization": "Meta",
            "context_length": 131072,
            "pricing": {"hourly": 0, "input": 0.88, "output": 0.88, "base": 0, "finetune": 0},
        },
        ListedModel(
            id="meta/llama",
            name="Llama",
            context_window=131072,
            prices=usd(input="0.88", output="0.88"),
            owned_by="Meta",
        ),
    ),
    "together, rented by the hour": (
        {"id": "x", "pricing": {"hourly": 4.2, "input": 0, "output": 0}},
        ListedModel(id="x"),
    ),
    "openrouter": (
        {
            "id": "openai/gpt-4.1",
            "name": "OpenAI: GPT-4.1",
            "created": 1763683200,
            "context_length": 1047576,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.000002", "completion": "0.000008", "input_cache_read": "0.0000005"},
            "top_provider": {"context_length": 1000000, "max_completion_tokens": 32768},
            "expiration_date": None,
        },
        ListedModel(
            id="openai/gpt-4.1",
            name="OpenAI: GPT-4.1",
            released_at=at(2025, 11, 21),
            context_window=1047576,
            max_output_tokens=32768,
            prices=usd(input="2", output="8", cache_read="0.5"),
            modalities_in=("image", "text"),
            modalities_out=("text",),
        ),
    ),
    "openrouter, free": (
        {"id": "x:free", "pricing": {"prompt": "0", "completion": "0"}},
        ListedModel(id="x:free", prices=usd(input="0", output="0")),
    ),
    "openrouter, price by route": (
        {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
        ListedModel(id="openrouter/auto"),
    ),
    "xai": (
        {
            "id": "grok-4",
            "prompt_text_token_price": 30000,
            "completion_text_token_price": 150000,
            "cached_prompt_token_price": 7500,
            "input_modalities": ["text"],
        },
        ListedModel(
            id="grok-4",
            prices=usd(input="3", output="15", cache_read="0.75"),
            modalities_in=("text",),
        ),
    ),
}


@pytest.mark.parametrize("vendor", OPENAI_LIKE)
def test_what_openai_and_its_clones_list_is_read(vendor):
    item, model = OPENAI_LIKE[vendor]
    for protocol in ("openai_chat", "openai_responses", "openai_embeddings"):
        assert PROTOCOLS[protocol].read_listing({"object": "list", "data": [item]}) == [model]
    assert PROTOCOLS["openai_chat"].read_listing([item]) == [model]
