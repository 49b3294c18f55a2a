"""The outside formats a probe can speak, by name. One file per format; adding one is adding a line here."""

from typing import Final

from probes.protocols import (
    anthropic_messages,
    cohere_v2,
    gemini,
    ollama_chat,
    openai_chat,
    openai_embeddings,
    openai_responses,
)
from probes.protocols.description import ProtocolDescription

PROTOCOLS: Final[dict[str, ProtocolDescription]] = {
    module.PROTOCOL.name: module.PROTOCOL
    for module in (
        openai_chat,
        openai_responses,
        openai_embeddings,
        anthropic_messages,
        gemini,
        cohere_v2,
        ollama_chat,
    )
}
