"""aiohttp: one session, every request on a connection of its own, nothing parsed."""

import asyncio
import ssl
import time

import aiohttp

from benches.clients.harness import TEXT, open_loop, serve
from benches.jobs import BODY, HEADERS, Job, Sighting


async def run(job: Job, begin: float) -> list[Sighting]:
    trust = ssl.create_default_context(cafile=job.ca_file) if job.ca_file else True
    connector = aiohttp.TCPConnector(force_close=True, limit=0, ssl=trust)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def probe(sighting: Sighting) -> None:
            async with session.post(job.url(sighting.id), data=BODY, headers=HEADERS) as response:
                async for data in response.content.iter_any():
                    if sighting.first_token_s is None and TEXT.search(data):
                        sighting.first_token_s = time.monotonic()

        return await open_loop(job, begin, probe)


if __name__ == "__main__":
    serve(lambda job, begin: asyncio.run(run(job, begin)))
