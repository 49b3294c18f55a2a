"""Cohere v2 chat: https://docs.cohere.com/reference/chat-stream and https://docs.cohere.com/reference/errors"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import ErrorInfo
from probes.protocols.facts import Facts, token_count
from probes.protocols.listing import ListedModel, entries, identity, next_page_by, tokens
from probes.protocols.questions import Question
from probes.protocols.reading import SseReader


def ask(question: Question) -> dict[str, Any]:
    limit_field = question.options.get("token_limit_field") or "max_tokens"
    return {
        "model": question.model,
        "messages": [{"role": "user", "content": question.prompt}],
        limit_field: question.cap_tokens,
        "stream": True,
    }


def on_event(facts: Facts, name: str, data: dict[str, Any]) -> None:
    kind = data.get("type") or name
    facts.name_model(request_id=data.get("id"))
    if kind == "content-delta":
        content = data["delta"]["message"]["content"]
        facts.add_reasoning(content.get("thinking"))
        facts.add_text(content.get("text"))
    elif kind == "message-end":
        delta = data["delta"]
        facts.finish_with(delta.get("finish_reason"))
        if delta.get("error"):
            facts.fail_with(ErrorInfo(str(delta["error"])))
        usage = delta.get("usage") or {}
        tokens = usage.get("tokens") or usage.get("billed_units") or {}
        facts.set_usage(
            count(tokens.get("input_tokens")),
            count(tokens.get("output_tokens")),
            cached=count(usage.get("cached_tokens")),
        )
        facts.mark_end()


def count(value: Any) -> int | None:
    """Cohere's counts are JSON numbers with a fraction at times (`9.0`)."""
    return token_count(int(value) if isinstance(value, float) and value.is_integer() else value)


def read_models(document: Any) -> list[ListedModel]:
    """https://docs.cohere.com/reference/list-models; `is_deprecated` is the only word on the lifecycle."""
    found = []
    for item in entries(document, "models"):
        old, serves = item.get("is_deprecated"), item.get("endpoints")
        embeds = isinstance(serves, list) and "embed" in serves and "chat" not in serves
        found.append(
            ListedModel(
                id=identity(item, "name"),
                lifecycle=("deprecated" if old else "active") if isinstance(old, bool) else None,
                context_window=tokens(item.get("context_length")),
                modalities_out=("embedding",) if embeds else (),
                owned_by="cohere",
            )
        )
    return found


PROTOCOL = ProtocolDescription(
    name="cohere_v2",
    ask_path="/v2/chat",
    list_path="/v1/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event),
    version_suffixes=("/v2", "/v1"),
    read_models=read_models,
    find_next_page=next_page_by("next_page_token", "page_token"),
    request_id_headers=("x-request-id", "x-debug-trace-id"),
)
