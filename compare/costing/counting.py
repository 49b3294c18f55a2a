"""Asking the counting process, and remembering what it said of the last texts.

CountingFailed    ours, transient: the process died or took too long; the next text starts a new one
"""

import contextlib
import hashlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final, cast

from aigo.lib.once import once

logger = logging.getLogger(__name__)
PROJECT_ROOT: Final = Path(__file__).resolve().parents[2]
#: A text takes a tenth of a second, the first one after a pause three seconds more.
MOST_S: Final = 20.0
#: Without a question for so long the process ends, and its memory is free.
IDLE_S: Final = 300.0
#: Counts of so many texts are remembered, never the texts.
MOST_TEXTS: Final = 200


class CountingFailed(Exception):
    """No count came."""


class CountingClient:
    """Thread-safe; one text at a time. The child starts with the first text."""

    def __init__(self, *, idle_s: float = IDLE_S, most_s: float = MOST_S) -> None:
        self._idle_s, self._most_s = idle_s, most_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._ending: threading.Timer | None = None
        self._known: OrderedDict[str, dict[str, int | None]] = OrderedDict()

    def count(self, text: str, names: Iterable[str]) -> Mapping[str, int | None]:
        """Name of a vocabulary → tokens of the text, None where that one failed. Raises CountingFailed."""
        names = list(names)
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
        with self._lock:
            known = self._known.setdefault(digest, {})
            self._known.move_to_end(digest)
            while len(self._known) > MOST_TEXTS:
                self._known.popitem(last=False)
            missing = [name for name in names if name not in known]
            if missing and text:
                known |= self._asked(text, missing)
            return MappingProxyType({name: known.get(name, None if text else 0) for name in names})

    def close(self) -> None:
        """Ends the child, if there is one."""
        with self._lock:
            self._end()

    def _asked(self, text: str, names: list[str]) -> dict[str, int | None]:
        if self._ending:
            self._ending.cancel()
        child = self._started()
        late = threading.Timer(self._most_s, child.kill)
        late.start()
        began = time.monotonic()
        try:
            line = json.dumps({"text": text, "names": names}).encode() + b"\n"
            stdin, stdout = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
            stdin.write(line)
            stdin.flush()
            answer = stdout.readline()
        except OSError as error:
            self._end()
            raise CountingFailed(f"The counting process does not answer: {error}") from error
        finally:
            late.cancel()
        if not answer:
            self._end()
            raise CountingFailed(f"The counting process ended after {time.monotonic() - began:.1f} s")
        self._ending = threading.Timer(self._idle_s, self.close)
        self._ending.daemon = True
        self._ending.start()
        counts: dict[str, int | None] = json.loads(answer)["counts"]
        return counts

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._end()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "compare.costing.counter"],
                cwd=PROJECT_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError):
            if child.stdin:
                child.stdin.close()
        if child.poll() is None:
            child.kill()
        child.wait(5)
        if child.stdout:
            child.stdout.close()


@once
def client() -> CountingClient:
    """This process's."""
    return CountingClient()
