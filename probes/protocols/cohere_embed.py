"""Cohere v2 embed: one JSON answer, no stream. https://docs.cohere.com/reference/embed"""

from typing import Any

from probes.protocols import cohere_v2
from probes.protocols.description import ProtocolDescription
from probes.protocols.facts import Facts, need_vector
from probes.protocols.questions import Question
from probes.protocols.reading import WholeReader


def ask(question: Question) -> dict[str, Any]:
    """`input_type` is required from the third generation of models on."""
    return {
        "model": question.model,
        "texts": [question.prompt],
        "input_type": "search_query",
        "embedding_types": ["float"],
    }


def on_document(facts: Facts, name: str, data: dict[str, Any]) -> None:
    need_vector(data["embeddings"]["float"][0])
    units = (data.get("meta") or {}).get("billed_units") or {}
    facts.set_usage(cohere_v2.count(units.get("input_tokens")), None)
    facts.name_model(request_id=data.get("id"))
    facts.mark_end()


PROTOCOL = ProtocolDescription(
    name="cohere_embed",
    ask_path="/v2/embed",
    list_path=cohere_v2.PROTOCOL.list_path,
    ask=ask,
    new_reader=lambda: WholeReader(on_document),
    version_suffixes=cohere_v2.PROTOCOL.version_suffixes,
    read_models=cohere_v2.PROTOCOL.read_models,
    find_next_page=cohere_v2.PROTOCOL.find_next_page,
    request_id_headers=cohere_v2.PROTOCOL.request_id_headers,
)
