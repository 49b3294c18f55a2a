"""The probe engine: a process of its own, so that nothing else disturbs its clock.

`python -m probes.engine --worker NAME` reads JSON lines on stdin and writes JSON lines on stdout:

    → {"type": "batch", "id": str, "specs": [ProbeSpec, …]}
    ← {"type": "ready", "worker": str, "keys": [names of *_API_KEY variables that are set]}      once, at the
    start ← {"type": "results", "id": str, "attempts": [Attempt, …]}      at least every 0.5 s while attempts
    end ← {"type": "done", "id": str}                                    every spec of the batch has its
    attempts ← {"type": "error", "id": str | null, "error": str}              a line or a spec that cannot be
    read

It ends when stdin does. Open loop: every spec starts at its `due_at`, whatever the others do; what starts
late carries its lag, and what is later than 5 s is not sent (`lagged`).
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import queue
import random
import signal
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from probes.attempts import Attempt, ProbeSpec
from probes.measurement import Prober
from probes.outcomes import Charge, charge_of, is_failure
from probes.protocols.description import WireRequest
from probes.transport import Phases, exchange, make_ssl_context
from probes.watchdog import LoopWatchdog

logger = logging.getLogger(__name__)

MAX_CONCURRENT = 512
# getaddrinfo blocks a thread; with too few of them, names would queue and dns_ms would lie.
DNS_THREADS = 64
MAX_LAG_MS = 5_000.0
FLUSH_S = 0.25
CONFIRM_BACKOFF_S = (1.0, 2.0)
CONFIRM_JITTER = 0.2


def contradicts(outcome: str, *, expect_ok: bool) -> bool:
    """True when an attempt says the opposite of what was expected and must be confirmed at once.

    ok against expect_ok=False and http_5xx against expect_ok=True do; what is ours or a series of its own
    does not.
    """
    return is_failure(outcome) if expect_ok else outcome == "ok"


def same_class(first: str, second: str) -> bool:
    """Whether two outcomes say the same: both ok, both the provider's failure, or both neither."""
    fold = {Charge.SERIES: None, Charge.OURS: None}
    return fold.get(charge_of(first), charge_of(first)) == fold.get(charge_of(second), charge_of(second))


@dataclass(slots=True)
class Batch:
    """A batch in flight; `ready` are the attempts that wait for the next flush."""

    id: str
    ready: list[Attempt] = field(default_factory=list)


