"""The sender's loop: nobody waits for a target that hangs, and what is claimed is noted."""

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError

from status.outgoing import MailTarget, Outcome, Outgoing
from status.sending import loop, mail, threads
from status.sending.loop import Book, Sender, Sending
from status.sending.threads import Crowded, in_thread
from status.tests.outgoing_given import MAILBOX, outgoing, webhook
from testing.patience import PATIENCE_S


@dataclass
class Memory:
    """A book in memory. `due`: what is still to be claimed; `noted`: uid → outcome."""

    due: list[Outgoing] = field(default_factory=list)
    noted: dict[str, Outcome] = field(default_factory=dict)
    bounced: list[str] = field(default_factory=list)
    away: int = 0

    def book(self) -> Book:
        return Book(
            claim=self.claim,
            note=self.note,
            claim_letters=lambda **_: [],
            note_letter=lambda *_: None,
            note_bounce=self.bounce,
        )

    def claim(self, *, now: Any, limit: int, busy_channels: Sequence[int], most_mails: int) -> list[Outgoing]:
        self.check()
        found: list[Outgoing] = []
        busy: set[int | None] = set(busy_channels)
        mails = most_mails
        for it in list(self.due):
            letter = it.channel_id is None
            if len(found) == limit or it.channel_id in busy or (letter and not mails):
                continue
            mails -= letter
            busy |= set() if letter else {it.channel_id}
            self.due.remove(it)
            found.append(it)
        return found

    def note(self, it: Outgoing, outcome: Outcome, *, now: Any) -> None:
        self.check()
        self.noted[it.uid] = outcome

    def bounce(self, *, subscription_uid: str, reason: str, now: Any) -> bool:
        self.bounced.append(subscription_uid)
        return True

    def check(self) -> None:
        if self.away:
            self.away -= 1
            raise OperationalError("the server closed the connection")


async def inline(act: Callable[[], Any], /) -> Any:
    return act()


def to_channel(channel: int, number: int = 1) -> Outgoing:
    return outgoing(webhook(channel_id=channel, slug=f"c{channel}"), uid=f"{channel}-{number}")


@pytest.fixture
def tries(monkeypatch) -> dict[int, list[str]]:
    """Channel → what it was sent. Channel 1 hangs."""
    seen: dict[int, list[str]] = defaultdict(list)

    async def send(it: Outgoing) -> Outcome:
        assert it.channel_id is not None
        seen[it.channel_id].append(it.uid)
        if it.channel_id == 1:
            await asyncio.sleep(3600)
        return Outcome(ok=True)

    monkeypatch.setattr(loop, "_try", send)
    return seen


async def run_for(memory: Memory, until: Callable[[], bool], *, limit_s: float = PATIENCE_S) -> None:
    """The sender's run, ended once `until` holds."""
    begun_s = time.monotonic()
    over = lambda: until() or time.monotonic() - begun_s > limit_s  # noqa: E731
    await Sending(memory.book(), ask=inline).run(over)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 (threads)
            await asyncio.sleep(0.01)


async def test_a_channel_that_hangs_holds_up_nobody_else(tries, monkeypatch):
    monkeypatch.setattr(loop, "STOP_WITHIN_S", 0.05)
    memory = Memory([to_channel(channel, number) for number in range(3) for channel in (1, 2, 3)])
    await run_for(memory, lambda: len(memory.noted) == 6)
    assert tries == {1: ["1-0"], 2: ["2-0", "2-1", "2-2"], 3: ["3-0", "3-1", "3-2"]}
    assert sorted(memory.noted) == ["2-0", "2-1", "2-2", "3-0", "3-1", "3-2"]
    assert [it.uid for it in memory.due] == ["1-1", "1-2"]


