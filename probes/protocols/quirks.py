"""What differs between the vendors of one protocol, as data: no protocol file asks for a host.

Rows that match are laid over one another from the top, so the later and narrower one wins, key by key; the
endpoint's own `probe_options` win over all of them. Sources, where no other is named: the vendors' SDK types
and OpenAPI files (PROTOCOLS A1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from probes.protocols.addressing import host_of, is_within


@dataclass(frozen=True, slots=True)
class Quirk:
    """One row. hosts: domains and what is below them, empty = any.

    models: regex from the start of the id, "" = any. limit_field: name of the output limit. min_output: the
    smallest limit that is accepted, tokens. body: laid over every request (None removes a key). reasoning:
    the fragment that switches thinking down, sent to reasoning models only ({} = nothing is sent).
    """

    why: str
    protocols: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    models: str = ""
    limit_field: str = ""
    min_output: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)
    reasoning: Mapping[str, Any] | None = None

    def covers(self, protocol: str, host: str, model: str) -> bool:
        return (
            protocol in self.protocols
            and (not self.hosts or is_within(host, *self.hosts))
            and (not self.models or re.match(self.models, model, re.IGNORECASE) is not None)
        )


_CHAT: Final = ("openai_chat",)
_RESPONSES: Final = ("openai_responses",)
_OPENAI: Final = ("openai.com", "azure.com")
_TOGETHER: Final = ("together.ai", "together.xyz")
_GPT_OSS: Final = r".*gpt-oss"

# Of gpt-5, its mini and nano, of gpt-5.1 and later and of plain o-models the sources name a value; of the
# other families of OpenAI they name none.
_NOT_ESTABLISHED: Final = (
    r"gpt-5(?!(\.\d+)?(-mini|-nano)?(-\d|$))|o\d.*-(pro|deep-research|preview)|o1-mini|.*gpt-oss"
)

_NO_THINKING: Final = {"thinking": {"type": "disabled"}}


def _chat_effort(level: str) -> dict[str, Any]:
    return {"reasoning_effort": level}


def _effort(level: str) -> dict[str, Any]:
    return {"reasoning": {"effort": level}}


def _gemini(config: dict[str, Any]) -> dict[str, Any]:
    return {"generationConfig": {"thinkingConfig": config}}


QUIRKS: Final[tuple[Quirk, ...]] = (
    # --- OpenAI and Azure
    Quirk(
        "max_tokens is deprecated, the o-series refuses it; streams are padded at random unless told not to, "
        "but strict clones may refuse that field",
        _CHAT,
        _OPENAI,
        limit_field="max_completion_tokens",
        body={"stream_options": {"include_obfuscation": False}},
        reasoning=_chat_effort("none"),
    ),
    Quirk("The Responses API refuses a limit below 16", _RESPONSES, min_output=16),
    Quirk(
        "The same padding in the Responses API",
        _RESPONSES,
        _OPENAI,
        body={"stream_options": {"include_obfuscation": False}},
        reasoning=_effort("none"),
    ),
    Quirk(
        "Before gpt-5.1 `none` is refused",
        _CHAT,
        _OPENAI,
        r"gpt-5(?!\.)",
        reasoning=_chat_effort("minimal"),
    ),
    Quirk(
        "The same in the Responses API",
        _RESPONSES,
        _OPENAI,
        r"gpt-5(?!\.)",
        reasoning=_effort("minimal"),
    ),
    Quirk(
        "The o-series knows low, medium and high",
        _CHAT,
        _OPENAI,
        r"o\d",
        reasoning=_chat_effort("low"),
    ),
    Quirk(
        "The same in the Responses API",
        _RESPONSES,
        _OPENAI,
        r"o\d",
        reasoning=_effort("low"),
    ),
    Quirk(
        "Not established for codex, search, chat, pro and deep research, so nothing is sent",
        _CHAT,
        _OPENAI,
        _NOT_ESTABLISHED,
        reasoning={},
    ),
    Quirk(
        "The same in the Responses API",
        _RESPONSES,
        _OPENAI,
        _NOT_ESTABLISHED,
        reasoning={},
    ),
    Quirk("gpt-5-pro takes `high` only", _CHAT, _OPENAI, r"gpt-5-pro", reasoning=_chat_effort("high")),
    Quirk(
        "The same in the Responses API",
        _RESPONSES,
        _OPENAI,
        r"gpt-5-pro",
        reasoning=_effort("high"),
    ),
    # --- hosts that copy OpenAI's chat
    Quirk(
        "Mistral reports usage unasked, and its request has no stream_options",
        _CHAT,
        ("mistral.ai",),
        body={"stream_options": None},
        reasoning=_chat_effort("none"),
    ),
    Quirk(
        "Groq follows OpenAI's newer name; qwen3 takes `none`",
        _CHAT,
        ("groq.com",),
        limit_field="max_completion_tokens",
        reasoning=_chat_effort("none"),
    ),
    Quirk(
        "gpt-oss at Groq knows low, medium and high",
        _CHAT,
        ("groq.com",),
        _GPT_OSS,
        reasoning=_chat_effort("low"),
    ),
    Quirk(
        "Some of xAI's models refuse an effort, so none is sent: watch a non-reasoning one",
        _CHAT,
        ("x.ai",),
        limit_field="max_completion_tokens",
        reasoning={},
    ),
    Quirk("grok-3-mini takes an effort", _CHAT, ("x.ai",), r"grok-3-mini", reasoning=_chat_effort("low")),
    Quirk("xAI's Responses API, as its chat", _RESPONSES, ("x.ai",), reasoning={}),
    Quirk(
        "Thinking is on unless switched off",
        _CHAT,
        ("deepseek.com", "z.ai"),
        reasoning=_NO_THINKING,
    ),
    Quirk("Together has a switch of its own", _CHAT, _TOGETHER, reasoning={"reasoning": {"enabled": False}}),
    Quirk("Fireworks takes OpenAI's effort", _CHAT, ("fireworks.ai",), reasoning=_chat_effort("none")),
    Quirk(
        "gpt-oss at Fireworks refuses `none`",
        _CHAT,
        ("fireworks.ai",),
        _GPT_OSS,
        reasoning=_chat_effort("low"),
    ),
    Quirk(
        "OpenRouter hands the limit on; some of the hosts behind it refuse one below 16",
        _CHAT,
        ("openrouter.ai",),
        limit_field="max_completion_tokens",
        min_output=16,
        reasoning=_effort("none"),
    ),
    Quirk("What it takes depends on the host behind the router", _CHAT, ("huggingface.co",), reasoning={}),
    # Moonshot has no row: no source here establishes the switch of kimi-k2.5 and k2.6, so nothing is sent.
    # --- the others
    Quirk(
        "These think when asked to only, but accept being told not to; of later ones the model list tells",
        ("anthropic_messages",),
        models=r"claude-(3-7|(opus|sonnet|haiku)-4)",
        reasoning=_NO_THINKING,
    ),
    Quirk(
        "Gemini 2.5 has a budget, 0 is off: https://ai.google.dev/gemini-api/docs/thinking",
        ("gemini",),
        models=r"(models/)?gemini-2\.5",
        reasoning=_gemini({"thinkingBudget": 0}),
    ),
    Quirk(
        "2.5 Pro cannot be switched off; 128 is its least",
        ("gemini",),
        models=r"(models/)?gemini-2\.5-pro",
        reasoning=_gemini({"thinkingBudget": 128}),
    ),
    Quirk(
        "From Gemini 3 on there are levels",
        ("gemini",),
        models=r"(models/)?gemini-([3-9]|\d\d)",
        reasoning=_gemini({"thinkingLevel": "LOW"}),
    ),
    Quirk(
        "The Flash models know a lower one",
        ("gemini",),
        models=r"(models/)?gemini-([3-9]|\d\d)[^-]*-flash",
        reasoning=_gemini({"thinkingLevel": "MINIMAL"}),
    ),
    Quirk("On by default where a model can", ("cohere_v2",), reasoning=_NO_THINKING),
    Quirk("https://docs.ollama.com/capabilities/thinking", ("ollama_chat",), reasoning={"think": False}),
)


def options_for(protocol: str, base_url: str, model: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """The options of one request: what the rows say, and over them the endpoint's own `probe_options`.

    Of the rows: `token_limit_field`, `min_output_tokens`, `quirk_body`, `quirk_reasoning`.
    """
    return {**_of_rows(protocol, host_of(base_url), model), **own}


@lru_cache(maxsize=4096)
def _of_rows(protocol: str, host: str, model: str) -> Mapping[str, Any]:
    """Looked up for every probe, so kept."""
    options: dict[str, Any] = {}
    for row in QUIRKS:
        if row.covers(protocol, host, model):
            options |= _stated(row)
    return MappingProxyType(options)


def _stated(row: Quirk) -> dict[str, Any]:
    named = {
        "token_limit_field": row.limit_field,
        "min_output_tokens": row.min_output,
        "quirk_body": row.body,
    }
    stated: dict[str, Any] = {key: value for key, value in named.items() if value}
    return stated if row.reasoning is None else {**stated, "quirk_reasoning": row.reasoning}
