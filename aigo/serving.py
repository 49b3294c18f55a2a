"""Our web server: daphne, which hands the live push the protocol objects below its ASGI messages.

`python -m aigo.serving -b 0.0.0.0 -p 8000` takes daphne's options. Any other ASGI server runs AI-GO, too.
"""

import sys
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server as DaphneServer
from twisted.internet import tcp

#: What clients may say in one message, in bytes: the live push refuses far less with a reason.
MOST_MESSAGE_BYTES = 64 * 1024


class Server(DaphneServer):
    """Offers each connection's protocol object where bytes can be written straight to its socket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        for option in ("websocket_max_message_size", "websocket_max_frame_size"):
            options[option] = min(options.get(option) or MOST_MESSAGE_BYTES, MOST_MESSAGE_BYTES)
        super().__init__(*arguments, **options)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if isinstance(_transport_of(protocol), tcp.Connection):  # not TLS, not HTTP/2
            scope["extensions"] = {"aigo.wire": protocol}
        return super().create_application(protocol, scope)


def _transport_of(protocol: Any) -> Any:
    """Of a WebSocket, or of the channel that a request came through."""
    channel = getattr(protocol, "channel", None)
    return getattr(channel, "transport", None) if channel else protocol.transport


class CommandLine(CommandLineInterface):
    """daphne's, for AI-GO's application."""

    server_class = Server


def main(arguments: list[str]) -> None:
    """Serve until told to end."""
    CommandLine().run([*arguments, "aigo.asgi:application"])


if __name__ == "__main__":
    main(sys.argv[1:])
