"""Kept answers: when they hold, who computes, and what is handed out while a part is away."""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from psycopg.errors import QueryCanceled

from aigo.lib import changes, kept
from aigo.lib.breaker import FAILURES
from aigo.lib.changes import Changes
from aigo.lib.events import Event, LogUnavailable, MemoryLog
from aigo.lib.kept import KEEP_BLINDLY, KEEP_MENDED, KEEP_WHOLE, LAST_ANSWER, Answer, Keeper, Unavailable
from testing.patience import PATIENCE_S

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEEP = timedelta(seconds=30)


class Source:
    """What is read: a number that grows with each reading."""

    def __init__(self) -> None:
        self.reads = 0
        self.away = False

    def __call__(self) -> int:
        self.reads += 1
        if self.away:
            raise OperationalError("connection refused")
        return self.reads


def _refused() -> int:
    """As Django tells that the server has ended a query at its time limit."""
    raise OperationalError("canceling statement") from QueryCanceled()


def _locked() -> int:
    raise OperationalError("database is locked")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    log = MemoryLog(100, now=NOW)
    monkeypatch.setattr(changes, "event_log", lambda: log)
    return log


def topics_of(event: Event) -> Iterable[str] | None:
    return event.data["changed"]["all"] if event.type == "status.update" else None


def board(value: object) -> tuple[str, ...]:
    return ("board",)


@pytest.fixture
def keeper(log: MemoryLog) -> Keeper:
    return Keeper(Changes(topics_of))


@pytest.fixture
def source() -> Source:
    return Source()


def ask(keeper: Keeper, source: Callable[[], int], after_s: float = 0.0, **more: Any) -> Answer[int]:
    wish: dict[str, Any] = {"topics": board, "keep": KEEP} | more
    return keeper.answer("key", source, now=NOW + timedelta(seconds=after_s), **wish)


def tell(log: MemoryLog, *topics: str) -> str:
    if topics:
        return log.append("status.update", {"changed": {"all": list(topics)}}, now=NOW)
    return log.append("catalog.changed", {}, now=NOW)


def test_an_answer_is_kept_for_its_time_and_not_longer(keeper: Keeper, source: Source):
    assert ask(keeper, source).age == timedelta(0)
    answer = ask(keeper, source, 29.9)
    assert (answer.value, answer.at, answer.age.total_seconds()) == (1, NOW, 29.9)
    assert ask(keeper, source, 30).value == 2


def test_the_next_read_after_an_event_sees_the_new_state(keeper: Keeper, source: Source, log: MemoryLog):
    ask(keeper, source)
    event_id = tell(log, "board", "a--b")
    answer = ask(keeper, source)
    assert (answer.value, answer.event_id) == (2, event_id)
    assert ask(keeper, source).value == 2


def test_an_event_about_something_else_changes_nothing_but_how_far_the_answer_is_known_to_hold(
    keeper: Keeper, source: Source, log: MemoryLog
):
    ask(keeper, source)
    event_id = tell(log, "a--b")
    answer = ask(keeper, source)
    assert (answer.value, answer.event_id) == (1, event_id)


def test_an_answer_is_mended_with_what_has_changed_and_made_anew_after_two_minutes(
    keeper: Keeper, source: Source, log: MemoryLog
):
    mended: list[tuple[int, set[str]]] = []

    def mend(value: int, changed: frozenset[str]) -> int:
        mended.append((value, set(changed)))
        return value + 100

    assert ask(keeper, source, mend=mend).value == 1
    tell(log, "board", "a--b")
    assert ask(keeper, source, mend=mend).value == 101
    tell(log, "board", "c--d")
    assert [ask(keeper, source, mend=mend).value for _ in range(2)] == [201, 201]
    assert ask(keeper, source, 31, mend=mend).value == 301
    assert mended == [(1, {"board", "a--b"}), (101, {"board", "c--d"}), (201, set())]
    assert ask(keeper, source, KEEP_WHOLE.total_seconds(), mend=mend).value == 2
    tell(log)
    assert ask(keeper, source, 120, mend=mend).value == 3


