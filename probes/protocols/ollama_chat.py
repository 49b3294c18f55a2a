"""Ollama's native chat, one JSON object per line: https://docs.ollama.com/api/chat."""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import read_error
from probes.protocols.questions import Question
from probes.protocols.reading import Facts, NdjsonReader, endings


def ask(question: Question) -> dict[str, Any]:
    limit_field = question.options.get("token_limit_field") or "num_predict"
    return {
        "model": question.model,
        "messages": [{"role": "user", "content": question.prompt}],
        "stream": True,
        "options": {limit_field: question.cap_tokens},
        "keep_alive": "5m",
    }


def on_line(facts: Facts, name: str, data: dict[str, Any]) -> None:
    if data.get("error"):
        facts.fail_with(read_error(data))
        return
    facts.name_model(model=data.get("model"))
    message = data.get("message") or {}
    facts.add_reasoning(message.get("thinking"))
    facts.add_text(message.get("content"))
    if data.get("done") is True:
        facts.set_usage(data.get("prompt_eval_count"), data.get("eval_count"))
        facts.finish_with(data.get("done_reason") or "stop")
        facts.mark_end()


PROTOCOL = ProtocolDescription(
    name="ollama_chat",
    ask_path="/api/chat",
    list_path="/api/tags",
    ask=ask,
    new_reader=lambda: NdjsonReader(on_line),
    endings=endings(length="length"),
    version_suffixes=("/api", "/v1"),
    request_id_headers=("x-request-id",),
)
