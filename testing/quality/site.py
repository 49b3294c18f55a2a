"""The showcase: a real server on a store of ninety days."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from testing.processes import ServerProcess, free_port

#: A seed takes some ten seconds on a quiet machine.
SEEDED_WITHIN_S = 800


class Site:
    """One that stands. names: what its addresses are filled in with."""

    def __init__(self, url: str) -> None:
        self.url = url
        opened = self.ask("/api/v1/incidents?state=open")["results"]
        self.names = {"incident": next(row["id"] for row in opened if row["provider"] == "lanternfell")}
        best = self.ask("/api/v1/benchmarks/suites/gpqa-diamond")["ranking"][0]
        self.names["score"] = best["score"]

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)


@contextmanager
def standing(*more: str) -> Iterator[Site]:
    """A site that is ended afterwards; `more`: arguments of `python -m testing.showcase`."""
    port = free_port()
    server = ServerProcess([sys.executable, "-m", "testing.showcase", "--port", str(port), *more])
    try:
        server.wait_for_line("the showcase stands", timeout_s=SEEDED_WITHIN_S)
        server.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        server.stop_quickly()
