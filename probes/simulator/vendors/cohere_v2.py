"""Cohere v2 chat on the wire."""

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
    last_user_text,
    page_of,
    sse,
    text_of,
)

_FINISH = {"stop": "COMPLETE", "length": "MAX_TOKENS"}
_TEXTS = {
    "bad_key": "invalid api token",
    "rate_429": "You are using a Trial key, which is limited to 20 API calls / minute.",
    "quota_429": "You are using a Trial key, which is limited to 1000 API calls / month.",
}


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    if path.endswith("/embed"):
        if not body["input_type"]:
            raise TypeError("input_type is required")
        return Call("embed", str(body["model"]), str(body["texts"][0]))
    prompt = last_user_text(body["messages"])
    return Call(
        "ask", str(body["model"]), prompt, stream=body.get("stream") is True, cap=body.get("max_tokens")
    )


def frames(answer: Answer) -> Iterator[Frame]:
    message = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _event("open", "message-start", id=answer.request_id, delta={"message": message})
    index = 0
    for kind, pieces in (("thinking", answer.reasoning), ("text", answer.text)):
        if not pieces and kind == "thinking":
            continue
        start = {"message": {"content": {"type": kind, kind: ""}}}
        yield _event("open", "content-start", index=index, delta=start)
        for piece in pieces:
            delta = {"message": {"content": {kind: piece}}}
            yield _event("token", "content-delta", index=index, delta=delta)
        yield _event("close", "content-end", index=index)
        index += 1
    end = {"finish_reason": _FINISH[answer.finish], "usage": _usage(answer)}
    yield _event("close", "message-end", id=answer.request_id, delta=end)


def _event(kind: Any, event: str, **fields: Any) -> Frame:
    return Frame(kind, sse({"type": event, **fields}, event))


def _usage(answer: Answer) -> dict[str, Any]:
    counts = {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}
    return {"billed_units": counts, "tokens": counts, "cached_tokens": answer.cached_tokens}


def whole(answer: Answer) -> dict[str, Any]:
    content = [{"type": "thinking", "thinking": "".join(answer.reasoning)}] if answer.reasoning else []
    content.append({"type": "text", "text": answer.whole_text})
    return {
        "id": answer.request_id,
        "finish_reason": _FINISH[answer.finish],
        "message": {"role": "assistant", "content": content},
        "usage": _usage(answer),
    }


def fail(kind: str, detail: str) -> Failure:
    text = _TEXTS.get(kind) or text_of(kind, detail)
    return Failure(STATUS[kind], {"id": "simulated", "message": text})


def broken_stream() -> bytes:
    delta = {"finish_reason": "ERROR", "error": "internal server error", "usage": {}}
    return sse({"type": "message-end", "id": "simulated", "delta": delta}, "message-end")


def show(model: SimulatedModel) -> dict[str, Any]:
    return {
        "name": model.id,
        "endpoints": ["embed"] if model.embeds else ["chat"],
        "finetuned": False,
        "context_length": model.context_window,
        "features": [],
        "is_deprecated": model.lifecycle != "active",
    }


def listing(models: Sequence[SimulatedModel], query: Mapping[str, str]) -> dict[str, Any]:
    """A page of `page_size` models from `page_token` on."""
    page, rest = page_of(models, query.get("page_token"), query.get("page_size"))
    more = {} if rest is None else {"next_page_token": str(rest)}
    return {"models": [show(model) for model in page], **more}


def embed(call: Call, values: list[float]) -> dict[str, Any]:
    return {
        "id": "simulated",
        "response_type": "embeddings_by_type",
        "embeddings": {"float": [values]},
        "texts": [call.prompt],
        "meta": {"billed_units": {"input_tokens": len(call.prompt.split())}},
    }


VENDOR = Vendor(
    name="cohere_v2",
    routes=(
        ("POST", r"/v2/chat", "ask"),
        ("POST", r"/v2/embed", "embed"),
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
    embed=embed,
    request_id_header="x-debug-trace-id",
)
