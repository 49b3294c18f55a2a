"""A cold connection to one server: name, TCP, TLS, then bytes out and bytes in, each phase timed."""

import logging
import socket
import ssl
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast

from probes.addresses import is_refused
from probes.wire.clock import ANCILLARY_BYTES, received_at
from probes.wire.dialing import ADDRESS_TIMEOUT_S, dial
from probes.wire.errors import (
    LOCAL_ERRNOS,
    AddressRefusedError,
    ConnectFailedError,
    LocalFailedError,
    TlsFailedError,
    TransportError,
    UnsendableError,
    connect_failure,
)
from probes.wire.http import Server
from probes.wire.loop import READABLE, WRITABLE, Loop, Timer
from probes.wire.phases import Phases
from probes.wire.resolver import Resolution, Resolver
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


Entry = TypeVar("Entry", bound=Callable[..., None])


def contained(entry: Entry) -> Entry:
    """For what the loop calls: an exception ends the connection instead of leaving it to its time limit."""

    @wraps(entry)
    def call(self: "Connection", *arguments: Any) -> None:
        try:
            entry(self, *arguments)
        except Exception as exc:
            self.crashed(exc)

    return cast(Entry, call)


class Connection:
    """Sends `payload` and tells the listener what comes back. Made new for every attempt."""

    __slots__ = (
        "_addresses",
        "_begun",
        "_connected",
        "_ended",
        "_failures",
        "_guarded",
        "_listener",
        "_loop",
        "_next_address",
        "_out",
        "_payload",
        "_pipe",
        "_resolution",
        "_resolver",
        "_server",
        "_sock",
        "_watched",
        "phases",
    )

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
        """tls: None for http. guarded: refuse link-local and metadata addresses; what is checked is what is
        connected to, so that a name cannot answer differently a second time. ValueError: no name for TLS."""
        self._loop = loop
        self._resolver = resolver
        self._server = server
        self._payload = payload
        self._listener: Listener | None = listener
        self._guarded = guarded
        self._pipe = TlsPipe(tls, server.host) if tls else None
        # Made before the clock starts: our own arithmetic is no part of the provider's time.
        self._out = self._pipe.hello() if self._pipe else payload
        self._sock: socket.socket | None = None
        self._watched = 0
        self._connected = False
        self._ended = False
        self._addresses: list[str] = []
        self._failures: list[OSError] = []
        self._begun = 0.0
        self._next_address: Timer | None = None
        self._resolution: Resolution | None = None
        self.phases = Phases()

    @contained
    def open(self) -> None:
        """The attempt begins: its clock starts here."""
        self.phases.started_at, self.phases.started = _realtime(), _monotonic()
        host, port = self._server.host, self._server.port
        if self._server.literal:
            self._connect([host])
        else:
            self._resolution = self._resolver.resolve(host, port, self._resolved)

    def close(self) -> None:
        """Let go of everything; the listener hears nothing more. May be called twice.

        The listener holds this connection: without the way back there is no cycle for the collector.
        """
        self._ended = True
        self._listener = None
        if self._resolution is not None:
            self._resolution.cancel()
        self._drop_socket()

    @property
    def waits_for_our_resolver(self) -> bool:
        """True while the name stands in our own queue: nobody has been asked yet."""
        return self._resolution is not None and not self._resolution.begun

    def relax(self) -> None:
        """From now on the kernel's stamps are enough: what comes may be read a little later."""
        if self._watched and self._sock is not None:
            self._loop.relax(self._sock.fileno())
            self._watched = 0

    def catch_up(self) -> None:
        """Read what came while nobody looked."""
        if self._sock is not None:
            self._loop.look_now(self._sock.fileno())

    # Name and address.

    @contained
    def _resolved(self) -> None:
        resolution = self._resolution
        if self._ended or resolution is None:
            return
        phases = self.phases
        phases.dns_ms = (resolution.ended - resolution.begun) * 1000
        held = _monotonic() - resolution.ended + max(0.0, resolution.begun - phases.started)
        phases.note_lag(held, blind=True)
        if resolution.error is not None:
            self._fail(resolution.error)
        else:
            self._connect(list(resolution.addresses))

    def _connect(self, addresses: list[str]) -> None:
        if self._guarded and (refused := next(filter(is_refused, addresses), None)):
            host = self._server.host
            self._fail(AddressRefusedError(f"{host} is at {refused}, a link-local or metadata address"))
            return
        self.phases.stage = "connecting"
        self._addresses = addresses
        self._begun = _monotonic()
        self._try_next_address()

    def _try_next_address(self) -> None:
        """One address after the other, until a connection stands or is under way."""
        self._drop_socket()
        while self._addresses:
            address = self._addresses.pop(0)
            self.phases.remote_ip = address
            try:
                self._sock = dial(address, self._server.port, talks=self._pipe is not None)
            except OSError as exc:
                self._failures.append(exc)
                continue
            if self._addresses:
                at = _monotonic() + ADDRESS_TIMEOUT_S
                self._next_address = self._loop.call_at(at, self._address_timed_out)
            self._push()
            return
        self.phases.remote_ip = ""
        self._fail(connect_failure(self._failures))

    @contained
    def _address_timed_out(self) -> None:
        self._next_address = None
        self._failures.append(TimeoutError(f"{self.phases.remote_ip} did not answer"))
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
            self._failures.append(exc)
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
        if not pipe.established:
            self._shake(pipe, data)
            if not pipe.established or self._sock is None:
                return
            data = b""  # what came behind the handshake waits inside the pipe
        plain = pipe.decrypt(data)
        if reply := pipe.reply():
            self._out += reply
            self._push()
        if plain:
            self._deliver(plain, moment)
        if pipe.broken is not None:
            self._fail(ConnectFailedError(f"TLS broke while {self.phases.stage}: {pipe.broken}"))
        elif pipe.ended:
            self._take_end()

    def _shake(self, pipe: TlsPipe, data: bytes) -> None:
        """One step of the handshake; at its end the request goes out with our last flight."""
        try:
            self._out += pipe.shake(data)
            if pipe.established:
                self.phases.tls_ms = (_monotonic() - self._begun) * 1000
                self.phases.tls_version = pipe.version
                self._out += pipe.encrypt(self._payload)
        except TransportError as exc:
            self._fail(exc)
            return
        if self._out:
            self._push()

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
        """The connection broke after it had stood."""
        if exc.errno in LOCAL_ERRNOS:
            self._fail(LocalFailedError(f"{exc} while {self.phases.stage}"))
        elif self._pipe is not None and not self._pipe.established:
            self._fail(TlsFailedError(str(exc)))
        else:
            self._fail(ConnectFailedError(f"{exc} while {self.phases.stage}"))

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