async def test_one_sender_has_a_hundred_in_flight_at_most(tries, monkeypatch):
    monkeypatch.setattr(loop, "MOST_IN_FLIGHT", 3)
    most = now = 0

    async def send(it: Outgoing) -> Outcome:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return Outcome(ok=True)

    monkeypatch.setattr(loop, "_try", send)
    memory = Memory([to_channel(channel) for channel in range(10, 22)])
    await run_for(memory, lambda: len(memory.noted) == 12)
    assert (len(memory.noted), most) == (12, 3)


async def test_a_fault_of_ours_is_noted_and_ends_nothing(monkeypatch, caplog):
    async def broken(it: Outgoing) -> Outcome:
        raise KeyError("title")

    monkeypatch.setattr(loop, "_try", broken)
    memory = Memory([to_channel(2), to_channel(3)])
    await run_for(memory, lambda: len(memory.noted) == 2)
    assert {outcome.error for outcome in memory.noted.values()} == {"a fault of ours: KeyError"}


async def test_while_the_database_is_away_it_waits_and_notes_afterwards(tries, monkeypatch, caplog):
    monkeypatch.setattr(loop, "FIRST_PAUSE_S", 0.01)
    memory = Memory([to_channel(2)], away=2)
    await run_for(memory, lambda: bool(memory.noted))
    assert memory.noted["2-1"].ok
    memory = Memory([to_channel(2)])
    sending = Sending(memory.book(), ask=inline)
    assert await sending.look() == 1
    memory.away = 3
    await sending.settle(PATIENCE_S)
    assert memory.noted["2-1"].ok
    assert tries[2] == ["2-1", "2-1"]
    assert "a delivery waits to be noted" in caplog.text


def mailboxes(count: int) -> list[Outgoing]:
    return [outgoing(MAILBOX, uid=f"mail-{n}") for n in range(count)]


async def test_a_mail_server_that_hangs_holds_up_no_webhook(tries, monkeypatch):
    hanging, batches = threading.Event(), []

    def deliver(letters: list[Any], outcomes: list[Outcome], go_on: Callable[[], bool]) -> None:
        batches.append(len(letters))
        hanging.wait(PATIENCE_S)
        outcomes.extend([Outcome(ok=True)] * len(letters))

    monkeypatch.setattr(mail, "deliver", deliver)
    memory = Memory(mailboxes(100))
    sending = Sending(memory.book(), ask=inline)
    assert await sending.look() == loop.MAIL_CONNECTIONS * loop.MAIL_BATCH
    memory.due.append(to_channel(2))
    assert await sending.look() == 1
    await until(lambda: "2-1" in memory.noted)
    assert memory.noted["2-1"].ok
    assert len(memory.due) == 20
    hanging.set()
    await sending.settle(PATIENCE_S)
    assert await sending.look() == 20
    await sending.settle(PATIENCE_S)
    assert len(memory.noted) == 101
    assert batches == [20] * 5


async def test_a_letter_that_cannot_be_made_keeps_no_other_from_its_way(monkeypatch):
    def deliver(letters: list[Any], outcomes: list[Outcome], go_on: Callable[[], bool]) -> None:
        outcomes.append(Outcome(ok=False, gone=True, permanent=True, error="550"))

    def make(it: Outgoing, target: MailTarget) -> Any:
        if it.uid == "mail-0":
            raise ValueError("no such word")
        return it.uid

    monkeypatch.setattr(mail, "deliver", deliver)
    monkeypatch.setattr(mail, "notice_mail", make)
    memory = Memory(mailboxes(3))
    sending = Sending(memory.book(), ask=inline)
    await sending.look()
    await sending.settle(PATIENCE_S)
    assert {uid: outcome.error for uid, outcome in memory.noted.items()} == {
        "mail-0": "a fault of ours: ValueError",
        "mail-1": "550",
    }  # there was no time for mail-2: its lease ends
    assert memory.bounced == ["sub-1"]


