"""Ollama's native chat, one JSON object per line: https://docs.ollama.com/api/chat."""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import read_error
from probes.protocols.facts import Facts
from probes.protocols.listing import ListedModel, entries, identity
from probes.protocols.questions import Question
from probes.protocols.reading import NdjsonReader


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


def read_models(document: Any) -> list[ListedModel]:
    """What is on the server's disk, https://docs.ollama.com/api/tags; `modified_at` is when it was pulled."""
    return [ListedModel(id=identity(item, "model", "name")) for item in entries(document, "models")]


PROTOCOL = ProtocolDescription(
    name="ollama_chat",
    ask_path="/api/chat",
    list_path="/api/tags",
    ask=ask,
    new_reader=lambda: NdjsonReader(on_line),
    version_suffixes=("/api", "/v1"),
    read_models=read_models,
    request_id_headers=("x-request-id",),
)
