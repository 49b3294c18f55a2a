"""How many probes may run at once, so that each of them can be timed. Pure.

What must wait is late, and says so (`lag_ms`); what waits too long is not sent (`lagged`). Both are ours.
"""

from dataclasses import dataclass
from typing import Final

#: One core times 1,000 answers in flight with p99 below 1 ms (docs/benches.md); memory allows twice as many.
MAX_IN_FLIGHT: Final = 2_000
#: Sockets for what is no probe: pipes, epoll, resolver.
SPARE_DESCRIPTORS: Final = 128
#: Half of what an attempt may suffer from our lag (probes.measurement): no new load on a loop that is late.
MAX_LAG_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Admission:
    """The limits of one engine."""

    max_in_flight: int = MAX_IN_FLIGHT
    max_lag_s: float = MAX_LAG_S

    @classmethod
    def for_descriptors(cls, limit: int) -> "Admission":
        """As many as there are sockets for: a limit of 1,024 descriptors admits 896."""
        return cls(max(1, min(MAX_IN_FLIGHT, limit - SPARE_DESCRIPTORS)))

    def admits(self, *, in_flight: int, lag_s: float) -> bool:
        """Whether one more may start. lag_s: of the loop, lately. With nothing in flight one always may."""
        return in_flight == 0 or (in_flight < self.max_in_flight and lag_s <= self.max_lag_s)
