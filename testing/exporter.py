"""A real HTTP server on loopback that exposes whatever a test wants, however badly."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Writes the whole answer, head included, to `handler.wfile`.
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Exporter"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.answer(self)

    do_POST = do_GET  # noqa: N815  (http.server finds it by this name)

    def log_message(self, *args: object) -> None:
        """Nothing: the tests say what they expect."""


class Exporter(ThreadingHTTPServer):
    """`answer` is asked for every request; `asked`: (path, headers) of each. `stopped` ends what drips."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/metrics"


@contextmanager
def exporting(answer: Answer | bytes) -> Iterator[Exporter]:
    """A server that answers so until the block ends; bytes = a text."""
    server = Exporter(text(answer) if isinstance(answer, bytes) else answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def text(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    """A whole answer."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def endless(handler: Handler) -> None:
    """100 MB of valid text, as fast as it is read."""
    handler.send_response(200)
    handler.end_headers()
    chunk = b"up 1\n" * 20_000
    for _ in range(1_000):
        handler.wfile.write(chunk)


def dripping(handler: Handler) -> None:
    """A byte now and then, well within any limit per read."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.stopped.wait(0.1):
        handler.wfile.write(b"u")
        handler.wfile.flush()


def dripping_head(handler: Handler) -> None:
    """Not even a head in any reasonable time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.server.stopped.wait(0.1):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def silent(handler: Handler) -> None:
    """A connection and nothing on it."""
    handler.server.stopped.wait()


def cut(handler: Handler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"up 1\n")


def hung_up(handler: Handler) -> None:
    """Closes without a word."""


def no_http(handler: Handler) -> None:
    """Something else listens there."""
    handler.wfile.write(b"220 mail.example.org ESMTP\r\n")


def bloated(handler: Handler) -> None:
    """A head without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Large: " + b"x" * 1_000_000 + b"\r\n\r\n")
