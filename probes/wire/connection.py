"""A cold connection to one server: name, TCP, TLS, then bytes out and bytes in, each phase timed."""

import logging
import socket
import ssl
import time
from typing import Any, Final, Protocol

from probes.wire.clock import ANCILLARY_BYTES, received_at
from probes.wire.containment import contained
from probes.wire.dialing import ADDRESS_TIMEOUT_S
from probes.wire.errors import (
    ConnectFailedError,
    LocalFailedError,
    TlsFailedError,
    TransportError,
    UnsendableError,
    broken_connection,
)
from probes.wire.http import Server
from probes.wire.loop import READABLE, WRITABLE, Loop, Timer
from probes.wire.phases import Phases
from probes.wire.resolver import Resolver
from probes.wire.route import Route
from probes.wire.tls import TlsPipe

logger = logging.getLogger(__name__)

READ_BYTES: Final = 65_536

_monotonic = time.monotonic
_realtime = time.time


class Listener(Protocol):
    """Whoever reads the connection. After `connection_failed`, and after `close()`, nothing more is told."""

    def bytes_received(self, data: bytes, moment: float) -> None: ...

    def connection_ended(self) -> None:
        """The peer ended the connection in order; phases.last_read is that moment."""
        ...

    def connection_failed(self, error: TransportError) -> None: ...