def test_in_a_process_that_serves_nobody_waits_for_a_whole_answer(
    keeper: Keeper, source: Source, log: MemoryLog
):
    aside: list[Callable[[], None]] = []
    keeper.renew_aside(aside.append)
    mend = lambda value, _changed: value + 100  # noqa: E731
    ask(keeper, source, mend=mend)
    assert ask(keeper, source, 120, mend=mend).value == 101
    tell(log, "board")
    assert ask(keeper, source, 121, mend=mend).value == 201
    assert (source.reads, len(aside)) == (1, 1)

    aside.pop()()
    answer = ask(keeper, source, 121, mend=mend)
    assert (answer.value, source.reads) == (102, 2)  # the whole one, and what happened since it was begun
    tell(log, "board")
    assert ask(keeper, source, 239, mend=mend).value == 202
    assert not aside
    tell(log, "board")
    ask(keeper, source, 240, mend=mend)
    assert len(aside) == 1


def test_a_whole_answer_that_does_not_come_is_computed_by_a_reader(keeper: Keeper, source: Source):
    keeper.renew_aside(lambda _work: None)
    mend = lambda value, _changed: value + 100  # noqa: E731
    ask(keeper, source, mend=mend)
    assert ask(keeper, source, 120, mend=mend).value == 101
    assert ask(keeper, source, KEEP_MENDED.total_seconds() + 1, mend=mend).value == 2


def test_a_renewal_that_fails_is_tried_again(keeper: Keeper, source: Source):
    aside: list[Callable[[], None]] = []
    keeper.renew_aside(aside.append)
    mend = lambda value, _changed: value + 100  # noqa: E731
    ask(keeper, source, mend=mend)
    ask(keeper, source, 120, mend=mend)
    source.away = True
    with pytest.raises(OperationalError):
        aside.pop()()
    source.away = False
    ask(keeper, source, 160, mend=mend)
    assert len(aside) == 1


def test_an_event_that_says_nothing_of_its_topics_touches_everything(
    keeper: Keeper, source: Source, log: MemoryLog
):
    ask(keeper, source)
    tell(log)
    assert ask(keeper, source).value == 2


def test_a_log_that_was_lost_or_has_dropped_events_makes_everything_doubtful(
    keeper: Keeper, source: Source, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
):
    ask(keeper, source)
    for _ in range(101):
        tell(log, "a--b")
    assert ask(keeper, source).value == 2
    monkeypatch.setattr(changes, "event_log", lambda: MemoryLog(100, now=NOW - timedelta(days=1)))
    assert ask(keeper, source).value == 3
    assert ask(keeper, source).value == 3


