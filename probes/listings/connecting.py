"""Connecting to where a list is, and nowhere else.

ListingFailed    theirs or the operator's; the message says which
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from aigo.lib import connecting
from aigo.lib.addresses import check_url
from probes.addresses import Source


class ListingFailed(Exception):
    """The list could not be read. retry_after_s: seconds the provider asks us to wait, None = not told."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@asynccontextmanager
async def open_session(url: str, source: Source) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the server of `url` alone; the caller limits the time. FetchError: it is not to be asked.

    source: who says that the list is there. The catalogue is data; the operator is believed.
    """
    parts = check_url(url) if source is Source.CATALOGUE else urlsplit(url)
    async with connecting.open_session(await connecting.find(parts, source.policy)) as session:
        yield session
