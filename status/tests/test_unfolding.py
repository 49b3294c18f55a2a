"""Verdicts through time: the turns are those of a judge who was always there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from status.rules import DEFAULT_THRESHOLDS, State
from status.unfolding import INSTANT, Known, Turn, unfold

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EVERY_S = 60
REGIONS = ("seoul", "tokyo", "frankfurt", "oregon")


@dataclass(frozen=True)
class Attempt:
    region: str
    started_at: datetime
    outcome: str = "ok"
    total_ms: float | None = 500.0
    answer_ms: float | None = 200.0

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"


class Judge:
    """Keeps what it finds, as the database does, and judges whenever it is told to."""

    def __init__(self) -> None:
        self.stored: list[Attempt] = []
        self.kept: dict[str, Known] = {}
        self.turns: list[Turn] = []

    def store(self, attempts: Sequence[Attempt]) -> None:
        self.stored += attempts

    def judge(self, now: datetime) -> list[Turn]:
        found = unfold(self.stored, self.kept, limits=DEFAULT_THRESHOLDS, every_s=EVERY_S, now=now)
        self.kept = dict(found.standing)
        self.turns += found.turns
        return list(found.turns)

    def changes(self, region: str | None = None) -> list[tuple[str, State, State, datetime]]:
        return sorted(
            (t.region, t.before, t.after.state, t.at) for t in self.turns if region in (None, t.region)
        )


def series(pattern: str, *, region: str = "seoul", every_s: float = 60, begins_s: float = 0) -> list[Attempt]:
    """ "+-" right and wrong, "d" a name that does not resolve, "s" slow, " " a moment without attempt."""
    outcomes = {"+": "ok", "s": "ok", "-": "http_5xx", "d": "dns_error"}
    return [
        Attempt(
            region,
            NOW + timedelta(seconds=begins_s + every_s * n),
            outcomes[sign],
            5000.0 if sign == "s" else 500.0,
        )
        for n, sign in enumerate(pattern)
        if sign != " "
    ]


def moved(judge: Judge, region: str) -> list[tuple[str, float]]:
    return [(t.after.state.value, (t.at - NOW).total_seconds()) for t in judge.turns if t.region == region]


# --- histories: what each region saw, minute by minute, and when which part of it was delivered ------------


@st.composite
def histories(draw: st.DrawFn) -> list[Attempt]:
    """Attempts of one to four regions, by moment, no two at the same; long gaps among them."""
    attempts: list[Attempt] = []
    for number in range(draw(st.integers(1, 4))):
        pattern = draw(
            st.lists(
                st.sampled_from(["+++++", "-----", "+-+-", "ddd", "sssssssss", "     ", "+", "-", " ", "s"]),
                min_size=1,
                max_size=8,
            )
        )
        every_s = draw(st.sampled_from([20, 60, 61]))
        attempts += series(
            "".join(pattern), region=REGIONS[number], every_s=every_s, begins_s=number * 7.25 + 0.5
        )
    moments = {attempt.started_at: attempt for attempt in attempts}
    return [moments[moment] for moment in sorted(moments)]


@st.composite
def partings(draw: st.DrawFn) -> tuple[list[Attempt], list[int]]:
    """A history, and after how many of its attempts somebody judges."""
    history = draw(histories())
    cuts = draw(st.lists(st.integers(0, len(history)), max_size=6)) if history else []
    return history, sorted(cuts)


def judged_in_parts(history: Sequence[Attempt], cuts: Sequence[int], end: datetime) -> Judge:
    judge = Judge()
    for begin, cut in zip([0, *cuts], [*cuts, len(history)], strict=True):
        judge.store(history[begin:cut])
        if judge.stored:
            judge.judge(max(attempt.started_at for attempt in judge.stored))
    judge.judge(end)
    return judge


def end_of(history: Sequence[Attempt]) -> datetime:
    return max([a.started_at for a in history], default=NOW) + timedelta(seconds=10 * EVERY_S)


@given(partings())
@settings(max_examples=150, deadline=None)
def test_who_was_away_finds_the_turns_of_one_who_judged_after_every_delivery(parting):
    history, cuts = parting
    end = end_of(history)
    always = judged_in_parts(history, range(len(history)), end)
    assert judged_in_parts(history, cuts, end).changes() == always.changes()
    assert judged_in_parts(history, [], end).changes() == always.changes()


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_how_regions_mix_changes_nothing_in_a_region(history, chance):
    """Each region's own order is kept, all else is not; names that do not resolve need two regions."""
    history = [attempt for attempt in history if attempt.outcome != "dns_error"]
    straight, mixed = judged_in_parts(history, [], end_of(history)), Judge()
    queues = {region: [a for a in history if a.region == region] for region in REGIONS}
    while left := [region for region in REGIONS if queues[region]]:
        region = chance.choice([r for r in left if not overtakes(queues[r][0], queues, mixed)])
        mixed.store([queues[region].pop(0)])
        mixed.judge(max(attempt.started_at for attempt in mixed.stored))
    mixed.judge(end_of(history))
    for region in REGIONS:
        assert mixed.changes(region) == straight.changes(region)


