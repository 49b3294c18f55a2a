"""AI-GO's own server, application, hub and wires; only what frames are made of comes ready from the log.

usage: python -m benches.live.servers.ours aigo|uvicorn …; says "listening PORT". Redis is named by the
environment. An event's `slug` is the frame's text: so the bench measures how frames leave. What a board
costs, once whatever the number of clients, is measured elsewhere.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aigo.asgi import application
from aigo.lib.events import Event
from aigo.serving import Server
from benches.live.servers.listening import say_listening, serve
from status.live import hub as live
from status.live.frames import Framed, View

FIRST = '{"type":"snapshot","id":"0-0","region":"all","data":{"rows":[],"order":[]}}'


@dataclass(slots=True)
class Ready:
    """A frame as it leaves."""

    type: str
    id: str
    text: str


class ReadySource:
    """Frames that the events hold ready."""

    def first(self, view: View, since: str) -> Framed:
        return Ready("snapshot", "0-0", FIRST)

    def news(self, events: Sequence[Event]) -> Callable[[View], Sequence[Framed]]:
        frames: list[Framed] = [Ready("update", event.id, str(event.data["slug"])) for event in events]
        return lambda view: frames


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
    say_listening(bound.getsockname()[1])
    config = uvicorn.Config(application, log_level="warning", lifespan="off", ws_max_size=64 * 1024)
    uvicorn.Server(config).run([bound])


if __name__ == "__main__":
    main()
