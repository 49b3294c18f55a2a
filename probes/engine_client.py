"""The parent's side of the probe engine: starts the child process, hands it batches, gives back attempts.

EngineError
└── EngineDied      ours, transient: the batches in flight are lost, the next submit starts a new child
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probes.attempts import Attempt, ProbeSpec

logger = logging.getLogger(__name__)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
#: Reading a line keeps the engine's loop from running: 100 specs take it half a millisecond.
SPECS_PER_LINE = 100

Emit = Callable[[list[Attempt]], None]


class EngineError(Exception):
    """Something went wrong with the engine process itself, not with a probe."""


class EngineDied(EngineError):
    """The child ended before the batch did."""


@dataclass(slots=True)
class _InFlight:
    """lines: how many of the batch's lines are not done yet."""

    child: subprocess.Popen[bytes]
    emit: Emit
    future: Future[None]
    lines: int
    error: BaseException | None = None

    def end_line(self) -> None:
        self.lines -= 1
        if self.lines:
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(None)


def _lines_of(specs: Sequence[ProbeSpec]) -> Iterator[tuple[str, bytes]]:
    """(id, line) of every part of a batch; of an empty batch, too."""
    for start in range(0, max(1, len(specs)), SPECS_PER_LINE):
        line_id = uuid.uuid4().hex
        part = [spec.to_json() for spec in specs[start : start + SPECS_PER_LINE]]
        yield line_id, json.dumps({"type": "batch", "id": line_id, "specs": part}).encode() + b"\n"


class EngineClient:
    """Thread-safe. `emit` runs in the client's reader thread.

    What it raises becomes the batch's exception.
    """

    def __init__(
        self,
        worker_name: str,
        environment: Mapping[str, str] | None = None,
        *,
        max_lag_ms: float | None = None,
    ) -> None:
        """environment: variables added to this process's own for the child (SIMULATOR_URL, …).

        max_lag_ms: as a Prober's, for tests; None = the engine's own.
        """
        self._arguments = ["--worker", worker_name]
        if max_lag_ms is not None:
            self._arguments += ["--max-lag-ms", str(max_lag_ms)]
        self._environment = dict(environment or {})
        self._lock = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._batches: dict[str, _InFlight] = {}
        self._keys: list[str] = []
        self._ready = threading.Event()
        self._closed = False

    @property
    def keys(self) -> list[str]:
        """Names of the `*_API_KEY` variables that the engine found set; empty before `start()`."""
        return list(self._keys)

    @property
    def pid(self) -> int | None:
        """Of the child that runs now."""
        child = self._child
        return child.pid if child and child.poll() is None else None

    def start(self) -> None:
        """Start the child if none runs and wait until it is ready.

        EngineError if it does not become so in 30 s.
        """
        with self._lock:
            if self._closed:
                raise EngineError("the engine client is closed")
            if self._child is None or self._child.poll() is not None:
                self._spawn()
            ready = self._ready
        if not ready.wait(START_TIMEOUT_S):
            raise EngineError(f"the probe engine did not become ready within {START_TIMEOUT_S:g} s")
        if self.pid is None:
            raise EngineDied("the probe engine ended as soon as it was started; its log says why")

    def submit(self, specs: list[ProbeSpec], emit: Emit) -> Future[None]:
        """Hand over a batch; a dead child is started anew.

        The future resolves when every spec has its attempts.
        """
        future = Future[None]()
        lines = dict(_lines_of(specs))
        self.start()
        with self._lock:
            child = self._child
            if child is None or child.stdin is None:
                raise EngineError("the probe engine has no input")
            self._batches |= dict.fromkeys(lines, _InFlight(child, emit, future, len(lines)))
            try:
                for line in lines.values():
                    child.stdin.write(line)
                child.stdin.flush()
            except (OSError, ValueError):
                self._batches = {key: held for key, held in self._batches.items() if key not in lines}
                future.set_exception(EngineDied("the probe engine is gone"))
        return future

    def close(self) -> None:
        """End the child: by closing its stdin, by force after 5 s. Batches in flight fail with EngineDied."""
        with self._lock:
            self._closed = True
            child = self._child
        if child is None:
            return
        if child.stdin is not None and not child.stdin.closed:
            with contextlib.suppress(OSError):
                child.stdin.close()
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _spawn(self) -> None:
        self._ready = threading.Event()
        command = [sys.executable, "-m", "probes.engine", *self._arguments]
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT_ROOT,
            env={**os.environ, **self._environment},
            start_new_session=True,  # Ctrl-C is the parent's; the child ends when its standard input closes
        )
        self._child = child
        threading.Thread(
            target=self._read, args=(child, self._ready), daemon=True, name="engine-results"
        ).start()

    def _read(self, child: subprocess.Popen[bytes], ready: threading.Event) -> None:
        stream = child.stdout
        if stream is None:
            return
        with stream:
            for line in stream:
                try:
                    self._take(json.loads(line), ready)
                except Exception:  # whatever the line holds, the next one must be read
                    logger.exception("unreadable line from the probe engine: %.200r", line)
        code = child.wait()
        if child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
        ready.set()  # nobody need wait longer
        self._fail_batches(child, code)

    def _fail_batches(self, child: subprocess.Popen[bytes], code: int) -> None:
        with self._lock:
            lost = {key: batch for key, batch in self._batches.items() if batch.child is child}
            self._batches = {key: batch for key, batch in self._batches.items() if key not in lost}
            closed = self._closed
        if not closed:
            logger.warning("the probe engine ended with code %s; %d batches lost", code, len(lost))
        for future in {id(batch): batch.future for batch in lost.values()}.values():
            future.set_exception(EngineDied(f"the probe engine ended with code {code}"))

    def _take(self, message: dict[str, Any], ready: threading.Event) -> None:
        kind = message["type"]
        if kind == "ready":
            self._keys = [str(name) for name in message["keys"]]
            ready.set()
        elif kind == "results":
            self._deliver(message)
        elif kind == "done":
            with self._lock:
                batch = self._batches.pop(message["id"], None)
            if batch:
                batch.end_line()
        elif kind == "error":
            logger.error("probe engine: %s (batch %s)", message["error"], message["id"])

    def _deliver(self, message: dict[str, Any]) -> None:
        with self._lock:
            batch = self._batches.get(message["id"])
        if batch is None:
            return
        try:
            batch.emit([Attempt.from_json(row) for row in message["attempts"]])
        except Exception as exc:
            logger.exception("storing attempts failed")
            batch.error = batch.error or exc