def overtakes(attempt: Attempt, queues: dict[str, list[Attempt]], judge: Judge) -> bool:
    """Whether it comes so early that another region, whose attempts are on their way, seems to be silent."""
    interval = timedelta(seconds=EVERY_S)
    for region, queue in queues.items():
        stored = [a.started_at for a in judge.stored if a.region == region]
        fresh_until = max(stored) + 3 * interval if stored else attempt.started_at
        if queue and (
            queue[0].started_at <= fresh_until < attempt.started_at
            or queue[0].started_at + interval < attempt.started_at
        ):
            return True
    return False


@given(partings())
@settings(max_examples=100, deadline=None)
def test_the_turns_of_a_region_are_one_chain_in_order_of_time(parting):
    history, cuts = parting
    judge = judged_in_parts(history, cuts, end_of(history))
    for region in {turn.region for turn in judge.turns}:
        turns = [turn for turn in judge.turns if turn.region == region]
        assert turns[0].before is State.UNKNOWN
        for earlier, later in pairwise(turns):
            assert later.before is earlier.after.state is not later.after.state
            assert later.at > earlier.at


@given(partings())
@settings(max_examples=100, deadline=None)
def test_judging_again_finds_nothing(parting):
    history, cuts = parting
    judge = judged_in_parts(history, cuts, end_of(history))
    kept = dict(judge.kept)
    assert judge.judge(end_of(history)) == []
    assert judge.kept == kept


# --- single cases ------------------------------------------------------------------------------------------


def test_a_gap_of_more_than_three_intervals_turns_to_unknown_where_freshness_ended():
    judge = Judge()
    judge.store(series("+++     +++"))
    judge.judge(NOW + timedelta(hours=1))
    assert moved(judge, "seoul") == [
        ("operational", 0),
        ("unknown", 120 + 180),
        ("operational", 480),
        ("unknown", 600 + 180),
    ]
    assert moved(judge, "all") == moved(judge, "seoul")


@pytest.mark.parametrize(("gap_s", "turns"), [(180, 1), (181, 3)])
def test_three_intervals_without_an_attempt_are_no_gap(gap_s: int, turns: int):
    judge = Judge()
    judge.store([Attempt("seoul", NOW), Attempt("seoul", NOW + timedelta(seconds=gap_s))])
    judge.judge(NOW + timedelta(seconds=gap_s))
    assert len(moved(judge, "seoul")) == turns


def test_a_region_that_falls_silent_no_longer_weighs_on_the_whole():
    judge = Judge()
    judge.store(
        series("+++---", region="tokyo")
        + series("+" * 12, begins_s=1)
        + series("+" * 12, region="oregon", begins_s=2)
    )
    judge.judge(NOW + timedelta(seconds=700))
    assert moved(judge, "all") == [("operational", 0), ("degraded", 300), ("operational", 480)]


def test_a_name_is_charged_when_the_second_region_cannot_resolve_it():
    judge = Judge()
    judge.store(
        series("+++") + series("+++", region="tokyo", begins_s=5) + series("ddd", begins_s=180, every_s=20)
    )
    judge.judge(NOW + timedelta(seconds=230))
    assert moved(judge, "seoul") == [("operational", 0)]
    judge.store(series("d", region="tokyo", begins_s=240))
    judge.judge(NOW + timedelta(seconds=241))
    assert moved(judge, "seoul")[1:] == [("outage", 240)]


def test_what_a_turn_rests_on_began_with_the_first_failure():
    judge = Judge()
    judge.store(series("+++--"))
    judge.judge(NOW + timedelta(minutes=5))
    turn = judge.turns[-1]
    assert (turn.after.state, turn.failing_since) == (State.DEGRADED, NOW + timedelta(minutes=3))


def test_a_late_attempt_of_another_region_counts_from_the_moment_up_to_which_was_judged():
    judge = Judge()
    judge.store(series("+++") + series("++-", region="tokyo", begins_s=10))
    judge.judge(NOW + timedelta(seconds=131))
    late = series("---", region="oregon", begins_s=60, every_s=20)
    judge.store(late)
    judge.judge(NOW + timedelta(seconds=132))
    assert moved(judge, "oregon") == [("operational", 60), ("degraded", 80), ("outage", 100)]
    assert moved(judge, "all")[1:] == [("degraded", 130)]


def test_a_late_attempt_of_the_same_region_counts_at_once_and_takes_nothing_back():
    judge = Judge()
    judge.store([a for a in series("+++---") if a.started_at != NOW + timedelta(minutes=4)])
    judge.judge(NOW + timedelta(minutes=5))
    assert moved(judge, "seoul")[-1] == ("degraded", 300)
    judge.store([Attempt("seoul", NOW + timedelta(minutes=4), "http_5xx")])
    judge.judge(NOW + timedelta(minutes=5, seconds=1))
    last = [turn for turn in judge.turns if turn.region == "seoul"][-1]
    assert (last.after.state, last.at) == (State.OUTAGE, NOW + timedelta(minutes=5) + INSTANT)


def test_what_is_left_out_afterwards_no_longer_counts():
    judge = Judge()
    judge.store(series("+++---"))
    judge.judge(NOW + timedelta(minutes=5))
    judge.stored = [attempt for attempt in judge.stored if attempt.ok]
    judge.judge(NOW + timedelta(minutes=5, seconds=1))
    assert judge.kept["seoul"].verdict.state is State.OPERATIONAL
