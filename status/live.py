"""Live push: one hub per process follows the event log and hands ready frames to its listeners.

A frame is rendered and serialised once per view (region, format, language, order), whatever the number of
listeners. A listener that does not keep up loses its queue and gets a new snapshot instead: the newest
state, never an unbounded backlog. WebSocket consumers listen today; SSE will be a second kind of listener.
"""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import close_old_connections, connection
from django.template.loader import render_to_string
from django.utils import timezone, translation

from aigo.lib.events import Event, LogGap, event_log
from aigo.lib.kept import Answer, Unavailable
from aigo.lib.once import once
from status.board import SORTS, Board, BoardRow
from status.kept import board_of, kept_board, kept_snapshot
from status.snapshot import Snapshot

logger = logging.getLogger(__name__)

FORMATS = ("json", "html")
#: Events within this time become one frame, in seconds.
GATHER_S = 0.5
#: Without a good turn for so long the hub does not follow the log any more, in seconds.
SILENT_AFTER_S = 10.0
#: How long a read of the log waits, in seconds; also how soon a stopped hub ends.
WAIT_S = 1.0
#: Frames that wait for a slow listener; past that it gets a snapshot.
QUEUE_LENGTH = 32


@dataclass(frozen=True, slots=True)
class View:
    """What a listener looks at."""

    region: str
    format: str = "json"
    lang: str = "en"
    sort: str = SORTS[0]


#: A frame's event id and its serialised form.
Ready = tuple[str, str]


@dataclass(eq=False)
class Listener:
    """One open connection. `frames` yields (event id, serialised frame); None = take a new snapshot."""

    view: View
    loop: asyncio.AbstractEventLoop
    frames: asyncio.Queue[Ready | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))

    def offer(self, ready: Ready | None) -> None:
        """Called in the listener's loop."""
        if ready is None or self.frames.full():
            while not self.frames.empty():
                self.frames.get_nowait()
            ready = None
        self.frames.put_nowait(ready)