class Engine:
    """Runs batches on one event loop. `write` takes one message and must not block."""

    def __init__(self, prober: Prober, write: "MessageWriter", rng: random.Random) -> None:
        self._prober = prober
        self._write = write
        self._rng = rng
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)
        self._tasks: set[asyncio.Task[None]] = set()

    def take_line(self, line: bytes) -> None:
        """Start the batch that a line describes.

        A line that is none is answered with an error and forgotten.
        """
        try:
            message = json.loads(line)
            if not isinstance(message, dict) or message.get("type") != "batch":
                raise ValueError('expected an object of type "batch"')
            batch, specs = Batch(str(message["id"])), list(message["specs"])
        except (ValueError, KeyError, TypeError) as exc:
            self._error(None, f"unreadable line: {type(exc).__name__} {exc}")
            return
        task = asyncio.get_running_loop().create_task(self._run_batch(batch, specs))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def cancel(self) -> None:
        """Stop everything; what waits or is under way is reported as `cancelled`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run_batch(self, batch: Batch, rows: list[Any]) -> None:
        specs = [spec for spec in (self._spec(batch.id, row) for row in rows) if spec]
        flusher = asyncio.create_task(self._flush_regularly(batch))
        try:
            async with asyncio.TaskGroup() as group:
                for spec in specs:
                    group.create_task(self._run_spec(batch, spec))
        finally:
            flusher.cancel()
            self._flush(batch)
            self._write({"type": "done", "id": batch.id})

    def _spec(self, batch_id: str, row: Any) -> ProbeSpec | None:
        try:
            spec = ProbeSpec.from_json(row)
            float(spec.due_at), float(spec.timeout_s), dict(spec.options)
        except (TypeError, ValueError, AttributeError) as exc:
            self._error(batch_id, f"unreadable spec: {exc}")
            return None
        return spec

    async def _run_spec(self, batch: Batch, spec: ProbeSpec) -> None:
        """The attempt when it is due, then up to two more at once if it contradicts what was expected."""
        due = time.monotonic() + spec.due_at - time.time()
        first = await self._attempt_at(batch, spec, due, 1)
        if not contradicts(first.outcome, expect_ok=spec.expect_ok):
            return
        for number, backoff_s in enumerate(CONFIRM_BACKOFF_S, start=2):
            due = time.monotonic() + backoff_s * self._rng.uniform(1 - CONFIRM_JITTER, 1 + CONFIRM_JITTER)
            again = await self._attempt_at(batch, spec, due, number)
            if not same_class(first.outcome, again.outcome):
                return

    async def _attempt_at(self, batch: Batch, spec: ProbeSpec, due: float, number: int) -> Attempt:
        """due: monotonic seconds. A negative lag (woken a moment early) counts as none."""
        try:
            await asyncio.sleep(due - time.monotonic())
            async with self._slots:
                lag_ms = max(0.0, (time.monotonic() - due) * 1000)
                if lag_ms > MAX_LAG_MS:
                    detail = f"due {lag_ms:.0f} ms ago, not sent"
                    result = self._prober.unsent(spec, "lagged", detail, number=number, lag_ms=lag_ms)
                else:
                    result = await self._prober.attempt(spec, number=number, lag_ms=lag_ms)
        except asyncio.CancelledError:
            batch.ready.append(
                self._prober.unsent(spec, "cancelled", "the engine was stopped", number=number)
            )
            raise
        except Exception as exc:  # a fault of ours in one attempt must not take the batch with it
            logger.exception("attempt of %s failed inside the engine", spec.endpoint)
            detail = f"inside the engine: {type(exc).__name__}"
            result = self._prober.unsent(spec, "bad_request", detail, number=number)
        batch.ready.append(result)
        return result

    async def _flush_regularly(self, batch: Batch) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._flush(batch)

    def _flush(self, batch: Batch) -> None:
        if batch.ready:
            ready, batch.ready = batch.ready, []
            self._write(
                {"type": "results", "id": batch.id, "attempts": [attempt.to_json() for attempt in ready]}
            )

    def _error(self, batch_id: str | None, text: str) -> None:
        self._write({"type": "error", "id": batch_id, "error": text[:300]})


class MessageWriter:
    """Writes messages from a thread of its own: a slow reader of the pipe must not stop the event loop."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._drain, daemon=True, name="engine-writer")
        self._thread.start()

    def __call__(self, message: dict[str, Any]) -> None:
        self._queue.put(message)

    def close(self, timeout_s: float = 2.0) -> None:
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _drain(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                sys.stdout.buffer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
                sys.stdout.buffer.flush()
            except (BrokenPipeError, ValueError):
                return


def keys_present(environ: Mapping[str, str]) -> list[str]:
    """Names, never values, of the provider keys that are set."""
    return sorted(name for name, value in environ.items() if name.endswith("_API_KEY") and value.strip())


def _pump_stdin(loop: asyncio.AbstractEventLoop, engine: Engine, ended: asyncio.Event) -> None:
    for line in sys.stdin.buffer:
        if line.strip():
            loop.call_soon_threadsafe(engine.take_line, line)
    loop.call_soon_threadsafe(ended.set)


async def warm_up(ssl_context: ssl.SSLContext) -> None:
    """One exchange with ourselves: the libraries load parts on first use, which would cost a probe 30 ms."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        request = WireRequest("GET", f"http://localhost:{port}/", {})
        async with exchange(request, Phases(time.monotonic()), ssl_context) as response:
            await response.aread()


async def serve(worker: str) -> None:
    """Run until stdin ends, then end the process."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(DNS_THREADS, thread_name_prefix="dns"))
    watchdog = LoopWatchdog()
    ssl_context = make_ssl_context()
    write = MessageWriter()
    engine = Engine(Prober(worker, os.environ, ssl_context, watchdog), write, random.Random())  # noqa: S311
    with contextlib.suppress(Exception):  # a host without loopback can still probe
        await warm_up(ssl_context)
    watching = asyncio.create_task(watchdog.watch())
    ended = asyncio.Event()
    reader = threading.Thread(
        target=_pump_stdin, args=(loop, engine, ended), daemon=True, name="engine-reader"
    )
    write({"type": "ready", "worker": worker, "keys": keys_present(os.environ)})
    reader.start()
    await ended.wait()
    await engine.cancel()
    watching.cancel()
    write.close()
    # asyncio.run would now wait for threads that are still inside getaddrinfo.
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m probes.engine", description=__doc__.splitlines()[0])
    parser.add_argument("--worker", default="local", help="name of this worker, stored with every attempt")
    arguments = parser.parse_args()
    # Ctrl-C in a terminal reaches the whole group; the parent decides, by closing stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve(arguments.worker))


if __name__ == "__main__":
    main()
