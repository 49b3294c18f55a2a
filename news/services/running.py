"""What a run of one source has: its clock, its report, and what it asks listings with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aigo.lib.fetch import Answer

ACCEPT_LISTING: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml, text/html, */*;q=0.5"
)


@dataclass(slots=True)
class Crawled:
    """What a run did. `listed`: pages that the listing made due, None = it was not due. `kept`: new rows;
    `same`: pages that say what they said; `failed`: pages that could not be read; `left`: due, but not our
    turn. `problem`, `error`: of the listing, "" = none."""

    slug: str
    listed: int | None = None
    kept: int = 0
    same: int = 0
    failed: int = 0
    left: int = 0
    problem: str = ""
    error: str = ""
    next_at: datetime | None = None


class Clock:
    """The moment that a run is told of, going on as time does."""

    def __init__(self, now: datetime) -> None:
        self._now, self._began = now, time.monotonic()

    def now(self) -> datetime:
        return self._now + self.elapsed()

    def elapsed(self) -> timedelta:
        """Since the run began."""
        return timedelta(seconds=time.monotonic() - self._began)


def validators(answer: Answer) -> tuple[str, str]:
    """For the next request; one that is too long to be kept whole is not kept."""
    etag, modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    return etag if len(etag) <= 500 else "", modified if len(modified) <= 100 else ""
