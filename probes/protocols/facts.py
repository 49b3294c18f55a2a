"""What an answer has said so far. Pure: no clock, no network."""

from dataclasses import dataclass
from typing import Any

from probes.protocols.errors import MAX_KEPT_CHARS, ErrorInfo

MAX_TEXT_CHARS = 4_000
# The finish reason that stands for a refusal told in a field of its own (OpenAI's two protocols).
REFUSED = "content_filter"
# What an integer column holds; more than this is no count of tokens.
MAX_TOKENS = 2**31
# No probe costs that much; a larger figure is no amount.
MAX_COST_USD = 1_000.0


@dataclass(slots=True)
class Facts:
    """What an answer has said so far.

    finish: the vendor's own finish reason. complete: the terminal marker was seen; ended: nothing can follow
    it. keep_alives: signs of queueing (comments, pings). malformed: what could not be read ("" = nothing).
    Token counts are None while the provider has not reported them; input_tokens includes cached_tokens,
    output_tokens includes reasoning_tokens. reported_cost_usd: what the provider says that it charged.
    """

    text: str = ""
    text_chunks: int = 0
    reasoning_chunks: int = 0
    keep_alives: int = 0
    events: int = 0
    finish: str = ""
    complete: bool = False
    ended: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    reported_cost_usd: float | None = None
    answered_model: str = ""
    fingerprint: str = ""
    request_id: str = ""
    stream_error: ErrorInfo | None = None
    malformed: str = ""
    html: bool = False
    refused: bool = False  # the model declined in a field of its own; nothing overwrites that finish
    textless: bool = False  # an answer that bears no text by its nature (a list, an embedding)

    def add_text(self, text: Any) -> None:
        """Count a delta of visible text; anything but a non-empty string is none."""
        if isinstance(text, str) and text:
            self.text_chunks += 1
            self.text = (self.text + text)[:MAX_TEXT_CHARS]

    def add_reasoning(self, text: Any) -> None:
        if isinstance(text, str) and text:
            self.reasoning_chunks += 1

    def finish_with(self, reason: Any) -> None:
        if isinstance(reason, str) and reason and not self.refused:
            self.finish = reason

    def add_refusal(self, text: Any) -> None:
        """Text of a refusal is no visible text: our request was declined, whatever reason ends the answer."""
        if isinstance(text, str) and text:
            self.finish_with(REFUSED)
            self.refused = True

    def mark_end(self) -> None:
        self.complete = self.ended = True

    def set_usage(
        self, input_tokens: Any, output_tokens: Any, *, cached: Any = None, reasoning: Any = None
    ) -> None:
        """Keep the last reported numbers; a field that is absent or no count leaves the earlier one."""
        if (count := token_count(input_tokens)) is not None:
            self.input_tokens = count
        if (count := token_count(output_tokens)) is not None:
            self.output_tokens = count
        if (count := token_count(cached)) is not None:
            self.cached_tokens = count
        if (count := token_count(reasoning)) is not None:
            self.reasoning_tokens = count

    def set_cost(self, usd: Any) -> None:
        """Keep what the provider says that it charged; anything but an amount leaves the earlier one."""
        if type(usd) in (int, float) and 0 <= usd < MAX_COST_USD:
            self.reported_cost_usd = float(usd)

    def name_model(self, *, model: Any = None, fingerprint: Any = None, request_id: Any = None) -> None:
        """Keep the last names told. Every chunk tells them, so equal ones cost nothing."""
        if model and model != self.answered_model:
            self.answered_model = str(model)[:MAX_KEPT_CHARS]
        if fingerprint and fingerprint != self.fingerprint:
            self.fingerprint = str(fingerprint)[:MAX_KEPT_CHARS]
        if request_id and request_id != self.request_id:
            self.request_id = str(request_id)[:MAX_KEPT_CHARS]

    def fail_with(self, error: ErrorInfo) -> None:
        """An error is the end: what leaves the stream open after it has said all that it will."""
        self.stream_error = self.stream_error or error
        self.ended = True

    def misread(self, what: str) -> None:
        self.malformed = self.malformed or what[:MAX_KEPT_CHARS]


def need_vector(value: Any) -> None:
    """An embedding is a list that begins with a number, or its base64 text. TypeError for anything else."""
    if isinstance(value, str) and value:
        return
    if not isinstance(value, list) or type(value[0]) not in (int, float):
        raise TypeError("no embedding")


def token_count(value: Any) -> int | None:
    """The value where it can be a count of tokens, else None (True, 9.5, -1 and 2**31 are none)."""
    return value if type(value) is int and 0 <= value < MAX_TOKENS else None
