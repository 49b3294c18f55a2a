"""An open page as a program: a WebSocket per region that notes when it is told what."""

import asyncio
import contextlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp

from status.drills.plan import CannotDrill

#: Every socket has its snapshot within so long, or nobody serves one, in seconds.
SNAPSHOT_WITHIN_S: Final = 20.0
#: How long a socket that was cut off waits before it comes back, in seconds.
RETRY_S: Final = 0.5


class Watcher:
    """Follows the board of several regions in a thread of its own, until it is left.

    Moments are this machine's clock in unix seconds. `drops`: how often a socket was cut off.
    """

    def __init__(self, url: str, regions: Sequence[str]) -> None:
        """url: of the web server, http or https."""
        self.drops = 0
        self._url, self._regions = url, regions
        self._shown: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        self._incidents: list[tuple[float, str]] = []
        self._waiting = set(regions)
        self._ready = threading.Event()
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="drill-watcher", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._following: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(SNAPSHOT_WITHIN_S) or self._failure:
            self.__exit__()
            why = self._failure or f"no snapshot of {', '.join(sorted(self._waiting))}"
            raise CannotDrill(f"{self._url}: no open page can be followed there ({why}); see --url")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._following is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._following.cancel)
        self._thread.join(5)

    def shown_at(self, slug: str, region: str, sampled_at: float, *, after: float) -> float | None:
        """When the row of an endpoint was first told with a sample as new as that; None = not yet.

        -1.0 where it had been told before the moment `after`: a newer sample had overtaken this one.
        """
        for arrived_at, newest in self._shown.get((slug, region), ()):
            if newest >= sampled_at:
                return arrived_at if arrived_at >= after else -1.0
        return None

    def incident_told_at(self, provider: str, *, after: float) -> float | None:
        """When an open incident of a provider was first told after a moment."""
        told = (at for at, slug in self._incidents if slug == provider and at >= after)
        return next(told, None)

    def note(self, region: str, frame: dict[str, Any], now: float) -> str:
        """Keep what the frame tells; its event id, "" where it is none to go on from."""
        kind, data = frame["type"], frame.get("data") or {}
        for row in data.get("rows", ()):
            if row.get("last_sample_at"):
                newest = datetime.fromisoformat(row["last_sample_at"]).timestamp()
                self._shown[row["slug"], region].append((now, newest))
        self._incidents += [(now, line["provider_slug"]) for line in data.get("incidents", ())]
        if kind == "snapshot":
            self._waiting.discard(region)
            if not self._waiting:
                self._ready.set()
        return str(frame.get("id") or "") if kind in ("snapshot", "update", "stats", "incident") else ""

    def _run(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self._follow_all())

    async def _follow_all(self) -> None:
        self._loop, self._following = asyncio.get_running_loop(), asyncio.current_task()
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._follow(session, region) for region in self._regions))

    async def _follow(self, session: aiohttp.ClientSession, region: str) -> None:
        since = ""
        while True:
            try:
                async with session.ws_connect(self._address(region, since), max_msg_size=0) as socket:
                    async for message in socket:
                        frame, now = json.loads(message.data), time.time()
                        since = "" if frame["type"] == "error" else self.note(region, frame, now) or since
            except (aiohttp.ClientError, OSError) as error:
                if region in self._waiting:
                    self._failure = str(error)
                    self._ready.set()
                    return
            self.drops += 1
            await asyncio.sleep(RETRY_S)

    def _address(self, region: str, since: str) -> str:
        scheme, host, path, _query, _fragment = urlsplit(self._url)
        query = urlencode({"region": region} | ({"since": since} if since else {}))
        return urlunsplit(
            ({"https": "wss"}.get(scheme, "ws"), host, f"{path.rstrip('/')}/ws/status", query, "")
        )
