"""Ollama's native embed: one JSON answer, no stream. https://docs.ollama.com/api/embed"""

from typing import Any

from probes.protocols import ollama_chat
from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import read_error
from probes.protocols.facts import Facts, need_vector
from probes.protocols.questions import Question
from probes.protocols.reading import WholeReader


def ask(question: Question) -> dict[str, Any]:
    return {"model": question.model, "input": question.prompt, "keep_alive": "5m"}


def on_document(facts: Facts, name: str, data: dict[str, Any]) -> None:
    if data.get("error"):
        facts.fail_with(read_error(data))
        return
    need_vector(data["embeddings"][0])
    facts.set_usage(data.get("prompt_eval_count"), None)
    facts.name_model(model=data.get("model"))
    facts.mark_end()


PROTOCOL = ProtocolDescription(
    name="ollama_embed",
    ask_path="/api/embed",
    list_path=ollama_chat.PROTOCOL.list_path,
    ask=ask,
    new_reader=lambda: WholeReader(on_document),
    version_suffixes=ollama_chat.PROTOCOL.version_suffixes,
    read_models=ollama_chat.PROTOCOL.read_models,
    request_id_headers=ollama_chat.PROTOCOL.request_id_headers,
)
