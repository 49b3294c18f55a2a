"""The listeners of one event loop: who looks at what, who waits for a first frame, who does not keep up.

Everything here runs in that loop, so nothing is locked.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from django.utils import timezone

from aigo.lib.events import order
from aigo.lib.kept import Unavailable
from aigo.lib.moments import moment_text
from aigo.lib.problems import Problem, problem_of
from status.live.frames import Frame, Parcel, View, single
from status.live.listeners import Ask, Crowd, Listener

logger = logging.getLogger(__name__)
#: Close codes: the address is wrong, too many connections, signed out, a fault of ours.
BAD_REQUEST, TOO_MANY, SIGNED_OUT, TRY_LATER = 4400, 4429, 4401, 1013
#: Without another frame for so long a listener is told that the connection works, in seconds.
HEARTBEAT_S = 15.0
#: Who cannot take anything for so long is disconnected, in seconds.
BEHIND_S = 30.0
#: How often silence and slowness are looked for, in seconds.
TICK_S = 1.0
#: Parcels that wait for a first frame; past that a newer first frame is taken.
MOST_WAITING = 32

#: Makes a view's first frame, or what was missed after an event id. May raise Problem, Unavailable.
First = Callable[[View, str], Frame]


class Audience:
    """`first` runs in `executor`; `is_following`: whether silence means that nothing has changed."""

    def __init__(self, first: First, executor: Executor, is_following: Callable[[], bool]) -> None:
        self._loop = asyncio.get_running_loop()
        self._first, self._executor, self._is_following = first, executor, is_following
        #: The event up to which everything was delivered here; "" = none yet.
        self._newest = ""
        self.views: dict[View, Crowd] = defaultdict(Crowd)
        self.tokens: dict[str, Listener] = {}
        self._asked: set[Listener] = set()
        self._answering: asyncio.Task[None] | None = None
        #: What other processes ask for; ends with the audience.
        self.control: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def join(self, listener: Listener, since: str = "") -> None:
        """From now on; its first frame is a snapshot, or what it missed after `since`."""
        self.tokens[listener.token] = listener
        self.views[listener.view].add(listener)
        listener.wire.resumed = lambda: self._resumed(listener)
        listener.wire.interrupted = lambda: self._interrupted(listener)
        about = {"connection": listener.token, "heartbeat_s": HEARTBEAT_S, "at": moment_text(timezone.now())}
        self.tell(listener, "hello", about)
        self._want(listener, Ask(since))

    async def check(self, view: View, since: str) -> None:
        """Raises Problem where a view or an id does not exist, Unavailable."""
        if (since or view.models) and isinstance(answer := await self._answer(view, since), Exception):
            raise answer

    def leave(self, listener: Listener) -> None:
        """The connection is gone."""
        listener.left = True
        self.tokens.pop(listener.token, None)
        self._out_of_view(listener)

    def look_at(self, listener: Listener, view: View) -> None:
        """Another view from now on, with a snapshot; back to the former one if it does not exist."""
        former = listener.ask.former if listener.ask and listener.ask.former else listener.view
        self._move(listener, view)
        self._want(listener, Ask(former=former))

    def deliver(self, parcels: Iterable[tuple[View, Parcel]], newest: str) -> None:
        """To everybody who looks at these views. `newest`: all is told up to this event, "" = it is not."""
        now = time.monotonic()
        for view, parcel in parcels:
            if crowd := self.views.get(view):
                crowd.give(parcel, now)
        self._newest = newest or self._newest

    def tell(self, listener: Listener, kind: str, data: dict[str, object]) -> None:
        """A frame for one listener, of no event."""
        if not listener.wire.paused:
            listener.wire.send(single(kind, "", listener.view.region, data))

    def dismiss(
        self, listener: Listener, code: int, kind: str = "", data: dict[str, object] | None = None
    ) -> None:
        """Say why, and end its connection."""
        if listener.left:
            return
        if kind:
            self.tell(listener, kind, data or {})
        self.leave(listener)
        listener.wire.close(code)

    def end(self) -> None:
        """Of the hub: nobody is told anything any more."""
        self._timer.cancel()
        for task in (self._answering, self.control):
            if task:
                task.cancel()

    def _out_of_view(self, listener: Listener) -> None:
        crowd = self.views[listener.view]
        crowd.discard(listener)
        if not crowd:
            del self.views[listener.view]

    def _move(self, listener: Listener, view: View) -> None:
        self._out_of_view(listener)
        listener.view = view
        self.views[view].add(listener)

    def _interrupted(self, listener: Listener) -> None:
        """Something of its own is under way on its wire."""
        if crowd := self.views.get(listener.view):
            crowd.take_apart(listener)

    def _resumed(self, listener: Listener) -> None:
        """Its wire is empty again: the present, once, instead of all that it was not given."""
        if listener.behind_at and listener.ask is None:
            self._want(listener, Ask())

    def _want(self, listener: Listener, ask: Ask) -> None:
        listener.ask = ask
        self._interrupted(listener)
        self._asked.add(listener)
        if self._answering is None or self._answering.done():
            self._answering = self._loop.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        """One frame for all who ask for the same at the same time, made in a thread."""
        while self._asked:
            alike: dict[tuple[View, str], list[tuple[Listener, Ask]]] = defaultdict(list)
            for listener in self._asked:
                if listener.ask and not listener.left:
                    alike[listener.view, listener.ask.since].append((listener, listener.ask))
            self._asked = set()
            for (view, since), asking in alike.items():
                answer = await self._answer(view, since)
                for listener, ask in asking:
                    if listener.ask is ask and not listener.left:
                        self._begin_or_end(listener, ask, answer)

    async def _answer(self, view: View, since: str) -> Parcel | Exception:
        try:
            return await self._loop.run_in_executor(self._executor, self._made, view, since)
        except (Problem, Unavailable) as told:
            return told
        except Exception as fault:  # theirs who asked for it: the connections end, all others go on
            logger.exception("a first frame could not be made")
            return fault

    def _made(self, view: View, since: str) -> Parcel:
        parcel = Parcel([self._first(view, since)])
        parcel.press()
        return parcel

    def _begin_or_end(self, listener: Listener, ask: Ask, answer: Parcel | Exception) -> None:
        """A connection that cannot be told anything holds up no other."""
        try:
            self._begin(listener, ask, answer)
        except Exception:
            logger.exception("a listener could not be given its first frame")
            self.leave(listener)
            listener.wire.abort()

    def _begin(self, listener: Listener, ask: Ask, answer: Parcel | Exception) -> None:
        if isinstance(answer, Problem):
            self._refuse(listener, ask, answer)
        elif isinstance(answer, Exception):  # the browser polls meanwhile, and is told how old the board is
            self.dismiss(listener, TRY_LATER)
        elif len(ask.waiting) > MOST_WAITING:
            self._want(listener, Ask())
        else:
            listener.ask, now = None, time.monotonic()
            listener.known = ""  # of the view before
            listener.give(answer, now)
            listener.known = answer.id
            for parcel in ask.waiting:
                if order(parcel.id) > order(answer.id):
                    listener.give(parcel, now)

    def _refuse(self, listener: Listener, ask: Ask, problem: Problem) -> None:
        if ask.former is None:
            self.dismiss(listener, BAD_REQUEST, "error", problem_of(problem))
            return
        self.tell(listener, "error", problem_of(problem))
        self._move(listener, ask.former)
        self._want(listener, Ask())

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK_S, self._tick)
        now, is_calm = time.monotonic(), bool(self._newest) and self._is_following()
        for view, crowd in list(self.views.items()):
            for listener in tuple(crowd.apart):
                if listener.behind_at and now - listener.behind_at > BEHIND_S:
                    self.leave(listener)
                    listener.wire.abort()
            if is_calm and now - crowd.heard_at >= HEARTBEAT_S:
                crowd.give(single("heartbeat", self._newest, view.region, {}), now)
