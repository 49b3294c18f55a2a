"""`/ws/status`: forwards the hub's frames to one browser."""

import asyncio
import logging

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import QueryDict

from aigo.lib.answers import one_of
from aigo.lib.events import START, LogUnavailable, order
from aigo.lib.kept import Unavailable
from aigo.lib.problems import Problem, problem_of
from aigo.lib.regions import ALL, BY_SLUG
from status.board import SORTS
from status.live import (
    FORMATS,
    Listener,
    Ready,
    View,
    dumped,
    heartbeat_of,
    hub,
    ready_resume,
    ready_snapshot,
)

logger = logging.getLogger(__name__)
HEARTBEAT_S = 15.0
#: Open connections per process; past that a browser is told to come back (and polls meanwhile).
MAX_LISTENERS = 2_000
#: Close codes: the address is wrong, too many connections, a fault of ours.
BAD_REQUEST, TOO_MANY, TRY_LATER = 4400, 4429, 1013


class StatusConsumer(AsyncWebsocketConsumer):
    """One open page: a snapshot (or what was missed after `since`), then only what changed."""

    listener: Listener | None = None
    pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        try:
            view, since = _asked(self.scope["query_string"].decode())
        except Problem as refused:
            await self.send(dumped({"type": "error", "data": problem_of(refused)}))
            await self.close(BAD_REQUEST)
            return
        if len(hub()) >= MAX_LISTENERS:
            await self.close(TOO_MANY)
            return
        try:
            self.listener = await asyncio.to_thread(hub().listen, view, asyncio.get_running_loop())
        except LogUnavailable:
            await self.close(TRY_LATER)
            return
        self.pump = asyncio.create_task(self._forward(self.listener, since))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Browsers only listen here; what they send is dropped."""

    async def disconnect(self, code: int) -> None:
        if self.listener:
            hub().leave(self.listener)
        if self.pump:
            self.pump.cancel()

    async def _forward(self, listener: Listener, since: str) -> None:
        try:
            await self._pump(listener, since)
        except Unavailable:  # the browser polls meanwhile, and is told how old the board is
            await self.close(TRY_LATER)
        except Exception:  # the browser comes back and polls meanwhile; a mute socket would look alive
            logger.exception("a live connection has failed")
            await self.close(TRY_LATER)

    async def _pump(self, listener: Listener, since: str) -> None:
        last = await self._send_ready(await _first_frame(listener.view, since))
        while True:
            try:
                ready = await asyncio.wait_for(listener.frames.get(), HEARTBEAT_S)
            except TimeoutError:
                if hub().is_following():
                    await self.send(dumped(heartbeat_of(listener.view, last)))
                continue
            last = await self._send_ready(ready or await _first_frame(listener.view, ""))

    async def _send_ready(self, ready: Ready) -> str:
        event_id, text = ready
        await self.send(text)
        return event_id


def _asked(query_string: str) -> tuple[View, str]:
    """What the address asks for, and the event id to go on from. Problem where it cannot be accepted."""
    query = QueryDict(query_string)
    languages = [code for code, _name in settings.LANGUAGES]
    view = View(
        region=one_of(query, "region", BY_SLUG, ALL),
        format=one_of(query, "format", FORMATS, FORMATS[0]),
        lang=one_of(query, "lang", languages, languages[0]),
        sort=one_of(query, "sort", SORTS, SORTS[0]),
    )
    since = query.get("since", "")
    try:
        if since:
            order(since)
    except ValueError:
        raise Problem("since", since, f"an event id such as {START}") from None
    return view, since


@database_sync_to_async
def _first_frame(view: View, since: str) -> Ready:
    return ready_resume(view, since) if since else ready_snapshot(view)
