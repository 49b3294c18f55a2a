"""Ollama's native chat, embeddings and tags on the wire: no provider of the fleet is one, all serve it."""

import json
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
    text_of,
)

_MOMENT = "2026-01-05T00:00:00Z"


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    """A stream unless `stream` is false."""
    if path.endswith("/embed"):
        return Call("embed", str(body["model"]), str(body["input"]))
    cap = (body.get("options") or {}).get("num_predict")
    prompt = last_user_text(body["messages"])
    return Call("ask", str(body["model"]), prompt, stream=body.get("stream") is not False, cap=cap)


def frames(answer: Answer) -> Iterator[Frame]:
    for piece in answer.reasoning:
        yield Frame("token", _line(answer, {"content": "", "thinking": piece}))
    for piece in answer.text:
        yield Frame("token", _line(answer, {"content": piece}))
    yield Frame("close", _line(answer, {"content": ""}, **_end(answer)))


def _line(answer: Answer, message: dict[str, str], **more: Any) -> bytes:
    return (json.dumps(_message(answer, message, **more), ensure_ascii=False) + "\n").encode()


def _message(answer: Answer, message: dict[str, str], **more: Any) -> dict[str, Any]:
    spoken = {"role": "assistant", **message}
    return {"model": answer.model, "created_at": _MOMENT, "message": spoken, "done": False, **more}


def _end(answer: Answer) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": answer.finish,
        "prompt_eval_count": answer.input_tokens,
        "eval_count": answer.output_tokens,
        "total_duration": 1_000_000,
    }


def whole(answer: Answer) -> dict[str, Any]:
    return _message(answer, {"content": answer.whole_text}, **_end(answer))


def fail(kind: str, detail: str) -> Failure:
    text = "you have reached your hourly usage limit" if kind == "quota_429" else text_of(kind, detail)
    return Failure(STATUS[kind], {"error": text})


def broken_stream() -> bytes:
    return b'{"error":"an error was encountered while running the model"}\n'


def show(model: SimulatedModel) -> dict[str, Any]:
    return {"name": model.id, "model": model.id, "modified_at": _MOMENT, "size": 1, "digest": "simulated"}


def listing(models: Sequence[SimulatedModel], query: Mapping[str, str]) -> dict[str, Any]:
    return {"models": [show(model) for model in models]}


def embed(call: Call, values: list[float]) -> dict[str, Any]:
    return {"model": call.model, "embeddings": [values], "prompt_eval_count": len(call.prompt.split())}


VENDOR = Vendor(
    name="ollama_chat",
    routes=(
        ("POST", r"/api/chat", "ask"),
        ("POST", r"/api/embed", "embed"),
        ("GET", r"/api/tags", "list"),
    ),
    read=read,
    frames=frames,
    whole=whole,
    fail=fail,
    broken_stream=broken_stream,
    listing=listing,
    show=show,
    embed=embed,
    stream_type="application/x-ndjson",
    comments=False,
)
