"""No secret leaves the engine: every error text passes here before it becomes a row."""

import re
from collections.abc import Iterable

MAX_DETAIL_CHARS = 300
_MASK = "***"

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<=bearer )\s*[^\s\"',;}]+",
        r"(?<=[?&])((?:api[_-]?)?key|access_token|token|sig|signature)=[^&\s\"']+",
        # Key shapes of the vendors: sk-…, sk-ant-…, gsk_…, xai-…, hf_…, AIza…, r8_…, fw_…
        r"\b(?:sk|pk|rk|gsk|xai|hf|r8|fw|co|key|whsec|tgp)[-_](?=[a-z0-9*._-]*[0-9*])[a-z0-9*._-]{6,}",
        r"\bAIza[a-z0-9_-]{10,}",
        r"(?<=x-api-key: )\S+",
        r"(?<=//)[^/\s:@]+:[^/\s@]+(?=@)",
    )
)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without the given secrets and without anything shaped like a key.

    At most 300 characters.
    """
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, _MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(_MASK, text)
    return re.sub(r"\s+", " ", text).strip()[:MAX_DETAIL_CHARS]
