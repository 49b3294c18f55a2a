"""The tools under test: each starts a process, makes one job's probes and gives back what it saw and cost."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from benches import processes
from benches.jobs import Job, Sighting, base_path
from probes.attempts import Attempt, ProbeSpec

ROOT = Path(__file__).resolve().parent.parent
#: How long a tool may take beyond a job's limit before the bench gives it up.
PATIENCE_S = 20.0
#: From "go" to the first start: no tool shall begin in a hurry.
HEAD_START_S = 1.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job. begin_s: the monotonic moment its starts count from; cpu_s: of the whole job."""

    begin_s: float
    sightings: list[Sighting]
    cpu_s: float
    peak_mb: float


class Tool(Protocol):
    """Runs one job in fresh processes on the client's core."""

    def run(self, job: Job) -> Outcome: ...


class PeerTool:
    """A file of benches/clients."""

    def __init__(self, module: str) -> None:
        self._module = module

    def run(self, job: Job) -> Outcome:
        child = subprocess.Popen(
            [sys.executable, "-m", f"benches.clients.{self._module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            preexec_fn=processes.bound_to(processes.CLIENT_CORE),
        )
        with child:
            _write(child.stdin, json.dumps(job.to_json()))
            _expect(child.stdout, "ready")
            cpu_before, begin = processes.cpu_s(child.pid), time.monotonic() + HEAD_START_S
            _write(child.stdin, repr(begin))
            _expect(child.stdout, "done")
            cpu, peak = processes.cpu_s(child.pid) - cpu_before, processes.peak_mb(child.pid)
            _write(child.stdin, "hand over")
            rows = json.loads(child.stdout.readline()) if child.stdout else []
        return Outcome(begin, [Sighting(**row) for row in rows], cpu, peak)


class EngineTool:
    """Our engine, driven through its process interface as a POP's worker drives it.

    Its results go to a file that is read afterwards: what reads them must not take the server's core.
    """

    BATCH_S = 1.0  # a batch holds the probes of so many seconds …
    AHEAD_S = 1.0  # … and is handed over so long before the first of them

    def run(self, job: Job) -> Outcome:
        with tempfile.TemporaryFile() as results:
            child = subprocess.Popen(
                [sys.executable, "-m", "probes.engine", "--worker", "bench"],
                stdin=subprocess.PIPE,
                stdout=results,
                cwd=ROOT,
                env={**os.environ, **environment(job)},
                preexec_fn=processes.bound_to(processes.CLIENT_CORE),
            )
            tail = _Tail(results)
            _wait(lambda: tail.count(b'"ready"') == 1, 30, "the engine did not become ready")
            offset_s = time.time() - time.monotonic()
            cpu_before, begin = processes.cpu_s(child.pid), time.monotonic() + HEAD_START_S
            batches = list(_batches(job, begin + offset_s, self.BATCH_S))
            for start_s, line in batches:
                time.sleep(max(0.0, begin + start_s - self.AHEAD_S - time.monotonic()))
                if child.stdin:
                    child.stdin.write(line)
                    child.stdin.flush()
            limit_s = begin + job.limit_s - time.monotonic() + PATIENCE_S
            _wait(lambda: tail.count(b'"type":"done"') == len(batches), limit_s, "the engine did not end")
            cpu, peak = processes.cpu_s(child.pid) - cpu_before, processes.peak_mb(child.pid)
            drift_s = time.time() - time.monotonic() - offset_s
            if child.stdin:
                child.stdin.close()
            child.wait(PATIENCE_S)
            return Outcome(begin, sightings_of(tail.lines(), offset_s + drift_s / 2), cpu, peak)


def environment(job: Job) -> Mapping[str, str]:
    """What the engine finds set: a key, and the certificate to trust."""
    return {"BENCH_API_KEY": "bench-0123456789", **({"SSL_CERT_FILE": job.ca_file} if job.ca_file else {})}


def sightings_of(lines: list[bytes], offset_s: float) -> list[Sighting]:
    """From the engine's output.

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


def _batches(job: Job, begin_at: float, batch_s: float) -> list[tuple[float, bytes]]:
    """(the start the batch belongs to in s, its line), in order. begin_at: unix seconds."""
    groups: dict[int, list[int]] = {}
    for place, start_s in enumerate(job.starts_s):
        groups.setdefault(int(start_s // batch_s), []).append(place)
    batches = []
    for number, places in groups.items():
        specs = [_spec(job, place + 1, begin_at + job.starts_s[place]).to_json() for place in places]
        line = json.dumps({"type": "batch", "id": str(number), "specs": specs}).encode() + b"\n"
        batches.append((number * batch_s, line))
    return batches


def _spec(job: Job, probe_id: int, due_at: float) -> ProbeSpec:
    """A tier-B probe with everything switched on: key, known answer, provenance."""
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
        due_at=due_at,
        timeout_s=job.limit_s,
        expected_answer="fourteen",
        confirm=False,
    )


class _Tail:
    """Counts words in a file that grows."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._read = file, bytearray()

    def count(self, word: bytes) -> int:
        # The child shares the file position with us unless we read by place.
        self._read += os.pread(self._file.fileno(), 1 << 28, len(self._read))
        return self._read.count(word)

    def lines(self) -> list[bytes]:
        self.count(b"")
        return [line for line in bytes(self._read).splitlines() if line.strip()]


def _wait(met: "Condition", limit_s: float, otherwise: str) -> None:
    """TimeoutError when it is not met in time."""
    end = time.monotonic() + limit_s
    while not met():
        if time.monotonic() > end:
            raise TimeoutError(f"{otherwise} in {limit_s:.0f} s")
        time.sleep(0.05)


class Condition(Protocol):
    def __call__(self) -> bool: ...


def _write(stream: IO[str] | None, line: str) -> None:
    if stream is None:
        raise RuntimeError("the client has no input")
    stream.write(line + "\n")
    stream.flush()


def _expect(stream: IO[str] | None, word: str) -> None:
    line = stream.readline() if stream else ""
    if line.strip() != word:
        raise RuntimeError(f"the client said {line!r} where {word!r} was due; its message stands above")


TOOLS: dict[str, Tool] = {"ours": EngineTool(), "pycurl": PeerTool("pycurl_multi")}
