"""What a store costs in processor time: of this process, and of PostgreSQL's backend that works for it."""

import contextlib
import os
import time
from typing import Final

from django.db import connection

from benches.store.copying import on_postgresql

#: Above whatever else runs: what is measured is the store, not how the processor is shared.
NICENESS: Final = -15


def come_first() -> bool:
    """Give this process and its backend precedence; False where the kernel does not allow it."""
    with contextlib.suppress(PermissionError):
        for process in (0, backend_pid()):
            if process is not None:
                os.setpriority(os.PRIO_PROCESS, process, NICENESS)
        return True
    return False


def backend_pid() -> int | None:
    """Of PostgreSQL's process behind the connection; None on SQLite."""
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid) if on_postgresql() else None


class CpuClock:
    """CPU since it was made. What the server does in the background (writing, vacuum) is not in it."""

    def __init__(self) -> None:
        self._backend = backend_pid()
        self._began = self._now()

    def read(self) -> tuple[float, float]:
        """(client, server) in s; the server's is 0 on SQLite, which works in our process."""
        client, server = self._now()
        return client - self._began[0], server - self._began[1]

    def _now(self) -> tuple[float, float]:
        # The CPU clock of another process (clock_getcpuclockid of the C library).
        server_s = time.clock_gettime((~self._backend << 3) | 2) if self._backend else 0.0
        return time.process_time(), server_s
