"""Reading the providers' official status pages, and keeping what they said, byte for byte."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aigo.lib.fetch import FetchError
from status.models import OfficialPage

#: Asks one address: (url, headers, max_bytes, timeout_s) → what it answers; FetchError where it does not.
Fetch = Callable[..., Awaitable[object]]


def sync_pages(*, now: datetime) -> int:
    """Make the pages of the catalogue's providers known; how many are new or another page than before."""
    raise NotImplementedError


def read_pages(*, now: datetime, fetch: Fetch | None = None) -> int:
    """Read the pages that are due, at once, each for itself; how many told something."""
    raise NotImplementedError(FetchError)


def note_reading(page: OfficialPage, *, bodies: Mapping[str, bytes], now: datetime) -> bool:
    """Keep what a page answered at `now`. `bodies`: by source name (status.adapters.table.sources_of).

    True where it could be read; False where it is not in its form, which is kept as the page's problem.
    """
    raise NotImplementedError