async def test_a_batch_that_breaks_off_forgets_nothing_that_went(monkeypatch, caplog):
    def deliver(letters: list[Any], outcomes: list[Outcome], go_on: Callable[[], bool]) -> None:
        outcomes.append(Outcome(ok=True))
        raise KeyError("a fault of ours")

    monkeypatch.setattr(mail, "deliver", deliver)
    memory = Memory(mailboxes(3))
    keep = memory.note

    def note(it: Outgoing, outcome: Outcome, *, now: Any) -> None:
        keep(it, outcome, now=now)
        if it.uid == "mail-0":
            raise ValueError("cannot be noted")

    monkeypatch.setattr(memory, "note", note)
    sending = Sending(memory.book(), ask=inline)
    await sending.look()
    await sending.settle(PATIENCE_S)
    assert {uid: outcome.ok for uid, outcome in memory.noted.items()} == {"mail-0": True, "mail-1": False}


async def test_told_to_stop_a_batch_ends_after_the_letter_it_is_at(monkeypatch):
    monkeypatch.setattr(loop, "STOP_WITHIN_S", PATIENCE_S)
    begun, stopping = threading.Event(), threading.Event()

    def deliver(letters: list[Any], outcomes: list[Outcome], go_on: Callable[[], bool]) -> None:
        begun.set()
        stopping.wait(PATIENCE_S)
        outcomes.append(Outcome(ok=True))
        assert not go_on()

    monkeypatch.setattr(mail, "deliver", deliver)
    memory = Memory(mailboxes(3))
    sending = Sending(memory.book(), ask=inline)
    running = asyncio.ensure_future(sending.run(begun.is_set))
    await until(lambda: sending._stopping)
    stopping.set()
    await running
    assert list(memory.noted) == ["mail-0"]


async def test_told_to_stop_while_it_asks_what_is_due_it_does_not_rest_first(monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 10 * PATIENCE_S)
    stopped = threading.Event()

    async def ask(act: Callable[[], Any], /) -> Any:
        stopped.set()
        sending.wake()
        return act()

    sending = Sending(Memory().book(), ask=ask)
    async with asyncio.timeout(PATIENCE_S):
        await sending.run(stopped.is_set)


async def test_what_went_and_is_not_noted_yet_is_not_claimed_again(tries, monkeypatch):
    monkeypatch.setattr(loop, "FIRST_PAUSE_S", 0.01)
    memory, keep, back = Memory([to_channel(2)]), Memory.note, False

    def note(it: Outgoing, outcome: Outcome, *, now: Any) -> None:
        if not back:
            raise OperationalError("the server closed the connection")
        keep(memory, it, outcome, now=now)

    monkeypatch.setattr(memory, "note", note)
    sending = Sending(memory.book(), ask=inline)
    await sending.look()
    await until(lambda: bool(sending._unnoted))
    memory.due = [to_channel(2), *mailboxes(1)]  # its lease is over, and the database is asked again
    assert await sending.look() == 0
    back = True
    await sending.settle(PATIENCE_S)
    assert tries[2] == ["2-1"]
    assert memory.noted["2-1"].ok


async def test_targets_that_hang_leave_room_to_ask_the_database(monkeypatch):
    await until(lambda: threads.under_way() == 0)  # the last ones of the tests before may just be ending
    monkeypatch.setattr(threads, "MOST", 1)
    hanging = threading.Event()
    push = asyncio.ensure_future(in_thread(lambda: hanging.wait(PATIENCE_S), limit_s=PATIENCE_S))
    await until(lambda: threads.under_way() == 1)
    with pytest.raises(Crowded):
        await in_thread(lambda: None, limit_s=PATIENCE_S)
    assert await loop.asked_in_thread(lambda: "claimed") == "claimed"
    hanging.set()
    await push


def test_the_thread_stops_at_once_when_nothing_is_under_way(monkeypatch):
    monkeypatch.setattr(loop, "Book", lambda: Memory().book())
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 10 * PATIENCE_S)
    sender = Sender()
    sender.start()
    time.sleep(0.05)  # it rests, or is about to
    sender.stop(within_s=PATIENCE_S)
    assert not any(thread.name == "sender" for thread in threading.enumerate())
