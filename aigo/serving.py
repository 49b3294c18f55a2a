"""Our web server: daphne, which hands the live push the protocol objects below its ASGI messages.

`python -m aigo.serving -b 0.0.0.0 -p 8000` takes daphne's options. Any other ASGI server runs AI-GO, too.
"""

import gc
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept
from daphne.cli import CommandLineInterface
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketProtocol
from django.db import connections
from twisted.internet import reactor, tcp

#: What clients may say in one message, in bytes: the live push refuses far less with a reason.
MOST_MESSAGE_BYTES = 64 * 1024
#: A peer that acknowledges nothing for so long is gone; the live push's heartbeats find out. In seconds.
UNACKNOWLEDGED_S = 30
#: How many containers more there must be than freed ones before Python looks for cycles among the youngest,
#: how often among these before the next older, and so on. By default 700, 10, 10: with 3,000 connections a
#: look at all objects takes 140 ms and more, in which nobody gets a frame.
COLLECT_AFTER = (10_000, 10, 100)
#: A process that was told to end does not wait longer for its threads, in seconds.
LEAVE_WITHIN_S = 3
#: How often connections are looked over, in seconds.
LOOK_OVER_S = 2


class Server(DaphneServer):
    """Offers each connection's protocol object where bytes can be written straight to its socket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for option in ("websocket_max_message_size", "websocket_max_frame_size"):
            options[option] = min(options.get(option) or MOST_MESSAGE_BYTES, MOST_MESSAGE_BYTES)
        super().__init__(*arguments, **options)

    def run(self) -> None:
        from status.kept import keeper  # Django is set up by now, with the application

        keeper().renew_aside(_aside)
        gc.collect()
        gc.freeze()  # what is there by now stays
        gc.set_threshold(*COLLECT_AFTER)
        super().run()

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        transport = _transport_of(protocol)
        if isinstance(transport, tcp.Connection):  # not TLS, not HTTP/2
            scope["extensions"] = {"aigo.wire": protocol}
            if scope["type"] == "websocket":
                protocol.perMessageCompressionAccept = _accepted
            if transport.socket.family in (socket.AF_INET, socket.AF_INET6):
                _find_out_who_is_gone(transport.socket)
        return super().create_application(protocol, scope)

    def timeout_checker(self) -> None:
        """daphne's, without its pings: those of all sockets at once hold up the frames of all others."""
        for protocol in list(self.connections):
            if getattr(protocol, "state", None) != WebSocketProtocol.STATE_OPEN:
                protocol.check_timeouts()
            elif 0 <= self.websocket_timeout < protocol.duration():
                protocol.serverClose()
        reactor.callLater(LOOK_OVER_S, self.timeout_checker)  # type: ignore[arg-type]


def _accepted(offers: Iterable[Any]) -> PerMessageDeflateOfferAccept | None:
    """permessage-deflate, for who can inflate what was deflated once for all, in the largest window."""
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer) and not offer.request_max_window_bits:
            return PerMessageDeflateOfferAccept(  # type: ignore[no-untyped-call]
                offer,
                request_no_context_takeover=offer.accept_no_context_takeover,
                no_context_takeover=True,
                max_message_size=MOST_MESSAGE_BYTES,
            )
    return None


def _find_out_who_is_gone(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_S * 1000)


def _transport_of(protocol: Any) -> Any:
    """Of a WebSocket, or of the channel that a request came through."""
    channel = getattr(protocol, "channel", None)
    return getattr(channel, "transport", None) if channel else protocol.transport


def _aside(work: Callable[[], None]) -> None:
    """Done in a thread of its own, with that thread's database connections."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    threading.Thread(target=run, name="renewal", daemon=True).start()


def leave_soon() -> None:
    """End this process, whose work is done, though threads hang.

    A request that was under way leaves one that waits for ever for the event loop that has ended.
    """
    leave = threading.Timer(LEAVE_WITHIN_S, os._exit, (0,))
    leave.daemon = True
    leave.start()


class CommandLine(CommandLineInterface):
    """daphne's, for AI-GO's application."""

    server_class = Server


def main(arguments: list[str]) -> None:
    """Serve until told to end."""
    CommandLine().run([*arguments, "aigo.asgi:application"])
    leave_soon()


if __name__ == "__main__":
    main(sys.argv[1:])
