"""A receiver of webhooks as a process of its own: it verifies with `standardwebhooks` and keeps what came.

`python -m testing.hooks <port> <file>`: the secret is read from WEBHOOK_SECRET. Each delivery is a line of
the file, kept before it is answered: {"id", "type", "body" (its SHA-256)}, or {"refused": why}.
"""

import hashlib
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def main(port: int, kept: Path, secret: str) -> None:
    """Serve until killed."""
    verifier = Webhook(secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                said = verifier.verify(body, dict(self.headers.items()))
            except WebhookVerificationError as error:
                self._answer(400, {"refused": str(error)})
                return
            digest = hashlib.sha256(body).hexdigest()
            self._answer(204, {"id": self.headers["webhook-id"], "type": said["type"], "body": digest})

        def _answer(self, status: int, line: dict[str, Any]) -> None:
            with kept.open("a") as file:
                file.write(json.dumps(line) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), os.environ["WEBHOOK_SECRET"])
