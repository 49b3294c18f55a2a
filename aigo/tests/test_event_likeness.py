"""The transports of the event log do the same, whatever happens in whatever order."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aigo.lib.events import Delivery, EventLog, Group, LogGap, MemoryLog, RedisLog
from aigo.tests.test_events import told

#: Short, so that entries are dropped unread, unhandled and unanswered.
LENGTH = 4
STEPS = 150
ACTS = ["append"] * 5 + ["read"] * 4 + ["done"] * 3 + ["fail"] * 4
ACTS += ["after"] * 2 + ["report", "replay", "drop", "restart"]


class Play:
    """Two groups of two consumers to whom anything may happen; what comes of it, without ids and moments."""

    def __init__(self, log: EventLog, seed: int) -> None:
        self.log = log
        self.chance = random.Random(seed)
        self.ids = [log.last_id()]
        self.groups = {(group, who): self.joined(group, who) for group in "vw" for who in "ab"}
        self.held: dict[tuple[str, str], list[Delivery]] = {one: [] for one in self.groups}

    def joined(self, group: str, consumer: str) -> Group:
        return self.log.group(group, consumer, claim_after_s=0)

    def run(self) -> list[object]:
        steps: list[object] = []
        for _ in range(STEPS):
            one, act = self.chance.choice(sorted(self.groups)), self.chance.choice(ACTS)
            steps.append((one, act, getattr(self, act)(one)))
        return steps

    def append(self, one: tuple[str, str]) -> object:
        self.ids.append(told(self.log, len(self.ids)))
        return None

    def read(self, one: tuple[str, str]) -> object:
        try:
            deliveries = self.groups[one].read(count=self.chance.choice([1, 2, 3, 10]))
        except LogGap:
            return "gap"
        self.held[one] += deliveries
        return [(d.event.data, d.tries, d.event.only) for d in deliveries]

    def done(self, one: tuple[str, str]) -> object:
        number = self.chance.randrange(1, 4)
        self.groups[one].done([delivery.event.id for delivery in self.held[one][:number]])
        del self.held[one][:number]
        return None

    def fail(self, one: tuple[str, str]) -> object:
        while self.held[one]:
            self.groups[one].failed(self.held[one].pop(0), f"reason of {one}")
        return None

    def after(self, one: tuple[str, str]) -> object:
        try:
            return [event.data for event in self.log.read_after(self.chance.choice(self.ids))]
        except LogGap as gap:
            return type(gap).__name__

    def report(self, one: tuple[str, str]) -> object:
        return [
            (group.name, group.backlog, group.pending, [(who.name, who.pending) for who in group.consumers])
            for group in self.log.group_reports()
        ]

    def replay(self, one: tuple[str, str]) -> object:
        return self._of_a_letter(self.log.replay)

    def drop(self, one: tuple[str, str]) -> object:
        return self._of_a_letter(self.log.drop)

    def _of_a_letter(self, act: Callable[[str], object]) -> object:
        letters = self.log.dead_letters()
        if letters:
            act(self.chance.choice(letters).id)
        return [(one.group, one.event.data, one.tries, one.consumer, one.reason) for one in letters]

    def restart(self, one: tuple[str, str]) -> object:
        self.groups[one], self.held[one] = self.joined(*one), []
        return None


@pytest.mark.parametrize("transport", ["redis_url", "redis_cluster"])
@pytest.mark.parametrize("seed", range(6))
def test_what_happens_in_memory_happens_on_redis(request, transport: str, seed: int):
    server = request.getfixturevalue(transport)
    url = server if isinstance(server, str) else server.url
    here = Play(MemoryLog(LENGTH, now=datetime.now(UTC)), seed).run()
    assert Play(RedisLog(url, LENGTH), seed).run() == here
