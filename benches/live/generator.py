"""The clients of the live bench, as the bench steers them: a program in C (load/main.c)."""

import re
import struct
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benches import processes

SOURCE: Final = Path(__file__).parent / "load" / "main.c"
#: arrival_t and start_t of load/main.c.
ARRIVAL: Final = struct.Struct("=qq")
START: Final = struct.Struct("=q320s")


def sent_at(start: bytes) -> int:
    """The moment in a compressed message's first bytes. ValueError where there is none."""
    text = zlib.decompressobj(-zlib.MAX_WBITS).decompress(start)
    found = re.search(rb"sent=(\d+);", text)
    if found is None:
        raise ValueError(f"no moment in the message that begins with {text[:60]!r}")
    return int(found[1])


class Generator:
    """Open connections to one server. RuntimeError where the program has ended; why stands on stderr."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def connect(self, count: int) -> int:
        """Open so many more; how many are ready then, of all. A refused one is said on stderr."""
        ready, _gone = self._ask(f"connect {count}", "connected")
        return ready

    def wait(self, count: int, limit_s: float) -> int:
        """Until `count` messages have arrived since the last `take`, at most limit_s; how many have."""
        arrived, _gone = self._ask(f"await {count} {int(limit_s * 1000)}", "arrived")
        return arrived

    def take(self) -> list[int]:
        """How long each message since the last call was under way, in ns, in order of arrival."""
        arrived, starts = self._ask("take", "took")
        stdout = self._process.stdout
        if stdout is None:
            raise RuntimeError("the load generator has no output")
        pairs = list(ARRIVAL.iter_unpack(stdout.read(arrived * ARRIVAL.size)))
        known = START.iter_unpack(stdout.read(starts * START.size))
        sent = [sent_at(start[:size]) for size, start in known]
        return [at - (moment if moment >= 0 else sent[-1 - moment]) for at, moment in pairs]

    def _ask(self, command: str, word: str) -> list[int]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the load generator has no input or output")
        stdin.write(command.encode() + b"\n")
        stdin.flush()
        answer = stdout.readline().decode().split()
        if answer[:1] != [word]:
            raise RuntimeError(f"the load generator ended at {command!r}")
        return [int(number) for number in answer[1:]]


@contextmanager
def generating(
    binary: Path, kind: str, *, port: int, path: str, greetings: int, core: int, limit_s: float
) -> Iterator[Generator]:
    """Its process, without a connection yet.

    kind: "websocket", "plain" (one without compression), "sse" or "socketio". greetings: messages without a
    moment until a client is ready.
    """
    command = [*processes.precedence(), str(binary), kind, str(port), path, str(greetings)]
    with processes.running(command, core=core, limit_s=limit_s) as process:
        yield Generator(process)


def build(folder: Path) -> Path:
    """Compile it into `folder`. CalledProcessError shows what the compiler said."""
    binary = folder / "live-load"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", str(binary), str(SOURCE)], check=True)
    return binary
