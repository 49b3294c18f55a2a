"""A site whose pages come over a slow line: piece by piece, cut wherever it happens."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import requests

from testing.exporter import Handler, exporting
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

    def answer(handler: Handler) -> None:
        asked = {name: handler.headers[name] for name in _ASKED if name in handler.headers}
        found = requests.get(site + handler.path, headers=asked, timeout=PATIENCE_S)
        handler.send_response(found.status_code)
        for name in _TOLD:
            if name in found.headers:
                handler.send_header(name, found.headers[name])
        handler.end_headers()
        body = found.content
        if b"</html>" not in body:
            handler.wfile.write(body)
            return
        for number in range(PIECES):
            handler.wfile.write(body[len(body) * number // PIECES : len(body) * (number + 1) // PIECES])
            time.sleep(PAUSE_S)

    with exporting(answer) as server:
        yield f"http://127.0.0.1:{server.server_port}"
