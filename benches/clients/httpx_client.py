"""httpx: one AsyncClient that keeps no connection, nothing parsed."""

import asyncio
import ssl
import time

import httpx

from benches.clients.harness import TEXT, open_loop, serve
from benches.jobs import BODY, HEADERS, Job, Sighting


async def run(job: Job, begin: float) -> list[Sighting]:
    trust = ssl.create_default_context(cafile=job.ca_file) if job.ca_file else True
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(limits=limits, timeout=None, verify=trust, trust_env=False) as client:  # noqa: S113

        async def probe(sighting: Sighting) -> None:
            url = job.url(sighting.id)
            async with client.stream("POST", url, content=BODY, headers=HEADERS) as response:
                async for data in response.aiter_raw():
                    if sighting.first_token_s is None and TEXT.search(data):
                        sighting.first_token_s = time.monotonic()

        return await open_loop(job, begin, probe)


if __name__ == "__main__":
    serve(lambda job, begin: asyncio.run(run(job, begin)))
