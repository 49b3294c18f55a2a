"""Processes under test: started on a core of their own, and their cost read from outside (Linux)."""

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
#: The first and the last processor we may use; with one alone server and client disturb each other.
SERVER_CORE, CLIENT_CORE = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))


@contextlib.contextmanager
def running(
    command: list[str],
    *,
    core: int,
    limit_s: float,
    stdout: IO[bytes] | int = subprocess.PIPE,
    environment: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the project on one processor; afterwards its input is closed, and it is killed after 5 s.

    limit_s: it is killed after this time whatever it does. The last lines of its stderr are passed on.
    """
    with tempfile.TemporaryFile() as complaints:
        child = _start(command, core, stdout, complaints, environment or {})
        limit = threading.Timer(limit_s, child.kill)
        limit.daemon = True
        limit.start()
        try:
            yield child
        finally:
            limit.cancel()
            _end(child)
            _pass_on(complaints)


def _start(
    command: list[str], core: int, stdout: IO[bytes] | int, stderr: IO[bytes], environment: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """It inherits the core from us, so that no thread of it ever runs elsewhere."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    finally:
        os.sched_setaffinity(0, ours)


def _end(child: "subprocess.Popen[bytes]") -> None:
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _pass_on(complaints: IO[bytes], most: int = 3) -> None:
    """A process may complain once per probe: the last lines must do."""
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").splitlines()
    for line in lines[-most:]:
        sys.stderr.write(f"  ({len(lines)} lines on stderr) {line}\n")


@functools.cache
def precedence() -> tuple[str, ...]:
    """What a command begins with to come before all others on its core; () = it is not allowed."""
    for words in (("chrt", "--fifo", "1"), ("nice", "-n", "-15")):
        with contextlib.suppress(OSError):
            done = subprocess.run([*words, "true"], capture_output=True, check=False)
            if done.returncode == 0 and not done.stderr:
                return words
    return ()


def prefer(pid: int) -> None:
    """Give a running process what `precedence` gives a command."""
    match precedence():
        case ("chrt", *_):
            os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))
        case ("nice", *_):
            os.setpriority(os.PRIO_PROCESS, pid, -15)


@contextlib.contextmanager
def busy_neighbour(core: int) -> Iterator[None]:
    """A process that wants all of a processor."""
    with running([sys.executable, "-c", "while True: pass"], core=core, limit_s=600) as neighbour:
        yield
        neighbour.kill()


class Meter:
    """What a process costs from now on, and what others take of its core meanwhile."""

    def __init__(self, pid: int, core: int) -> None:
        self._pid, self._core = pid, core
        self._started, self._cpu_s, self._busy_s = time.monotonic(), cpu_s(pid), busy_s(core)

    def read(self) -> tuple[float, float, float]:
        """(CPU in s, peak memory in MB, the others' share of the core) since the meter was made."""
        cpu = cpu_s(self._pid) - self._cpu_s
        others = busy_s(self._core) - self._busy_s - cpu
        return cpu, peak_mb(self._pid), max(0.0, others / (time.monotonic() - self._started))


def cpu_s(pid: int) -> float:
    """User + system time of the process and its descendants, ended ones included where they were waited for.

    The process's own part comes from its CPU clock (ns; clock_getcpuclockid of the C library), that of
    children that have ended in ticks of 10 ms.
    """
    own = time.clock_gettime((~pid << 3) | 2)
    fields = _stat(pid)
    ended = (int(fields[13]) + int(fields[14])) / TICKS_PER_S
    return own + ended + sum(cpu_s(child) for child in children(pid))


def busy_s(core: int) -> float:
    """How long a processor was not idle since the machine started, in ticks of 10 ms."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name == f"cpu{core}":
            numbers = [int(tick) for tick in ticks[:8]]
            return (sum(numbers) - numbers[3] - numbers[4]) / TICKS_PER_S  # less idle and waiting for a disk
    raise ValueError(f"there is no processor {core}")


def peak_mb(pid: int) -> float:
    """The most memory the process itself ever had resident, in MB (VmHWM)."""
    return _status_kb(pid, "VmHWM") / 1024


def resident_kb(pid: int) -> int:
    """What the process itself has resident now, in kB (VmRSS)."""
    return _status_kb(pid, "VmRSS")


def _status_kb(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"process {pid} has no {name}")


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
