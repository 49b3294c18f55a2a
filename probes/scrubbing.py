"""Whatever a provider wrote passes here before it becomes a row.

No secret leaves the engine, and no text that a database refuses.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from probes.attempts import MAX_CHARS

# The patterns take quadratic time on hostile text; more than this is never kept anyway.
_MAX_SCRUBBED_CHARS = 2_000
_MASK = "***"
# A shorter piece of a secret at the end of a text gives nothing away and may be chance.
_MIN_PIECE_CHARS = 6
# What may stand around a text that was cut and then quoted.
_QUOTES = "'\"`)]}…. "

_SHAPES = (
    r"(?<=bearer )\s*[^\s\"',;}]+",
    r"(?<=[?&])((?:api[_-]?)?key|access_token|token|sig|signature)=[^&\s\"']+",
    # Key shapes of the vendors: sk-…, sk-ant-…, gsk_…, xai-…, hf_…, AIza…, r8_…, fw_…
    r"\b(?:sk|pk|rk|gsk|xai|hf|r8|fw|co|key|whsec|tgp)[-_](?=[a-z0-9*._-]*[0-9*])[a-z0-9*._-]{6,}",
    r"\bAIza[a-z0-9_-]{10,}",
    r"(?<=x-api-key: )\S+",
    r"(?<=//)[^/\s:@]+:[^/\s@]+(?=@)",
)
_PATTERNS = tuple(re.compile(shape, re.IGNORECASE) for shape in _SHAPES)
# Most texts bear nothing of the kind; one search tells.
_ANY = re.compile("|".join(_SHAPES), re.IGNORECASE)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without the given secrets and without anything shaped like a key.

    NUL and lone surrogates, which no database takes, are dropped first. At most 2,000 characters. Who cut the
    text before may have cut a secret in two: its first half at the end, its last half at the start is masked.
    """
    text = text.replace("\0", "")
    if not text.isascii():
        text = text.encode("utf-8", "ignore").decode("utf-8")
    known = [secret for secret in secrets if len(secret) >= 4]
    for secret in known:
        text = text.replace(secret, _MASK)
    text = text[:_MAX_SCRUBBED_CHARS]
    for secret in known:
        text = _mask_pieces(text, secret)
    if _ANY.search(text):
        for pattern in _PATTERNS:
            text = pattern.sub(_MASK, text)
    return " ".join(text.split())


def _mask_pieces(text: str, secret: str) -> str:
    """`text` without a beginning of `secret` at its end and without an end of it at its start."""
    lengths = range(len(secret) - 1, _MIN_PIECE_CHARS - 1, -1)
    end = text.rstrip(_QUOTES)
    if length := next((length for length in lengths if end.endswith(secret[:length])), 0):
        text = end[:-length] + _MASK + text[len(end) :]
    start = text.lstrip(_QUOTES)
    if length := next((length for length in lengths if start.startswith(secret[-length:])), 0):
        text = text[: len(text) - len(start)] + _MASK + start[length:]
    return text


#: Every probe of an endpoint brings the same names.
_scrub_again = lru_cache(maxsize=4096)(scrub)


def clean_texts(texts: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, Any]:
    """The texts of an Attempt by field name, scrubbed and cut to the field's length in MAX_CHARS."""
    known = tuple(secrets)
    return {name: _scrub_again(text, known)[: MAX_CHARS[name]] for name, text in texts.items()}
