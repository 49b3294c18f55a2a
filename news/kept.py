"""What readers are shown of news, kept until an article was published, withdrawn or corrected."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once

T = TypeVar("T")
#: Events tell of every change of an article; this is for what none told, such as a tag's name.
KEPT: Final = timedelta(minutes=5)
#: Wishes are the readers' choice.
MOST_KEPT: Final = 200
NEWS: Final = "news"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (NEWS,) if event.type == "news.changed" else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, most=MOST_KEPT)


def kept(key: Hashable, make: Callable[[], T], *, now: datetime) -> Answer[T]:
    """Whatever is shown of articles. Raises Unavailable."""
    return keeper().answer(key, make, now=now, topics=lambda _value: (NEWS,), keep=KEPT)
