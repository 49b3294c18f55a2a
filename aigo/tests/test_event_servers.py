"""What the event log makes of servers and processes that end, hang, forget or hand over, all of them real."""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import pytest
from redis.crc import key_slot

from aigo.lib.events import (
    MOST_TRIES,
    Delivery,
    Group,
    LogAhead,
    LogGap,
    LogUnavailable,
    RedisLog,
    connections,
    order,
)
from aigo.lib.events.members import EVENTS
from aigo.tests.test_event_groups import hasty, ids, joined, minutes
from aigo.tests.test_events import told
from testing import services
from testing.patience import PATIENCE_S
from testing.processes import ServerProcess

P = ParamSpec("P")
R = TypeVar("R")
CONSUMER = """
import os, sys, time
from aigo.lib.events.streams import RedisLog
group = RedisLog(sys.argv[1], 10_000).group("verdicts", str(os.getpid()), claim_after_s=2)
while True:
    for delivery in group.read(count=7, wait_s=1):
        print("handled", delivery.event.data["minute"], flush=True)
        time.sleep(0.005)
        group.done([delivery.event.id])
"""


@pytest.fixture
def redis() -> Iterator[services.Redis]:
    """Starts again empty."""
    with services.redis() as server:
        yield server


@pytest.fixture
def lasting() -> Iterator[services.Redis]:
    """Starts again with its data."""
    with services.redis(appendonly=True) as server:
        yield server


@pytest.fixture(scope="module")
def cluster() -> Iterator[services.RedisCluster]:
    """The tests here end its nodes and move its slots."""
    with services.redis_cluster() as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> None:
    if "cluster" in request.fixturenames:
        request.getfixturevalue("cluster").empty()


@contextmanager
def in_background(*loops: Callable[[threading.Event], None]) -> Iterator[None]:
    """Each runs in a thread until the block ends, and must not have raised."""
    stop, errors = threading.Event(), []

    def run(loop: Callable[[threading.Event], None]) -> None:
        try:
            loop(stop)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(loop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)
    assert errors == []


