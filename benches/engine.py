"""Our engine as a tool under test, driven through its process interface as a POP's worker drives it."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from subprocess import Popen
from typing import IO, Any

from benches import processes
from benches.jobs import HEAD_START_S, Job, Outcome, Sighting, base_path
from probes.attempts import Attempt, ProbeSpec

READY_S = 30.0
# A batch holds the probes of so many seconds, and is handed over so long before the first of them is due.
BATCH_S = 1.0
AHEAD_S = 1.0


class EngineTool:
    """The engine with everything switched on: key, known answer, provenance, rate limits.

    Its results go to a file that is read afterwards: what reads them must not take the server's core.
    """

    def run(self, job: Job) -> Outcome:
        specs = [_spec(job, place + 1) for place in range(len(job.starts_s))]
        with (
            tempfile.TemporaryFile() as results,
            processes.running(
                [sys.executable, "-m", "probes.engine", "--worker", "bench"],
                core=processes.CLIENT_CORE,
                limit_s=READY_S + job.patience_s,
                stdout=results,
                environment=environment(job),
            ) as child,
        ):
            output = _Growing(results, child)
            output.wait_for(b'"ready"', 1, READY_S)
            meter = processes.Meter(child.pid, processes.CLIENT_CORE)
            begin, offset_s = time.monotonic() + HEAD_START_S, time.time() - time.monotonic()
            count = _hand_over(child.stdin, _batches(job, specs, begin + offset_s), begin)
            output.wait_for(b'"type":"done"', count, job.patience_s)
            cost = meter.read()
            offset_s = (
                offset_s + time.time() - time.monotonic()
            ) / 2  # the wall clock may have been corrected
            return Outcome(begin, sightings_of(output.lines(), offset_s), *cost)


def environment(job: Job) -> Mapping[str, str]:
    """What the engine finds set: a key, and the certificate to trust."""
    return {"BENCH_API_KEY": "bench-0123456789", **({"SSL_CERT_FILE": job.ca_file} if job.ca_file else {})}


def sightings_of(lines: list[bytes], offset_s: float) -> list[Sighting]:
    """From the engine's output. RuntimeError where the engine could not read what we sent.

    offset_s: wall clock - monotonic clock. Later attempts at a probe are left out.
    """
    sightings = []
    for line in lines:
        message = json.loads(line)
        if message["type"] == "error":
            raise RuntimeError(f"the engine says: {message['error']}")
        for row in message.get("attempts", []):
            attempt = Attempt.from_json(row)
            if attempt.attempt == 1:
                sightings.append(_sighting(attempt, offset_s))
    return sightings


def _sighting(attempt: Attempt, offset_s: float) -> Sighting:
    started = attempt.started_at - offset_s
    seen = None if attempt.first_token_ms is None else started + attempt.first_token_ms / 1000
    problem = "" if attempt.outcome == "ok" else f"{attempt.outcome} {attempt.error_detail}"
    return Sighting(attempt.target_id, started, seen, problem=problem)


def _spec(job: Job, probe_id: int) -> dict[str, Any]:
    return ProbeSpec(
        target_id=probe_id,
        endpoint=f"bench--model-{probe_id}",
        region="seoul",
        tier="B",
        protocol="openai_chat",
        base_url=job.root + base_path(probe_id),
        provider_model_id="bench-model",
        key_env="BENCH_API_KEY",
        base_url_env="",
        due_at=0.0,
        timeout_s=job.limit_s,
        expected_answer="fourteen",
        confirm=False,
    ).to_json()


def _batches(job: Job, specs: list[dict[str, Any]], begin_at: float) -> Iterator[tuple[float, bytes]]:
    """(start in s of what the batch holds, its line), in order. begin_at: unix seconds."""
    batches: dict[int, list[dict[str, Any]]] = {}
    for spec, start_s in zip(specs, job.starts_s, strict=True):
        batches.setdefault(int(start_s // BATCH_S), []).append({**spec, "due_at": begin_at + start_s})
    for number, rows in batches.items():
        line = json.dumps({"type": "batch", "id": str(number), "specs": rows})
        yield number * BATCH_S, line.encode() + b"\n"


def _hand_over(stream: IO[bytes] | None, batches: Iterator[tuple[float, bytes]], begin: float) -> int:
    """Write every batch at its time; how many there were."""
    if stream is None:
        raise RuntimeError("the engine has no input")
    count = 0
    for start_s, line in batches:
        time.sleep(max(0.0, begin + start_s - AHEAD_S - time.monotonic()))
        stream.write(line)
        stream.flush()
        count += 1
    return count


class _Growing:
    """The file that the engine writes to. It is read by place: both share the file's position."""

    def __init__(self, file: IO[bytes], writer: "Popen[bytes]") -> None:
        self._file, self._writer, self._content = file, writer, bytearray()

    def wait_for(self, word: bytes, count: int, limit_s: float) -> None:
        """Until the word stands in what came from now on so many times.

        TimeoutError when it does not, RuntimeError when the engine has ended.
        """
        end, found, searched = time.monotonic() + limit_s, 0, len(self._content)
        while found < count:
            if time.monotonic() > end:
                raise TimeoutError(f"the engine gave {found} of {count} {word.decode()} in {limit_s:.0f} s")
            if self._writer.poll() is not None:
                raise RuntimeError(f"the engine ended with code {self._writer.returncode}")
            time.sleep(0.05)
            self._read()
            whole = self._content.rfind(b"\n") + 1  # lines that are still being written wait
            found += self._content.count(word, searched, whole)
            searched = max(searched, whole)

    def lines(self) -> list[bytes]:
        self._read()
        return [line for line in bytes(self._content).splitlines() if line.strip()]

    def _read(self) -> None:
        self._content += os.pread(self._file.fileno(), 1 << 28, len(self._content))
