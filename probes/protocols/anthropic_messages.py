"""Anthropic messages: https://docs.claude.com/en/api/messages-streaming and https://docs.claude.com/en/api/errors

The API version is pinned: without sampling parameters `2023-06-01` and `2026-10-21` accept the same request.
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import read_error
from probes.protocols.facts import Facts, token_count
from probes.protocols.listing import ListedModel, entries, identity, modalities, moment, text, tokens
from probes.protocols.questions import Question
from probes.protocols.reading import SseReader


def ask(question: Question) -> dict[str, Any]:
    limit_field = question.options.get("token_limit_field") or "max_tokens"
    return {
        "model": question.model,
        limit_field: question.cap_tokens,
        "messages": [{"role": "user", "content": question.prompt}],
        "stream": True,
    }


def on_event(facts: Facts, name: str, data: dict[str, Any]) -> None:
    kind = data.get("type") or name
    if kind == "error":
        facts.fail_with(read_error(data))
        facts.name_model(request_id=data.get("request_id"))
    elif kind == "ping":
        facts.keep_alives += 1
    elif kind == "message_start":
        message = data["message"]
        facts.name_model(model=message.get("model"), request_id=message.get("id"))
        _read_usage(facts, message)
    elif kind == "content_block_delta":
        delta = data["delta"]
        if delta.get("type") == "text_delta":
            facts.add_text(delta.get("text"))
        elif delta.get("type") == "thinking_delta":
            facts.add_reasoning(delta.get("thinking"))
    elif kind == "message_delta":
        facts.finish_with(data["delta"].get("stop_reason"))
        _read_usage(facts, data)
    elif kind == "message_stop":
        facts.mark_end()


def _read_usage(facts: Facts, holder: dict[str, Any]) -> None:
    """Input is billed in three parts; output counts are cumulative, so the last one stands."""
    usage = holder.get("usage") or {}
    parts = [
        usage.get(key) for key in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    ]
    known = [count for part in parts if (count := token_count(part)) is not None]
    facts.set_usage(
        sum(known) if known else None,
        usage.get("output_tokens"),
        cached=usage.get("cache_read_input_tokens"),
        reasoning=(usage.get("output_tokens_details") or {}).get("thinking_tokens"),
    )


def read_models(document: Any) -> list[ListedModel]:
    """`lifecycle` is the signal: `retires_at` in the past means overdue, not retired (SDK types)."""
    found = []
    for item in entries(document, "data"):
        stage = text(item.get("lifecycle"))
        found.append(
            ListedModel(
                id=identity(item, "id"),
                name=text(item.get("display_name")),
                lifecycle=stage if stage in ("active", "deprecated", "retired") else None,
                deprecated_at=moment(item.get("deprecated_at")),
                retires_at=moment(item.get("retires_at")),
                released_at=moment(item.get("created_at")),
                context_window=tokens(item.get("max_input_tokens")),
                max_output_tokens=tokens(item.get("max_tokens")),
                modalities_in=_takes(item.get("capabilities")),
                owned_by="anthropic",
            )
        )
    return found


def _takes(able: Any) -> tuple[str, ...]:
    """What a model reads, where its capabilities are told."""
    if not isinstance(able, dict):
        return ()
    told = (("image", able.get("image_input")), ("pdf", able.get("pdf_input")))
    more = [kind for kind, part in told if isinstance(part, dict) and part.get("supported") is True]
    return modalities(["text", *more])


def find_next_page(document: Any) -> dict[str, str] | None:
    if not isinstance(document, dict) or document.get("has_more") is not True or not document.get("last_id"):
        return None
    return {"after_id": str(document["last_id"])}


PROTOCOL = ProtocolDescription(
    name="anthropic_messages",
    ask_path="/v1/messages",
    list_path="/v1/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event),
    auth="x-api-key",
    version_suffixes=("/v1",),
    read_models=read_models,
    find_next_page=find_next_page,
    headers={"anthropic-version": "2023-06-01"},
    request_id_headers=("request-id", "x-request-id"),
)
