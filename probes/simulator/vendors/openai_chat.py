"""OpenAI chat completions, embeddings and model list on the wire."""

from collections.abc import Iterator, Mapping, Sequence
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
    sse,
    text_of,
)

_CODES: dict[str, tuple[str, str | None]] = {
    "bad_key": ("invalid_request_error", "invalid_api_key"),
    "not_found": ("invalid_request_error", "model_not_found"),
    "bad_request": ("invalid_request_error", None),
    "rate_429": ("requests", "rate_limit_exceeded"),
    "quota_429": ("insufficient_quota", "insufficient_quota"),
    "http_500": ("server_error", None),
    "http_503": ("server_error", "service_unavailable"),
    "http_529": ("service_unavailable_error", "server_is_overloaded"),
}


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    if path.endswith("/embeddings"):
        return Call("embed", str(body["model"]), str(body["input"]))
    options = body.get("stream_options") or {}
    return Call(
        "ask",
        str(body["model"]),
        last_user_text(body["messages"]),
        stream=body.get("stream") is True,
        cap=body.get("max_completion_tokens") or body.get("max_tokens"),
        include_usage=options.get("include_usage") is True,
    )


def frames(answer: Answer) -> Iterator[Frame]:
    yield Frame("open", _chunk(answer, {"role": "assistant", "content": "", "refusal": None}))
    for piece in answer.reasoning:
        yield Frame("token", _chunk(answer, {"reasoning_content": piece}))
    for piece in answer.text:
        yield Frame("token", _chunk(answer, {"content": piece}))
    yield Frame("close", _chunk(answer, {}, answer.finish))
    if answer.include_usage:
        yield Frame(
            "close", sse({**_head(answer, "chat.completion.chunk"), "choices": [], "usage": usage(answer)})
        )
    yield Frame("close", b"data: [DONE]\n\n")


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.request_id}",
        "object": kind,
        "created": answer.created,
        "model": answer.model,
        "service_tier": "default",
        "system_fingerprint": answer.fingerprint,
    }


def _chunk(answer: Answer, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    extra = {"usage": None} if answer.include_usage else {}
    return sse({**_head(answer, "chat.completion.chunk"), "choices": [choice], **extra})


def usage(answer: Answer) -> dict[str, Any]:
    """With `cost` as OpenRouter tells it, where the scenario names a price."""
    cost = {} if answer.cost_usd is None else {"cost": answer.cost_usd}
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": len(answer.reasoning)},
        **cost,
    }


def whole(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.whole_text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": answer.finish}
    return {**_head(answer, "chat.completion"), "choices": [choice], "usage": usage(answer)}


def embedding(call: Call, values: list[float]) -> dict[str, Any]:
    tokens = len(call.prompt.split())
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": values}],
        "model": call.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def fail(kind: str, detail: str) -> Failure:
    error_type, code = _CODES[kind]
    body = {"error": {"message": text_of(kind, detail), "type": error_type, "param": None, "code": code}}
    headers = {}
    if kind == "rate_429":
        headers = {
            "retry-after": "1",
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "1s",
            "openai-processing-ms": "1",
        }
    return Failure(STATUS[kind], body, headers)


def broken_stream() -> bytes:
    return sse(
        {"error": {"message": "The server had an error.", "type": "server_error", "code": "server_error"}}
    )


def limit_headers(allowance: Allowance) -> dict[str, str]:
    told = {
        "requests": (allowance.requests_limit, allowance.requests_left),
        "tokens": (allowance.tokens_limit, allowance.tokens_left),
    }
    headers = {}
    for kind, (limit, left) in told.items():
        headers[f"x-ratelimit-limit-{kind}"] = str(limit)
        headers[f"x-ratelimit-remaining-{kind}"] = str(left)
        headers[f"x-ratelimit-reset-{kind}"] = f"{allowance.reset_s:.3f}s"
    return {**headers, "openai-processing-ms": "1"}


def show(model: SimulatedModel) -> dict[str, Any]:
    ends = {"shutdown_date": model.retires_at[:10]} if model.retires_at else {}
    return {"id": model.id, "object": "model", "created": 1767225600, "owned_by": model.provider, **ends}


def listing(models: Sequence[SimulatedModel], query: Mapping[str, str]) -> dict[str, Any]:
    """Whole: OpenAI's list has no pages."""
    return {"object": "list", "data": [show(model) for model in models]}


VENDOR = Vendor(
    name="openai_chat",
    routes=(
        ("POST", r"/v1/chat/completions", "ask"),
        ("POST", r"/v1/embeddings", "embed"),
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
    embed=embedding,
    limit_headers=limit_headers,
)
