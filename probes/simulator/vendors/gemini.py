"""Gemini generateContent on the wire."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probes.simulator.fleet import SimulatedModel
from probes.simulator.vendors.shape import (
    STATUS,
    Answer,
    Call,
    Failure,
    Frame,
    Vendor,
    message_text,
    page_of,
    sse,
    text_of,
)

_STATUS_WORDS = {
    "bad_key": "INVALID_ARGUMENT",
    "not_found": "NOT_FOUND",
    "bad_request": "INVALID_ARGUMENT",
    "rate_429": "RESOURCE_EXHAUSTED",
    "quota_429": "RESOURCE_EXHAUSTED",
    "http_500": "INTERNAL",
    "http_503": "UNAVAILABLE",
    "http_529": "UNAVAILABLE",
}
_FINISH = {"stop": "STOP", "length": "MAX_TOKENS"}


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    if path.endswith(":embedContent"):
        return Call("embed", model, message_text(body["content"]["parts"]))
    prompt = message_text(body["contents"][-1]["parts"])
    cap = (body.get("generationConfig") or {}).get("maxOutputTokens")
    return Call("ask", model, prompt, stream=path.endswith(":streamGenerateContent"), cap=cap)


def frames(answer: Answer) -> Iterator[Frame]:
    """No opening and no end of its own: the last text carries the finish reason and the usage."""
    for piece in answer.reasoning:
        yield Frame("token", sse(_content(answer, [{"text": piece, "thought": True}])))
    for piece in answer.text[:-1]:
        yield Frame("token", sse(_content(answer, [{"text": piece}])))
    last = [{"text": answer.text[-1]}] if answer.text else []
    yield Frame("token", sse(_content(answer, last, _FINISH[answer.finish])))


def _content(answer: Answer, parts: list[dict[str, Any]], finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    usage = {"promptTokenCount": answer.input_tokens, "totalTokenCount": answer.input_tokens}
    if finish:
        candidate["finishReason"] = finish
        usage = {
            "promptTokenCount": answer.input_tokens,
            "cachedContentTokenCount": answer.cached_tokens,
            "candidatesTokenCount": len(answer.text),
            "thoughtsTokenCount": len(answer.reasoning),
            "totalTokenCount": answer.input_tokens + answer.output_tokens,
        }
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": answer.model,
        "responseId": answer.request_id,
    }


def whole(answer: Answer) -> dict[str, Any]:
    thought = [{"text": "".join(answer.reasoning), "thought": True}] if answer.reasoning else []
    return _content(answer, [*thought, {"text": answer.whole_text}], _FINISH[answer.finish])


def fail(kind: str, detail: str) -> Failure:
    """A wrong key is a 400 with API_KEY_INVALID here."""
    status = 400 if kind == "bad_key" else STATUS[kind]
    details: list[dict[str, Any]] = []
    if kind == "bad_key":
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    if kind in ("rate_429", "quota_429"):
        period = "PerMinute" if kind == "rate_429" else "PerDay"
        violation = {"quotaId": f"GenerateRequests{period}PerProjectPerModel"}
        details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]
    text = text_of(kind, detail)
    body = {"error": {"code": status, "message": text, "status": _STATUS_WORDS[kind], "details": details}}
    return Failure(status, body)


def broken_stream() -> bytes:
    return sse({"error": {"code": 500, "message": "An internal error has occurred.", "status": "INTERNAL"}})


def show(model: SimulatedModel) -> dict[str, Any]:
    return {
        "name": f"models/{model.id}",
        "version": "001",
        "displayName": model.name,
        "inputTokenLimit": model.context_window,
        "outputTokenLimit": model.max_output_tokens,
        "supportedGenerationMethods": ["embedContent"]
        if model.embeds
        else ["generateContent", "countTokens"],
    }


def listing(models: Sequence[SimulatedModel], query: Mapping[str, str]) -> dict[str, Any]:
    """A page of `pageSize` models from `pageToken` on."""
    page, rest = page_of(models, query.get("pageToken"), query.get("pageSize"))
    more = {} if rest is None else {"nextPageToken": str(rest)}
    return {"models": [show(model) for model in page], **more}


def embed(call: Call, values: list[float]) -> dict[str, Any]:
    return {"embedding": {"values": values}, "usageMetadata": {"promptTokenCount": len(call.prompt.split())}}


VENDOR = Vendor(
    name="gemini",
    routes=(
        ("POST", r"/v1(?:beta)?/models/(?P<model>[^:]+):(?:streamGenerateContent|generateContent)", "ask"),
        ("POST", r"/v1(?:beta)?/models/(?P<model>[^:]+):embedContent", "embed"),
        ("GET", r"/v1(?:beta)?/models", "list"),
        ("GET", r"/v1(?:beta)?/models/(?P<model>.+)", "show"),
    ),
    read=read,
    frames=frames,
    whole=whole,
    fail=fail,
    broken_stream=broken_stream,
    listing=listing,
    show=show,
    embed=embed,
)