class Connection:
    """Sends `payload` and tells the listener what comes back. Made new for every attempt."""

    def __init__(
        self,
        loop: Loop,
        resolver: Resolver,
        server: Server,
        payload: bytes,
        listener: Listener,
        *,
        tls: ssl.SSLContext | None,
        guarded: bool,
    ) -> None:
        """tls: None for http. guarded: see Route. ValueError: TLS knows no such host name."""
        self.phases = Phases()
        self._loop = loop
        self._route = Route(resolver, server, self.phases, guarded=guarded)
        self._listener: Listener | None = listener
        self._pipe = TlsPipe(tls, server.host, payload) if tls else None
        # Made before the clock starts: our own arithmetic is no part of the provider's time.
        self._out = self._pipe.outgoing() if self._pipe else payload
        self._sock: socket.socket | None = None
        self._watched = 0
        self._connected = False
        self._begun = 0.0
        self._next_address: Timer | None = None

    @contained
    def open(self) -> None:
        """The attempt begins: its clock starts here."""
        self.phases.started_at, self.phases.started = _realtime(), _monotonic()
        self._route.find(self._found)

    def close(self) -> None:
        """The listener hears nothing more; it holds us, so letting it go leaves no cycle. May be repeated."""
        self._listener = None
        self._route.give_up()
        self._drop_socket()

    @property
    def waits_for_our_resolver(self) -> bool:
        return self._route.waits_for_our_resolver

    def relax(self) -> None:
        """From now on the kernel's stamps are enough: what comes may be read a little later."""
        if self._watched and self._sock is not None:
            self._loop.relax(self._sock.fileno())
            self._watched = 0

    def catch_up(self) -> None:
        """Read what came while nobody looked."""
        if self._sock is not None:
            self._loop.look_now(self._sock.fileno())

    # The way there.

    @contained
    def _found(self) -> None:
        if self._listener is None:
            return
        if self._route.error is not None:
            self._fail(self._route.error)
            return
        self.phases.stage = "connecting"
        self._begun = _monotonic()
        self._try_next_address()

    def _try_next_address(self) -> None:
        """One address after the other, until a connection stands or is under way."""
        self._drop_socket()
        self._sock = self._route.next_socket(talks=self._pipe is not None)
        if self._sock is None:
            self._fail(self._route.failure())
            return
        if self._route.has_more:
            at = _monotonic() + ADDRESS_TIMEOUT_S
            self._next_address = self._loop.call_at(at, self._address_timed_out)
        self._push()

    @contained
    def _address_timed_out(self) -> None:
        self._next_address = None
        self._route.note_failure(TimeoutError(f"{self.phases.remote_ip} did not answer"))
        self._try_next_address()

    # Bytes out.

    def _push(self) -> None:
        """Send what waits. The first byte that the kernel takes shows that the connection stands.

        The clock is read before: a process that loses its core in the call must not find its request sent
        after the answer to it.
        """
        if self._sock is None:
            return
        now = _monotonic()
        try:
            count = self._sock.send(self._out)
        except BlockingIOError:
            count = 0
        except OSError as exc:
            self._push_failed(exc)
            return
        if count and not self._connected:
            self._note_connected(now)
        self._out = self._out[count:]
        if self._out:
            self._want(READABLE | WRITABLE if self._connected else WRITABLE)
            return
        phases = self.phases
        if phases.sent_ms is None and (self._pipe is None or self._pipe.established):
            phases.sent_ms = phases.since_start_ms(now)
            phases.stage = "waiting for the first byte"
        self._want(READABLE)

    def _push_failed(self, exc: OSError) -> None:
        if self._connected:
            self._broken(exc)
        else:
            self._route.note_failure(exc)
            self._try_next_address()

    def _note_connected(self, now: float) -> None:
        self._connected = True
        self.phases.connect_ms = (now - self._begun) * 1000
        self._begun = now  # of TLS
        if self._next_address is not None:
            self._loop.cancel(self._next_address)
            self._next_address = None
        if self._pipe is not None:
            self.phases.stage = "TLS handshake"

    def _want(self, events: int) -> None:
        if self._sock is None or events == self._watched:
            return
        if self._watched:
            self._loop.change(self._sock.fileno(), events)
        else:
            self._loop.watch(self._sock.fileno(), events, self._on_ready)
        self._watched = events

    # Bytes in.

    def _on_ready(self, events: int) -> None:
        try:  # as `contained` does, without its cost at every read
            if self._out:
                self.phases.note_lag(_monotonic() - self._loop.ready_since, blind=True)
                self._push()
            if events & ~WRITABLE and self._connected:
                self._receive()
        except Exception as exc:
            self.crashed(exc)

    def _receive(self) -> None:
        """Read until the socket is empty: what the next turn finds has then arrived after this moment."""
        while (sock := self._sock) is not None:
            try:
                data, ancillary, _, _ = sock.recvmsg(READ_BYTES, ANCILLARY_BYTES)
            except BlockingIOError:
                return
            except OSError as exc:
                self._broken(exc)
                return
            moment = self._moment_of(data, ancillary)
            if not data:
                self._take_end()
                return
            if self._pipe is None:
                self._deliver(data, moment)
            else:
                self._take_records(self._pipe, data, moment)
            if len(data) < READ_BYTES:
                return

    def _moment_of(self, data: bytes, ancillary: list[tuple[int, int, Any]]) -> float:
        """When the read's last byte arrived, as exactly as we can know; notes how late we are."""
        realtime, now = _realtime(), _monotonic()
        phases = self.phases
        moment = received_at(ancillary, now=now, realtime=realtime, not_before=self._loop.not_before)
        if moment is not None:
            if not phases.receive_clock:
                phases.receive_clock = "kernel"
            if (now - moment) * 1000 > phases.lag_ms or phases.sent_ms is None:
                phases.note_lag(now - moment, blind=phases.sent_ms is None)
        else:
            moment = now
            if data:
                phases.receive_clock = "loop"
            phases.note_lag(now - self._loop.ready_since, blind=True)
        phases.last_read = moment
        return moment

    def _deliver(self, data: bytes, moment: float) -> None:
        phases = self.phases
        if phases.first_byte_ms is None:
            phases.first_byte_ms = phases.since_start_ms(moment)
            phases.stage = "reading the answer"
        if self._listener is not None:
            self._listener.bytes_received(data, moment)

    def _take_records(self, pipe: TlsPipe, data: bytes, moment: float) -> None:
        shaking = not pipe.established
        try:
            plain = pipe.receive(data)
        except TransportError as exc:
            self._fail(exc)
            return
        if shaking and pipe.established:
            self.phases.tls_ms = (_monotonic() - self._begun) * 1000
            self.phases.tls_version = pipe.version
        if reply := pipe.outgoing():
            self._out += reply
            self._push()
        if plain:
            self._deliver(plain, moment)
        if pipe.broken is not None:
            self._fail(ConnectFailedError(f"TLS broke while {self.phases.stage}: {pipe.broken}"))
        elif pipe.ended:
            self._take_end()

    def _take_end(self) -> None:
        if self._pipe is not None and not self._pipe.established:
            self._fail(TlsFailedError("the connection was closed during the TLS handshake"))
        elif self._listener is not None:
            self._listener.connection_ended()

    # Ends.

    def crashed(self, exc: Exception) -> None:
        """A fault or a shortage of ours must end this attempt, and only this."""
        logger.exception("an exchange failed inside the engine", exc_info=exc)
        kind = LocalFailedError if isinstance(exc, OSError | MemoryError) else UnsendableError
        self._fail(kind(f"inside the engine: {type(exc).__name__}"))

    def _broken(self, exc: OSError) -> None:
        shaking = self._pipe is not None and not self._pipe.established
        self._fail(broken_connection(exc, self.phases.stage, shaking=shaking))

    def _fail(self, error: TransportError) -> None:
        if (listener := self._listener) is not None:
            self.close()
            listener.connection_failed(error)

    def _drop_socket(self) -> None:
        if self._next_address is not None:
            self._loop.cancel(self._next_address)
            self._next_address = None
        if self._sock is not None:
            self._loop.forget(self._sock.fileno())
            self._watched = 0
            self._sock.close()
            self._sock = None
