"""One thread per process that follows the event log and hands frames to the listeners of each event loop."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from django.db import close_old_connections, connection

from aigo.lib.events import Event, LogGap, LogUnavailable, event_log
from aigo.lib.kept import Unavailable
from aigo.lib.once import once
from status.live.audience import Audience
from status.live.control import Control
from status.live.frames import Frame, Parcel, View
from status.live.source import BoardSource

logger = logging.getLogger(__name__)
#: An event becomes a frame at once; those within this time after it become the next one, in seconds.
GATHER_S = 0.5
#: Without a good turn for so long the hub does not follow the log any more, in seconds.
SILENT_AFTER_S = 10.0
#: How long a read of the log waits, in seconds; also how soon a stopped hub ends.
WAIT_S = 1.0
#: Threads that make first frames. Two: one that waits for the database does not stop those who need none.
FIRST_FRAME_THREADS = 2


class Source(Protocol):
    """What frames are made of."""

    def first(self, view: View, since: str) -> Frame:
        """The whole view, or what changed after the event `since`. Raises Problem, Unavailable."""
        ...

    def news(self, events: Sequence[Event]) -> Callable[[View], Sequence[Frame]]:
        """What these events mean for a view: () = nothing. Raises Unavailable, both of them."""
        ...


class Hub:
    """Follows the event log in a thread of its own, from the first listener on."""

    def __init__(self, source: Source | None = None) -> None:
        self.source: Source = source or BoardSource()
        self._audiences: dict[asyncio.AbstractEventLoop, Audience] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._executor = ThreadPoolExecutor(FIRST_FRAME_THREADS, "live-first")
        #: Views that get a snapshot instead of what could not be told.
        self._owed: set[View] = set()
        self._last = ""
        self._framed_at = self._followed_at = 0.0

    async def audience(self) -> Audience:
        """Of the running loop; follows the log from now on. Raises LogUnavailable: no log to follow."""
        loop = asyncio.get_running_loop()
        if loop not in self._audiences:
            await loop.run_in_executor(self._executor, self._start)
            with self._lock:
                if loop not in self._audiences:
                    audience = Audience(self._first, self._executor, self.is_following)
                    audience.control = loop.create_task(Control(audience).run())
                    self._audiences[loop] = audience
        return self._audiences[loop]

    def __len__(self) -> int:
        """How many listeners there are."""
        return sum(len(audience.tokens) for audience in list(self._audiences.values()))

    def stop(self) -> None:
        """End the thread; the hub cannot be used again. Waits for the read under way."""
        self._stopped.set()
        for loop, audience in self._audiences.items():
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(audience.end)
        if self._thread is not None:
            self._thread.join()
        self._executor.shutdown()

    def is_following(self) -> bool:
        """False while the log or the database cannot be read: then silence must not pass for "no news"."""
        return time.monotonic() - self._followed_at < SILENT_AFTER_S

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                # From here on, not from whenever the thread gets its first turn.
                self._last = event_log().last_id()
                self._followed_at = time.monotonic()
                self._thread = threading.Thread(target=self._follow, name="live-hub", daemon=True)
                self._thread.start()

    def _first(self, view: View, since: str) -> Frame:
        try:
            return self.source.first(view, since)
        finally:
            close_old_connections()

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                self._step()
                if not self._owed:
                    self._followed_at = time.monotonic()
                    continue
            except (LogUnavailable, Unavailable) as error:
                logger.warning("live push waits: %s", error)
            except Exception:  # every open page hangs on this thread: whatever went wrong, try again
                logger.exception("live push is interrupted")
            finally:
                close_old_connections()
            self._stopped.wait(WAIT_S)
        connection.close()

    def _step(self) -> None:
        """One turn. Who could not be told what happened is owed a snapshot from then on."""
        if events := self._read():
            self._framed_at = time.monotonic()
            for told in self._news(events):
                self._give(told, "")
            self._last = events[-1].id
        self._give([], "" if self._owed else self._last)
        self._pay()

    def _read(self) -> list[Event]:
        """What has happened since; gathers what follows soon after the frames before."""
        try:
            events = event_log().read_after(self._last, wait_s=0.0 if self._owed else WAIT_S)
            if events and (early_s := self._framed_at + GATHER_S - time.monotonic()) > 0:
                self._stopped.wait(early_s)
                events += event_log().read_after(events[-1].id)
        except LogUnavailable:
            self._owed |= self._views()
            raise
        except LogGap:
            self._last = event_log().last_id()
            self._owed |= self._views()
            return []
        return events

    def _news(self, events: Sequence[Event]) -> Iterator[list[tuple[View, Parcel]]]:
        """What these events mean for everybody who is owed nothing: for whole boards first.

        There are few of those, and most look at them; of picked models everybody may look at others.
        """
        views = self._views() - self._owed
        try:
            news = self.source.news(events) if views else None
            for picked in (False, True) if news else ():
                made = [(view, self._made(view, news)) for view in views if bool(view.models) is picked]
                yield [(view, _pressed(frames)) for view, frames in made if frames]
        except Unavailable as error:
            logger.warning("live push waits: %s", error)
            self._owed |= views
        except Exception:
            logger.exception("live push cannot tell of %d events", len(events))
            self._owed |= views

    def _made(self, view: View, news: Callable[[View], Sequence[Frame]] | None) -> Sequence[Frame]:
        """A view that cannot be made holds up no other."""
        try:
            return news(view) if news else [self.source.first(view, "")]
        except Unavailable:
            raise
        except Exception:
            logger.exception("live push cannot make %s", view)
            self._owed.add(view)
            return ()

    def _pay(self) -> None:
        """Snapshots for those who were not told something."""
        for view in self._owed & self._views():
            self._owed.discard(view)
            try:
                frames = self._made(view, None)
            except Unavailable:
                self._owed.add(view)
                raise
            if frames:
                self._give([(view, _pressed(frames))], "")
        self._owed &= self._views()

    def _views(self) -> set[View]:
        return {view for audience in list(self._audiences.values()) for view in list(audience.views)}

    def _give(self, parcels: list[tuple[View, Parcel]], newest: str) -> None:
        """`newest`: the event up to which everybody has been told everything then, "" = as before."""
        for loop, audience in list(self._audiences.items()):
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(audience.deliver, parcels, newest)


def _pressed(frames: Sequence[Frame]) -> Parcel:
    parcel = Parcel(frames)
    parcel.press()
    return parcel


@once
def hub() -> Hub:
    """This process's hub."""
    return Hub()
