"""The times of one exchange, filled in while it runs."""

from dataclasses import dataclass
from typing import Final

#: The first stage of an exchange.
RESOLVING: Final = "resolving the name"


@dataclass(slots=True)
class Phases:
    """Times of one exchange. Moments: `time.monotonic` seconds; started_at is the same moment as `started` in
    unix seconds. `_ms`: durations, sent_ms and first_byte_ms since start. None = the phase did not happen (no
    DNS for an IP address, no TLS for http).

    receive_clock: "kernel" while the kernel stamped all that came, "loop" once our loop had to, "" before.
    lag_ms: how late our loop was at worst at handling something of this exchange. blind_lag_ms: the part of
    it that no stamp makes good: before the request was sent, and at reads without a stamp.
    """

    started: float = 0.0
    started_at: float = 0.0
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    sent_ms: float | None = None
    first_byte_ms: float | None = None
    last_read: float = 0.0
    remote_ip: str = ""
    tls_version: str = ""
    stage: str = RESOLVING
    receive_clock: str = ""
    lag_ms: float = 0.0
    blind_lag_ms: float = 0.0

    def since_start_ms(self, moment: float) -> float:
        return (moment - self.started) * 1000

    def note_lag(self, lag_s: float, *, blind: bool) -> None:
        lag_ms = lag_s * 1000
        if lag_ms > self.lag_ms:
            self.lag_ms = lag_ms
        if blind and lag_ms > self.blind_lag_ms:
            self.blind_lag_ms = lag_ms
