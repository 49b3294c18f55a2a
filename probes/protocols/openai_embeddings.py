"""OpenAI embeddings: one JSON answer, no stream. https://platform.openai.com/docs/api-reference/embeddings

There is no text and no first token; total time is what is measured.
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import read_error
from probes.protocols.facts import Facts, need_vector
from probes.protocols.questions import Question
from probes.protocols.reading import WholeReader


def ask(question: Question) -> dict[str, Any]:
    return {"model": question.model, "input": question.prompt}


def on_document(facts: Facts, name: str, data: dict[str, Any]) -> None:
    if data.get("error"):
        facts.fail_with(read_error(data))
        return
    need_vector(data["data"][0]["embedding"])
    usage = data.get("usage") or {}
    facts.set_usage(usage.get("prompt_tokens"), None)
    facts.name_model(model=data.get("model"))
    facts.mark_end()


PROTOCOL = ProtocolDescription(
    name="openai_embeddings",
    ask_path="/embeddings",
    list_path="/models",
    ask=ask,
    new_reader=lambda: WholeReader(on_document),
    request_id_headers=("x-request-id", "apim-request-id"),
)
