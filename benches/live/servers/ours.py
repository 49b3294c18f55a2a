"""AI-GO's own server, application, hub and wires; only what frames are made of comes ready from the log.

usage: python -m benches.live.servers.ours aigo|uvicorn …; says "listening PORT". Redis is named by the
environment. An event's `slug` is the frame's text: so the bench measures how frames leave. What a board
costs, once whatever the number of clients, is measured elsewhere.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from aigo.asgi import application
from aigo.lib.events import Event
from aigo.serving import Server
from benches.live.servers.listening import say_listening, serve
from status.live import hub as live
from status.live.frames import Frame, View

FIRST = '{"type":"snapshot","id":"0-0","region":"all","data":{"rows":[],"order":[]}}'


class ReadySource:
    """Frames that the events hold ready."""

    def first(self, view: View, since: str) -> Frame:
        return Frame({"type": "snapshot", "id": "0-0"}, FIRST)

    def news(self, events: Sequence[Event]) -> Callable[[View], Sequence[Frame]]:
        frames: list[Frame] = [_frame(event) for event in events]
        return lambda view: frames


def _frame(event: Event) -> Frame:
    return Frame({"type": "update", "id": event.id}, event.data["slug"])


def main() -> None:
    live.GATHER_S = 0.0  # the others send every message at once, too
    live.hub().source = ReadySource()
    if sys.argv[1] == "uvicorn":
        _serve_by_uvicorn(application)
    else:
        serve(Server, application)


def _serve_by_uvicorn(application: Any) -> None:
    import socket

    import uvicorn

    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(4096)
    say_listening(bound.getsockname()[1])
    # It would deflate anew for each client, with a context that the load generator does not keep.
    config = uvicorn.Config(application, log_level="warning", lifespan="off", ws_per_message_deflate=False)
    uvicorn.Server(config).run([bound])


if __name__ == "__main__":
    main()
