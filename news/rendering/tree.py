"""A process and all that it began, by /proc: Chromium leaves its starter's session, so that is not enough."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
#: So long the kernel may take to end what was killed.
_DYING_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Process:
    """One, as it is now. began: in ticks; with `pid` it is no other."""

    pid: int
    parent: int
    session: int
    began: int


class Tree:
    """Of `root`. Each look finds what was begun since the one before, also by those who have ended."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: dict[int, int] = {}  # pid: when it began

    def members(self) -> set[int]:
        """Who lives now: the process, its descendants, and everybody in a session that one of these began."""
        living = {process.pid: process for process in _living()}
        if not self._seen and self._root in living:
            self._seen[self._root] = living[self._root].began

        def is_ours(pid: int) -> bool:
            now = living.get(pid)
            return pid in self._seen and (now is None or now.began == self._seen[pid])

        found: set[int] = set()
        while more := [
            process
            for process in living.values()
            if process.pid not in found
            and (is_ours(process.pid) or is_ours(process.parent) or is_ours(process.session))
        ]:
            found |= {process.pid for process in more}
            self._seen |= {process.pid: process.began for process in more}
        return found

    def memory(self) -> int:
        """Bytes of all members, without what they share."""
        return sum(map(_own_memory, self.members()))

    def end(self) -> None:
        """Kill all members; who is born meanwhile, too."""
        deadline = time.monotonic() + _DYING_S
        while (left := self.members()) and time.monotonic() < deadline:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _living() -> list[_Process]:
    """All of the machine but those that have ended and were not waited for."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
            told = file.read().rpartition(")")[2].split()
            if told[0] not in ("Z", "X"):
                found.append(_Process(int(name), int(told[1]), int(told[3]), int(told[19])))
    return found


def _own_memory(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            _, resident, shared = file.read().split()[:3]
    except OSError:
        return 0
    return max(int(resident) - int(shared), 0) * _PAGE
