"""A daphne server on a free port, which it says on stdout."""

import sys
from typing import Any


def say_listening(port: int) -> None:
    sys.stdout.write(f"listening {port}\n")
    sys.stdout.flush()


def serve(server: type[Any], application: Any) -> None:
    """server: daphne's Server or one derived from it. Returns when the process is told to end."""
    running: Any = server(
        application,
        endpoints=["tcp:port=0:interface=127.0.0.1"],
        verbosity=0,
        ready_callable=lambda: say_listening(running.listening_addresses[0][1]),
    )
    running.run()
