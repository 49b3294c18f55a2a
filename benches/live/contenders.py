"""Who takes part: how its server is started, how clients come to it, and how a message is published."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import redis

from aigo.lib.events.streams import RedisLog
from benches.live.scenarios import GROUP_SEND, IN_PROCESS, OURS, OURS_PLAIN, OURS_SSE, OURS_UVICORN, SOCKETIO

#: The Redis channel that the others' servers subscribe to.
CHANNEL: Final = "bench:live"
LOG_LENGTH: Final = 1_000
PEER: Final = Path(__file__).parent / "peer" / "server.mjs"
#: The machine's, or the one that deploy/setup/node.sh put into .venv.
NODE: Final = shutil.which("node") or str(Path(sys.executable).with_name("node"))
#: Publishes by a URL of Redis; what it returns takes the texts.
Publisher = Callable[[str], Callable[[str], object]]


@dataclass(frozen=True, slots=True)
class Contender:
    """server: its command, before the URL of Redis. greetings: messages that each client gets first."""

    server: tuple[str, ...]
    clients: str
    path: str
    greetings: int
    publisher: Publisher


def to_channel(url: str) -> Callable[[str], object]:
    connection = redis.Redis.from_url(url)
    return lambda text: connection.publish(CHANNEL, text)


def to_event_log(url: str) -> Callable[[str], object]:
    """An event that has room for a text; `servers.ours` makes the frame of it."""
    log = RedisLog(url, LOG_LENGTH)
    return lambda text: log.append("article.published", {"slug": text}, now=datetime.now(UTC))


def _python(module: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benches.live.servers.{module}", *words)


def _group(layer: str) -> Contender:
    return Contender(_python("groups", layer), "websocket", "/ws", 0, to_channel)


CONTENDERS: Final = {
    SOCKETIO: Contender(
        (NODE, str(PEER)), "socketio", "/socket.io/?EIO=4&transport=websocket", 2, to_channel
    ),
    OURS: Contender(_python("ours", "aigo"), "websocket", "/ws/status", 2, to_event_log),
    OURS_PLAIN: Contender(_python("ours", "aigo"), "plain", "/ws/status", 2, to_event_log),
    OURS_SSE: Contender(_python("ours", "aigo"), "sse", "/events/status", 2, to_event_log),
    OURS_UVICORN: Contender(_python("ours", "uvicorn"), "websocket", "/ws/status", 2, to_event_log),
    GROUP_SEND: _group("redis"),
    IN_PROCESS: _group("process"),
}
