"""Anthropic messages on the wire."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.simulator.fleet import SimulatedModel
from probes.simulator.vendors.shape import (
    STATUS,
    Allowance,
    Answer,
    Call,
    Failure,
    Frame,
    Vendor,
    last_user_text,
    page_of,
    sse,
    text_of,
)

_TYPES = {
    "bad_key": "authentication_error",
    "not_found": "not_found_error",
    "bad_request": "invalid_request_error",
    "rate_429": "rate_limit_error",
    "quota_429": "rate_limit_error",
    "http_500": "api_error",
    "http_503": "api_error",
    "http_529": "overloaded_error",
}
_STOP = {"stop": "end_turn", "length": "max_tokens"}


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    if refused := {"temperature", "top_p", "top_k"} & set(body):
        raise TypeError(f"{sorted(refused)[0]} is not supported")
    prompt = last_user_text(body["messages"])
    return Call(
        "ask", str(body["model"]), prompt, stream=body.get("stream") is True, cap=int(body["max_tokens"])
    )


def frames(answer: Answer) -> Iterator[Frame]:
    yield _event("open", "message_start", message={**_message(answer, []), "stop_reason": None})
    yield _event("open", "ping")
    index = 0
    if answer.reasoning:
        yield _block(index, {"type": "thinking", "thinking": "", "signature": ""})
        for piece in answer.reasoning:
            yield _delta(index, {"type": "thinking_delta", "thinking": piece})
        yield _event("close", "content_block_stop", index=index)
        index += 1
    yield _block(index, {"type": "text", "text": ""})
    for piece in answer.text:
        yield _delta(index, {"type": "text_delta", "text": piece})
    yield _event("close", "content_block_stop", index=index)
    delta = {"stop_reason": _STOP[answer.finish], "stop_sequence": None}
    usage = {"output_tokens": answer.output_tokens, "output_tokens_details": _details(answer)}
    yield _event("close", "message_delta", delta=delta, usage=usage)
    yield _event("close", "message_stop")


def _event(kind: Any, event: str, **fields: Any) -> Frame:
    return Frame(kind, sse({"type": event, **fields}, event))


def _block(index: int, block: dict[str, Any]) -> Frame:
    return _event("open", "content_block_start", index=index, content_block=block)


def _delta(index: int, delta: dict[str, Any]) -> Frame:
    return _event("token", "content_block_delta", index=index, delta=delta)


def _message(answer: Answer, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.request_id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": _STOP[answer.finish],
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.input_tokens - answer.cached_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": answer.cached_tokens,
            "output_tokens": answer.output_tokens if content else 1,
            **({"output_tokens_details": _details(answer)} if content else {}),
        },
    }


def _details(answer: Answer) -> dict[str, int]:
    return {"thinking_tokens": len(answer.reasoning)}


def whole(answer: Answer) -> dict[str, Any]:
    thinking = [{"type": "thinking", "thinking": "".join(answer.reasoning), "signature": "simulated"}]
    text = [{"type": "text", "text": answer.whole_text}]
    return _message(answer, (thinking if answer.reasoning else []) + text)


def fail(kind: str, detail: str) -> Failure:
    error: dict[str, Any] = {"type": _TYPES[kind], "message": text_of(kind, detail)}
    headers = {}
    if kind == "quota_429":
        error["details"] = {"error_code": "enforced_spend_limit_reached"}
    if kind == "rate_429":
        headers = {"retry-after": "1", "anthropic-ratelimit-requests-remaining": "0"}
    return Failure(STATUS[kind], {"type": "error", "error": error, "request_id": "req_simulated"}, headers)


def broken_stream() -> bytes:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    return sse({"type": "error", "error": error, "request_id": "req_simulated"}, "error")


def limit_headers(allowance: Allowance) -> dict[str, str]:
    """Resets are moments: https://docs.claude.com/en/api/rate-limits#response-headers"""
    reset = (datetime.now(UTC) + timedelta(seconds=allowance.reset_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {
        "requests": (allowance.requests_limit, allowance.requests_left),
        "tokens": (allowance.tokens_limit, allowance.tokens_left),
        "input-tokens": (allowance.tokens_limit, allowance.tokens_left),
    }
    headers: dict[str, str] = {}
    for kind, (limit, left) in told.items():
        parts = {"limit": str(limit), "remaining": str(left), "reset": reset}
        headers |= {f"anthropic-ratelimit-{kind}-{part}": value for part, value in parts.items()}
    return headers


def show(model: SimulatedModel) -> dict[str, Any]:
    yes, no = {"supported": True}, {"supported": False}
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": model.lifecycle,
        "deprecated_at": model.deprecated_at or None,
        "retires_at": model.retires_at or None,
        "max_input_tokens": model.context_window,
        "max_tokens": model.max_output_tokens,
        "capabilities": {"batch": no, "image_input": no, "pdf_input": no, "structured_outputs": yes},
    }


def listing(models: Sequence[SimulatedModel], query: Mapping[str, str]) -> dict[str, Any]:
    """A page of `limit` models behind `after_id`."""
    ids = [model.id for model in models]
    start = ids.index(query["after_id"]) + 1 if query.get("after_id") else 0
    page, rest = page_of(models, str(start), query.get("limit"))
    data = [show(model) for model in page]
    first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"data": data, "has_more": rest is not None, "first_id": first, "last_id": last}


VENDOR = Vendor(
    name="anthropic_messages",
    routes=(
        ("POST", r"/v1/messages", "ask"),
        ("GET", r"/v1/models", "list"),
        ("GET", r"/v1/models/(?P<model>.+)", "show"),
    ),
    read=read,
    frames=frames,
    whole=whole,
    fail=fail,
    broken_stream=broken_stream,
    listing=listing,
    show=show,
    limit_headers=limit_headers,
    request_id_header="request-id",
)
