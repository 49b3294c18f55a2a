"""Blocking work beside an event loop, given up when it takes too long.

Overdue    theirs: it did not end in time; its thread is left to itself
Crowded    too many such threads are left already
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
#: Threads of this kind at once, those that were given up included.
MOST: Final = 40
NAME: Final = "sending"


class Overdue(Exception):
    """The work did not end in time."""


class Crowded(Exception):
    """Nothing more is begun until some of what hangs has ended."""


def under_way(name: str = NAME) -> int:
    """Threads of that kind of work that have not ended, those that were given up included."""
    return sum(thread.name == name for thread in threading.enumerate())


async def in_thread(act: Callable[[], T], *, limit_s: float, name: str = NAME) -> T:
    """What `act` answers or raises, within `limit_s` seconds. A process ends without waiting for it.

    name: of the kind of work; MOST of each kind, so that targets that hang leave room for the database.
    Raises Overdue, Crowded.
    """
    if under_way(name) >= MOST:
        raise Crowded(f"{MOST} threads of {name} are under way already")
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(lambda: None if future.done() else set_it())
        except RuntimeError:  # the loop has ended meanwhile: nobody waits any more
            return

    def run() -> None:
        try:
            answer = act()
        except BaseException as error:
            wrong = error
            tell(lambda: future.set_exception(wrong))
        else:
            tell(lambda: future.set_result(answer))

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        async with asyncio.timeout(limit_s):
            return await future
    except TimeoutError:
        if future.done() and not future.cancelled():
            raise  # it was the work's own
        raise Overdue(f"it did not end within {limit_s:g} s") from None
