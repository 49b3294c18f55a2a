"""What processes cost, read from outside in the same way for every tool (Linux)."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SERVER_CORE, CLIENT_CORE = (0, 1) if (os.cpu_count() or 1) > 1 else (0, 0)


def bound_to(core: int) -> Callable[[], None]:
    """For `preexec_fn`: the process and whatever it starts stay on that processor."""
    return lambda: os.sched_setaffinity(0, {core})


def cpu_s(pid: int) -> float:
    """User + system time of the process and its descendants, ended ones included where they were waited for.

    The process's own part comes from its CPU clock (ns; clock_getcpuclockid of the C library), that of
    children that have ended in ticks of 10 ms.
    """
    own = time.clock_gettime((~pid << 3) | 2)
    fields = _stat(pid)
    ended = (int(fields[13]) + int(fields[14])) / TICKS_PER_S
    return own + ended + sum(cpu_s(child) for child in children(pid))


def peak_mb(pid: int) -> float:
    """The most memory the process itself ever had resident, in MB (VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no VmHWM")


def children(pid: int) -> list[int]:
    """Living ones."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if int(_stat(int(entry.name))[1]) == pid:
                    found.append(int(entry.name))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on: the second, the name, may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
