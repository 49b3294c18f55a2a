"""A site whose pages come over a slow line: piece by piece, cut wherever it happens."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from testing.patience import PATIENCE_S

PIECES: Final = 24
#: Between two of them, in seconds: the browser shows what has come.
PAUSE_S: Final = 0.1
#: What the site needs to know of a request, and the browser of an answer.
_ASKED: Final = ("Accept", "Cookie", "User-Agent")
_TOLD: Final = ("Content-Type", "Content-Security-Policy")


@contextmanager
def in_pieces(site: str) -> Iterator[str]:
    """An address at which that site is had slowly until the block ends."""

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: self.headers[name] for name in _ASKED if name in self.headers}
            try:
                answer = urllib.request.urlopen(
                    urllib.request.Request(site + self.path, headers=asked), timeout=PATIENCE_S
                )
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = answer.read()
            self.send_response(answer.status)
            for name in _TOLD:
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            pieces = PIECES if b"</html>" in body else 1
            for number in range(pieces):
                self.wfile.write(body[len(body) * number // pieces : len(body) * (number + 1) // pieces])
                time.sleep(PAUSE_S if pieces > 1 else 0)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
