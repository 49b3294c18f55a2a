"""One attempt at ourselves before the first real one: parts load on first use, at a probe's expense."""

import socket
import threading
from contextlib import suppress

from probes.attempts import ProbeSpec
from probes.measurement import Prober

_EVENT = (
    b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}'
)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + _EVENT + b"\n\ndata: [DONE]\n\n"


def warm_up(prober: Prober) -> None:
    """OSError: this host has no loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer_once, args=(server,), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        prober.attempt(
            ProbeSpec(
                target_id=0,
                endpoint="warm-up",
                region="",
                tier="B",
                protocol="openai_chat",
                base_url=f"http://localhost:{port}",
                provider_model_id="m",
                key_env="",
                base_url_env="",
                due_at=0.0,
                timeout_s=2.0,
            )
        )
        thread.join(2.0)


def _answer_once(server: socket.socket) -> None:
    server.settimeout(2.0)
    with suppress(OSError):
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(_ANSWER)
            connection.recv(1)
