"""The vendors' wire shapes, by protocol name, and which of them a path belongs to.

Written apart from `probes.protocols`: the reader and the writer of a format must not share a mistake.
"""

import re
from typing import Final

from probes.simulator.vendors import (
    anthropic_messages,
    cohere_v2,
    gemini,
    ollama,
    openai_chat,
    openai_responses,
)
from probes.simulator.vendors.shape import Operation, Vendor

VENDORS: Final[dict[str, Vendor]] = {
    module.VENDOR.name: module.VENDOR
    for module in (openai_chat, openai_responses, anthropic_messages, gemini, cohere_v2, ollama)
}


def find_route(protocol: str, method: str, path: str) -> tuple[Vendor, Operation, str] | None:
    """(vendor, operation, model of the path). The provider's own protocol is asked first.

    `/v1/models` is OpenAI's, Anthropic's or Cohere's list, depending on the provider.
    """
    own = VENDORS.get(protocol, openai_chat.VENDOR)
    for vendor in (own, *VENDORS.values()):
        for verb, pattern, operation in vendor.routes:
            if verb == method and (match := re.fullmatch(pattern, path)):
                return vendor, operation, match.groupdict().get("model") or ""
    return None
