"""What a step of an incident means for one recipient: a table, and what must hold whatever happens."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from status.rules.notices import Matter, Wish, is_at_once, wants
from status.rules.telling import (
    ABSORBED,
    NOT_ITS_OWN,
    OVER,
    Doing,
    Drop,
    Happening,
    Move,
    Past,
    Standing,
    Step,
    Tell,
    decide,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOON, LATER = NOW + 10 * MINUTE, NOW + 15 * MINUTE
#: The rule that asks for everything.
ALL = Wish(rule=1)
GRAVE = Wish(rule=2, min_severity="critical")
QUIET_ABOUT_IT = Wish(rule=3, tells_updates=False, tells_recovery=False)
NEVER = Past()
HELD = Past(Standing.HELD, SOON, "minor")
DUE = Past(Standing.HELD, NOW, "minor")
TOLD = Past(Standing.TOLD, NOW - MINUTE, "major")
DROPPED = Past(Standing.DROPPED, SOON, "minor")
FAILED = Past(Standing.FAILED, NOW, "major")
#: Told of an incident that this one takes in, or about to be.
KNOWS = Past(replaced_at=NOW - MINUTE, knows=True)
WOULD = Past(replaced_at=NOW + 3 * MINUTE)


def step(happening: Happening = Happening.CHANGED, severity: str = "major", **changes) -> Step:
    return replace(Step(happening, 77, NOW, Matter(severity)), **changes)


CHANGED, UPDATE, CLOSED = Happening.CHANGED, Happening.UPDATE, Happening.CLOSED
POSTMORTEM = Happening.POSTMORTEM
OPENING = [Drop(OVER, openings=True, due_after=NOW)]
REST = Drop(OVER, openings=False, due_after=NOW)
RECOVERED = Tell("recovered", NOW, 1)


@pytest.mark.parametrize(
    ("happened", "wish", "past", "doings"),
    [
        # nothing told yet
        (step(), ALL, NEVER, [Tell("opened", NOW, 1)]),
        (step(severity="minor"), ALL, NEVER, [Tell("opened", LATER, 1)]),
        (step(severity="info"), ALL, NEVER, []),
        (step(), GRAVE, NEVER, []),
        (step(severity="critical"), GRAVE, NEVER, [Tell("opened", NOW, 2)]),
        (step(UPDATE), ALL, NEVER, [Tell("opened", NOW, 1)]),
        (step(UPDATE, over=True), ALL, NEVER, []),
        (step(CLOSED), ALL, NEVER, []),
        (step(POSTMORTEM), ALL, NEVER, []),
        # held
        (step(severity="minor"), ALL, HELD, []),
        (step(severity="major"), ALL, HELD, [Move(NOW, 1)]),
        (step(severity="major"), GRAVE, HELD, [Drop(NOT_ITS_OWN, openings=True, due_after=NOW)]),
        (step(severity="major"), GRAVE, DUE, []),
        (step(CLOSED, "minor"), ALL, HELD, OPENING),
        (step(CLOSED, "minor"), ALL, DUE, [REST, RECOVERED]),
        (step(UPDATE, "minor"), ALL, HELD, []),
        (step(Happening.ABSORBED), ALL, HELD, [Drop(ABSORBED, openings=True, due_after=NOW)]),
        (step(Happening.ABSORBED), ALL, DUE, []),
        (step(POSTMORTEM), ALL, HELD, []),
        # dropped, and its own again
        (step(severity="minor"), ALL, DROPPED, [Move(LATER, 1)]),
        (step(CLOSED), ALL, DROPPED, []),
        # told
        (step(), ALL, TOLD, []),
        (step(severity="critical"), ALL, TOLD, [Tell("worsened", NOW, 1, step=3)]),
        (step(UPDATE, "critical"), ALL, TOLD, [Tell("worsened", NOW, 1, step=3)]),
        (step(severity="major"), replace(ALL, at_once_from="critical"), replace(TOLD, severity="minor"), []),
        (step(severity="minor"), ALL, TOLD, []),
        (step(UPDATE, "minor"), ALL, TOLD, [Tell("updated", NOW, 1, step=77)]),
        (step(UPDATE), QUIET_ABOUT_IT, TOLD, []),
        (step(UPDATE, over=True), ALL, TOLD, [Tell("updated", NOW, 1, step=77)]),
        (step(CLOSED), ALL, TOLD, [REST, RECOVERED]),
        (step(CLOSED), QUIET_ABOUT_IT, TOLD, [REST]),
        (step(CLOSED), replace(GRAVE, rule=1), TOLD, [REST, RECOVERED]),
        (step(Happening.ABSORBED), ALL, TOLD, []),
        (step(POSTMORTEM), ALL, TOLD, [Tell("postmortem", NOW, 1, step=77)]),
        # what takes in another one
        (step(severity="minor"), ALL, KNOWS, [Tell("opened", NOW, 1)]),
        (step(severity="minor"), GRAVE, KNOWS, [Tell("opened", NOW, 2)]),
        (step(severity="minor"), ALL, WOULD, [Tell("opened", NOW + 3 * MINUTE, 1)]),
        (step(severity="major"), ALL, WOULD, [Tell("opened", NOW, 1)]),
        (step(CLOSED, "minor"), ALL, replace(HELD, knows=True), [*OPENING, REST, RECOVERED]),
        # nobody to reach, and nobody who asked
        (step(severity="critical"), ALL, FAILED, []),
        (step(CLOSED), ALL, FAILED, []),
        (step(severity="critical"), Wish(topics=frozenset({"slo"})), TOLD, []),
    ],
)
def test_what_a_step_means(happened: Step, wish: Wish, past: Past, doings: list[Doing]):
    assert decide(happened, [wish], past) == doings


def test_of_several_wishes_the_earliest_counts_and_one_that_tells_is_enough():
    eager = Wish(rule=9, at_once_from="minor")
    assert decide(step(severity="minor"), [ALL, eager], NEVER) == [Tell("opened", NOW, 9)]
    assert decide(step(CLOSED), [QUIET_ABOUT_IT, ALL], TOLD) == [REST, RECOVERED]
    assert decide(step(), [], NEVER) == []


# --- whatever happens --------------------------------------------------------------------------


@dataclass
class Recipient:
    """What a recipient was told, by a sender that comes by at odd moments."""

    wishes: list[Wish]
    told: list[str] = field(default_factory=list)
    waiting: dict[tuple[str, int], datetime] = field(default_factory=dict)
    past: Past = NEVER
    ever: set[tuple[str, int]] = field(default_factory=set)

    def do(self, happened: Step) -> None:
        for doing in decide(happened, self.wishes, self.past):
            if isinstance(doing, Tell):
                key = doing.kind, doing.step
                assert key not in self.ever, "the same notice twice"
                assert doing.due_at >= happened.at
                self.ever.add(key)
                self.waiting[key] = doing.due_at
            elif isinstance(doing, Move):
                assert self.past.standing in {Standing.HELD, Standing.DROPPED}
                self.waiting["opened", 0] = doing.due_at
            else:
                for key, due in list(self.waiting.items()):
                    if (key[0] == "opened") is doing.openings and due > doing.due_after:
                        del self.waiting[key]
                        if doing.openings:
                            self.past = replace(self.past, standing=Standing.DROPPED)
            if ("opened", 0) in self.waiting:
                severity = happened.matter.severity
                self.past = Past(Standing.HELD, self.waiting["opened", 0], severity)
            elif isinstance(doing, Tell) and doing.kind == "worsened":
                self.past = replace(self.past, severity=happened.matter.severity)

    def send(self, now: datetime) -> None:
        """What is due, in the order it was made."""
        for key in [key for key, due in self.waiting.items() if due <= now]:
            if key[0] != "opened" and ("opened", 0) in self.waiting:
                continue
            del self.waiting[key]
            self.told.append(key[0])
            if key[0] == "opened":
                self.past = replace(self.past, standing=Standing.TOLD)


@dataclass(frozen=True)
class Played:
    """One thing that happens, how grave it is then, whether the sender comes by, and how long that lasts."""

    happening: Happening
    severity: str
    sent: bool
    minutes: int


SEVERITIES = st.sampled_from(["info", "minor", "major", "critical"])
WISHES = st.builds(Wish, rule=st.integers(1, 3), min_severity=SEVERITIES, at_once_from=SEVERITIES)
PLAYED = st.builds(
    Played, st.sampled_from([CHANGED, UPDATE]), SEVERITIES, st.booleans(), st.sampled_from([0, 1, 14, 15, 16])
)


@settings(max_examples=100, deadline=None)
@given(st.lists(WISHES, min_size=1, max_size=3), st.lists(PLAYED, min_size=1, max_size=12))
def test_nobody_hears_of_one_opening_twice_or_of_an_end_without_it(wishes, played):
    recipient, now = Recipient(wishes), NOW
    for number, part in enumerate(played):
        recipient.do(Step(part.happening, number, now, Matter(part.severity)))
        if part.sent:
            recipient.send(now)
        now += part.minutes * MINUTE
    severity = played[-1].severity
    recipient.do(Step(CLOSED, 99, now, Matter(severity)))
    recipient.send(now + timedelta(days=1))
    told = recipient.told
    assert recipient.waiting == {}
    assert told.count("opened") == told.count("recovered") <= 1
    assert not told or (told[0], told[-1]) == ("opened", "recovered")
    if any(wants(wish, Matter(severity)) and is_at_once(wish, severity) for wish in wishes):
        assert told, "it was grave when it ended, and nobody was told"
