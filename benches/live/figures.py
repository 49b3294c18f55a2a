"""From arrivals to figures. Pure: no processes, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from benches.figures import percentile


@dataclass(frozen=True, slots=True)
class Run:
    """What one run saw. expected: messages times clients. cpu_s: user and system time of the server.

    memory_kb: what its resident memory grew by, in kB, from some first clients to all and the last message.
    others_share: of the server's core, 0 to 1.
    """

    clients: int
    expected: int
    latencies_ns: Sequence[int]
    cpu_s: float
    memory_kb: float
    others_share: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One run as the report shows it; None = no figure, because nothing arrived."""

    delivered: float
    cpu_us: float | None
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    kb_per_client: float
    others_share: float


def summarize(run: Run) -> Figures:
    latencies = sorted(run.latencies_ns)
    count = len(latencies)
    return Figures(
        delivered=count / run.expected,
        cpu_us=run.cpu_s / count * 1e6 if count else None,
        p50_ms=_ms(percentile(latencies, 0.5)),
        p99_ms=_ms(percentile(latencies, 0.99)),
        max_ms=_ms(percentile(latencies, 1.0)),
        kb_per_client=run.memory_kb / run.clients,
        others_share=run.others_share,
    )


def _ms(ns: float | None) -> float | None:
    return None if ns is None else ns / 1e6
