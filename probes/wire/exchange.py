"""One HTTP request and its answer on a connection of its own. Redirects are not followed."""

import ssl
from collections.abc import Mapping
from typing import Protocol

from probes.wire.connection import Connection
from probes.wire.errors import ConnectFailedError, NotHttpError, TransportError, UnsendableError
from probes.wire.http import ResponseParser, Server
from probes.wire.loop import Loop
from probes.wire.phases import Phases
from probes.wire.resolver import Resolver


class Receiver(Protocol):
    """Whoever asked. One of answer_ended and failed comes last, unless the exchange is closed before."""

    def answer_began(self, status: int, headers: Mapping[str, str]) -> None:
        """headers: lower-case names."""
        ...

    def body_received(self, piece: bytes, moment: float) -> None:
        """moment: monotonic seconds at which the last byte of the piece arrived."""
        ...

    def answer_ended(self, *, whole: bool) -> None:
        """whole: False where the connection was closed before the body was complete."""
        ...

    def failed(self, error: TransportError) -> None: ...


class Exchange:
    """`open()` starts it and its clock; `phases` is filled in while it runs."""

    __slots__ = (
        "_began",
        "_connection",
        "_parser",
        "_receiver",
        "phases",
    )

    def __init__(
        self,
        loop: Loop,
        resolver: Resolver,
        server: Server,
        payload: bytes,
        receiver: Receiver,
        ssl_context: ssl.SSLContext,
        *,
        guarded: bool = True,
    ) -> None:
        """payload: the whole request. guarded: False where the operator named the address.

        UnsendableError: TLS knows no such host name.
        """
        self._receiver: Receiver | None = receiver
        self._parser = ResponseParser()
        self._began = False
        try:
            self._connection = Connection(
                loop,
                resolver,
                server,
                payload,
                self,
                tls=ssl_context if server.tls else None,
                guarded=guarded,
            )
        except ValueError as exc:
            raise UnsendableError(f"our request cannot be sent: {exc}") from exc
        self.phases: Phases = self._connection.phases

    @property
    def waits_for_our_resolver(self) -> bool:
        return self._connection.waits_for_our_resolver

    def catch_up(self) -> None:
        """Read what has arrived and was not looked at yet, before time is judged."""
        self._connection.catch_up()

    def open(self) -> None:
        self._connection.open()

    def relax(self) -> None:
        """What comes from now on is wanted with the kernel's moments, but not at once."""
        self._connection.relax()

    def close(self) -> None:
        """The receiver hears nothing more. May be called twice, and from within what it is told."""
        self._receiver = None
        self._connection.close()
        self._parser.close()

    # What the connection tells.

    def bytes_received(self, data: bytes, moment: float) -> None:
        parser = self._parser
        piece = parser.feed(data)
        receiver = self._receiver
        if receiver is None:
            return
        if not self._began and parser.status is not None:
            self._began = True
            receiver.answer_began(parser.status, parser.headers)
            if self._receiver is None:
                return
        if piece:
            receiver.body_received(piece, moment)
        if parser.error is not None:
            self.connection_failed(parser.error)
        elif parser.complete:
            self._end(whole=True)

    def connection_ended(self) -> None:
        if self._began:
            self._end(whole=self._parser.ends_with_connection)
        elif self.phases.first_byte_ms is None:
            self.connection_failed(ConnectFailedError("the connection was closed before any answer"))
        else:
            self.connection_failed(NotHttpError("the connection was closed inside the headers"))

    def connection_failed(self, error: TransportError) -> None:
        if (receiver := self._receiver) is not None:
            self.close()
            receiver.failed(error)

    def _end(self, *, whole: bool) -> None:
        if (receiver := self._receiver) is not None:
            self.close()
            receiver.answer_ended(whole=whole)
