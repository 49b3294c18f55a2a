"""The two records that cross process borders: what to probe (ProbeSpec) and what came of it (Attempt).

Both are plain data. `to_json` gives a dict that `json.dumps` takes; `from_json` ignores unknown keys, so that
an engine and a caller of neighbouring versions understand each other. No Django import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, cast

# Stored with every attempt; raise it when a change makes older numbers incomparable.
METHOD_VERSION: Final = "2026.11.2"

#: Longest texts of an Attempt, in characters; the database's columns have these lengths.
MAX_CHARS: Final[dict[str, int]] = {
    "error_detail": 300,
    "request_id": 120,
    "answered_model": 200,
    "fingerprint": 120,
    "remote_ip": 45,
    "tls_version": 10,
}

Tier = Literal["A", "B", "C", "D"]

# Whole-attempt limits in seconds (DESIGN §5); D asks like B.
TIMEOUT_S: Final[dict[str, float]] = {"A": 5.0, "B": 7.0, "C": 60.0, "D": 7.0}
REASONING_TIMEOUT_S: Final = 30.0


def timeout_s_for(tier: str, *, reasoning: bool) -> float:
    """The whole-attempt limit: A 5 s, B and D 7 s (30 s for a reasoning model), C 60 s."""
    if reasoning and tier in ("B", "D"):
        return REASONING_TIMEOUT_S
    return TIMEOUT_S[tier]


class _JsonRecord:
    """Conversion to and from plain dicts, shared by the two records of this module."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in cast(Any, self).__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """TypeError names a required key that is missing."""
        known = cast(Any, cls).__dataclass_fields__
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSpec(_JsonRecord):
    """One probe to fire.

    endpoint: slug `<provider>--<model>`. due_at: unix seconds, UTC. base_url: the vendor's documented base
    URL, or `simulator:/<provider-slug><path>`. key_env, base_url_env: names of environment variables ("" =
    none), resolved by the engine only. options: the endpoint's `probe_options`. expected_answer: a text the
    answer must contain (None = any text is right; tier D brings questions of its own). expect_ok: what the
    last attempts led us to expect; the opposite is confirmed at once, where `confirm` is set.
    """

    target_id: int
    endpoint: str
    region: str
    tier: Tier
    protocol: str
    base_url: str
    provider_model_id: str
    key_env: str
    base_url_env: str
    due_at: float
    timeout_s: float
    reasoning: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    expected_answer: str | None = None
    expect_ok: bool = True
    confirm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(_JsonRecord):
    """One attempt, retries included.

    due_at, started_at: unix seconds, UTC. attempt: 1 = the first. lag_ms: how much later than due it started.
    dns_ms, connect_ms, tls_ms: durations of a phase. All other `*_ms` moments are counted from the start of
    the attempt, before DNS, on a monotonic clock and a cold connection: sent_ms (the request is handed to the
    kernel), first_byte_ms (response headers), first_event_ms (first stream event, comments and pings left
    out), first_keep_alive_ms (a comment or ping: the request is queued), first_token_ms (any token, reasoning
    included), first_answer_ms (visible text), last_token_ms, total_ms. None = did not happen.

    chunks: stream events that bore text or reasoning. Token counts are as the provider reported them:
    output_tokens includes reasoning_tokens, input_tokens includes cached_tokens. tokens_per_s: tier C only,
    see `probes.protocols.speed`. reported_cost_usd: what the provider says it charged (OpenRouter, xAI).
    rate_limits: what the headers said, as `probes.protocols.limits` reads them; retry_after_s likewise.
    receive_clock: "kernel" where the kernel stamped the received bytes, "loop" where our process did, ""
    where nothing came. loop_lag_ms: how late our own event loop was at worst while the attempt ran, at most
    50 ms of it on purpose: streams that have begun to speak are read together.
    Texts that come from a provider are scrubbed of secrets and at most MAX_CHARS long.
    """

    target_id: int
    endpoint: str
    region: str
    tier: Tier
    worker: str
    due_at: float
    started_at: float
    outcome: str
    method_version: str = METHOD_VERSION
    attempt: int = 1
    lag_ms: float = 0.0
    loop_lag_ms: float = 0.0
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    sent_ms: float | None = None
    first_byte_ms: float | None = None
    first_event_ms: float | None = None
    first_keep_alive_ms: float | None = None
    first_token_ms: float | None = None
    first_answer_ms: float | None = None
    last_token_ms: float | None = None
    total_ms: float | None = None
    inter_token_p50_ms: float | None = None
    receive_clock: str = ""
    chunks: int = 0
    keep_alives: int = 0
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    tokens_per_s: float | None = None
    reported_cost_usd: float | None = None
    rate_limits: list[dict[str, Any]] = field(default_factory=list)
    retry_after_s: float | None = None
    http_status: int | None = None
    error_detail: str = ""
    request_id: str = ""
    answered_model: str = ""
    fingerprint: str = ""
    remote_ip: str = ""
    tls_version: str = ""
    reused: bool = False
