"""Groups of the event log in all its transports: every event once per group, and what becomes of failures."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from aigo.lib.events import (
    MOST_TRIES,
    Delivery,
    Event,
    EventLog,
    Group,
    LogGap,
    MemoryLog,
    event_log,
    order,
)
from aigo.lib.events.interface import MOST_DEAD
from aigo.tests.test_events import told
from testing.patience import PATIENCE_S

#: Instead of a minute.
CLAIM_AFTER_S = 0.12


def joined(log: EventLog, consumer: str = "a", *, name: str = "verdicts") -> Group:
    """Claims nothing within a test."""
    return log.group(name, consumer)


def hasty(log: EventLog, consumer: str = "a") -> Group:
    """Claims what has waited for CLAIM_AFTER_S."""
    return log.group("verdicts", consumer, claim_after_s=CLAIM_AFTER_S)


def minutes(deliveries: list[Delivery]) -> list[int]:
    return [delivery.event.data["minute"] for delivery in deliveries]


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.event.id for delivery in deliveries]


def fails_for_good(log: EventLog, reason: str = "no such endpoint") -> list[int]:
    """Every delivery to the group fails until none comes any more; how often each was tried."""
    group, tries = log.group("verdicts", "a", claim_after_s=0), []
    while deliveries := group.read():
        for delivery in deliveries:
            tries.append(delivery.tries)
            group.failed(delivery, reason)
    return tries


def test_every_event_goes_to_one_consumer_of_every_group(opened):
    log = opened(100)
    written = [told(log, minute) for minute in range(4)]
    first, second = joined(log, "a"), joined(opened(100), "b")
    other = joined(log, name="alerts")
    assert ids(first.read(count=3)) == written[:3]
    assert ids(second.read(count=3)) == written[3:]
    assert first.read() == second.read() == []
    assert minutes(other.read()) == [0, 1, 2, 3]


def test_consumers_that_read_at_once_share_the_events(opened):
    log, shares = opened(1_000), [[], [], []]  # type: ignore[var-annotated]
    written = [told(log, minute) for minute in range(150)]

    def consume(number: int) -> None:
        group = joined(opened(1_000), str(number))
        while deliveries := group.read(count=5, wait_s=3):
            shares[number] += deliveries
            group.done(ids(deliveries))

    threads = [threading.Thread(target=consume, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    written += [told(log, minute) for minute in range(150, 300)]
    for thread in threads:
        thread.join()
    assert sorted(sum(map(ids, shares), []), key=order) == written  # noqa: RUF017
    assert {delivery.tries for share in shares for delivery in share} == {1}
    assert all(ids(share) == sorted(ids(share), key=order) for share in shares)


def test_a_delivery_says_how_often_and_since_when(log):
    before = datetime.now(UTC) - timedelta(seconds=1)
    event_id = told(log, 7)
    (delivery,) = joined(log).read()
    assert delivery.event == Event(event_id, "stats", {"minute": 7})
    assert delivery.tries == 1
    assert before < delivery.first_seen_at < datetime.now(UTC) + timedelta(seconds=1)


def test_a_consumer_waits_for_the_next_event(opened):
    group = joined(opened(100))
    assert group.read(wait_s=0.05) == []
    timer = threading.Timer(0.2, told, (opened(100), 3))
    timer.start()
    began_s = time.monotonic()
    assert minutes(group.read(wait_s=PATIENCE_S)) == [3]
    assert time.monotonic() - began_s < PATIENCE_S, "it was there when the time was up, and not before"
    timer.join()


def test_what_is_done_never_comes_again_and_the_rest_comes_to_whoever_reads(opened):
    log = opened(100)
    written = [told(log, minute) for minute in range(3)]
    dying = joined(log, "dying")
    assert len(dying.read()) == 3
    dying.done(written[:1])
    claimed = hasty(opened(100), "b").read(wait_s=PATIENCE_S)
    assert [(d.event.id, d.tries) for d in claimed] == [(written[1], 2), (written[2], 2)]
    assert [delivery.first_seen_at for delivery in claimed] == [
        datetime.fromtimestamp(order(event_id)[0] / 1000, UTC) for event_id in written[1:]
    ]


def test_what_is_done_or_failed_twice_or_never_read_does_no_harm(log):
    group = joined(log)
    group.done([])
    group.done(["1-0"])
    group.hold(["1-0"])
    group.failed(Delivery(Event("1-0", "stats", {"minute": 1}), MOST_TRIES, datetime.now(UTC)), "never")
    told(log)
    (delivery,) = group.read()
    for _ in range(2):
        group.done([delivery.event.id])
    group.failed(delivery, "too late")
    assert log.dead_letters() == []
    assert log.group_reports()[0].pending == 0


def test_what_is_held_is_nobody_elses(opened):
    log = opened(100)
    told(log, 1)
    slow = log.group("verdicts", "slow", claim_after_s=4)
    other = opened(100).group("verdicts", "other", claim_after_s=4)
    held = ids(slow.read())
    until_s = time.monotonic() + 5
    while time.monotonic() < until_s:
        slow.hold(held)
        other.hold(held)  # it is not its own, and stays the other's
        assert other.read(wait_s=0.1) == []
    (delivery,) = other.read(wait_s=PATIENCE_S)
    assert delivery.tries == 2


def test_what_keeps_failing_becomes_a_dead_letter_once(log):
    event_id = told(log, 3)
    assert fails_for_good(log) == [1, 2, 3, 4, 5]
    (letter,) = log.dead_letters()
    assert letter.event == Event(event_id, "stats", {"minute": 3})
    assert (letter.group, letter.reason, letter.tries) == ("verdicts", "no such endpoint", MOST_TRIES)
    assert letter.consumer == "a"
    assert letter.first_seen_at == datetime.fromtimestamp(order(event_id)[0] / 1000, UTC)
    assert timedelta(0) < letter.set_aside_at - letter.first_seen_at < timedelta(seconds=PATIENCE_S)
    assert log.group_reports()[0].pending == 0


def test_what_never_gets_an_answer_is_set_aside_alone(opened):
    """One event ends every process that handles it. The others of its batch get through."""
    log = opened(100)
    written = [told(log, minute) for minute in range(6)]
    handled: list[int] = []
    for number in range(20):
        group = hasty(opened(100), f"process-{number}")
        while deliveries := group.read(count=4, wait_s=2):
            if 2 in minutes(deliveries):
                break
            handled += minutes(deliveries)
            group.done(ids(deliveries))
        else:
            break
    assert sorted(handled) == [0, 1, 3, 4, 5]
    (letter,) = log.dead_letters()
    assert (letter.event.id, letter.tries) == (written[2], MOST_TRIES)
    assert letter.reason == "delivered 5 times, and every consumer ended or hung before it answered"
    assert letter.consumer.startswith("process-")


def test_a_replayed_letter_reaches_its_group_only_and_once(opened):
    log = opened(100)
    start = log.last_id()
    told(log, 3)
    group, other = joined(log), joined(log, name="alerts")
    other.done(ids(other.read()))
    fails_for_good(log)
    (letter,) = log.dead_letters()
    before = log.last_id()
    again = opened(100).replay(letter.id)
    assert order(again) > order(before)
    assert log.dead_letters() == []
    with pytest.raises(KeyError, match=letter.id):
        log.replay(letter.id)
    assert [event.id for event in log.read_after(start)] == [letter.event.id]
    assert log.last_id() == before
    assert log.read_after(before) == []
    assert other.read() == []
    assert log.group_reports()[0].pending == 0
    (delivery,) = group.read()
    assert delivery.event == Event(again, "stats", {"minute": 3}, only="verdicts")
    assert delivery.tries == 1
    told(log, 4)
    assert [event.data["minute"] for event in log.read_after(before)] == [4]
    assert minutes(other.read()) == [4]


def test_a_reader_who_waits_is_not_woken_by_a_replay(opened):
    log = opened(100)
    told(log)
    fails_for_good(log)
    start = log.last_id()
    log.replay(log.dead_letters()[0].id)
    began_s = time.monotonic()
    assert log.read_after(start, wait_s=0.3) == []
    assert time.monotonic() - began_s >= 0.3
    timer = threading.Timer(0.2, told, (opened(100), 5))
    timer.start()
    assert [event.data["minute"] for event in log.read_after(start, wait_s=PATIENCE_S)] == [5]
    timer.join()


def test_a_dropped_letter_is_gone(log):
    told(log)
    fails_for_good(log)
    (letter,) = log.dead_letters()
    log.drop(letter.id)
    assert log.dead_letters() == []
    for gone in (letter.id, "1-0", "no id", ""):
        for act in (log.drop, log.replay):
            with pytest.raises(KeyError):
                act(gone)


def test_dead_letters_come_newest_first(log):
    for minute in range(3):
        told(log, minute)
    fails_for_good(log)
    letters = log.dead_letters()
    assert letters == sorted(letters, key=lambda letter: order(letter.id), reverse=True)
    assert {letter.event.data["minute"] for letter in letters} == {0, 1, 2}
    assert log.dead_letters(count=2) == letters[:2]


def test_dead_letters_are_bounded(opened):
    log = opened(MOST_DEAD + 50)
    written = [told(log, minute) for minute in range(MOST_DEAD + 10)]
    group = joined(log)
    for delivery in group.read(count=MOST_DEAD + 10):
        group.failed(Delivery(delivery.event, MOST_TRIES, delivery.first_seen_at), "full")
    letters = log.dead_letters(count=MOST_DEAD + 10)
    assert [letter.event.id for letter in letters] == written[:9:-1]


def gap_is_told(group: Group) -> bool:
    try:
        group.read()
    except LogGap:
        return True
    return False


def test_a_group_that_falls_behind_what_is_kept_is_told_once(opened):
    log = opened(3)
    group = joined(log)
    told(log)
    group.done(ids(group.read()))
    for minute in range(5):
        told(log, minute)
    assert gap_is_told(group)
    assert minutes(group.read()) == [2, 3, 4]
    assert not gap_is_told(group)


def test_a_gap_stays_until_a_consumer_goes_on_after_it(opened):
    """A consumer that is killed while it catches up has told nobody."""
    log = opened(3)
    killed, other = joined(log, "killed"), joined(opened(3), "other")
    killed.done(ids(killed.read()))
    for minute in range(5):
        told(log, minute)
    assert gap_is_told(killed)
    assert gap_is_told(other)
    assert minutes(other.read()) == [2, 3, 4]
    assert not gap_is_told(joined(log, "newcomer"))


def test_what_was_dropped_while_it_was_pending_is_a_gap(opened):
    log = opened(3)
    told(log)
    assert len(joined(log, "killed").read()) == 1
    other = joined(opened(3), "other")
    for minute in range(3):
        told(log, minute)
        other.done(ids(other.read()))
    other = hasty(log, "other")
    with pytest.raises(LogGap):
        until_something(lambda: other.read(wait_s=CLAIM_AFTER_S))
    assert other.read(wait_s=2 * CLAIM_AFTER_S) == []
    assert log.group_reports()[0].pending == 0


def until_something(ask: Callable[[], object]) -> object:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if found := ask():
            return found
        time.sleep(0.01)
    raise AssertionError("nothing came")


def test_a_new_group_begins_at_the_oldest_entry_and_misses_nothing(opened):
    log = opened(3)
    for minute in range(5):
        told(log, minute)
    assert minutes(joined(log).read()) == [2, 3, 4]


def test_operators_see_how_far_every_group_is(opened):
    log = opened(50)
    told(log)
    told(log)
    group = joined(log, "b")
    group.read(count=1)
    joined(opened(50), "a", name="alerts").read()
    joined(opened(50), "c").read(count=0)
    for _ in range(60):
        told(log)
    alerts, verdicts = log.group_reports()
    assert (alerts.name, alerts.backlog, alerts.pending) == ("alerts", 50, 2)
    assert (verdicts.name, verdicts.backlog, verdicts.pending) == ("verdicts", 50, 1)
    assert [(consumer.name, consumer.pending) for consumer in verdicts.consumers] == [("b", 1), ("c", 0)]
    assert all(0 <= consumer.idle_s < PATIENCE_S for consumer in verdicts.consumers)
    assert 0 <= verdicts.oldest_pending_s < PATIENCE_S


def test_without_groups_there_is_nothing_to_report(log):
    assert log.group_reports() == []
    assert log.dead_letters() == []
    assert log.remove_dead_consumers() == []
    joined(log).read()
    (report,) = log.group_reports()
    assert (report.backlog, report.pending, report.oldest_pending_s) == (0, 0, None)


def test_consumers_that_are_gone_are_forgotten_unless_they_hold_something(log):
    told(log)
    for consumer in ("holding", "gone"):
        joined(log, consumer).read()
    until_something(lambda: all(who.idle_s > 3 for who in log.group_reports()[0].consumers))
    joined(log, "here").read()
    assert log.remove_dead_consumers(idle_s=3) == ["gone"]
    (report,) = log.group_reports()
    assert [consumer.name for consumer in report.consumers] == ["here", "holding"]
    assert report.pending == 1


def test_this_process_log_has_groups(settings):
    event_log.take()
    assert isinstance(event_log(), MemoryLog)
    told(event_log())
    assert len(event_log().group("verdicts", "a").read()) == 1
