"""How a simulated endpoint behaves, as checked values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

# What a fault does; the first group answers before a stream begins.
FAULTS: Final[dict[str, str]] = {
    "http_500": "500 in the vendor's shape",
    "http_503": "503 in the vendor's shape",
    "http_529": "529 overloaded",
    "rate_429": "429, too many requests",
    "quota_429": "429, credit used up",
    "html_200": "an HTML page with status 200",
    "reset": "the connection is aborted before a byte",
    "hang": "no answer for `seconds`",
    "slow_stream": "a pause of `seconds` after the first token",
    "cut_stream": "the connection is aborted inside the stream",
    "truncate_stream": "the stream ends cleanly without its terminal marker",
    "stream_error": "an error event inside the 200 stream",
    "bad_json": "a payload that is no JSON",
    "empty": "a normal end without text",
    "wrong_answer": "another text than the one asked for",
    "keep_alive": "comment lines before the first token (no failure)",
}
# Instead of a list of providers: a network that is down lets nobody through.
EVERYBODY: Final = "*"
EPOCH: Final = datetime(2026, 1, 5, tzinfo=UTC)
#: Longest time that a fault by hand or an official page's delay may be given, in seconds.
LONGEST_S: Final = 86_400.0
DEFAULT_FAULT_SECONDS: Final = {"hang": 120.0, "slow_stream": 12.0}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault that comes at random (`rate`, 0–1 of requests) or at regular steps (`every` n-th request)."""

    kind: str
    rate: float
    every: int | None
    regions: frozenset[str]  # empty = all
    seconds: float


@dataclass(frozen=True, slots=True)
class Swap:
    """From `at_s` of the scenario's clock on, another model answers; "" = that name stays as it was."""

    at_s: float
    model: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What is told in rate-limit headers, per endpoint and minute. enforced: 429 beyond it."""

    requests_per_minute: int
    tokens_per_minute: int
    enforced: bool


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What the model list says of an endpoint. state: "active", "deprecated" or "retired"."""

    state: str = "active"
    deprecated_at: datetime | None = None
    retires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """ttft_median_ms, ttft_sigma: lognormal time to the first token at factor 1.

    cached_share: part of the input that is reported as cached. usd_per_mtok: a price per million tokens that
    is reported with the usage; None = not reported.
    """

    ttft_median_ms: float
    ttft_sigma: float
    headers_share: float
    tokens_per_s: float
    reasoning_tokens: int
    flat_regions: bool
    faults: tuple[FaultRule, ...]
    cached_share: float = 0.0
    usd_per_mtok: float | None = None
    swaps: tuple[Swap, ...] = ()
    limits: Limits | None = None
    lifecycle: Lifecycle = Lifecycle()


@dataclass(frozen=True, slots=True)
class Outage:
    """A scripted outage. Offsets in seconds of the scenario's clock.

    Onset per provider, the spread included.
    """

    onset_s: Mapping[str, float]
    end_s: float
    kind: str
    regions: frozenset[str]
    share: float
    seconds: float

    def covers(self, provider: str, region: str, offset_s: float) -> bool:
        onset = self.onset_s.get(provider)
        here = not self.regions or region in self.regions
        return onset is not None and here and onset <= offset_s < self.end_s
