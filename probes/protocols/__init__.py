"""The outside formats a probe can speak, by name. One file per format; adding one is adding a line here."""

from typing import Final

from probes.protocols import (
    anthropic_messages,
    cohere_embed,
    cohere_v2,
    gemini,
    gemini_embed,
    ollama_chat,
    ollama_embed,
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
        gemini_embed,
        cohere_v2,
        cohere_embed,
        ollama_chat,
        ollama_embed,
    )
}