def patiently(act: Callable[P, R], *args: P.args, **more: P.kwargs) -> R:
    """Again and again while the log is away."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            return act(*args, **more)
        except LogUnavailable:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)


# --- one Redis -----------------------------------------------------------------------------------


def test_without_a_server_everything_says_that_the_log_is_away(redis: services.Redis):
    log = RedisLog(redis.url, 100)
    group = joined(log)
    last = told(log)
    redis.kill()
    for act in (
        log.last_id,
        lambda: told(log),
        lambda: log.read_after(last),
        lambda: log.read_after(last, wait_s=10 * PATIENCE_S),
        lambda: group.read(wait_s=10 * PATIENCE_S),
        lambda: group.done([last]),
        log.group_reports,
        log.dead_letters,
        log.remove_dead_consumers,
    ):
        began_s = time.monotonic()
        with pytest.raises(LogUnavailable, match="EVENT_LOG_URL: the event log cannot be reached"):
            act()
        assert time.monotonic() - began_s < PATIENCE_S


def test_a_server_that_comes_back_empty_is_a_gap_and_ids_go_on_growing(redis: services.Redis):
    log, other = RedisLog(redis.url, 100), RedisLog(redis.url, 100)
    reading, idle = joined(log, "reading"), joined(other, "idle")
    reading.read()
    idle.read()
    # As of a Redis whose clock runs a day ahead; the next one's does not.
    ahead = f"{int(time.time() * 1000) + 86_400_000}-0"
    with redis.client() as client:
        fields = {"type": "stats", "v": 1, "data": '{"minute":1}', "prev": log.last_id(), "n": 1, "only": ""}
        client.xadd(EVENTS, fields, id=ahead)
    assert [event.id for event in log.read_after(log._newest)] == [ahead]
    assert ids(reading.read()) == [ahead]
    redis.kill()
    redis.start()
    event_id = told(log, 2)
    assert order(event_id) > order(ahead)
    for reader in (log, other):
        with pytest.raises(LogGap):
            reader.read_after(ahead)
    for consumer in (reading, idle):
        with pytest.raises(LogGap):
            consumer.read()
    assert minutes(reading.read()) == [2]
    assert reading.read() == idle.read() == []


def test_newest_entries_that_the_server_has_lost_are_a_gap(lasting: services.Redis):
    """As after a crash between two writes of its data to the disk."""
    log = RedisLog(lasting.url, 100)
    group, first = joined(log), told(log, 1)
    group.done(ids(group.read()))
    with lasting.client() as client:
        kept = client.execute_command("DUMP", EVENTS, NEVER_DECODE=True)
        known = told(log, 2)
        assert minutes(group.read()) == [2]
        client.restore(EVENTS, 0, kept, replace=True)
    with pytest.raises(LogAhead):
        log.read_after(known)
    assert order(told(log, 3)) > order(known)
    for reader_at in (first, known):
        with pytest.raises(LogGap):
            log.read_after(reader_at)
    with pytest.raises(LogGap):
        group.read()
    assert minutes(group.read()) == [3]


def test_a_stream_or_a_group_that_was_deleted_comes_back(redis: services.Redis):
    log = RedisLog(redis.url, 100)
    group = joined(log)
    told(log, 1)
    assert minutes(group.read()) == [1]
    with redis.client() as client:
        client.xgroup_destroy(EVENTS, "verdicts")
    group.done(["1-0"])
    group.hold(["1-0"])
    assert gap_then(group) == [1]
    with redis.client() as client:
        client.delete(EVENTS)
    told(log, 2)
    assert gap_then(group) == [2]


def gap_then(group: Group) -> list[int]:
    with pytest.raises(LogGap):
        group.read()
    return minutes(group.read())


def test_a_reader_who_waits_goes_on_after_a_restart_without_losing_anything(lasting: services.Redis):
    log = RedisLog(lasting.url, 10_000)
    start = log.last_id()
    found: list[int] = []
    handled: list[int] = []

    def read(stop: threading.Event) -> None:
        last = start
        while not stop.is_set():
            for event in patiently(log.read_after, last, wait_s=0.5):
                found.append(event.data["minute"])
                last = event.id

    def consume(stop: threading.Event) -> None:
        group = RedisLog(lasting.url, 10_000).group("verdicts", "a", claim_after_s=1)
        while not stop.is_set():
            deliveries = patiently(group.read, wait_s=0.5)
            handled.extend(minutes(deliveries))
            patiently(group.done, ids(deliveries))

    with in_background(read, consume):
        writer = RedisLog(lasting.url, 10_000)
        for minute in range(90):
            patiently(told, writer, minute)
            if minute % 30 == 29:
                lasting.kill()
                lasting.start()
        wait_until(lambda: found and found[-1] == 89 and 89 in handled)
    assert sorted(set(found)) == list(range(90))
    assert found == sorted(found)
    assert set(handled) == set(range(90))


def wait_until(is_so: Callable[[], object]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until_s, "it never came to pass"
        time.sleep(0.02)


def test_a_server_that_hangs_is_away_and_a_long_wait_is_not_taken_for_it(redis, monkeypatch):
    monkeypatch.setitem(connections._OPTIONS, "socket_timeout", 2.5)
    monkeypatch.setattr(connections, "RING_S", 0.5)
    log = RedisLog(redis.url, 100)
    last = told(log)
    assert log.read_after(last, wait_s=3) == []
    os.killpg(redis.process.process.pid, signal.SIGSTOP)
    try:
        for act in (lambda: log.read_after(last, wait_s=1), lambda: joined(log).read(wait_s=1), log.last_id):
            began_s = time.monotonic()
            with pytest.raises(LogUnavailable):
                act()
            assert time.monotonic() - began_s < PATIENCE_S
    finally:
        os.killpg(redis.process.process.pid, signal.SIGCONT)
    assert patiently(log.last_id) == last


def test_a_server_that_takes_no_more_is_away(redis: services.Redis):
    log = RedisLog(redis.url, 100)
    last = told(log)
    with redis.client() as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(LogUnavailable, match="maxmemory"):
            told(log)
        client.config_set("maxmemory", 0)
    assert [event.data["minute"] for event in log.read_after(last)] == []
    told(log, 1)


def wait_for_length(growing: list[Any], length: int) -> None:
    wait_until(lambda: len(growing) >= length)


def test_consumers_killed_at_any_point_leave_nothing_unhandled(redis: services.Redis, start):
    log, chance = RedisLog(redis.url, 10_000), random.Random(5)
    for minute in range(400):
        told(log, minute)
    handled: list[int] = []

    def lines(consumer: ServerProcess) -> list[int]:
        return [int(line.split()[1]) for line in consumer.lines if line.startswith("handled")]

    for _ in range(5):
        consumer = start([sys.executable, "-c", CONSUMER, redis.url])
        wait_for_length(consumer.lines, chance.randrange(1, 40))
        consumer.process.kill()
        consumer.stop_quickly()
        handled += lines(consumer)
    last = start([sys.executable, "-c", CONSUMER, redis.url])
    wait_until(lambda: set(handled) | set(lines(last)) == set(range(400)))
    wait_until(lambda: log.group_reports()[0].pending == 0)
    assert log.group_reports()[0].backlog == 0
    assert len(handled) + len(lines(last)) <= 400 + 5 * 7


# --- a cluster -----------------------------------------------------------------------------------


@contextmanager
def handing_over(cluster: services.RedisCluster) -> Iterator[None]:
    """Within the block the log's slot is half way: its keys have left, its old node still answers for it."""
    slot = key_slot(EVENTS.encode())
    source = cluster.holder(EVENTS)
    target = next(node for node in cluster.nodes if node is not source)
    with source.client() as giving, target.client() as taking:
        giver, taker = giving.cluster("MYID"), taking.cluster("MYID")
        taking.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", giver)
        giving.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", taker)
        while keys := giving.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
            giving.migrate("127.0.0.1", target.port, keys, 0, 5_000)
        yield
        for node in (taking, giving):
            node.execute_command("CLUSTER SETSLOT", slot, "NODE", taker)
    wait_until(lambda: all(knows(node, slot, taker) for node in cluster.nodes))


