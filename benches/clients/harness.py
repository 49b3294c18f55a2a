"""The frame around every peer: reads the job, says "ready", waits for "go", says "done", hands over its
sightings.

The bench reads the process's CPU and memory at "ready" and "done": neither starting up nor handing over
counts.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

from benches.jobs import Job, Sighting

#: The first read that matches bears the first token; the role chunk's empty content is none.
TEXT: Final = re.compile(rb'"content":"[^"]')


def serve(run: Callable[[Job, float], list[Sighting]]) -> None:
    """run: makes the job's probes, counted from a monotonic moment, and returns what it saw."""
    job = Job.from_json(json.loads(sys.stdin.readline()))
    _say("ready")
    sightings = run(job, float(sys.stdin.readline()))
    _say("done")
    sys.stdin.readline()
    _say(json.dumps([asdict(sighting) for sighting in sightings]))


async def open_loop(job: Job, begin: float, probe: Callable[[Sighting], Awaitable[None]]) -> list[Sighting]:
    """Start every probe at its moment in a task of its own; for clients that live in asyncio."""
    loop, places = asyncio.get_running_loop(), asyncio.Semaphore(job.max_in_flight)
    sightings: list[Sighting] = []

    async def guarded(sighting: Sighting) -> None:
        try:
            async with asyncio.timeout_at(end):
                await probe(sighting)
        except Exception as exc:
            sighting.problem = f"{type(exc).__name__} {exc}"[:200]
        finally:
            places.release()

    end = loop.time() + (begin - time.monotonic()) + job.limit_s
    async with asyncio.TaskGroup() as group:
        for probe_id, start_s in enumerate(job.starts_s, start=1):
            if (wait := begin + start_s - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            await places.acquire()
            if time.monotonic() > begin + job.limit_s:
                break
            sightings.append(Sighting(probe_id, time.monotonic()))
            group.create_task(guarded(sightings[-1]))
    return sightings


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
