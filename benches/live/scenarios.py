"""The loads: how many clients, which messages, how often, and who takes part."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

OURS: Final = "AI-GO, WebSocket"
OURS_PLAIN: Final = "AI-GO, WebSocket, not deflated"
OURS_SSE: Final = "AI-GO, SSE"
OURS_UVICORN: Final = "AI-GO under uvicorn"
SOCKETIO: Final = "Socket.IO 4 + ioredis"
GROUP_SEND: Final = "Redis layer's group_send, daphne"
IN_PROCESS: Final = "in-process group, daphne"

DELTA_BYTES: Final = 150
SNAPSHOT_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """size: of a message, in bytes. every_s: the time between two. shares: contender → repetitions."""

    name: str
    words: str
    clients: int
    size: int
    messages: int
    every_s: float
    shares: Mapping[str, int]


SCENARIOS: Final = (
    Scenario(
        "delta",
        "1,000 clients, a message of 150 bytes every 0.1 s",
        1_000,
        DELTA_BYTES,
        40,
        0.1,
        {OURS: 5, SOCKETIO: 5, OURS_SSE: 5},
    ),
    Scenario(
        "snapshot",
        "1,000 clients, a message of 100 KB every 0.8 s",
        1_000,
        SNAPSHOT_BYTES,
        6,
        0.8,
        {OURS: 5, SOCKETIO: 5, OURS_PLAIN: 5},
    ),
    Scenario(
        "many",
        "3,000 clients, a message of 150 bytes every 0.25 s",
        3_000,
        DELTA_BYTES,
        16,
        0.25,
        {OURS: 5, SOCKETIO: 5},
    ),
    Scenario(
        "ways",
        "other ways to the same 1,000 clients, a message of 150 bytes every second",
        1_000,
        DELTA_BYTES,
        5,
        1.0,
        {OURS: 3, SOCKETIO: 3, OURS_UVICORN: 3, IN_PROCESS: 3, GROUP_SEND: 3},
    ),
)