def knows(node: services.Redis, slot: int, owner: str) -> bool:
    with node.client() as client:
        ranges = client.execute_command("CLUSTER SLOTS")
        return any(first <= slot <= last and found[2] == owner for first, last, found, *_ in ranges)


def test_reading_and_writing_go_on_while_the_slot_moves(cluster: services.RedisCluster):
    log = RedisLog(cluster.url, 10_000)
    start = log.last_id()
    written: list[int] = []
    found: list[int] = []
    handled: list[int] = []

    def write(stop: threading.Event) -> None:
        writer = RedisLog(cluster.url, 10_000)
        while not stop.wait(0.005):
            told(writer, len(written))
            written.append(len(written))

    def read(stop: threading.Event) -> None:
        last = start
        while not stop.is_set() or len(found) < len(written):
            for event in log.read_after(last, wait_s=0.5):
                found.append(event.data["minute"])
                last = event.id

    def consume(stop: threading.Event) -> None:
        group = RedisLog(cluster.url, 10_000).group("verdicts", "a", claim_after_s=10)
        while not stop.is_set() or len(handled) < len(written):
            deliveries = group.read(wait_s=0.5)
            handled.extend(minutes(deliveries))
            group.done(ids(deliveries))

    with in_background(write, read, consume):
        for _ in range(3):
            with handing_over(cluster):
                wait_for_length(written, len(written) + 20)
    assert found == written
    assert handled == written