def test_topics_past_their_number_are_all_doubted_once(
    keeper: Keeper, source: Source, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(changes, "MOST_TOPICS", 3)
    ask(keeper, source)
    tell(log, "a", "b", "c", "d")
    assert ask(keeper, source).value == 2
    assert ask(keeper, source).value == 2


def test_a_value_that_time_makes_wrong_is_not_handed_out_after_its_moment(keeper: Keeper, source: Source):
    until = NOW + timedelta(seconds=10)
    ask(keeper, source, until=lambda value: until)
    assert ask(keeper, source, 10).value == 1
    assert ask(keeper, source, 10.001, until=lambda value: until + KEEP).value == 2


def test_a_clock_that_was_set_back_does_not_keep_an_answer_for_ever(
    keeper: Keeper, source: Source, monkeypatch: pytest.MonkeyPatch
):
    ask(keeper, source)
    assert ask(keeper, source, -3600).value == 1
    later_s = time.monotonic() + KEEP.total_seconds()
    monkeypatch.setattr(time, "monotonic", lambda: later_s)
    assert ask(keeper, source, -3600).value == 2


def test_who_has_waited_takes_what_was_made_for_a_later_moment(
    keeper: Keeper, source: Source, log: MemoryLog
):
    ask(keeper, source)
    tell(log, "board")
    answer = _while_another_computes(keeper, source, lambda: ask(keeper, source), after_s=9)
    assert (answer.value, answer.at) == (2, NOW + timedelta(seconds=9))
    assert source.reads == 2


def test_many_who_come_together_cause_one_computation(keeper: Keeper, source: Source):
    together, answers = threading.Barrier(20), []
    going_on = threading.Event()

    def slow() -> int:
        going_on.wait(PATIENCE_S)
        return source()

    def read() -> None:
        together.wait()
        answers.append(keeper.answer("key", slow, now=NOW, topics=board).value)

    readers = [threading.Thread(target=read) for _ in range(20)]
    for reader in readers:
        reader.start()
    going_on.set()
    for reader in readers:
        reader.join()
    assert answers == [1] * 20
    assert source.reads == 1


def _while_another_computes(
    keeper: Keeper, source: Source, then: Callable[[], Answer[int]], **wish: Any
) -> Answer[int]:
    """What `then` answers while another reader is in the middle of computing the answer anew."""
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        go_on.wait(PATIENCE_S)
        return source()

    other = threading.Thread(target=lambda: ask(keeper, slow, **wish))
    other.start()
    inside.wait(PATIENCE_S)
    timer = threading.Timer(2, go_on.set)
    timer.start()
    answer = then()
    timer.cancel()
    go_on.set()
    other.join()
    return answer


def test_what_is_merely_old_is_handed_out_while_another_computes(keeper: Keeper, source: Source):
    ask(keeper, source)
    answer = _while_another_computes(keeper, source, lambda: ask(keeper, source, 31), after_s=31)
    assert (answer.value, answer.age.total_seconds(), answer.away) == (1, 31, "")


def test_what_is_more_than_twice_as_old_is_waited_for(keeper: Keeper, source: Source):
    ask(keeper, source)
    answer = _while_another_computes(keeper, source, lambda: ask(keeper, source, 60), after_s=60)
    assert (answer.value, answer.age) == (2, timedelta(0))


def test_what_an_event_has_overtaken_is_waited_for(keeper: Keeper, source: Source, log: MemoryLog):
    ask(keeper, source)
    tell(log, "board")
    assert _while_another_computes(keeper, source, lambda: ask(keeper, source)).value == 2


def test_computing_that_hangs_does_not_hold_up_the_others_for_ever(
    keeper: Keeper, source: Source, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kept, "PATIENCE_S", 0.05)
    ask(keeper, source)
    tell(log, "board")
    answer = _while_another_computes(keeper, source, lambda: ask(keeper, source, 3))
    assert (answer.value, answer.away) == (1, "database")


def test_the_last_answer_stands_in_with_its_age_while_the_database_is_away(keeper: Keeper, source: Source):
    ask(keeper, source)
    source.away = True
    answer = ask(keeper, source, 40)
    assert (answer.value, answer.age.total_seconds(), answer.away, answer.at) == (1, 40, "database", NOW)


def test_after_five_errors_in_a_row_the_database_is_not_asked_and_then_tried_again(
    keeper: Keeper, source: Source
):
    ask(keeper, source)
    source.away = True
    for n in range(8):
        assert ask(keeper, source, 31 + n).away == "database"
    assert source.reads == 1 + 5
    assert [r.state for r in keeper.reports()] == ["open", "closed"]
    source.away = False
    keeper._database._retry_at = 0.0  # five seconds later
    answer = ask(keeper, source, 50)
    assert (answer.value, answer.away, answer.age) == (7, "", timedelta(0))
    assert [r.state for r in keeper.reports()] == ["closed", "closed"]


@pytest.mark.parametrize("answered", [lambda: 1 // 0, _refused])
def test_a_try_that_the_database_answers_in_any_way_closes_the_breaker(
    keeper: Keeper, source: Source, answered: Callable[[], int]
):
    ask(keeper, source)
    source.away = True
    for _ in range(FAILURES):
        ask(keeper, source, 31)
    keeper._database._retry_at = 0.0  # five seconds later
    with pytest.raises((ZeroDivisionError, Unavailable)):
        keeper.answer("other", answered, now=NOW, topics=board)
    assert keeper.reports()[0].state == "closed"


def test_a_part_that_is_unavailable_has_not_answered(keeper: Keeper, source: Source):
    source.away = True
    with pytest.raises(Unavailable):
        keeper.answer("outer", lambda: ask(keeper, source).value, now=NOW, topics=board)
    assert keeper.reports()[0].failures == 1


@pytest.mark.parametrize("refused", [_refused, _locked])
def test_one_query_that_is_too_much_does_not_bar_the_others(
    keeper: Keeper, source: Source, refused: Callable[[], int]
):
    ask(keeper, source)
    for _ in range(FAILURES + 1):
        assert ask(keeper, refused, 31).away == "database"
    assert keeper.answer("other", source, now=NOW, topics=board).value == 2
    assert keeper.reports()[0].failures == 0


def test_those_who_wait_for_a_try_that_fails_do_not_try_one_after_another(
    keeper: Keeper, source: Source, log: MemoryLog
):
    ask(keeper, source)
    tell(log, "board")
    source.away = True
    waiting = [threading.Thread(target=ask, args=(keeper, source)) for _ in range(5)]

    def then() -> Answer[int]:
        for reader in waiting:
            reader.start()
        return ask(keeper, source)

    assert _while_another_computes(keeper, source, then).away == "database"
    for reader in waiting:
        reader.join()
    assert source.reads == 2
    ask(keeper, source)
    assert source.reads == 3


def test_a_last_answer_stands_in_for_an_hour_and_not_longer(keeper: Keeper, source: Source):
    ask(keeper, source)
    source.away = True
    assert ask(keeper, source, LAST_ANSWER.total_seconds()).away
    with pytest.raises(Unavailable):
        ask(keeper, source, LAST_ANSWER.total_seconds() + 1)


def test_without_a_last_answer_it_says_what_is_away(keeper: Keeper, source: Source):
    source.away = True
    with pytest.raises(Unavailable, match="The database does not answer"):
        ask(keeper, source)


def test_an_error_of_ours_is_not_passed_off_as_an_absence(keeper: Keeper, source: Source):
    ask(keeper, source)
    with pytest.raises(ZeroDivisionError):
        ask(keeper, lambda: 1 // 0, 31)
    assert keeper.reports()[0].failures == 0
    assert ask(keeper, source, 31).value == 2


def test_without_the_event_log_an_answer_is_kept_for_a_moment_only(
    keeper: Keeper, source: Source, monkeypatch: pytest.MonkeyPatch
):
    asked = []

    def away() -> MemoryLog:
        asked.append(1)
        raise LogUnavailable("refused")

    monkeypatch.setattr(changes, "event_log", away)
    ask(keeper, source)
    assert ask(keeper, source, KEEP_BLINDLY.total_seconds() - 0.01).value == 1
    answer = ask(keeper, source, KEEP_BLINDLY.total_seconds())
    assert (answer.value, answer.event_id, answer.away) == (2, "", "")
    for _ in range(10):
        ask(keeper, source, 2)
    assert len(asked) == 5
    assert keeper.reports()[1].state == "open"


def test_what_was_kept_while_the_log_was_away_is_doubted_when_it_is_back(
    keeper: Keeper, source: Source, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
):
    def away() -> MemoryLog:
        raise LogUnavailable("refused")

    with monkeypatch.context() as outage:
        outage.setattr(changes, "event_log", away)
        ask(keeper, source)
    assert ask(keeper, source, 1).value == 2


def test_what_was_never_made_takes_no_place(keeper: Keeper, source: Source):
    with pytest.raises(ZeroDivisionError):
        ask(keeper, lambda: 1 // 0)
    source.away = True
    with pytest.raises(Unavailable):
        ask(keeper, source)
    assert not keeper._places


def test_what_nobody_has_asked_for_in_an_hour_goes(keeper: Keeper, source: Source):
    ask(keeper, source)
    for after in (timedelta(0), LAST_ANSWER, LAST_ANSWER + timedelta(seconds=1)):
        keeper.answer("other", source, now=NOW + after, topics=board)
        assert ("key" in keeper._places) == (after <= LAST_ANSWER)


def test_the_one_that_all_others_rest_on_stays(log: MemoryLog):
    keeper = Keeper(Changes(topics_of), always="a", most=2)
    for key in ("a", "b", "c", "d"):
        keeper.answer(key, Source(), now=NOW, topics=board)
    assert list(keeper._places) == ["a", "d"]


def test_the_answers_asked_for_least_go_first(log: MemoryLog, source: Source):
    keeper = Keeper(Changes(topics_of), most=2)
    for key in ("a", "b", "a", "c", "a"):
        keeper.answer(key, source, now=NOW, topics=lambda _value: ())
    assert source.reads == 3
    keeper.answer("b", source, now=NOW, topics=lambda _value: ())
    assert source.reads == 4
