"""The event log in all its transports: what readers of the whole log see."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from aigo.lib.events import EVENT_TYPES, EventLog, LogAhead, LogGap, MemoryLog, RedisLog, order
from aigo.lib.events.types import checked
from testing.patience import PATIENCE_S


def told(log: EventLog, minute: int = 0, *, now: datetime | None = None) -> str:
    return log.append("stats", {"minute": minute}, now=now or datetime.now(UTC))


def minutes(log: EventLog, since: str, *, wait_s: float = 0.0) -> list[int]:
    return [event.data["minute"] for event in log.read_after(since, wait_s=wait_s)]


def test_events_are_read_in_order_from_where_a_reader_stopped(log):
    start = log.last_id()
    first, second = told(log, 1), told(log, 2)
    (event,) = log.read_after(first)
    assert (event.id, event.type, event.version, event.data, event.only) == (
        second, "stats", 1, {"minute": 2}, "",
    )  # fmt: skip
    assert minutes(log, start) == [1, 2]
    assert log.read_after(second) == log.read_after("00" + second.replace("-", "-00")) == []
    assert log.last_id() == second


def test_a_log_that_is_still_empty_has_a_beginning_to_read_from(log):
    start = log.last_id()
    assert start == log.last_id()
    assert log.read_after(start) == []
    told(log, 1)
    assert minutes(log, start) == [1]


def test_every_process_sees_the_same(opened):
    here, there = opened(100), opened(100)
    start = here.last_id()
    assert there.last_id() == start
    told(here, 1)
    told(there, 2)
    assert minutes(here, start) == minutes(there, start) == [1, 2]


def test_ids_grow_even_within_a_millisecond_and_when_the_clock_is_set_back(log):
    now = datetime.now(UTC)
    ids = [told(log, now=now) for _ in range(50)]
    ids += [told(log, now=now - timedelta(minutes=5)) for _ in range(2)]
    assert sorted(ids, key=order) == ids
    assert len(set(ids)) == 52


def test_ids_grow_for_writers_that_write_at_once(opened):
    reader = opened(1_000)
    start = reader.last_id()
    found: list[list[str]] = []
    ready = threading.Barrier(4)

    def write() -> None:
        log = opened(1_000)
        ready.wait()
        found.append([told(log) for _ in range(50)])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids, key=order) for ids in found)
    assert [event.id for event in reader.read_after(start)] == sorted(chain(*found), key=order)


def test_what_is_read_is_what_json_says_and_nobody_elses(log):
    start, data = log.last_id(), {"changed": {"서울": ("a--b",)}}
    log.append("status.update", data, now=datetime.now(UTC))
    data["changed"].clear()
    (event,) = log.read_after(start)
    assert event.data == {"changed": {"서울": ["a--b"]}}
    with pytest.raises(TypeError, match="not JSON serializable"):
        log.append("stats", {"minute": datetime.now(UTC)}, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("kind", "data", "told_of"),
    [
        ("stats.kept", {}, "'stats.kept' is not a type of event. Use one of: results.stored, "),
        ("stats", {}, "stats: 'minute' is missing. Give exactly: minute."),
        ("stats", {"minute": 1, "hour": 2}, "stats: 'hour' is not a field of it. Give exactly: minute."),
        (
            "catalog.changed",
            {"slug": "x"},
            "catalog.changed: 'slug' is not a field of it. Give exactly",
        ),
    ],
)
def test_what_the_table_of_types_does_not_know_is_not_written(log, kind, data, told_of):
    start = log.last_id()
    with pytest.raises(ValueError, match=told_of):
        log.append(kind, data, now=datetime.now(UTC))
    assert log.last_id() == start


def test_every_type_can_be_written(log):
    start = log.last_id()
    for kind in EVENT_TYPES.values():
        log.append(kind.name, dict.fromkeys(kind.fields, ""), now=datetime.now(UTC))
    events = log.read_after(start)
    assert [event.type for event in events] == list(EVENT_TYPES)
    assert all(event.version == checked(event.type, event.data).version for event in events)


def test_a_reader_waits_for_the_next_event(opened):
    log = opened(100)
    last = told(log)
    timer = threading.Timer(0.2, told, (opened(100), 1))
    timer.start()
    began_s = time.monotonic()
    assert minutes(log, last, wait_s=PATIENCE_S) == [1]
    assert time.monotonic() - began_s < PATIENCE_S
    timer.join()


def test_waiting_ends_without_news(log):
    last = told(log)
    began_s = time.monotonic()
    assert log.read_after(last, wait_s=0.1) == []
    assert log.read_after(last, wait_s=0.1) == []
    assert time.monotonic() - began_s >= 0.2


@pytest.mark.parametrize("wait_s", [0, 20])
def test_an_id_of_the_future_is_told_apart_from_one_of_the_past(log, wait_s):
    start = told(log)
    future = f"{order(start)[0]}-{order(start)[1] + 1}"
    for unknown in (future, "99999999999999-0", "9223372036854775807-9223372036854775807"):
        with pytest.raises(LogAhead, match=unknown):
            log.read_after(unknown, wait_s=wait_s)
    with pytest.raises(LogGap) as past:
        log.read_after("0-0", wait_s=wait_s)
    assert not isinstance(past.value, LogAhead)


def test_an_id_that_the_log_has_never_given_is_a_gap(log):
    """As after Redis has lost its newest entries: what came after the id was perhaps never read."""
    ids = [told(log), told(log)]
    between = f"{order(ids[1])[0]}-{order(ids[1])[1]}5"
    told(log, now=datetime.now(UTC) + timedelta(seconds=1))
    time.sleep(0.002)
    told(log, now=datetime.now(UTC) + timedelta(seconds=2))
    with pytest.raises(LogGap):
        log.read_after(between)


@pytest.mark.parametrize(
    "since", ["", "now", "1", "1-", "-1", "1-x", "١-١", "1-1-1", "9223372036854775808-0", "1-" + "9" * 5_000]
)
def test_a_malformed_id_is_refused(log, since):
    with pytest.raises(ValueError, match="is not an event id"):
        log.read_after(since)


def test_the_log_is_bounded_and_says_what_it_has_dropped(opened):
    log = opened(3)
    start, ids = log.last_id(), [told(log, minute) for minute in range(5)]
    assert minutes(log, ids[1]) == [2, 3, 4]
    assert minutes(log, ids[3]) == [4]
    for dropped in (start, ids[0]):
        with pytest.raises(LogGap) as gap:
            log.read_after(dropped)
        assert not isinstance(gap.value, LogAhead)


def test_a_restarted_process_is_a_gap_for_those_who_knew_the_last_one():
    now = datetime.now(UTC)
    known = told(MemoryLog(10, now=now), now=now)
    with pytest.raises(LogGap):
        MemoryLog(10, now=now + timedelta(seconds=1)).read_after(known)


def test_a_read_costs_one_round_trip(redis_url):
    log = RedisLog(redis_url, 100)
    told(log)
    last = log.last_id()
    log.read_after(last)
    commands: list[object] = []
    client = log._redis._client  # type: ignore[attr-defined]
    send = client.execute_command

    def noted(*parts: object, **more: object) -> object:
        commands.append(parts[0])
        return send(*parts, **more)

    client.execute_command = noted
    log.read_after(last)
    log.last_id()
    told(log)
    assert commands == ["EVALSHA"] * 3
