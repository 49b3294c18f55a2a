"""One attempt: a spec in, an Attempt out. Never raises for anything that the network or a provider does.

What is trusted. Every moment of an answer is the kernel's: a loop that is late reads the same moment off a
later read. A late loop does falsify what it does itself: it connects, shakes hands and sends later than it
could, and where the kernel gave no stamp it dates a read too late. A stamp dates the last byte of a read;
when we come late and several tokens wait in one read, the first of them is dated too late, too. Where one of
these latenesses is more than MAX_LOOP_LAG_MS the attempt is `lagged`: ours. The worst lateness of any kind is
stored (loop_lag_ms).
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from probes.attempts import Attempt, ProbeSpec
from probes.preparation import NotSendableError, Prepared, prepare
from probes.protocols.errors import looks_like_html
from probes.rows import attempt_of, classified, judged, unsent_row
from probes.sighting import MAX_BODY_BYTES, MAX_STREAM_BYTES, Sighting
from probes.wire.errors import ConnectFailedError, LocalFailedError, TransportError, UnsendableError
from probes.wire.exchange import Exchange
from probes.wire.loop import Loop, Timer
from probes.wire.phases import RESOLVING
from probes.wire.resolver import Resolver

logger = logging.getLogger(__name__)

STALL_S = 10.0  # no token for this long is `slow_stream`
#: A read that the loop came to within this time of its stamp waited for nobody.
PROMPT_S: Final = 0.005
#: A lateness of our own above this spoils an attempt's times; 7 % of what the board calls degraded.
MAX_LOOP_LAG_MS: Final = 100.0

Done = Callable[[Attempt], None]
Verdict = Callable[[], tuple[str, str]]  # (outcome, detail)


class Prober:
    """Makes attempts for one worker on one loop. environ is read anew for every attempt."""

    def __init__(
        self,
        worker: str,
        environ: Mapping[str, str],
        ssl_context: ssl.SSLContext,
        loop: Loop,
        resolver: Resolver,
        *,
        max_lag_ms: float = MAX_LOOP_LAG_MS,
    ) -> None:
        """max_lag_ms: for tests that are not about lag, so that a busy machine does not decide them."""
        self.worker = worker
        self.max_lag_ms = max_lag_ms
        self.loop = loop
        self.resolver = resolver
        self.ssl_context = ssl_context
        self._environ = environ

    def make_ready(self, spec: ProbeSpec, done: Done, *, number: int = 1) -> "Measurement":
        """Everything of one attempt that takes no network; `done` gets the attempt when it has ended.

        number: 1 = the first. NotSendableError, TransportError: it cannot be sent.
        """
        return Measurement(self, spec, prepare(spec, self._environ), done, number=number)

    def begin(
        self, spec: ProbeSpec, done: Done, *, number: int = 1, lag_ms: float = 0.0
    ) -> "Measurement | None":
        """Make one attempt now, so late. None: it was not sent, and `done` has been told."""
        try:
            measurement = self.make_ready(spec, done, number=number)
        except (NotSendableError, TransportError) as exc:
            done(self.unsent(spec, exc.outcome, str(exc), number=number, lag_ms=lag_ms))
            return None
        measurement.open(lag_ms)
        return measurement

    def attempt(self, spec: ProbeSpec) -> Attempt:
        """One attempt from beginning to end, turning the loop meanwhile."""
        made: list[Attempt] = []
        self.begin(spec, made.append)
        self.loop.run_until(lambda: bool(made))
        return made[0]

    def unsent(
        self, spec: ProbeSpec, outcome: str, detail: str, *, number: int = 1, lag_ms: float = 0.0
    ) -> Attempt:
        """The row of an attempt that was due and not sent."""
        lag_ms = round(lag_ms, 2)
        return unsent_row(
            spec, outcome, detail, started_at=time.time(), worker=self.worker, attempt=number, lag_ms=lag_ms
        )


class Measurement:
    """The state of one attempt while it runs: listens to its exchange and ends in one Attempt."""

    def __init__(
        self, prober: Prober, spec: ProbeSpec, prepared: Prepared, done: Done, *, number: int
    ) -> None:
        """UnsendableError: HTTP cannot carry the request."""
        self._prober = prober
        self._spec = spec
        self._prepared = prepared
        self._done = done
        self._number = number
        self._lag_ms = 0.0
        self._exchange = Exchange(
            prober.loop,
            prober.resolver,
            prepared.server,
            prepared.payload,
            self,
            prober.ssl_context,
            guarded=prepared.guarded,
        )
        self._phases = self._exchange.phases
        max_bytes = MAX_BODY_BYTES if spec.tier == "A" else MAX_STREAM_BYTES
        self._sighting = Sighting(
            prepared.description.reader(spec.tier), max_bytes=max_bytes, listing=spec.tier == "A"
        )
        self._deadline = float("inf")
        self._timer: Timer | None = None
        self._ended = False
        self._relaxed = False

    def open(self, lag_ms: float) -> None:
        """The attempt begins, so many ms later than it was due."""
        self._lag_ms = lag_ms
        self._exchange.open()
        if not self._ended:
            self._deadline = self._phases.started + self._spec.timeout_s
            self._timer = self._prober.loop.call_at(self._deadline, self._check_time)

    def cancel(self) -> None:
        """Ends it, unless it has ended, and tells at once: the loop may not turn again."""
        self._finish("cancelled", "stopped before it ended", time.monotonic())
        if self._timer is not None:
            self._prober.loop.call_now(self._timer)

    # What the exchange tells.

    def answer_began(self, status: int, headers: Mapping[str, str]) -> None:
        sighting = self._sighting
        sighting.begin(status, headers)
        if not sighting.good:
            return
        encoding = headers.get("content-encoding", "identity").lower()
        if looks_like_html(headers.get("content-type", ""), b""):
            sighting.facts.html = True
            self._judge(whole=True)
        elif encoding != "identity":
            sighting.facts.misread(f"content encoding {encoding[:40]!r} though identity was asked")
            self._judge(whole=False)
        elif self._timer is not None and self._spec.timeout_s > STALL_S:
            self._prober.loop.cancel(self._timer)
            self._timer = self._prober.loop.call_at(self._next_check(), self._check_time)

    def body_received(self, piece: bytes, moment: float) -> None:
        if moment > self._deadline:
            self._time_out()
            return
        sighting = self._sighting
        if sighting.take(piece, moment) and not self._was_prompt(moment):
            # It came at some moment since the socket was last seen empty.
            self._phases.note_lag(moment - self._prober.loop.not_before, blind=True)
        facts = sighting.facts
        if not self._relaxed and sighting.first_answer is not None:
            self._relaxed = True
            self._exchange.relax()
        if facts.ended or facts.html:
            self._judge(whole=True)
        elif sighting.is_too_long:
            self._answer_cut("cut at our limit of size")

    def _was_prompt(self, moment: float) -> bool:
        """Whether the loop slept until this read and came to it at once: what it holds came just then."""
        loop = self._prober.loop
        return loop.ready_since == loop.now and time.monotonic() - moment <= PROMPT_S

    def answer_ended(self, *, whole: bool) -> None:
        if whole and self._sighting.good:
            self._judge(whole=True)
        else:
            self._answer_cut("the connection was closed inside the body")

    def failed(self, error: TransportError) -> None:
        now = time.monotonic()
        if self._sighting.status is None or isinstance(error, LocalFailedError | UnsendableError):
            self._finish(error.outcome, str(error), now)
            return
        if not isinstance(error, ConnectFailedError):
            self._sighting.facts.misread(str(error))
        self._answer_cut(str(error), end=now)

    # Judging.

    def _answer_cut(self, detail: str, end: float | None = None) -> None:
        """An answer ends early, or it is none of 2xx, where any end will do. detail: why it was cut."""
        if self._sighting.good:
            self._judge(whole=False, detail=detail, end=end)
        else:
            self._classify()

    def _judge(self, *, whole: bool, detail: str = "", end: float | None = None) -> None:
        """The end of an answer that began with 2xx."""
        verdict = partial(judged, self._sighting, self._prepared, whole=whole, cut=detail)
        self._end(verdict, end or self._phases.last_read)

    def _classify(self) -> None:
        """The end of an answer with another status."""
        self._end(partial(classified, self._sighting, self._prepared), self._phases.last_read)

    # Time.

    def _next_check(self) -> float:
        stall_at = self._stall_at()
        return self._deadline if stall_at is None else min(self._deadline, stall_at)

    def _stall_at(self) -> float | None:
        """When silence becomes `slow_stream`. A reasoning model may think silently at first."""
        sighting = self._sighting
        if sighting.status is None or self._spec.tier == "A" or sighting.facts.textless:
            return None
        if sighting.arrivals:
            return sighting.arrivals[-1] + STALL_S
        if self._spec.reasoning:
            return None
        return self._phases.started + (self._phases.first_byte_ms or 0.0) / 1000 + STALL_S

    def _check_time(self) -> None:
        """What arrived in time and was not looked at yet is read first."""
        self._exchange.catch_up()
        if self._ended:
            return
        now = self._prober.loop.now
        stall_at = self._stall_at()
        if now >= self._deadline:
            self._time_out()
        elif stall_at is not None and now >= stall_at and self._sighting.good:
            self._finish("slow_stream", f"no token for {STALL_S:g} s", stall_at)
        else:
            self._timer = self._prober.loop.call_at(self._next_check(), self._check_time)

    def _time_out(self) -> None:
        """Ended by our limit: the attempt lasted exactly that long, whenever we came to see it."""
        if self._exchange.waits_for_our_resolver:
            self._finish("pop_offline", "no thread of ours was free to resolve the name", self._deadline)
        elif self._sighting.status is not None and not self._sighting.good:
            self._classify()  # the error is known, whether or not they let go of the connection
        elif self._phases.stage == RESOLVING:
            detail = f"did not resolve within {self._spec.timeout_s:g} s"
            self._finish("dns_error", detail, self._deadline)
        else:
            detail = f"{self._spec.timeout_s:g} s passed while {self._phases.stage}"
            self._finish("timeout", detail, self._deadline)

    # The end.

    def _finish(self, outcome: str, detail: str, end: float) -> None:
        """An end that needs no judging."""
        self._end(lambda: (outcome, detail), end)

    def _end(self, verdict: Verdict, end: float) -> None:
        """The first certainty stands. The connection is closed at once; judging waits for that of others."""
        if self._ended:
            return
        self._ended = True
        loop = self._prober.loop
        if self._timer is not None:
            loop.cancel(self._timer)
        self._exchange.close()
        self._timer = loop.call_together(lambda: self._done(self._row(verdict, end)))

    def _row(self, verdict: Verdict, end: float) -> Attempt:
        try:
            outcome, detail = verdict()
            lag_ms = self._phases.blind_lag_ms
            if lag_ms > self._prober.max_lag_ms and outcome != "cancelled":
                detail = f"our event loop was {lag_ms:.0f} ms late (else: {outcome} {detail}".rstrip() + ")"
                outcome = "lagged"
            return attempt_of(
                self._spec,
                self._prepared,
                self._phases,
                self._sighting,
                outcome=outcome,
                detail=detail,
                end=end,
                worker=self._prober.worker,
                attempt=self._number,
                lag_ms=round(self._lag_ms, 2),
            )
        except Exception as exc:  # without its row the order would never end
            logger.exception("the row of an attempt could not be made")
            text = f"inside the engine: {type(exc).__name__}"
            return self._prober.unsent(self._spec, "bad_request", text, number=self._number)
