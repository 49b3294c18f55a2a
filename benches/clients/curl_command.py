"""The curl command, one process per probe. It names no token: its figure is the duration of the whole answer.

All processes append their line to one file; a line is shorter than what the kernel appends in one piece.
"""

import json
import os
import tempfile
import time

from benches.clients.harness import serve
from benches.jobs import BODY, HEADERS, Job, Sighting

FIGURES = "%{time_pretransfer} %{time_total} %{exitcode}\\n"


def run(job: Job, begin: float) -> list[Sighting]:
    with tempfile.TemporaryFile() as output:
        os.set_inheritable(output.fileno(), True)
        sightings = _spawn_all(job, begin, output.fileno())
        lines = os.pread(output.fileno(), 1 << 28, 0).decode().splitlines()
    for line in lines:
        probe_id, before, total, code = line.split()
        sighting = sightings[int(probe_id) - 1]
        sighting.problem = "" if code == "0" else f"curl ended with {code}"
        sighting.whole_s = float(total) - float(before)
    return sightings


def _spawn_all(job: Job, begin: float, output: int) -> list[Sighting]:
    environment = dict(os.environ)
    sightings: list[Sighting] = []
    running = 0
    actions = [(os.POSIX_SPAWN_DUP2, output, 1)]
    for probe_id, start_s in enumerate(job.starts_s, start=1):
        while running and (running >= job.max_in_flight or time.monotonic() < begin + start_s - 0.002):
            running -= _reap(0.001)
        time.sleep(max(0.0, begin + start_s - time.monotonic()))
        sightings.append(Sighting(probe_id, time.monotonic(), problem="not ended in time"))
        os.posix_spawn("/usr/bin/curl", _command(job, probe_id), environment, file_actions=actions)
        running += 1
        if time.monotonic() > begin + job.limit_s:
            break
    while running:
        running -= _reap(0.005)
    return sightings


def _reap(wait_s: float) -> int:
    """How many processes have ended; waits a little when none has. At least one must be running."""
    ended = 0
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            ended += 1
    except ChildProcessError:
        return ended  # that was the last one
    if not ended:
        time.sleep(wait_s)
    return ended


def _command(job: Job, probe_id: int) -> list[str]:
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    limit = ["--max-time", json.dumps(job.limit_s)]
    trust = ["--cacert", job.ca_file] if job.ca_file else []
    report = ["-o", "/dev/null", "-w", f"{probe_id} {FIGURES}"]
    return [
        "curl",
        "-sSN",
        *headers,
        *limit,
        *trust,
        *report,
        "--data-binary",
        BODY.decode(),
        job.url(probe_id),
    ]


if __name__ == "__main__":
    serve(run)
