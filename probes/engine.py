"""The probe engine: a process of its own, so that nothing else disturbs its clock.

`python -m probes.engine --worker NAME` reads JSON lines on stdin and writes JSON lines on stdout:

    → {"type": "batch", "id": str, "specs": [ProbeSpec, …]}
    ← {"type": "ready", "worker": str, "keys": [names of *_API_KEY variables that are set]}
          once, at the start
    ← {"type": "results", "id": str, "attempts": [Attempt, …]}
          at least every 0.5 s while attempts end
    ← {"type": "done", "id": str}
          every spec of the batch has its attempts
    ← {"type": "error", "id": str | null, "error": str}
          a line or a spec that cannot be read

It ends when stdin does. One thread turns the loop that measures; one reads lines and one writes them, so that
neither a long line nor a slow reader of the pipe stops the clock.
"""

import argparse
import contextlib
import gc
import os
import queue
import random
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from probes.admission import Admission
from probes.attempts import ProbeSpec
from probes.batches import Batches
from probes.measurement import MAX_LOOP_LAG_MS, Prober
from probes.warming import warm_up
from probes.wire.loop import Loop
from probes.wire.resolver import Resolver
from probes.wire.tls import make_ssl_context

# A thread that reads a long line must not keep the loop from running longer than this (5 ms by default).
SWITCH_INTERVAL_S: Final = 0.000_5
# The collector looks for cycles, of which an attempt makes none, after so many new objects (700 by default).
GC_THRESHOLD: Final = (100_000, 50, 100)


class MessageWriter:
    """Writes messages from a thread of its own: a slow reader of the pipe must not stop the loop."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._drain, daemon=True, name="engine-writer")
        self._thread.start()

    def __call__(self, message: bytes) -> None:
        self._queue.put(message)

    def say(self, message: Mapping[str, Any]) -> None:
        self(orjson.dumps(message) + b"\n")

    def close(self, timeout_s: float = 2.0) -> None:
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _drain(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                sys.stdout.buffer.write(message)
                sys.stdout.buffer.flush()
            except (BrokenPipeError, ValueError):
                return


def keys_present(environ: Mapping[str, str]) -> list[str]:
    """Names, never values, of the provider keys that are set."""
    return sorted(name for name, value in environ.items() if name.endswith("_API_KEY") and value.strip())


def read_batch(
    line: bytes, complain: Callable[[str | None, str], None]
) -> tuple[str, list[ProbeSpec]] | None:
    """The id and the specs of a line; what cannot be read is complained of and left out."""
    try:
        message = orjson.loads(line)
        if not isinstance(message, dict) or message.get("type") != "batch":
            raise ValueError('expected an object of type "batch"')
        batch_id, rows = str(message["id"]), list(message["specs"])
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        complain(None, f"unreadable line: {type(exc).__name__} {exc}")
        return None
    specs = []
    for row in rows:
        try:
            specs.append(_read_spec(row))
        except (TypeError, ValueError, AttributeError, OverflowError) as exc:
            complain(batch_id, f"unreadable spec: {exc}")
    return batch_id, specs


def _read_spec(row: Any) -> ProbeSpec:
    spec = ProbeSpec.from_json(row)
    due_at, timeout_s = float(spec.due_at), float(spec.timeout_s)
    hash((spec.endpoint, spec.region, spec.tier, due_at + timeout_s)), dict(spec.options)
    return spec


class Engine:
    """The threads around the loop."""

    def __init__(self, worker: str, environ: Mapping[str, str], *, max_lag_ms: float) -> None:
        self._worker = worker
        self._environ = environ
        self._loop = Loop()
        self._prober = Prober(
            worker, environ, make_ssl_context(), self._loop, Resolver(self._loop), max_lag_ms=max_lag_ms
        )
        self._write = MessageWriter()
        self._ended = False
        admission = Admission.for_descriptors(raise_descriptor_limit())
        rng = random.Random()  # noqa: S311 - jitter, no secret
        self._batches = Batches(self._prober, self._write, rng=rng, admission=admission)

    def serve(self) -> None:
        """Run until stdin ends."""
        with contextlib.suppress(OSError):  # a host without loopback can still probe
            warm_up(self._prober)
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLD)
        self._write.say({"type": "ready", "worker": self._worker, "keys": keys_present(self._environ)})
        threading.Thread(target=self._read, daemon=True, name="engine-reader").start()
        self._loop.run_until(lambda: self._ended)
        self._batches.stop()
        self._write.close()

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            if line.strip() and (batch := read_batch(line, self._complain)):
                self._hand_over(*batch)
        self._loop.call_from_thread(self._end)

    def _hand_over(self, batch_id: str, specs: list[ProbeSpec]) -> None:
        self._loop.call_from_thread(lambda: self._batches.take(batch_id, specs))

    def _complain(self, batch_id: str | None, text: str) -> None:
        self._write.say({"type": "error", "id": batch_id, "error": text[:300]})

    def _end(self) -> None:
        self._ended = True


def raise_descriptor_limit() -> int:
    """Take as many descriptors as we may have; returns how many these are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return soft
    return hard


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m probes.engine", description=__doc__.splitlines()[0])
    parser.add_argument("--worker", default="local", help="name of this worker, stored with every attempt")
    parser.add_argument(
        "--max-lag-ms", type=float, default=MAX_LOOP_LAG_MS, help="an attempt that we are later at is lagged"
    )
    arguments = parser.parse_args()
    # Ctrl-C in a terminal reaches the whole group; the parent decides, by closing stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Engine(arguments.worker, os.environ, max_lag_ms=arguments.max_lag_ms).serve()
    sys.stdout.flush()
    # The interpreter would now wait for threads that are still inside getaddrinfo.
    os._exit(0)


if __name__ == "__main__":
    main()