class Hub:
    """Follows the event log in a thread of its own, from the first listener on."""

    def __init__(self) -> None:
        self._listeners: dict[View, set[Listener]] = defaultdict(set)
        self._counts: dict[View, dict[str, int]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._followed_at = 0.0

    def listen(self, view: View, loop: asyncio.AbstractEventLoop) -> Listener:
        """Register a new listener in `loop`; frames arrive from now on. LogUnavailable: no log to follow."""
        listener = Listener(view, loop)
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                # From here on, not from whenever the thread gets its first turn.
                start = event_log().last_id()
                self._followed_at = time.monotonic()
                self._thread = threading.Thread(
                    target=self._follow, args=(start,), name="live-hub", daemon=True
                )
                self._thread.start()
            self._listeners[view].add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The connection is gone."""
        with self._lock:
            self._listeners[listener.view].discard(listener)
            if not self._listeners[listener.view]:
                del self._listeners[listener.view]
                self._counts.pop(listener.view, None)

    def __len__(self) -> int:
        """How many listeners there are."""
        with self._lock:
            return sum(len(listeners) for listeners in self._listeners.values())

    def stop(self) -> None:
        """End the thread; the hub cannot be used again. Waits for the read under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def is_following(self) -> bool:
        """False while the log or the database cannot be read: then silence must not pass for "no news"."""
        return time.monotonic() - self._followed_at < SILENT_AFTER_S

    def _follow(self, last: str) -> None:
        while not self._stopped.is_set():
            try:
                last = self._step(last)
                self._followed_at = time.monotonic()
            except Unavailable as error:
                logger.warning("live push waits: %s", error)
                self._stopped.wait(WAIT_S)
            except Exception:  # every open page hangs on this thread: whatever went wrong, try again
                logger.exception("live push is interrupted")
                self._stopped.wait(WAIT_S)
            finally:
                close_old_connections()
        connection.close()

    def _step(self, last: str) -> str:
        try:
            events = event_log().read_after(last, wait_s=WAIT_S)
            if not events:
                return last
            self._stopped.wait(GATHER_S)
            events += event_log().read_after(events[-1].id)
        except LogGap:
            newest = event_log().last_id()
            self._give({view: [None] for view in self._views()})
            return newest
        self._give(self._frames_for(events))
        return events[-1].id

    def _views(self) -> list[View]:
        with self._lock:
            return list(self._listeners)

    def _frames_for(self, events: list[Event]) -> dict[View, list[Ready | None]]:
        changed, newest, now = changed_slugs(events), events[-1].id, timezone.now()
        frames: dict[View, list[Ready | None]] = {}
        boards: dict[tuple[str, str], Board] = {}
        for view in self._views():
            if slugs := changed.get(view.region):
                key = (view.region, view.sort)
                board = boards[key] = boards.get(key) or _present_board(view, now)
                frames[view] = [(newest, dumped(update_of(view, board, slugs, newest)))]
                counts = board.counts.to_json()
                if self._counts.get(view) != counts:
                    self._counts[view] = counts
                    frames[view].append((newest, dumped(stats_of(view, board, newest))))
        return frames

    def _give(self, frames: dict[View, list[Ready | None]]) -> None:
        with self._lock:
            for view, readies in frames.items():
                for listener in self._listeners.get(view, ()):
                    for ready in readies:
                        with contextlib.suppress(RuntimeError):  # its loop has ended
                            listener.loop.call_soon_threadsafe(listener.offer, ready)


@once
def hub() -> Hub:
    """This process's hub."""
    return Hub()


def changed_slugs(events: Iterable[Event]) -> dict[str, set[str]]:
    """Region → slugs of the endpoints whose row changed in these events."""
    changed: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.type == "status.update":
            for region, slugs in event.data["changed"].items():
                changed[region] |= set(slugs)
    return changed


def snapshot_of(view: View) -> dict[str, Any]:
    """The whole board as a frame."""
    return _snapshot(view, kept_board(view.region, sort=view.sort, now=timezone.now()))


def ready_snapshot(view: View) -> Ready:
    """The snapshot, serialised once for all who come before the next. Unavailable: there is none of now."""
    kept = _present(timezone.now())

    def make() -> Ready:
        frame = _snapshot(view, board_of(kept, view.region, view.sort))
        return str(frame["id"]), dumped(frame)

    return kept.value.once(("frame", view, kept.event_id), make)


def _snapshot(view: View, board: Board) -> dict[str, Any]:
    data = {"rows": _rows(view, board, board.rows), "order": _order(board), **_stats(view, board)}
    return _frame("snapshot", board.event_id, view, data)


def _present(now: datetime) -> Answer[Snapshot]:
    """The present: what stands in for it while the database is away is for pages, which say so."""
    kept = kept_snapshot(now=now)
    if kept.away:
        raise Unavailable(kept.away)
    return kept


def _present_board(view: View, now: datetime) -> Board:
    return board_of(_present(now), view.region, view.sort)


def ready_resume(view: View, since: str) -> Ready:
    """What changed after the event `since` as an update; a snapshot where the log no longer reaches back.

    ValueError for a malformed id.
    """
    try:
        events = event_log().read_after(since)
    except LogGap:
        return ready_snapshot(view)
    board = _present_board(view, timezone.now())
    slugs = changed_slugs(events).get(view.region, set())
    frame = update_of(view, board, slugs, events[-1].id if events else since)
    frame["data"] |= _stats(view, board)
    return str(frame["id"]), dumped(frame)


def update_of(view: View, board: Board, slugs: Iterable[str], event_id: str) -> dict[str, Any]:
    """The changed rows, and everybody's order."""
    wanted = set(slugs)
    rows = [row for row in board.rows if row.slug in wanted]
    return _frame("update", event_id, view, {"rows": _rows(view, board, rows), "order": _order(board)})


def stats_of(view: View, board: Board, event_id: str) -> dict[str, Any]:
    """The counts."""
    return _frame("stats", event_id, view, _stats(view, board))


def heartbeat_of(view: View, event_id: str) -> dict[str, Any]:
    """Nothing has changed, and the connection works."""
    return _frame("heartbeat", event_id, view, {})


def dumped(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _frame(kind: str, event_id: str, view: View, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "id": event_id, "region": view.region, "data": data}


def _order(board: Board) -> list[str]:
    return [row.slug for row in board.rows]


def _stats(view: View, board: Board) -> dict[str, Any]:
    stats: dict[str, Any] = {"counts": board.counts.to_json(), "simulated": board.simulated}
    if view.format == "html":
        with translation.override(view.lang):
            stats["cards"] = render_to_string("status/_cards.html", {"board": board, "counts": board.counts})
    return stats


def _rows(view: View, board: Board, rows: Iterable[BoardRow]) -> list[dict[str, Any]]:
    if view.format == "json":
        return [row.to_json() for row in rows]
    with translation.override(view.lang):
        return [
            {
                "slug": row.slug,
                "state": row.state.value,
                "rank": row.rank,
                "html": render_to_string("status/_row.html", {"row": row}),
            }
            for row in rows
        ]
