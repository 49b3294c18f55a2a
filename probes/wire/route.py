"""Where a server is: its name resolved, its addresses tried one after the other."""

import socket
import time
from collections.abc import Callable

from aigo.lib.networks import Policy, is_refused, why_refused
from probes.wire.dialing import dial
from probes.wire.errors import AddressRefusedError, TransportError, connect_failure
from probes.wire.http import Server
from probes.wire.phases import Phases
from probes.wire.resolver import Resolution, Resolver


class Route:
    """The way to one server for one attempt. error: why there is none, once `find` has called back.

    guarded: refuse link-local and metadata addresses; what is checked is what is connected to, so that a name
    cannot answer differently a second time.
    """

    __slots__ = (
        "_addresses",
        "_failures",
        "_phases",
        "_resolution",
        "_resolver",
        "_server",
        "error",
        "guarded",
    )

    def __init__(self, resolver: Resolver, server: Server, phases: Phases, *, guarded: bool) -> None:
        self._resolver = resolver
        self._server = server
        self._phases = phases
        self.guarded = guarded
        self.error: TransportError | None = None
        self._addresses: list[str] = []
        self._failures: list[OSError] = []
        self._resolution: Resolution | None = None

    def find(self, found: Callable[[], None]) -> None:
        """Calls `found` when the addresses are known or an error is: at once where the host is an address."""
        if self._server.literal:
            self._take([self._server.host])
            found()
            return

        def resolved() -> None:
            if self._resolution is not None:
                self._read(self._resolution)
                self._resolution = None
                found()

        self._resolution = self._resolver.resolve(self._server.host, self._server.port, resolved)

    def give_up(self) -> None:
        """Nobody waits any more. Lets the resolution go, which leads back to whoever waited."""
        if self._resolution is not None:
            self._resolution.cancel()
            self._resolution = None

    @property
    def waits_for_our_resolver(self) -> bool:
        """True while the name stands in our own queue: nobody has been asked yet."""
        return self._resolution is not None and not self._resolution.begun

    @property
    def has_more(self) -> bool:
        return bool(self._addresses)

    def next_socket(self, *, talks: bool) -> socket.socket | None:
        """A socket under way to the next address that can be tried; None: see `failure()`."""
        while self._addresses:
            self._phases.remote_ip = self._addresses.pop(0)
            try:
                return dial(self._phases.remote_ip, self._server.port, talks=talks)
            except OSError as exc:
                self._failures.append(exc)
        self._phases.remote_ip = ""
        return None

    def note_failure(self, failure: OSError) -> None:
        """The address tried last does not lead there."""
        self._failures.append(failure)

    def failure(self) -> TransportError:
        return connect_failure(self._failures)

    def _read(self, resolution: Resolution) -> None:
        phases = self._phases
        phases.dns_ms = (resolution.ended - resolution.begun) * 1000
        held = time.monotonic() - resolution.ended + max(0.0, resolution.begun - phases.started)
        phases.note_lag(held, blind=True)
        self.error = resolution.error
        self._take(list(resolution.addresses))

    def _take(self, addresses: list[str]) -> None:
        if self.guarded and (refused := next(filter(is_refused, addresses), None)):
            why = why_refused(refused, Policy.HOSTING)
            self.error = AddressRefusedError(f"{self._server.host} is at {why}")
        self._addresses = addresses
