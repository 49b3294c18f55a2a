"""Gemini embedContent: one JSON answer, no stream. https://ai.google.dev/api/embeddings"""

from typing import Any

from probes.protocols import gemini
from probes.protocols.description import ProtocolDescription
from probes.protocols.facts import Facts, need_vector
from probes.protocols.questions import Question
from probes.protocols.reading import WholeReader


def ask(question: Question) -> dict[str, Any]:
    return {"content": {"parts": [{"text": question.prompt}]}}


def on_document(facts: Facts, name: str, data: dict[str, Any]) -> None:
    """The answer names no model; usage is told by newer models only."""
    if data.get("error"):
        facts.fail_with(gemini.read_gemini_error(data))
        return
    need_vector(data["embedding"]["values"])
    facts.set_usage((data.get("usageMetadata") or {}).get("promptTokenCount"), None)
    facts.mark_end()


PROTOCOL = ProtocolDescription(
    name="gemini_embed",
    ask_path="/v1beta/models/{model}:embedContent",
    list_path=gemini.PROTOCOL.list_path,
    ask=ask,
    new_reader=lambda: WholeReader(on_document),
    auth=gemini.PROTOCOL.auth,
    version_suffixes=gemini.PROTOCOL.version_suffixes,
    read_models=gemini.PROTOCOL.read_models,
    find_next_page=gemini.PROTOCOL.find_next_page,
    request_id_headers=gemini.PROTOCOL.request_id_headers,
    read_error=gemini.read_gemini_error,
)
