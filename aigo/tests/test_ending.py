"""Both programs end when they are told to, with requests under way: one that is cut off leaves a thread."""

import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from testing import migrated
from testing.processes import ServerProcess, free_port

#: Connections, and requests of each, one behind the other.
PAGES, EACH = 60, 10


@pytest.mark.parametrize(
    ("command", "by"),
    [
        (["manage.py", "run"], signal.SIGINT),
        (["-m", "aigo.serving", "-b", "127.0.0.1", "-p", "{port}"], signal.SIGTERM),
    ],
)
def test_it_ends_with_pages_under_way(start, tmp_path: Path, command, by):
    port, folder = free_port(), str(tmp_path)
    migrated.installed_into(tmp_path)
    process: ServerProcess = start(
        [sys.executable, *(word.format(port=port) for word in command)],
        DATA_DIR=folder,
        PORT=str(port),
        SIMULATOR_URL=f"http://127.0.0.1:{free_port()}",
    )
    process.wait_for_url(f"http://127.0.0.1:{port}/healthz")
    with ExitStack() as open_pages:
        pages = [
            open_pages.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(PAGES)
        ]
        for page in pages:
            page.sendall(b"GET /?region=seoul HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * EACH)
        pages[0].recv(1)  # it is answered while the others are under way
        process.stop(by=by)
