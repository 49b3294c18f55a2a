"""OpenAI chat completions, and every server that copies them (Groq, Mistral, DeepSeek, xAI, vLLM, …).

https://platform.openai.com/docs/api-reference/chat-streaming ; the base URL includes the version (`…/v1`).
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import ErrorInfo, read_error
from probes.protocols.facts import Facts, token_count
from probes.protocols.questions import Question
from probes.protocols.reading import SseReader


def ask(question: Question) -> dict[str, Any]:
    """What any clone takes: llama-cpp-python ignores the newer name of the limit."""
    return {
        "model": question.model,
        "messages": [{"role": "user", "content": question.prompt}],
        question.options.get("token_limit_field") or "max_tokens": question.cap_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def on_event(facts: Facts, name: str, data: dict[str, Any]) -> None:
    groq = data.get("x_groq") or {}
    if data.get("error"):
        facts.fail_with(read_error(data))
    elif groq.get("error"):
        facts.fail_with(ErrorInfo(str(groq["error"])))
    facts.name_model(
        model=data.get("model"),
        fingerprint=data.get("system_fingerprint"),
        request_id=groq.get("id") or data.get("id"),
    )
    if usage := data.get("usage") or groq.get("usage"):
        read_usage(facts, usage)
    for choice in data.get("choices") or []:
        if delta := choice.get("delta"):
            _read_delta(facts, delta)
        if reason := choice.get("finish_reason"):
            facts.finish_with(reason)


# xAI tells what it charged in ticks: https://docs.x.ai/docs/api-reference#chat-completions
USD_PER_TICK = 1e-10


def read_usage(facts: Facts, usage: dict[str, Any]) -> None:
    """Counts and price of a chat answer; DeepSeek has a field of its own for cached input.

    xAI reports reasoning beside `completion_tokens`, all others inside it: the total tells which.
    """
    sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
    parts = [token_count(part) for part in (sent, received, reasoning)]
    if reasoning and None not in parts and sum(part or 0 for part in parts) == usage.get("total_tokens"):
        received += reasoning
    facts.set_usage(
        sent,
        received,
        cached=usage.get("prompt_cache_hit_tokens") if cached is None else cached,
        reasoning=reasoning,
    )
    facts.set_cost(usage.get("cost"))
    if type(ticks := usage.get("cost_in_usd_ticks")) is int:
        facts.set_cost(ticks * USD_PER_TICK)


def _read_delta(facts: Facts, delta: dict[str, Any]) -> None:
    """Mistral's content may be a list of `text` and `thinking` parts; others have a field for reasoning."""
    if reasoning := delta.get("reasoning_content") or delta.get("reasoning"):
        facts.add_reasoning(reasoning)
    if refusal := delta.get("refusal"):
        facts.add_refusal(refusal)
    content = delta.get("content")
    if not isinstance(content, list):
        facts.add_text(content)
        return
    for part in content:
        if part.get("type") == "thinking":
            facts.add_reasoning("thinking")
        else:
            facts.add_text(part.get("text"))


PROTOCOL = ProtocolDescription(
    name="openai_chat",
    ask_path="/chat/completions",
    list_path="/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event, done_marker="[DONE]"),
    request_id_headers=("x-request-id", "apim-request-id", "x-generation-id", "request-id"),
)
