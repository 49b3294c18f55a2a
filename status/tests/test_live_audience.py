"""The listeners of one event loop: what one of them meets is no other's concern."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from status.live.audience import Audience
from status.live.frames import Frame, Parcel, View
from status.live.listeners import Listener
from testing.patience import PATIENCE_S


class Wire:
    """Keeps what it is given."""

    encoding = ""
    paused = False

    def __init__(self) -> None:
        self.given: list[str] = []
        self.is_open = True
        self.resumed = self.interrupted = lambda: None

    def send(self, parcel: Parcel) -> None:
        self.given += [f"{frame.type} {frame.id}".strip() for frame in parcel.frames]

    def straight(self) -> None:
        return None

    def send_rest(self, data: bytes) -> None: ...

    def close(self, code: int) -> None:
        self.is_open = False

    def abort(self) -> None:
        self.is_open = False


class Faulty(Wire):
    """Cannot take a snapshot."""

    def send(self, parcel: Parcel) -> None:
        if parcel.frames[0].type == "snapshot":
            raise ValueError("a fault")
        super().send(parcel)


def parcel_of(kind: str, event_id: str) -> Parcel:
    return Parcel([Frame({"type": kind, "id": event_id})])


@pytest.fixture
async def audience():
    with ThreadPoolExecutor(1) as executor:
        made = Audience(lambda view, since: Frame({"type": "snapshot", "id": "5-0"}), executor, lambda: True)
        yield made
        made.end()


async def begun(*listeners: Listener) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while any(listener.ask and not listener.left for listener in listeners):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_who_cannot_be_given_a_first_frame_holds_up_no_other(audience: Audience):
    first, second = Listener(View("all"), Faulty()), Listener(View("all"), wire := Wire())
    audience.join(first)
    audience.join(second)
    await begun(first, second)
    assert wire.given == ["hello", "snapshot 5-0"]
    assert (first.left, first.wire.is_open, list(audience.tokens)) == (True, False, [second.token])  # type: ignore[attr-defined]


async def test_what_is_older_than_the_snapshot_does_not_follow_it(audience: Audience):
    """The log's reader may still be at work on an event that the snapshot held already."""
    listener = Listener(View("all"), wire := Wire())
    audience.join(listener)
    await begun(listener)
    for event_id in ("4-7", "5-0", "5-1", "10-0"):
        audience.deliver([(View("all"), parcel_of("update", event_id))], event_id)
    assert wire.given[1:] == ["snapshot 5-0", "update 5-0", "update 5-1", "update 10-0"]
