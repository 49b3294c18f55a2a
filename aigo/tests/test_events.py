"""The event log in both transports: the same behaviour, one of them on a real Redis."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from aigo.lib.events import EventLog, LogGap, MemoryLog, RedisLog, order

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "redis"])
def log(request) -> EventLog:
    if request.param == "memory":
        return MemoryLog(1_000, now=NOW - timedelta(hours=1))
    return RedisLog(request.getfixturevalue("redis_url"), 1_000)


def test_events_are_read_in_order_from_where_a_reader_stopped(log):
    start = log.last_id()
    first = log.append("stats", {"minute": 1}, now=NOW)
    second = log.append("stats", {"minute": 2}, now=NOW)
    assert [(e.id, e.type, e.data) for e in log.read_after(first)] == [(second, "stats", {"minute": 2})]
    assert len(log.read_after(start)) == 2
    assert log.last_id() == second


def test_ids_grow_even_within_a_millisecond_and_when_the_clock_is_set_back(log):
    ids = [log.append("catalog.changed", {}, now=NOW) for _ in range(50)]
    ids.append(log.append("catalog.changed", {}, now=NOW - timedelta(minutes=5)))
    assert sorted(ids, key=order) == ids
    assert len(set(ids)) == 51


def test_a_reader_waits_for_the_next_event(log):
    log.append("stats", {"minute": 0}, now=NOW)
    last = log.last_id()
    timer = threading.Timer(0.2, lambda: log.append("stats", {"minute": 1}, now=NOW))
    timer.start()
    assert [event.data for event in log.read_after(last, wait_s=5)] == [{"minute": 1}]
    timer.join()


def test_waiting_ends_without_news(log):
    log.append("catalog.changed", {}, now=NOW)
    assert log.read_after(log.last_id(), wait_s=0.05) == []


def test_an_id_that_is_still_to_come_is_a_gap(log):
    log.append("catalog.changed", {}, now=NOW)
    with pytest.raises(LogGap):
        log.read_after("99999999999999-0")


@pytest.mark.parametrize("since", ["", "now", "1", "1-", "-1", "1-x", "١-١"])
def test_a_malformed_id_is_refused(log, since):
    with pytest.raises(ValueError, match="is not an event id"):
        log.read_after(since)


def test_redis_drops_the_oldest_and_says_so(redis_url):
    log = RedisLog(redis_url, 100)
    first = log.append("stats", {"minute": 0}, now=NOW)
    ids = [log.append("stats", {"minute": n}, now=NOW) for n in range(1, 500)]
    with pytest.raises(LogGap):
        log.read_after(first)
    assert [event.data["minute"] for event in log.read_after(ids[-3])] == [498, 499]


def test_the_log_is_bounded_and_says_what_it_has_dropped():
    log = MemoryLog(3, now=NOW)
    ids = [log.append("stats", {"minute": n}, now=NOW) for n in range(5)]
    assert [event.data["minute"] for event in log.read_after(ids[1])] == [2, 3, 4]
    with pytest.raises(LogGap):
        log.read_after(ids[0])


def test_a_restarted_process_is_a_gap_for_those_who_knew_the_last_one():
    earlier = MemoryLog(10, now=NOW)
    known = earlier.append("catalog.changed", {}, now=NOW)
    with pytest.raises(LogGap):
        MemoryLog(10, now=NOW + timedelta(seconds=1)).read_after(known)
