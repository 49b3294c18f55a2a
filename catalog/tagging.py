"""What a model is for: function tags by a rule over modalities and names. Pure.

Tags: chat, code, vision, audio, embedding, image (`FUNCTIONS`). A model may have several, or none (video).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FUNCTIONS = ("chat", "code", "vision", "audio", "embedding", "image")

# No source has a modality "embedding": the families are told by their names.
_EMBEDDING = re.compile(r"embed|\bbge-|\bgte-|\be5-|minilm|mpnet|\bvoyage-(\d|code|law|finance|multi)")
# Text in, text out, but not a conversation.
_NOT_CHAT = re.compile(r"rerank|moderation|\bguard\b|whisper|\btts\b|\bocr\b|\basr\b")
# Sold for programming, by its own name.
_CODE = re.compile(r"code[rx]?\b|codestral|devstral|codegemma|starcoder|swe-|\bmorph-v|grok-build|grok-code")


def functions_of(ident: str, modalities_in: Iterable[str], modalities_out: Iterable[str]) -> tuple[str, ...]:
    """Tags of the model with this id, in the order of FUNCTIONS.

    text→text is chat (`gpt-4.1`), unless the name says embedding (`text-embedding-3-small` → embedding);
    image or video in with text out is also vision; audio on either side also audio; image out also image.
    """
    name, came, goes = ident.lower(), set(modalities_in), set(modalities_out)
    if _EMBEDDING.search(name):
        return ("embedding",)
    chat = "text" in came and "text" in goes and not _NOT_CHAT.search(name)
    tags = {
        "chat": chat,
        "code": chat and bool(_CODE.search(name)),
        "vision": bool(came & {"image", "video"}) and "text" in goes,
        "audio": "audio" in came | goes,
        "image": "image" in goes,
    }
    return tuple(tag for tag in FUNCTIONS if tags.get(tag))
