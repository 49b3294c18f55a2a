"""The event loop."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from probes.wire.loop import READABLE, RELAXED_S, TOGETHER_S, Loop, common_moment


@pytest.fixture
def loop() -> Iterator[Loop]:
    with closing(Loop()) as made:
        yield made


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def turn_until(loop: Loop, finished, *, limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    loop.call_at(end, lambda: None)
    loop.run_until(lambda: finished() or time.monotonic() > end)
    assert finished()


def test_timers_are_called_in_the_order_of_their_moments_and_not_before(loop):
    start, called = time.monotonic(), []
    for name, after_s in (("c", 0.03), ("a", 0.01), ("b", 0.01), ("d", 0.05)):
        due = start + after_s
        loop.call_at(due, lambda name=name, due=due: called.append((name, time.monotonic() >= due)))
    turn_until(loop, lambda: len(called) == 4)
    assert called == [("a", True), ("b", True), ("c", True), ("d", True)]


def test_a_cancelled_timer_is_not_called(loop):
    called = []
    timer = loop.call_at(time.monotonic() + 0.01, lambda: called.append("cancelled"))
    loop.cancel(timer)
    loop.cancel(timer)
    loop.call_at(time.monotonic() + 0.03, lambda: called.append("kept"))
    turn_until(loop, lambda: bool(called))
    assert called == ["kept"]


def test_what_does_not_hurry_is_called_at_the_next_common_moment(loop):
    called, due = [], common_moment(loop.now) + TOGETHER_S
    for name in "ab":
        loop.call_together(lambda name=name: called.append((name, time.monotonic() >= due)))
    turn_until(loop, lambda: len(called) == 2)
    assert called == [("a", True), ("b", True)]


def test_a_timer_can_be_called_early_and_then_only_once(loop):
    called = []
    timer = loop.call_at(time.monotonic() + 0.01, lambda: called.append("once"))
    loop.call_now(timer)
    loop.call_now(timer)
    assert called == ["once"]
    loop.call_at(time.monotonic() + 0.03, lambda: called.append("later"))
    turn_until(loop, lambda: len(called) > 1)
    assert called == ["once", "later"]


def test_timers_that_were_cancelled_do_not_pile_up(loop):
    later = time.monotonic() + 60
    for _ in range(10_000):
        loop.cancel(loop.call_at(later, lambda: None))
    assert len(loop._timers) < 2_500


def test_what_arrived_is_handed_out_before_timers_that_are_due(loop, pair):
    ours, theirs = pair
    called = []

    def read(events: int) -> None:
        called.append(ours.recv(10))

    loop.watch(ours.fileno(), READABLE, read)
    loop.call_at(time.monotonic() + 0.01, lambda: called.append(b"timer"))
    theirs.send(b"data")
    time.sleep(0.05)  # we come late: both are due
    turn_until(loop, lambda: len(called) == 2)
    assert called == [b"data", b"timer"]


def test_a_thread_can_have_something_called(loop):
    called = []
    thread = threading.Thread(target=lambda: loop.call_from_thread(lambda: called.append(1)))
    loop.call_at(time.monotonic() + 60, lambda: None)
    thread.start()
    turn_until(loop, lambda: bool(called))
    thread.join()


def test_a_fault_in_one_handler_stops_no_other(loop, pair, caplog):
    ours, theirs = pair
    called = []

    def fail(events: int = 0) -> None:
        loop.forget(ours.fileno())
        raise RuntimeError("a bug")

    loop.watch(ours.fileno(), READABLE, fail)
    theirs.send(b"x")
    loop.call_at(time.monotonic(), fail)
    loop.call_at(time.monotonic() + 0.01, lambda: called.append(1))
    turn_until(loop, lambda: bool(called))
    assert len(caplog.records) == 2


def test_a_relaxed_descriptor_is_looked_at_seldom_but_surely(loop, pair):
    ours, theirs = pair
    seen = []

    def read(events: int) -> None:
        seen.append((time.monotonic(), len(ours.recv(100)), loop.not_before))

    loop.watch(ours.fileno(), READABLE, read)
    began = time.monotonic()
    loop.call_at(began, lambda: None)
    loop.turn()
    loop.relax(ours.fileno())
    sent = time.monotonic()
    for _ in range(3):
        theirs.send(b"x")
    turn_until(loop, lambda: bool(seen))
    (when, count, not_before) = seen[0]
    assert count == 3
    assert when - began >= RELAXED_S
    assert not_before <= sent
    loop.forget(ours.fileno())
    theirs.send(b"x")
    loop.call_at(time.monotonic() + 3 * RELAXED_S, lambda: seen.append((0, 0, 0)))
    turn_until(loop, lambda: len(seen) > 1)
    assert seen[1] == (0, 0, 0)


def test_more_relaxed_descriptors_than_one_look_takes_are_all_read(loop):
    pairs = [socket.socketpair() for _ in range(100)]
    read = set()

    def take(events: int, sock: socket.socket) -> None:
        read.add(sock.fileno())
        sock.recv(10)

    for ours, _ in pairs:
        loop.watch(ours.fileno(), READABLE, partial(take, sock=ours))
        loop.relax(ours.fileno())
    for _, theirs in pairs:
        theirs.send(b"x")
    turn_until(loop, lambda: len(read) == 100)
    for ours, theirs in pairs:
        loop.forget(ours.fileno())
        ours.close()
        theirs.close()


def test_the_loop_knows_how_long_a_turn_took(loop):
    loop.call_at(time.monotonic(), lambda: time.sleep(0.05))
    loop.turn()
    loop.call_at(time.monotonic(), lambda: None)
    loop.turn()
    assert 0.05 <= loop.lag_s < 20


def test_a_closed_loop_leaves_no_descriptors():
    before = len(os.listdir("/proc/self/fd"))
    Loop().close()
    assert len(os.listdir("/proc/self/fd")) == before
