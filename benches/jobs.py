"""What crosses between the bench and its clients: a job to do, and what a client saw of each probe."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

#: The body that every peer sends: what the engine asks an OpenAI-compatible host in tier B.
BODY: Final = (
    b'{"model": "bench-model", "messages": [{"role": "user", "content": "Reply with exactly this text and '
    b'nothing else: fourteen\\n(probe 5f3a9c01)"}], "max_tokens": 24, "stream": true, '
    b'"stream_options": {"include_usage": true}}'
)
HEADERS: Final = {
    "User-Agent": "ai-go-bench/1",
    "Accept-Encoding": "identity",
    "Authorization": "Bearer bench",
    "Content-Type": "application/json",
    "Accept": "text/event-stream, application/json",
}
#: From "go" to the first start: no tool shall begin in a hurry.
HEAD_START_S: Final = 1.2
#: How long a tool may take beyond a job's limit before the bench gives it up.
PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Job:
    """Probes to start at their moments, whatever the others do (open loop).

    root: scheme, address and port. starts_s: seconds after the beginning, ascending; the probe's id is its
    place + 1. ca_file: the certificate to trust, "" for plain HTTP. max_in_flight: a client that is slower
    than the job lets no more than these run at once. limit_s: what has not ended this long after the
    beginning is given up.
    """

    root: str
    starts_s: list[float]
    ca_file: str
    max_in_flight: int
    limit_s: float

    @property
    def patience_s(self) -> float:
        """How long the bench waits for a tool, its start included, before it kills it."""
        return HEAD_START_S + self.limit_s + PATIENCE_S

    def url(self, probe_id: int) -> str:
        return f"{self.root}{base_path(probe_id)}/chat/completions"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Job":
        return cls(**{field.name: data[field.name] for field in fields(cls)})


@dataclass(slots=True)
class Sighting:
    """What a client says of one probe. Moments are CLOCK_MONOTONIC in s; None = it does not say.

    first_token_s: the moment at which it saw the first token. whole_s: for clients that see no token, the
    duration from a connection ready for the request to the end of the answer.
    """

    id: int
    started_s: float | None = None
    first_token_s: float | None = None
    whole_s: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job. begin_s: the monotonic moment its starts count from.

    cpu_s: user + system, from readiness to the last answer. peak_mb: the most memory the tool's process ever
    had. others_share: how much of the client's core others took meanwhile, 0 to 1.
    """

    begin_s: float
    sightings: list[Sighting]
    cpu_s: float
    peak_mb: float
    others_share: float


def base_path(probe_id: int) -> str:
    """Carries the probe's id to the server."""
    return f"/r{probe_id}/v1"
