"""OpenAI Responses: https://platform.openai.com/docs/api-reference/responses-streaming

No `[DONE]`: the stream ends with `response.completed` or `response.incomplete`.
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import ErrorInfo, read_error
from probes.protocols.facts import Facts
from probes.protocols.openai_chat import USD_PER_TICK
from probes.protocols.questions import Question
from probes.protocols.reading import SseReader

_REASONING_DELTAS = ("response.reasoning_text.delta", "response.reasoning_summary_text.delta")
_ENDS = ("response.completed", "response.incomplete")


def ask(question: Question) -> dict[str, Any]:
    """`store: false`, for the API keeps answers by default."""
    return {
        "model": question.model,
        "input": question.prompt,
        question.options.get("token_limit_field") or "max_output_tokens": question.cap_tokens,
        "stream": True,
        "store": False,
    }


def on_event(facts: Facts, name: str, data: dict[str, Any]) -> None:
    kind = data.get("type") or name
    if kind == "error":
        facts.fail_with(_event_error(data))
    elif kind == "response.output_text.delta":
        facts.add_text(data.get("delta"))
    elif kind == "response.refusal.delta":
        facts.add_refusal(data.get("delta"))
    elif kind in _REASONING_DELTAS:
        facts.add_reasoning(data.get("delta"))
    response = data.get("response") or {}
    facts.name_model(model=response.get("model"), request_id=response.get("id"))
    if kind == "response.failed":
        facts.fail_with(read_error(response))
    if kind in _ENDS:
        usage = response.get("usage") or {}
        facts.set_usage(
            usage.get("input_tokens"),
            usage.get("output_tokens"),
            cached=(usage.get("input_tokens_details") or {}).get("cached_tokens"),
            reasoning=(usage.get("output_tokens_details") or {}).get("reasoning_tokens"),
        )
        facts.set_cost(usage.get("cost"))
        if type(ticks := usage.get("cost_in_usd_ticks")) is int:
            facts.set_cost(ticks * USD_PER_TICK)
        reason = (response.get("incomplete_details") or {}).get("reason")
        facts.finish_with(reason or "stop")
        facts.mark_end()


def _event_error(data: dict[str, Any]) -> ErrorInfo:
    """The event itself is {type: "error", code, message, param}; some servers nest that below `error`."""
    if isinstance(data.get("error"), dict):
        return read_error(data)
    return read_error({"error": {"code": data.get("code"), "message": data.get("message")}})


PROTOCOL = ProtocolDescription(
    name="openai_responses",
    ask_path="/responses",
    list_path="/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event),
    request_id_headers=("x-request-id", "apim-request-id"),
)
