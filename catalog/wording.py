"""How the catalogue's closed words are called."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aigo.lib.writing import whole
from catalog.rates import BATCH, EXTRA, STANDARD, is_batch, step_tokens

FUNCTION_WORDS: Final[dict[str, str | Promise]] = {
    "chat": gettext_lazy("chat"),
    "code": gettext_lazy("code"),
    "vision": gettext_lazy("vision"),
    "audio": gettext_lazy("audio"),
    "embedding": gettext_lazy("embedding"),
    "image": gettext_lazy("image"),
}
MODALITIES: Final[dict[str, str | Promise]] = {
    "text": gettext_lazy("text"),
    "image": gettext_lazy("image"),
    "audio": gettext_lazy("audio"),
    "video": gettext_lazy("video"),
    "pdf": "PDF",
}
CAPABILITIES: Final[dict[str, str | Promise]] = {
    "function_calling": gettext_lazy("function calling"),
    "attachments": gettext_lazy("attachments"),
    "reasoning": gettext_lazy("reasoning"),
    "structured_output": gettext_lazy("structured output"),
    "streaming": gettext_lazy("streaming"),
}
RATE_LABELS: Final[dict[str, str | Promise]] = {
    "input_usd_per_mtok": gettext_lazy("Input"),
    "output_usd_per_mtok": gettext_lazy("Output"),
    "cache_read_usd_per_mtok": gettext_lazy("Cache read"),
    "cache_write_usd_per_mtok": gettext_lazy("Cache write"),
    "reasoning_usd_per_mtok": gettext_lazy("Reasoning"),
    "input_audio_usd_per_mtok": gettext_lazy("Audio in"),
    "output_audio_usd_per_mtok": gettext_lazy("Audio out"),
    "input_image_usd_per_mtok": gettext_lazy("Image in"),
    "output_image_usd_per_mtok": gettext_lazy("Image out"),
    "requests_usd_per_k": gettext_lazy("1,000 requests"),
}
_TIER_WORDS: Final[dict[str, str | Promise]] = {
    STANDARD: gettext_lazy("standard"),
    BATCH: gettext_lazy("batch"),
    EXTRA: gettext_lazy("beside the tokens of text"),
}


def step_words(tier: str, region_scope: str = "all") -> str:
    """Which requests a price is for: "standard", "prompts over 200,000 tokens, us-east"."""
    tokens, batch = step_tokens(tier), is_batch(tier)
    if tier in _TIER_WORDS:
        text = str(_TIER_WORDS[tier])
    elif tokens:
        words = _("batch, prompts over %(tokens)s tokens") if batch else _("prompts over %(tokens)s tokens")
        text = words % {"tokens": whole(tokens)}
    else:
        text = tier.replace("_", " ")
    return text if region_scope == "all" else f"{text}, {region_scope}"
