"""Following the event log: each event is handled, whatever fails and whoever dies."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from django.db import OperationalError
from django.utils import timezone

from aigo.lib.consuming import Consuming, Follower
from aigo.lib.events import MOST_TRIES, Event, EventLog, MemoryLog, RedisLog
from testing import services
from testing.patience import PATIENCE_S

#: A held event is another consumer's after so long, in these tests.
CLAIM_AFTER_S = 0.3


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)


class Recorder:
    """A follower that notes what it was handed. `fails` raises what is to happen with a batch."""

    def __init__(self, fails: Callable[[list[str]], None] = lambda slugs: None) -> None:
        self.fails = fails
        self.batches: list[list[str]] = []
        self.handled: list[str] = []
        self.catch_ups = 0

    def handle(self, events: Sequence[Event]) -> None:
        slugs = [event.data["slug"] for event in events]
        self.batches.append(slugs)
        self.fails(slugs)
        self.handled += slugs

    def catch_up(self) -> None:
        self.catch_ups += 1


def log_of(kind: str, length: int) -> Iterator[EventLog]:
    if kind == "memory":
        yield MemoryLog(length, now=timezone.now())
        return
    with services.redis() as redis, closing(RedisLog(redis.url, length)) as log:
        yield log


@pytest.fixture(params=["memory", "redis"])
def log(request: pytest.FixtureRequest) -> Iterator[EventLog]:
    yield from log_of(request.param, 5_000)


@pytest.fixture(params=["memory", "redis"])
def short_log(request: pytest.FixtureRequest) -> Iterator[EventLog]:
    yield from log_of(request.param, 10)


@contextmanager
def consuming(
    recorder: Recorder, log: EventLog, consumer: str = "one", *, claim_after_s: float = CLAIM_AFTER_S
) -> Iterator[threading.Thread]:
    stop = threading.Event()
    follower = Follower("tests", recorder.handle, recorder.catch_up)
    loop = Consuming(follower, consumer=consumer, stop=stop, log=log, claim_after_s=claim_after_s)
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "it did not stop in time"


def tell(log: EventLog, *slugs: str) -> list[str]:
    return [log.append("article.published", {"slug": slug}, now=timezone.now()) for slug in slugs]


def assert_left(leave: threading.Event) -> None:
    assert leave.wait(PATIENCE_S)


def pending(log: EventLog) -> int:
    return sum(report.pending for report in log.group_reports())


def test_a_consumer_catches_up_and_then_handles_all_there_is_in_order(log):
    tell(log, "a", "b", "c")
    recorder = Recorder()
    with consuming(recorder, log):
        until(lambda: recorder.handled == ["a", "b", "c"])
        assert recorder.catch_ups == 1
        assert recorder.batches == [["a", "b", "c"]]
        tell(log, "d")
        until(lambda: recorder.handled[3:] == ["d"])
        until(lambda: pending(log) == 0)


def test_only_the_poison_of_a_batch_fails(log):
    def poison(slugs: list[str]) -> None:
        if "b" in slugs:
            raise ValueError("b is poison")

    tell(log, "a", "b", "c")
    recorder = Recorder(poison)
    with consuming(recorder, log):
        until(lambda: recorder.handled == ["a", "c"])
        until(lambda: pending(log) == 1)
        tell(log, "d")
        until(lambda: recorder.handled == ["a", "c", "d"])


def test_after_five_tries_poison_is_set_aside_with_its_reason(log):
    def poison(slugs: list[str]) -> None:
        raise ValueError("b is poison")

    (event_id,) = tell(log, "b")
    recorder = Recorder(poison)
    with consuming(recorder, log):
        until(lambda: bool(log.dead_letters()))
    (letter,) = log.dead_letters()
    assert (letter.group, letter.event.id, letter.consumer) == ("tests", event_id, "one")
    assert (letter.tries, letter.reason) == (MOST_TRIES, "ValueError: b is poison")
    assert recorder.batches == [["b"]] * MOST_TRIES
    assert pending(log) == 0


def test_a_replayed_event_is_handled_by_its_group_again(log):
    broken = threading.Event()
    broken.set()

    def poison(slugs: list[str]) -> None:
        if broken.is_set():
            raise ValueError("not yet mended")

    tell(log, "b")
    recorder = Recorder(poison)
    with consuming(recorder, log):
        until(lambda: bool(log.dead_letters()))
        broken.clear()
        log.replay(log.dead_letters()[0].id)
        until(lambda: recorder.handled == ["b"])
        until(lambda: pending(log) == 0)
    assert log.dead_letters() == []


def test_while_the_database_is_away_a_batch_waits_and_no_try_is_counted(log, monkeypatch):
    monkeypatch.setattr("aigo.lib.consuming.LONGEST_PAUSE_S", 0.1)
    away = iter([True] * (MOST_TRIES + 2))

    def database(slugs: list[str]) -> None:
        if next(away, False):
            raise OperationalError("connection refused")

    tell(log, "a", "b")
    recorder = Recorder(database)
    with consuming(recorder, log):
        until(lambda: recorder.handled == ["a", "b"])
        until(lambda: pending(log) == 0)
    assert recorder.batches == [["a", "b"]] * (MOST_TRIES + 3)
    assert log.dead_letters() == []


def test_a_consumer_that_waits_for_the_database_stops_at_once(log, monkeypatch):
    monkeypatch.setattr("aigo.lib.consuming.FIRST_PAUSE_S", 10 * PATIENCE_S)

    def database(slugs: list[str]) -> None:
        raise OperationalError("connection refused")

    tell(log, "a")
    recorder = Recorder(database)
    with consuming(recorder, log):  # which asserts that it does not wait for the pause to end
        until(lambda: bool(recorder.batches))
    assert pending(log) == 1


def test_a_batch_that_takes_long_stays_with_its_consumer(log):
    slow, second = Recorder(lambda slugs: time.sleep(8)), Recorder()
    tell(log, "a", "b")
    with consuming(slow, log, "one", claim_after_s=5):
        until(lambda: bool(slow.batches))
        with consuming(second, log, "two", claim_after_s=5):
            until(lambda: slow.handled == ["a", "b"])
            until(lambda: pending(log) == 0)
    assert second.batches == []


def test_what_a_hanging_consumer_holds_another_does(log, monkeypatch):
    monkeypatch.setattr("aigo.lib.consuming.HANGS_AFTER_S", CLAIM_AFTER_S)
    leave = threading.Event()
    hanging, second = Recorder(lambda slugs: assert_left(leave)), Recorder()
    tell(log, "a", "b")
    with consuming(hanging, log, "one"):
        until(lambda: bool(hanging.batches))
        with consuming(second, log, "two"):
            until(lambda: second.handled == ["a", "b"])
        leave.set()


def test_events_that_were_dropped_unread_are_caught_up_with(short_log):
    recorder = Recorder()
    with consuming(recorder, short_log):
        tell(short_log, "a")
        until(lambda: recorder.handled == ["a"])
    tell(short_log, *(f"lost-{n}" for n in range(1_000)))
    with consuming(recorder, short_log, "two"):
        until(lambda: recorder.handled[-1] == "lost-999")
        until(lambda: recorder.catch_ups == 3)  # twice at the start of a consumer, and for what it missed


def test_a_consumer_waits_for_redis_and_catches_up_when_it_is_back_empty():
    recorder = Recorder()
    with (
        services.redis() as redis,
        closing(RedisLog(redis.url, 5_000)) as log,
        consuming(recorder, log),
    ):
        tell(log, "a")
        until(lambda: recorder.handled == ["a"])
        redis.stop()
        redis.start()
        until(lambda: recorder.catch_ups >= 2)
        tell(log, "b")
        until(lambda: recorder.handled == ["a", "b"])
    assert [batch for batch in recorder.batches if batch] == [["a"], ["b"]]


def test_an_error_of_the_loop_itself_does_not_end_it(log, monkeypatch, caplog):
    monkeypatch.setattr("aigo.lib.consuming.LONGEST_PAUSE_S", 0.01)
    recorder = Recorder()
    recorder.catch_up = lambda: 1 / 0  # type: ignore[assignment,method-assign]
    tell(log, "a")
    with consuming(recorder, log):
        until(lambda: recorder.handled == ["a"])
    assert "catching up failed" in caplog.text
