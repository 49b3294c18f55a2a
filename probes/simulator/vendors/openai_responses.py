"""OpenAI Responses on the wire: every event of the documented order, numbered."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from probes.simulator.vendors import openai_chat
from probes.simulator.vendors.shape import Answer, Call, Frame, Vendor, last_user_text, sse

MIN_CAP = 16


def read(body: Mapping[str, Any], model: str, path: str) -> Call:
    cap = body.get("max_output_tokens")
    if cap is not None and cap < MIN_CAP:
        raise TypeError(f"max_output_tokens must be at least {MIN_CAP}")
    asked = body["input"]
    prompt = asked if isinstance(asked, str) else last_user_text(asked)
    return Call("ask", str(body["model"]), prompt, stream=body.get("stream") is True, cap=cap)


def frames(answer: Answer) -> Iterator[Frame]:
    numbers = count()

    def frame(kind: Any, event: str, **fields: Any) -> Frame:
        return Frame(kind, sse({"type": event, "sequence_number": next(numbers), **fields}, event))

    begun = _response(answer, "in_progress", [])
    yield frame("open", "response.created", response=begun)
    yield frame("open", "response.in_progress", response=begun)
    if answer.reasoning:
        thought = {"item_id": f"rs_{answer.request_id}", "output_index": 0, "summary_index": 0}
        yield frame("open", "response.output_item.added", output_index=0, item=_reasoning(answer, done=False))
        for piece in answer.reasoning:
            yield frame("token", "response.reasoning_summary_text.delta", **thought, delta=piece)
        yield frame("close", "response.output_item.done", output_index=0, item=_reasoning(answer, done=True))
    yield from _message_frames(answer, frame, index=1 if answer.reasoning else 0)
    output = ([_reasoning(answer, done=True)] if answer.reasoning else []) + [_message(answer, done=True)]
    status = "completed" if answer.finish == "stop" else "incomplete"
    yield frame("close", f"response.{status}", response=_response(answer, status, output))


def _message_frames(answer: Answer, frame: Any, index: int) -> Iterator[Frame]:
    place = {"item_id": f"msg_{answer.request_id}", "output_index": index, "content_index": 0}
    yield frame("open", "response.output_item.added", output_index=index, item=_message(answer, done=False))
    yield frame("open", "response.content_part.added", **place, part=_part(""))
    for piece in answer.text:
        yield frame("token", "response.output_text.delta", **place, delta=piece, logprobs=[])
    yield frame("close", "response.output_text.done", **place, text=answer.whole_text, logprobs=[])
    yield frame("close", "response.content_part.done", **place, part=_part(answer.whole_text))
    yield frame("close", "response.output_item.done", output_index=index, item=_message(answer, done=True))


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(answer: Answer, *, done: bool) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.request_id}",
        "type": "message",
        "role": "assistant",
        "status": "completed" if done else "in_progress",
        "content": [_part(answer.whole_text)] if done else [],
    }


def _reasoning(answer: Answer, *, done: bool) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": "".join(answer.reasoning)}] if done else []
    return {"id": f"rs_{answer.request_id}", "type": "reasoning", "summary": summary}


def _response(answer: Answer, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
    ended = status != "in_progress"
    usage = {
        "input_tokens": answer.input_tokens,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": len(answer.reasoning)},
        "total_tokens": answer.input_tokens + answer.output_tokens,
        **({} if answer.cost_usd is None else {"cost": answer.cost_usd}),
    }
    return {
        "id": f"resp_{answer.request_id}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": usage if ended else None,
    }


def whole(answer: Answer) -> dict[str, Any]:
    output = ([_reasoning(answer, done=True)] if answer.reasoning else []) + [_message(answer, done=True)]
    return _response(answer, "completed" if answer.finish == "stop" else "incomplete", output)


def broken_stream() -> bytes:
    event = {"type": "error", "code": "server_error", "message": "The server had an error.", "param": None}
    return sse({**event, "sequence_number": 99}, "error")


VENDOR = Vendor(
    name="openai_responses",
    routes=(("POST", r"/v1/responses", "ask"),),
    read=read,
    frames=frames,
    whole=whole,
    fail=openai_chat.fail,
    broken_stream=broken_stream,
    listing=openai_chat.listing,
    show=openai_chat.show,
    limit_headers=openai_chat.limit_headers,
)
