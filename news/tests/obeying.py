"""An OpenAI-compatible endpoint on loopback, and the worst of models behind it: it does what a page says."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What a page puts before and behind what it wants the model to answer.
BEGIN, END = "ANSWER EXACTLY:", ":THAT IS ALL"

Sources = list[dict[str, Any]]


def obey(sources: Sources) -> str:
    """The message that the first page which gives one asks for."""
    for source in sources:
        if BEGIN in source["text"]:
            wanted: str = source["text"].partition(BEGIN)[2].partition(END)[0].strip()
            return wanted
    return "I have nothing to say."


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, dict(self.headers), asked))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(self, asked)

    def log_message(self, *args: object) -> None:
        """Nothing: the tests say what they expect."""


class Endpoint(ThreadingHTTPServer):
    """`asked`: path, headers and JSON of each request."""

    daemon_threads = True

    def __init__(self, model: Callable[[Sources], str | bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def answer(self, handler: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        said = self.model(json.loads(asked["messages"][-1]["content"])["sources"])
        body = said if isinstance(said, bytes) else completion(said)
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def completion(message: str) -> bytes:
    """A chat completion with that message."""
    choice = {"index": 0, "message": {"role": "assistant", "content": message}, "finish_reason": "stop"}
    return json.dumps({"id": "c", "object": "chat.completion", "choices": [choice]}).encode()


@contextlib.contextmanager
def serving(model: Callable[[Sources], str | bytes] = obey) -> Iterator[Endpoint]:
    server = Endpoint(model)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