def test_a_reader_who_waits_notices_that_the_slot_has_moved(cluster: services.RedisCluster):
    log, answers = RedisLog(cluster.url, 100), []
    last = told(log)
    group = joined(log)
    group.done(ids(group.read()))
    waiting = [
        threading.Thread(target=lambda: answers.append(log.read_after(last, wait_s=PATIENCE_S)[0].data)),
        threading.Thread(target=lambda: answers.append(group.read(wait_s=PATIENCE_S)[0].event.data)),
    ]
    for thread in waiting:
        thread.start()
    wait_until(lambda: blocked(cluster) == 2)
    with handing_over(cluster):
        pass
    told(RedisLog(cluster.url, 100), 7)
    for thread in waiting:
        thread.join()
    assert answers == [{"minute": 7}] * 2


def blocked(cluster: services.RedisCluster) -> int:
    with cluster.holder(EVENTS).client() as client:
        return int(client.info("clients")["blocked_clients"])


def test_dead_letters_move_along_and_the_first_waits_for_the_end_of_a_move(cluster: services.RedisCluster):
    log = RedisLog(cluster.url, 100)
    group = joined(log)
    for minute in (1, 2, 3):
        told(log, minute)
    dying = [Delivery(d.event, MOST_TRIES, d.first_seen_at) for d in group.read()]
    with handing_over(cluster), pytest.raises(LogUnavailable):  # its stream does not exist on either node
        group.failed(dying[0], "bad")
    assert log.dead_letters() == []
    group.failed(dying[0], "bad")
    with handing_over(cluster):
        group.failed(dying[1], "worse")
        assert [letter.reason for letter in log.dead_letters()] == ["worse", "bad"]
        log.replay(log.dead_letters()[0].id)
        log.drop(log.dead_letters()[0].id)
    assert log.dead_letters() == []
    other: list[int] = []
    group = hasty(log, "other")
    while len(other) < 2:  # the replayed one comes first where the third has not waited for long enough
        found = group.read(wait_s=PATIENCE_S)
        assert found, f"only {other} came"
        group.done(ids(found))
        other += minutes(found)
    assert sorted(other) == [2, 3]


def test_a_node_that_is_down_takes_the_log_along_only_where_it_holds_it(cluster: services.RedisCluster):
    holder = cluster.holder(EVENTS)
    known = RedisLog(cluster.url, 100)
    last = told(known, 1)
    for bystander in [node for node in cluster.nodes if node is not holder]:
        bystander.kill()
        started = RedisLog(cluster.url, 100)
        for log in (known, started):
            last = told(log, 2)
            assert log.read_after(last, wait_s=0.05) == []
        bystander.start()
    holder.kill()
    new = [known, RedisLog(cluster.url, 100)]
    for log in new:
        with pytest.raises(LogUnavailable):
            log.last_id()
        with pytest.raises(LogUnavailable):
            log.read_after(last, wait_s=1)
    holder.start()
    for log in new:
        assert patiently(log.last_id) == last


def test_a_cluster_that_is_away_as_a_whole_comes_back(cluster: services.RedisCluster):
    log = RedisLog(cluster.url, 100)
    last = told(log)
    for node in cluster.nodes:
        node.kill()
    for other in (log, RedisLog(cluster.url, 100), log):
        with pytest.raises(LogUnavailable):
            other.last_id()
    for node in cluster.nodes:
        node.start()
    assert patiently(log.last_id) == last
    assert order(patiently(told, log)) > order(last)


def test_an_event_may_be_long(redis_url):
    log = RedisLog(redis_url, 10)
    start, slugs = log.last_id(), [f"endpoint-{number}" for number in range(20_000)]
    log.append("status.update", {"changed": {"all": slugs}}, now=datetime.now(UTC))
    assert log.read_after(start)[0].data["changed"]["all"] == slugs
