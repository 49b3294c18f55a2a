"""How fast a stream gives tokens. Pure.

tokens/s = (tokens - 1) ÷ (last token - first token), the inverse of AIPerf's inter-token latency
(https://github.com/ai-dynamo/aiperf/blob/main/docs/metrics_reference.md): the wait for the first token is no
part of the speed, and the first token opens the span. Tokens are the provider's own count: a chunk is none.
"""

MIN_TOKENS = 2


def tokens_per_s(
    output_tokens: int | None,
    reasoning_tokens: int | None,
    reasoning_streamed: bool,
    first_token_ms: float | None,
    last_token_ms: float | None,
) -> float | None:
    """Tokens per second between the first and the last token that were seen.

    output_tokens: as reported, reasoning_tokens among them. reasoning_streamed: the thinking came through the
    stream; if not, its tokens are not part of the span and are left out. None where a value is missing, where
    fewer than 2 tokens were seen, or where all came in one instant: 2 tokens 100 ms apart are 10 tokens/s.
    """
    if output_tokens is None or first_token_ms is None or last_token_ms is None:
        return None
    seen = output_tokens if reasoning_streamed else output_tokens - (reasoning_tokens or 0)
    span_ms = last_token_ms - first_token_ms
    if seen < MIN_TOKENS or span_ms <= 0:
        return None
    return (seen - 1) * 1000 / span_ms
